"""`manage.py accounts …`: unlock, help who lost a second factor, and clear up."""

from __future__ import annotations

from compliance.accounts.subcommands import purge, remove_second_factor, unlock
from compliance.commanding import WithSubcommands

SUBCOMMANDS = {
    "purge": purge,
    "remove_second_factor": remove_second_factor,
    "unlock": unlock,
}


class Command(WithSubcommands):
    """Its subcommands are modules of compliance.accounts.subcommands."""

    help = f"Accounts: {', '.join(SUBCOMMANDS)}."
    subcommands = SUBCOMMANDS
