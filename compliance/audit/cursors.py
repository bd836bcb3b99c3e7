"""Cursors that say who acts before what goes past Django's wrappers: COPY, stream() and callproc()."""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any

from django.db import Error, connections

from compliance import silence
from compliance.audit.context import saying_first

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper


class Saying:
    """In front of a class of psycopg's cursors. `alias` names Django's connection."""

    alias: str

    @contextlib.contextmanager
    def copy(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """COPY as psycopg does, in one transaction with what says who acts; its errors have no values in them."""
        connection = connections[self.alias]
        with (
            _without_values(),
            saying_first(connection),
            connection.wrap_database_errors,
            super().copy(*args, **kwargs) as copy,  # type: ignore[misc]
        ):
            yield copy

    def stream(self, *args: Any, **kwargs: Any) -> Iterator[Any]:
        """Give the rows of a query as they come."""
        with saying_first(connections[self.alias]):
            yield from super().stream(*args, **kwargs)  # type: ignore[misc]

    def callproc(self, *args: Any, **kwargs: Any) -> Any:
        """Call a function, as Django does."""
        with saying_first(connections[self.alias]):
            return super().callproc(*args, **kwargs)  # type: ignore[misc]


def listen(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let a connection make such cursors, from the moment it is made."""
    made = connection.connection
    if not issubclass(made.cursor_factory, Saying):
        made.cursor_factory = _saying(made.cursor_factory, connection.alias)


@cache
def _saying(cursor: type[Any], alias: str) -> type[Any]:
    return type(f"Saying{cursor.__name__}", (Saying, cursor), {"alias": alias})


@contextlib.contextmanager
def _without_values() -> Iterator[None]:
    try:
        yield
    except Error as error:
        silence.without_values(error)
        raise
