"""What commands share: subcommands, words of the command line, and what is said when the database is away or empty."""

from __future__ import annotations

import sys
import uuid
from argparse import ArgumentTypeError
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import Error

from compliance.errors import ComplianceError
from sql_migrations import mishaps
from sql_migrations.subcommands.console import Console

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from types import ModuleType

UNDEFINED_TABLE, UNDEFINED_COLUMN, UNDEFINED_FUNCTION = "42P01", "42703", "42883"
UNDEFINED = (UNDEFINED_TABLE, UNDEFINED_COLUMN, UNDEFINED_FUNCTION)


class WithSubcommands(BaseCommand):
    """Parses the words and hands them to the module of the subcommand: its `arguments`, then its `run`."""

    subcommands: ClassVar[Mapping[str, ModuleType]]

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one parser for each subcommand."""
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in self.subcommands.items():
            described = (module.__doc__ or "").strip()
            module.arguments(subparsers.add_parser(name, help=described, description=described))

    def handle(self, *, subcommand: str, as_json: bool = False, **options: Any) -> None:
        """Run the subcommand and leave with its exit code."""
        console = Console(self.stdout, self.stderr, as_json)
        try:
            with on_migrated_database():
                code = self.subcommands[subcommand].run(console, **options)
        except ComplianceError as refused:
            console.document({"error": str(refused), "kind": type(refused).__name__})
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"{error.filename or 'The output'} cannot be written: {error.strerror}.") from error
        if code:
            sys.exit(code)


def uid(text: str) -> uuid.UUID:
    """Read a uid. What was typed may be a name, and is not repeated."""
    try:
        return uuid.UUID(text)
    except ValueError:
        raise ArgumentTypeError(
            "this is no uid; no name and no record number is taken, since commands are logged."
        ) from None


def moment(text: str) -> datetime:
    """Read a moment. Without a zone it is in UTC, which has each hour once."""
    try:
        read = datetime.fromisoformat(text)
    except ValueError:
        raise ArgumentTypeError("write the time as 2024-06-01 or 2024-06-01T08:30.") from None
    return read if read.tzinfo else read.replace(tzinfo=UTC)


@contextmanager
def on_migrated_database() -> Iterator[None]:
    """Turn a database that is away or not migrated into a sentence; bugs keep their traceback. Raises CommandError."""
    try:
        yield
    except Error as error:
        if _interrupted(error):
            raise KeyboardInterrupt from error
        if getattr(error.__cause__, "sqlstate", None) in UNDEFINED:
            raise CommandError(
                "The database lacks a table, a column or a function that this needs. Apply the migrations first: "
                "./deploy.sh migrate"
            ) from error
        if (told := mishaps.sentence(error)) is None:
            raise
        raise CommandError(str(told)) from error


def _interrupted(error: BaseException | None) -> bool:
    """Tell whether Ctrl-C led to an error: PostgreSQL then cancels what was under way, and may have the last word."""
    while error is not None and not isinstance(error, KeyboardInterrupt):
        error = error.__context__
    return error is not None
