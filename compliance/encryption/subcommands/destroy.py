"""Remove a disabled key for good. Exit code 0; 1 when that is out of order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.encryption import rotating
from compliance.encryption.subcommands.naming import add_key
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_key(parser)
    add_json(parser)


def run(console: Console, *, key: int, **_: Any) -> int:
    """Do it, unless it has been done."""
    done = rotating.destroy(key).done
    console.document({"key": key, "done": done})
    if done:
        console.line(f"Key {key} is destroyed. Backups of the keyset from before still have it.")
    else:
        console.line(f"Nothing to do: key {key} is destroyed already.")
    return OK
