"""The append-only history of SQL files: what was applied, rolled back, adopted or failed; by whom, when, and as what.

Each row carries the hash of the row before it, so that a row that was changed or taken out breaks the chain. The
table is created here, as Django creates `django_migrations`: as a migration of its own it would vanish with
`migrate sql_migrations zero`. Everything that is created is named sql_migration…, also in foreign databases.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.history_rows import (
    COLUMNS,
    DDL,
    Entry,
    host,
    os_user,
    parse_value,
    row_hash,
    select_list,
    to_literal,
)
from sql_migrations.session import Session, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sql_migrations.history_rows import Event

TABLE = "sql_migration_history"
JOURNAL = "sql_migration_journal"
GENESIS = "0" * 64
# The events after which a file counts as applied, or as no longer applied. `fail`, `resume`, `run` change nothing.
APPLIED = ("apply", "adopt", "accept-edit")
_STANDING = (*APPLIED, "rollback")


@dataclass(frozen=True, slots=True)
class Standing:
    """What the history says of a file: its last event of consequence, with the hashes as of then."""

    event: Event
    sha256: str
    tokens_sha256: str

    @property
    def applied(self) -> bool:
        """Say whether the file counts as applied."""
        return self.event in APPLIED


@dataclass(frozen=True, slots=True)
class Insert:
    """An INSERT to send in the transaction of what it records, and the chain's head once that has committed."""

    sql: str
    head: str


