"""`manage.py auditlogflush`: refused."""

from compliance.audit.refusing import RefusedCommand


class Command(RefusedCommand):
    """Stands before django-auditlog's, which deletes entries or truncates their table."""

    help = "Refused: the audit trail is append-only."
    refusal = (
        "The audit trail is append-only: nothing was removed. Entries are kept for seven years, and only retention "
        "removes them after that."
    )
