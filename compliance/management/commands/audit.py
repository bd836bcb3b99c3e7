"""`manage.py audit …`: keep the audit trail."""

from __future__ import annotations

from compliance.audit.subcommands import export, partitions
from compliance.commanding import WithSubcommands

SUBCOMMANDS = {
    "export": export,
    "partitions": partitions,
}


class Command(WithSubcommands):
    """Its subcommands are modules of compliance.audit.subcommands."""

    help = f"The audit trail: {', '.join(SUBCOMMANDS)}."
    subcommands = SUBCOMMANDS
