"""What a command says when the database is away, or has not been migrated."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from django.core.management.base import CommandError
from django.db import Error

from sql_migrations import mishaps

if TYPE_CHECKING:
    from collections.abc import Iterator

UNDEFINED_TABLE, UNDEFINED_COLUMN, UNDEFINED_FUNCTION = "42P01", "42703", "42883"
UNDEFINED = (UNDEFINED_TABLE, UNDEFINED_COLUMN, UNDEFINED_FUNCTION)


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
