"""Let an account that is shut out try again at once. Whoever may run this may; --as says who it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from axes.handlers.proxy import AxesProxyHandler

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
    AxesProxyHandler.reset_attempts(username=user.email)
    console.line(f"Account {user.pk} can log in again.")
    console.document({"account": user.pk})
    return OK
