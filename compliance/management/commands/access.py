"""`manage.py access …`: who may see whom."""

from __future__ import annotations

from compliance.access.subcommands import policy, review
from compliance.commanding import WithSubcommands

SUBCOMMANDS = {
    "policy": policy,
    "review": review,
}


class Command(WithSubcommands):
    """Its subcommands are modules of compliance.access.subcommands."""

    help = f"Who may see whom: {', '.join(SUBCOMMANDS)}."
    subcommands = SUBCOMMANDS
