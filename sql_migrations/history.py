"""The append-only history of SQL files: what was applied, rolled back, adopted or failed; by whom, when, and as what.

Each row carries the hash of the row before it, so that a row that was changed or taken out breaks the chain. The
table is created here, as Django creates `django_migrations`: as a migration of its own it would vanish with
`migrate sql_migrations zero`. Everything that is created is named sql_migration…, also in foreign databases.
"""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.session import Session, identifier, literal

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

TABLE = "sql_migration_history"
JOURNAL = "sql_migration_journal"
GENESIS = "0" * 64
Event = Literal["apply", "rollback", "adopt", "fail", "resume", "accept-edit", "run"]
# The events after which a file counts as applied, or as no longer applied. `fail`, `resume`, `run` change nothing.
APPLIED = ("apply", "adopt", "accept-edit")
_STANDING = (*APPLIED, "rollback")

_DDL = """
CREATE TABLE {table} (
    id bigint GENERATED ALWAYS AS IDENTITY CONSTRAINT sql_migration_history_pkey PRIMARY KEY,
    event text NOT NULL CONSTRAINT sql_migration_history_event
        CHECK (event IN ('apply', 'rollback', 'adopt', 'fail', 'resume', 'accept-edit', 'run')),
    name text NOT NULL,
    sha256 text NOT NULL,
    tokens_sha256 text NOT NULL,
    mode text NOT NULL,
    statements integer NOT NULL,
    milliseconds integer NOT NULL,
    notices jsonb NOT NULL,
    created jsonb NOT NULL,
    error text NOT NULL,
    db_role text NOT NULL,
    os_user text NOT NULL,
    host text NOT NULL,
    app_version text NOT NULL,
    plan_hash text NOT NULL,
    fingerprint text NOT NULL,
    at timestamptz NOT NULL,
    previous_hash text NOT NULL CONSTRAINT sql_migration_history_chain UNIQUE,
    row_hash text NOT NULL
);
COMMENT ON TABLE {table} IS 'SQL migration files applied, rolled back, adopted or failed. Append-only; hash-chained.';
CREATE INDEX sql_migration_history_name ON {table} (name, id);
CREATE OR REPLACE FUNCTION {function}() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog, pg_temp AS $$
BEGIN
    RAISE EXCEPTION 'the migration history is append-only: % refused', TG_OP USING ERRCODE = 'insufficient_privilege';
END $$;
CREATE TRIGGER sql_migration_history_append_only BEFORE UPDATE OR DELETE OR TRUNCATE ON {table}
    FOR EACH STATEMENT EXECUTE FUNCTION {function}();
CREATE TABLE {journal} (
    name text NOT NULL,
    unit integer NOT NULL,
    line integer NOT NULL,
    tokens_sha256 text NOT NULL,
    state text NOT NULL CONSTRAINT sql_migration_journal_state CHECK (state IN ('in flight', 'done')),
    created jsonb NOT NULL DEFAULT '[]',
    at timestamptz NOT NULL DEFAULT now(),
    CONSTRAINT sql_migration_journal_pkey PRIMARY KEY (name, unit)
);
COMMENT ON TABLE {journal} IS 'Progress of a SQL migration file that cannot run in one transaction. Empty at rest.';
"""


@dataclass(frozen=True, slots=True)
class Entry:
    """One row to append. What has no meaning for an event stays empty; `at` is UTC."""

    event: Event
    name: str
    sha256: str = ""
    tokens_sha256: str = ""
    mode: str = ""
    statements: int = 0
    milliseconds: int = 0
    notices: list[str] = field(default_factory=list)
    created: list[Any] = field(default_factory=list)
    error: str = ""
    db_role: str = ""
    os_user: str = ""
    host: str = ""
    app_version: str = ""
    plan_hash: str = ""
    fingerprint: str = ""
    at: datetime = field(default_factory=lambda: datetime.now(UTC))


_COLUMNS = tuple(column.name for column in fields(Entry))


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
            ddl = _DDL.format(table=self.table, journal=self.journal, function=function)
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
        return [{name: _parse(name, value) for name, value in zip(names, row, strict=True)} for row in rows]

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
        row = {name: getattr(entry, name) for name in _COLUMNS}
        row |= {"db_role": self.role, "os_user": _os_user(), "host": _host()}
        row["app_version"] = row["app_version"] or self.app_version
        row["plan_hash"] = row["plan_hash"] or self.plan_hash
        head = row_hash(row, self.head)
        values = [*(_literal(value) for value in row.values()), literal(self.head), literal(head)]
        columns = ", ".join((*_COLUMNS, "previous_hash", "row_hash"))
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
        columns = _select_list()
        while rows := self.session.rows(
            f"SELECT id, previous_hash, row_hash, {columns} FROM {self.table} "
            f"WHERE id > {last} ORDER BY id LIMIT {batch}"
        ):
            for number, previous, recorded, *values in rows:
                row = {name: _parse(name, value) for name, value in zip(_COLUMNS, values, strict=True)}
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


def row_hash(row: Mapping[str, Any], previous: str) -> str:
    """Hash a row with the hash of the row before it: SHA-256 of its canonical JSON, in hex."""
    canonical = {**row, "at": _moment(row["at"]), "previous_hash": previous}
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def _literal(value: object) -> str:
    if isinstance(value, datetime):
        return literal(_moment(value))
    if isinstance(value, list):
        return literal(json.dumps(value, ensure_ascii=False))
    return literal(value)  # type: ignore[arg-type]


def _select_list() -> str:
    utc = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
    return ", ".join(utc if name == "at" else name for name in _COLUMNS)


def _parse(name: str, value: str | None) -> Any:
    if name == "at":
        return datetime.fromisoformat(value or "")
    if name in {"notices", "created"}:
        return json.loads(value or "[]")
    if name in {"statements", "milliseconds"}:
        return int(value or 0)
    return value


@cache
def _host() -> str:
    return socket.gethostname()


@cache
def _os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "unknown"
