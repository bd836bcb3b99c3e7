"""A row of the history: its columns, its table, its hash, and how it travels to PostgreSQL and back. Pure."""

from __future__ import annotations

import getpass
import hashlib
import json
import socket
from dataclasses import dataclass, field, fields
from datetime import UTC, datetime
from functools import cache
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations.session import literal

if TYPE_CHECKING:
    from collections.abc import Mapping

Event = Literal["apply", "rollback", "adopt", "fail", "resume", "accept-edit", "run"]
DDL = """
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


COLUMNS = tuple(column.name for column in fields(Entry))


def row_hash(row: Mapping[str, Any], previous: str) -> str:
    """Hash a row with the hash of the row before it: SHA-256 of its canonical JSON, in hex."""
    canonical = {**row, "at": _moment(row["at"]), "previous_hash": previous}
    text = json.dumps(canonical, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def _moment(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds")


def to_literal(value: object) -> str:
    if isinstance(value, datetime):
        return literal(_moment(value))
    if isinstance(value, list):
        return literal(json.dumps(value, ensure_ascii=False))
    return literal(value)  # type: ignore[arg-type]


def select_list() -> str:
    utc = "to_char(at AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US\"+00:00\"')"
    return ", ".join(utc if name == "at" else name for name in COLUMNS)


def parse_value(name: str, value: str | None) -> Any:
    if name == "at":
        return datetime.fromisoformat(value or "")
    if name in {"notices", "created"}:
        return json.loads(value or "[]")
    if name in {"statements", "milliseconds"}:
        return int(value or 0)
    return value


@cache
def host() -> str:
    return socket.gethostname()


@cache
def os_user() -> str:
    try:
        return getpass.getuser()
    except (KeyError, OSError):  # a container may run under a number that has no name
        return "unknown"
