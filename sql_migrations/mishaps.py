"""What ends a run from outside of its files: Ctrl-C, no server, no room, no permission. Each as one sentence."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

import psycopg
from django.db.utils import Error

from sql_migrations.errors import SqlMigrationsError, StatementFailed
from sql_migrations.session import ServerError, lost

if TYPE_CHECKING:
    from collections.abc import Iterator

INTERRUPTED = 130  # 128 + SIGINT, as shells have it
_NOT_ALLOWED = "42501"
# Too few resources (53), an operator's intervention (57), the system's own error (58): nobody's code is to blame.
_OUTSIDE = ("53", "57", "58")
_GONE = ("08", "57P0")


class Interrupted(SqlMigrationsError):
    """Somebody pressed Ctrl-C: the exit code says so too."""

    def __init__(self, stands: str = "Nothing of the file in progress was applied.") -> None:
        super().__init__(stands, returncode=INTERRUPTED)


class Unreachable(SqlMigrationsError):
    """There is no connection to PostgreSQL to be had."""


class NotAllowed(SqlMigrationsError):
    """The role lacks a right."""


@contextmanager
def in_words(role: str) -> Iterator[None]:
    """Turn what comes from outside into a sentence; bugs keep their traceback. `role` is the one that works, if known.

    Raises Interrupted, Unreachable, NotAllowed, ServerGone or StatementFailed.
    """
    try:
        yield
    except KeyboardInterrupt:
        raise Interrupted from None
    except ServerError as error:
        if error.sqlstate == _NOT_ALLOWED and role:
            raise _not_allowed(error.message, role) from error
        raise
    except (Error, psycopg.Error) as error:
        if (told := sentence(error, role=role)) is None:
            raise
        raise told from error


@contextmanager
def reaching() -> Iterator[None]:
    """Connect in here. Raises Unreachable."""
    try:
        yield
    except (Error, psycopg.OperationalError) as error:
        said = " ".join(str(error).split()).rstrip("?.")
        raise Unreachable(f"PostgreSQL cannot be reached: {said}. Is it running, and is DATABASE_URL right?") from error


def sentence(error: Exception, *, node: str = "", role: str = "") -> SqlMigrationsError | None:
    """Give the sentence for an error of Django's or psycopg's, None when it tells of a bug. `node` is a migration."""
    cause = _cause(error)
    sqlstate = cause.sqlstate or "" if cause is not None else ""
    said = str(error).splitlines()[0] if str(error) else type(error).__name__
    if sqlstate == _NOT_ALLOWED and role:
        return _not_allowed(f"{node}: {said}" if node else said, role)
    broken = isinstance(cause, psycopg.OperationalError | psycopg.InterfaceError)
    if broken and (not sqlstate or sqlstate.startswith(_GONE)):
        return lost(said)
    if sqlstate.startswith(_OUTSIDE):
        return StatementFailed(said, file=node or "PostgreSQL", sqlstate=sqlstate)
    return None


def _cause(error: BaseException | None) -> psycopg.Error | None:
    """Find psycopg's error below those that Django made of it."""
    while error is not None and not isinstance(error, psycopg.Error):
        error = error.__cause__ or error.__context__
    return error


def _not_allowed(said: str, role: str) -> NotAllowed:
    return NotAllowed(
        f"{said.rstrip(')')}. The role {role} lacks that right: migrate as the owner of the schema "
        "(DATABASE_OWNER_URL; DATABASE_URL where there is one login), or grant it."
    )
