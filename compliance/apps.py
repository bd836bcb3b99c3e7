"""What protects health information, as a Django app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ComplianceConfig(AppConfig):
    """Registers what holds wherever the project runs."""

    name = "compliance"
    verbose_name = "Compliance"

    def ready(self) -> None:
        """Register the system checks, and take the values out of the errors of every connection."""
        from compliance import checks, database_checks, silence  # noqa: F401, PLC0415 - they load with the app registry

        connection_created.connect(silence.listen, dispatch_uid="compliance.silence")
