"""Make a new SQL file, named after now and sorting last, with what it stands on written into its header."""

from __future__ import annotations

import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.migrations.loader import MigrationLoader

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import sql_dir
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("description", help="A few words: they become the file's name.")
    parser.add_argument("--sql", metavar="FILE", help="Take the statements from a file, or from standard input with -.")
    add_json(parser)


def run(console: Console, *, description: str, sql: str | None, **_: Any) -> int:
    """Exit code 0: the file is there, and its path was printed; 1: it could not be made."""
    from sql_migrations import writing  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

    text = _read(sql) if sql is not None else None
    loader = MigrationLoader(None, ignore_no_migrations=True) if text is not None else None
    path = writing.new(description, sql_dir(), now=datetime.now(UTC), sql=text, loader=loader, say=console.aside)
    console.line(str(path))
    console.document({"path": str(path)})
    return OK


def _read(source: str) -> str:
    if source == "-":
        return sys.stdin.read()
    try:
        return Path(source).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise SqlMigrationsError(f"--sql {source} cannot be read: {error}") from None
