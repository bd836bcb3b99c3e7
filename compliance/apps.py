from django.apps import AppConfig
from django.db.backends.signals import connection_created
from django.db.models.signals import post_migrate


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = "Compliance"

    def ready(self) -> None:
        from compliance import silence  # noqa: PLC0415 - psycopg is loaded only when it is needed
        from compliance.audit import context, partitions  # noqa: PLC0415

        connection_created.connect(silence.listen, dispatch_uid="compliance.silence")
        connection_created.connect(context.listen, dispatch_uid="compliance.audit.context")
        post_migrate.connect(partitions.after_migrate, sender=self, dispatch_uid="compliance.audit.partitions")
