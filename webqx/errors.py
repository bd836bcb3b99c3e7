"""What can be wrong before Django has started, as sentences. ImproperlyConfigured, so that every door prints them."""

from django.core.exceptions import ImproperlyConfigured


class SettingError(ImproperlyConfigured):
    """A setting is missing, weak or cannot be understood. The sentence begins with its name."""

    def __init__(self, variable: str, problem: str) -> None:
        self.variable = variable
        super().__init__(f"{variable} {problem}")


class ServerError(ImproperlyConfigured):
    """The built-in PostgreSQL cannot be made, started or reached."""