class History:
    """The history in the database of a session. One writer at a time: the deploy lock is held by whoever appends."""

    def __init__(self, session: Session, *, app_version: str = "", plan_hash: str = "") -> None:
        self.session, self.app_version, self.plan_hash = session, app_version, plan_hash
        ((schema, role),) = session.rows("SELECT pg_catalog.current_schema(), session_user")
        if schema is None:
            raise SqlMigrationsError(
                "this database role has no schema to create tables in: its search_path names none that exists."
            )
        found = schema_of(session, TABLE)
        self.schema, self.role, self.exists = found or schema, role or "", found is not None
        self.table, self.journal = identifier(self.schema, TABLE), identifier(self.schema, JOURNAL)
        self.head = GENESIS
        self._half_applied: set[str] | None = None

    def ensure_schema(self) -> None:
        """Create the tables if they are missing, and read the chain's head. The caller holds the deploy lock."""
        if not self.exists:
            function = identifier(self.schema, "sql_migration_history_append_only")
            ddl = DDL.format(table=self.table, journal=self.journal, function=function)
            self.session.run(f"BEGIN;{ddl}COMMIT")
            self.exists = True
        rows = self.session.rows(f"SELECT row_hash FROM {self.table} ORDER BY id DESC LIMIT 1")
        self.head = (rows[0][0] or GENESIS) if rows else GENESIS

    def standings(self) -> dict[str, Standing]:
        """Return the standing of every file that the history knows, in one query."""
        if not self.exists:
            return {}
        events = ", ".join(literal(event) for event in _STANDING)
        rows = self.session.rows(
            f"SELECT DISTINCT ON (name) name, event, sha256, tokens_sha256 FROM {self.table} "
            f"WHERE event IN ({events}) ORDER BY name, id DESC"
        )
        return {name: Standing(*rest) for name, *rest in rows}  # type: ignore[arg-type,misc]

    def failures(self) -> dict[str, str]:
        """Return the error of every file whose last event is a failure."""
        if not self.exists:
            return {}
        rows = self.session.rows(
            f"SELECT name, error FROM (SELECT DISTINCT ON (name) name, event, error FROM {self.table} "
            "WHERE event <> 'run' ORDER BY name, id DESC) AS last WHERE event = 'fail'"
        )
        return {name or "": error or "" for name, error in rows}

    def half_applied(self) -> set[str]:
        """Return the journal names of files of which some steps are done and others are not."""
        if self._half_applied is None:
            rows = self.session.rows(f"SELECT DISTINCT name FROM {self.journal}") if self.exists else []
            self._half_applied = {name or "" for (name,) in rows}
        return self._half_applied

    def half_applied_in_words(self) -> dict[str, str]:
        """Say of each of those files how far it came."""
        if not self.exists:
            return {}
        rows = self.session.rows(
            "SELECT name, count(*) FILTER (WHERE unit >= 0 AND state = 'done'), max(line) FILTER "
            f"(WHERE state = 'in flight') FROM {self.journal} GROUP BY name"
        )
        return {
            name or "": f"half applied: {done} of its steps are done{f', line {line} was in flight' if line else ''}. "
            "The next run goes on from there."
            for name, done, line in rows
        }

    def last_id(self) -> int:
        """Return the id of the newest row, 0 without one."""
        rows = self.session.rows(f"SELECT max(id) FROM {self.table}") if self.exists else []
        return int(rows[0][0] or 0) if rows else 0

    def events_after(self, last: int) -> list[dict[str, Any]]:
        """Return what was appended after a row, in order, as plain values."""
        if not self.exists:
            return []
        names = ("event", "name", "mode", "statements", "milliseconds", "notices", "error")
        rows = self.session.rows(f"SELECT {', '.join(names)} FROM {self.table} WHERE id > {last} ORDER BY id")
        return [{name: parse_value(name, value) for name, value in zip(names, row, strict=True)} for row in rows]

    def created_by(self, name: str) -> list[Any]:
        """Return what the last apply of a file created, as it was recorded then."""
        rows = self.session.rows(
            f"SELECT created FROM {self.table} WHERE name = {literal(name)} AND event IN ('apply', 'adopt') "
            "ORDER BY id DESC LIMIT 1"
        )
        recorded: list[Any] = json.loads(rows[0][0] or "[]") if rows else []
        return recorded

    def insert(self, entry: Entry) -> Insert:
        """Prepare a row. Send `sql` in the transaction of what it records; call `committed` when that is through."""
        row = {name: getattr(entry, name) for name in COLUMNS}
        row |= {"db_role": self.role, "os_user": os_user(), "host": host()}
        row["app_version"] = row["app_version"] or self.app_version
        row["plan_hash"] = row["plan_hash"] or self.plan_hash
        head = row_hash(row, self.head)
        values = [*(to_literal(value) for value in row.values()), literal(self.head), literal(head)]
        columns = ", ".join((*COLUMNS, "previous_hash", "row_hash"))
        return Insert(f"INSERT INTO {self.table} ({columns}) VALUES ({', '.join(values)})", head)

    def committed(self, insert: Insert) -> None:
        """Move the chain's head: the row is in."""
        self.head = insert.head

    def append(self, entry: Entry) -> None:
        """Append a row in a transaction of its own."""
        insert = self.insert(entry)
        self.session.run(insert.sql)
        self.committed(insert)

    def broken_links(self) -> Iterator[str]:
        """Check the whole chain, in batches. Yields a sentence for every row that is not what was appended."""
        head, last, batch = GENESIS, 0, 1000
        columns = select_list()
        while rows := self.session.rows(
            f"SELECT id, previous_hash, row_hash, {columns} FROM {self.table} "
            f"WHERE id > {last} ORDER BY id LIMIT {batch}"
        ):
            for number, previous, recorded, *values in rows:
                row = {name: parse_value(name, value) for name, value in zip(COLUMNS, values, strict=True)}
                if previous != head:
                    yield f"history row {number}: the row before it was changed or taken out."
                if row_hash(row, previous or "") != recorded:
                    yield f"history row {number} ({row['event']} {row['name']}): its content was changed."
                head, last = recorded or "", int(number or 0)


def schema_of(session: Session, table: str) -> str | None:
    """Find a table as Django finds its own, along the search_path; None without one.

    A schema named like the role may have come since, and new tables would go there.
    """
    rows = session.rows(
        "SELECT n.nspname FROM pg_catalog.pg_class AS c JOIN pg_catalog.pg_namespace AS n ON n.oid = c.relnamespace "
        f"WHERE c.oid = pg_catalog.to_regclass({literal(table)})"
    )
    return rows[0][0] if rows else None
