"""Make the months of the trail ahead, as `migrate` does; for a calendar of its own when migrations are rare."""

from __future__ import annotations

from argparse import ArgumentTypeError
from typing import TYPE_CHECKING, Any

from compliance.audit import partitions
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser

MOST_MONTHS = 120  # ten years: what is further ahead is a slip of the keyboard


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument(
        "--months",
        type=_months,
        default=partitions.MONTHS_AHEAD,
        metavar="N",
        help=f"How many months after this one; {partitions.MONTHS_AHEAD} if nothing is said.",
    )
    add_json(parser)


def run(console: Console, *, months: int, **_: Any) -> int:
    """Exit code 0; 1 while the trail is not there."""
    made = partitions.make_ahead(months=months)
    last = partitions.last()
    if made:
        console.line(f"Made {made} month{'s' if made > 1 else ''} of audit_logs; the last is {last}.")
    else:
        console.line(f"Nothing to do: the last month of audit_logs is {last}.")
    console.document({"made": made, "last": last})
    return OK


def _months(text: str) -> int:
    if not text.isdecimal() or int(text) > MOST_MONTHS:
        raise ArgumentTypeError(f"it must be a number from 0 to {MOST_MONTHS}.")
    return int(text)
