"""The engine as a Django app."""

from django.apps import AppConfig


class SqlMigrationsConfig(AppConfig):
    """Registers the checks of the folder of SQL files."""

    name = "sql_migrations"
    verbose_name = "SQL migrations"

    def ready(self) -> None:
        """Register the system checks."""
        from sql_migrations import checks  # noqa: F401, PLC0415 -- checks load with the app registry
