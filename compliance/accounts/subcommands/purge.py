"""Remove what is kept for a while only: failed logins that count no more, and sessions of more than a month ago."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.accounts import lockout, sessions
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_json(parser)


def run(console: Console, **_: Any) -> int:
    """Exit code 0."""
    failures, old = lockout.purge(), sessions.purge()
    console.line(f"Removed: failed logins {failures}, sessions {old}.")
    console.document({"failures": failures, "sessions": old})
    return OK
