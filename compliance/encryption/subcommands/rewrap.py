"""Seal the keyset with the key that PHI_KEY_URI names now: after a move, or when that key was rotated. Exit code 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from compliance.encryption import rotating
from compliance.encryption.key_uri import parse
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument(
        "--from",
        dest="before",
        metavar="URI",
        help="What it is sealed with, as PHI_KEY_URI named it; the same as now if nothing is said.",
    )
    add_json(parser)


def run(console: Console, *, before: str | None, **_: Any) -> int:
    """Open it with the one and seal it with the other."""
    rotating.rewrap(before or settings.PHI_KEY_URI)
    place = str(parse(settings.PHI_KEY_URI))
    console.document({"keyset": settings.PHI_KEYSET, "sealed_with": place, "done": True})
    console.line(f"The keyset opens with {place} from now on. Copies from before still open with the key before.")
    return OK
