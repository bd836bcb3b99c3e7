"""Make the keyset of a new installation; an existing one is left as it is. Exit code 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.conf import settings

from compliance.encryption import rotating
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_json(parser)


def run(console: Console, **_: Any) -> int:
    """Make it where PHI_KEYSET says, sealed with the key that PHI_KEY_URI names."""
    made = rotating.create()
    console.document({"keyset": settings.PHI_KEYSET, "done": made})
    if made:
        console.line(f"Made the keyset {settings.PHI_KEYSET}. Back it up, and the key that it opens with, apart.")
    else:
        console.line(f"Nothing to do: there is a keyset in {settings.PHI_KEYSET}.")
    return OK
