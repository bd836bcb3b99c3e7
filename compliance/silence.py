"""Database errors without values: what PostgreSQL says of a row reaches no log, no error page and no user.

`DETAIL: Key (ssn)=(…) already exists` and the `LINE 1: …` of a statement stand in the text of psycopg's exceptions, and
so in every traceback. Here the text is cut to what names no value, as soon as an error comes up. The constraint, the
column and the SQLSTATE stay, in `error.__cause__.diag`, for whoever finds the sentence (compliance.rules.broken_by).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import Error
from psycopg import errors as postgres

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper

# These are about a value, and most of their messages show it: invalid input syntax for type date: "…".
_DATA_EXCEPTION = "22"


def listen(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Take the values out of every error of a connection, from the moment it is made."""
    if silently not in connection.execute_wrappers:
        connection.execute_wrappers.append(silently)


def silently(execute: Callable[..., Any], sql: str, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Run a statement; take the values out of the error that it raises, if it does."""
    try:
        return execute(sql, params, many, context)
    except Error as error:
        without_values(error)
        raise


def without_values(error: Error) -> None:
    """Leave of an error, and of the driver's error behind it, what names no value."""
    cause = error.__cause__
    if isinstance(cause, postgres.Error) and cause.sqlstate:
        cause.args = error.args = (_text(cause),)


def _text(error: postgres.Error) -> str:
    if error.diag.sqlstate and error.diag.sqlstate.startswith(_DATA_EXCEPTION):
        return f"{type(error).__name__} ({error.diag.sqlstate}); the value is not shown"
    hint = f" HINT: {error.diag.message_hint}" if error.diag.message_hint else ""
    return f"{error.diag.message_primary}{hint}"
