"""Where a file's application is recorded beside the history, in the same transaction."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from sql_migrations.history import schema_of
from sql_migrations.session import identifier, literal

if TYPE_CHECKING:
    from sql_migrations.session import Session


class Ledger(Protocol):
    """Where else a file's application is recorded, in the same transaction: Django's own table, or nowhere."""

    def applied(self, name: str) -> list[str]:
        """Return the statements that record a file as applied."""

    def unapplied(self, name: str) -> list[str]:
        """Return the statements that take the record away."""


class NoLedger:
    """A foreign folder's files are recorded in the history only."""

    def applied(self, _name: str) -> list[str]:
        """Return nothing to do."""
        return []

    unapplied = applied


class DjangoLedger:
    """The rows of `django_migrations`, which Django's recorder has made."""

    def __init__(self, session: Session) -> None:
        # Qualified, since a file may change the search_path.
        self.table = identifier(schema_of(session, "django_migrations") or "", "django_migrations")

    def applied(self, name: str) -> list[str]:
        """Return the statement that Django's recorder would send."""
        values = f"'sql_migrations', {literal(name)}, pg_catalog.clock_timestamp()"
        return [f"INSERT INTO {self.table} (app, name, applied) VALUES ({values})"]

    def unapplied(self, name: str) -> list[str]:
        """Return the statement that Django's recorder would send."""
        return [f"DELETE FROM {self.table} WHERE app = 'sql_migrations' AND name = {literal(name)}"]
