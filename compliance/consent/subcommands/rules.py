"""Say what holds where no consent says anything, as rules.toml has it; or whether the database holds the same."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.consent import syncing
from compliance.consent.defaults import defaults
from compliance.consent.describing import tables
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from compliance.consent.defaults import Default

PROBLEMS = 1


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    instead = parser.add_mutually_exclusive_group()
    instead.add_argument("--check", action="store_true", help="Leave with 1 if the database holds other rules.")
    instead.add_argument("--markdown", action="store_true", help="Write them as the tables of docs/consent.md.")
    add_json(parser)


def run(console: Console, *, check: bool, markdown: bool, **_: Any) -> int:
    """Exit code 0; 1 when the database was asked and does not hold these rules."""
    known = defaults()
    if check:
        missing, extra = set(known.rules) - (held := syncing.standing()), held - set(known.rules)
        console.document({"missing": [one._asdict() for one in missing], "extra": [one._asdict() for one in extra]})
        console.line(
            f"The database holds other rules: {len(missing)} are missing, {len(extra)} are there besides. Write them "
            "into it: manage.py migrate"
            if missing or extra
            else "The database holds the rules of rules.toml."
        )
        return PROBLEMS if missing or extra else OK
    console.document({"majority": known.majority, "rules": [one._asdict() for one in known.rules]})
    if markdown:
        console.line(tables(known).rstrip())
        return OK
    for one in known.rules:
        console.line(_line(one))
    return OK


def _line(rule: Default) -> str:
    about = "any information" if rule.label == "*" else rule.label
    purpose = "any purpose" if rule.purpose == "*" else rule.purpose
    emergency = "; an emergency goes before a refusal" if rule.in_emergency == "permit" else ""
    return f"{purpose}, {about}: {rule.decision}{emergency}. {rule.reason} ({rule.citation})"
