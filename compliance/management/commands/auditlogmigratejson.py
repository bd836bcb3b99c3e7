"""`manage.py auditlogmigratejson`: refused."""

from compliance.audit.refusing import RefusedCommand


class Command(RefusedCommand):
    """Stands before django-auditlog's, which rewrites entries."""

    help = "Refused: the audit trail is append-only."
    refusal = "The audit trail is append-only: nothing was rewritten. Its changes are JSON from the start."
