from django.apps import AppConfig
from django.db.backends.signals import connection_created


class ComplianceConfig(AppConfig):
    name = "compliance"
    verbose_name = "Compliance"

    def ready(self) -> None:
        from compliance import silence  # noqa: PLC0415 - psycopg is loaded only when it is needed

        connection_created.connect(silence.listen, dispatch_uid="compliance.silence")
