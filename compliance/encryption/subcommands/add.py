"""Add a key that opens and does not seal yet: the first step of a rotation. Exit code 0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.encryption import rotating
from compliance.encryption.keyset import Kind
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("kind", choices=[str(kind) for kind in Kind], help="Whether it seals values or makes indexes.")
    add_json(parser)


def run(console: Console, *, kind: str, **_: Any) -> int:
    """Add one, unless one waits to be promoted."""
    key, added = rotating.add(Kind(kind))
    console.document({"key": key, "done": added})
    console.line(
        f"Added key {key} for {kind}. Bring the keyset to every machine and back it up; then: "
        f"manage.py keys promote {key}"
        if added
        else f"Nothing to do: key {key} for {kind} waits to be promoted (manage.py keys promote {key})."
    )
    return OK
