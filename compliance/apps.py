"""What protects health information, as a Django app."""

from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    """Registers what holds wherever the project runs."""

    name = "compliance"
    verbose_name = "Compliance"

    def ready(self) -> None:
        """Register the system checks, and listen to every connection: who acts goes in, values of errors stay out."""
        from compliance import (  # noqa: PLC0415 - they load with the app registry
            checks,  # noqa: F401
            database_checks,  # noqa: F401
            granting,
            login_checks,  # noqa: F401
            silence,
        )
        from compliance.access import break_glass_checks, row_checks, syncing  # noqa: F401, PLC0415
        from compliance.access import checks as access_checks  # noqa: F401, PLC0415
        from compliance.accounts import events, idle  # noqa: F401, PLC0415
        from compliance.audit import checks as _  # noqa: F401, PLC0415
        from compliance.audit import context, cursors, partitions  # noqa: PLC0415
        from compliance.consent import checks as consent_checks  # noqa: F401, PLC0415
        from compliance.consent import syncing as consent_syncing  # noqa: PLC0415
        from compliance.encryption import checks as encryption_checks  # noqa: F401, PLC0415
        from compliance.encryption import columns, field_checks, serializing  # noqa: F401, PLC0415

        connection_created.connect(silence.listen, dispatch_uid="compliance.silence")
        connection_created.connect(context.listen, dispatch_uid="compliance.audit.context")
        connection_created.connect(cursors.listen, dispatch_uid="compliance.audit.cursors")
        connection_created.connect(columns.listen, dispatch_uid="compliance.encryption.columns")
        serializing.register()
        post_migrate.connect(partitions.after_migrate, sender=self, dispatch_uid="compliance.audit.partitions")
        post_migrate.connect(granting.after_migrate, sender=self, dispatch_uid="compliance.granting")
        post_migrate.connect(consent_syncing.after_migrate, sender=self, dispatch_uid="compliance.consent.syncing")
        post_migrate.connect(syncing.after_migrate, sender=self, dispatch_uid="compliance.access.syncing")
