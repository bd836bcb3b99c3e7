"""Stop using a key that nothing needs any more; it can be enabled again. Exit code 0; 1 when that is out of order."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.encryption import rotating
from compliance.encryption.subcommands.naming import add_haste, add_key
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_key(parser)
    add_haste(parser)
    add_json(parser)


def run(console: Console, *, key: int, hasty: bool, **_: Any) -> int:
    """Do it, unless it has been done."""
    done = rotating.disable(key, hasty=hasty).done
    console.document({"key": key, "done": done})
    console.line(f"Key {key} is disabled." if done else f"Nothing to do: key {key} is disabled already.")
    return OK
