"""Say who holds what access, what has changed since that was signed, and when it is to be signed again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.access import recertifying
from compliance.access.access_review import AccessReview
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from compliance.access.recertifying import Holder


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_json(parser)


def run(console: Console, **_: Any) -> int:
    """Exit code 0, also when the review is overdue."""
    last = AccessReview.objects.newest_first().first()
    holders = recertifying.report()
    changes = recertifying.changes(recertifying.signed(last), holders)
    overdue, until = recertifying.is_overdue(last), recertifying.due(last)
    console.document(
        {
            "holders": [one._asdict() for one in holders],
            "changes": [one._asdict() for one in changes],
            "signed_at": last.at.isoformat() if last else None,
            "due_at": until.isoformat() if until else None,
            "overdue": overdue,
        }
    )
    for one in holders:
        console.line(_line(one))
    for change in changes if last else ():
        console.line(f"Since then, {change.email}: {change.what}")
    console.line(f"Last signed {last.at:%Y-%m-%d}." if last else "Nobody has signed this yet.")
    if overdue:
        console.line("The review is overdue: a compliance officer signs it in the admin, under access reviews.")
    return OK


def _line(one: Holder) -> str:
    besides = f" (besides: {', '.join(one.besides)})" if one.besides else ""
    marks = "".join(word for word, said in ((", superuser", one.superuser), (", staff", one.staff)) if said)
    login = f"last login {one.last_login[:10]}" if one.last_login else "never logged in"
    return f"{one.email}: {one.role}{besides}{marks}; {login}; {one.in_care} in care"
