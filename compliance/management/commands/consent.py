"""`manage.py consent …`: why something was shown or not, and by which rules."""

from __future__ import annotations

from compliance.commanding import WithSubcommands
from compliance.consent.subcommands import explain, rules

SUBCOMMANDS = {
    "explain": explain,
    "rules": rules,
}


class Command(WithSubcommands):
    """Its subcommands are modules of compliance.consent.subcommands."""

    help = f"Consent: {', '.join(SUBCOMMANDS)}."
    subcommands = SUBCOMMANDS
