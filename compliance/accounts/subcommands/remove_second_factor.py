"""Take away the second factor of somebody who has lost it, and end their sessions: for the last administrator, too."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.accounts import second_factor
from compliance.accounts.subcommands.finding import add_account, found
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_account(parser)
    add_json(parser)


def run(console: Console, *, email: str, **_: Any) -> int:
    """Exit code 0; 1 for an account that is not there."""
    user = found(email)
    second_factor.take_away(user)
    console.line(f"Account {user.pk} sets up a second factor at its next login.")
    console.document({"account": user.pk})
    return OK
