"""Small migrations as projects have them, the same at every run, in the layouts that the tools read."""

from __future__ import annotations

import shutil
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

PROJECT = Path(__file__).resolve().parents[2]
# Later than every file of the project, a minute apart.
_FIRST = datetime(2030, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Migration:
    """One migration: `words` say what it does, `sql` does it, without BEGIN and COMMIT."""

    number: int
    words: str
    sql: str

    @property
    def at(self) -> datetime:
        """The moment in its name."""
        return _FIRST + timedelta(minutes=self.number)

    @property
    def slug(self) -> str:
        """Its description as file names write it."""
        return self.words.lower().replace(" ", "_")

    def wrapped(self) -> str:
        """The file by this project's convention: a header, and the statements between BEGIN and COMMIT."""
        header = (
            f"-- Migration: {self.words}\n-- Date: {self.at:%Y-%m-%d}\n-- Description: {self.words}, for the ward\n"
        )
        return f"{header}\nBEGIN;\n\n{self.sql}\nCOMMIT;\n"


def migrations(count: int) -> Iterator[Migration]:
    """Yield the migrations: each five are a table, a column, an index, comments and rows."""
    for number in range(count):
        table, kind = f"ward_{number // len(_KINDS):04d}", _KINDS[number % len(_KINDS)]
        yield Migration(number, *kind(table, number))


def _table(table: str, number: int) -> tuple[str, str]:
    previous = f"ward_{number // len(_KINDS) - 1:04d}"
    reference = f"    moved_from bigint REFERENCES {previous} (id),\n" if number else ""
    return f"Create {table}", (
        f"CREATE TABLE {table} (\n"
        "    id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,\n"
        "    name varchar(100) NOT NULL,\n"
        f"{reference}"
        "    beds integer NOT NULL DEFAULT 0 CHECK (beds >= 0),\n"
        "    opened_at timestamptz NOT NULL DEFAULT now()\n"
        ");\n"
    )


def _column(table: str, _number: int) -> tuple[str, str]:
    return f"Say which floor {table} is on", (
        f"ALTER TABLE {table} ADD COLUMN floor integer;\n"
        f"ALTER TABLE {table} ADD CONSTRAINT {table}_floor CHECK (floor BETWEEN -3 AND 40);\n"
    )


def _index(table: str, _number: int) -> tuple[str, str]:
    return f"Find {table} by name", f"CREATE INDEX {table}_name ON {table} (lower(name), opened_at);\n"


def _comments(table: str, _number: int) -> tuple[str, str]:
    return f"Explain {table}", (
        f"COMMENT ON TABLE {table} IS 'A ward; it''s never deleted, only closed.';\n"
        f"COMMENT ON COLUMN {table}.beds IS 'Beds that may be occupied; 0 while the ward is closed.';\n"
    )


def _rows(table: str, number: int) -> tuple[str, str]:
    values = ",\n".join(f"    ('Ward {number}-{bed}', {bed}, {bed % 9})" for bed in range(1, 6))
    return f"Fill {table}", f"INSERT INTO {table} (name, beds, floor) VALUES\n{values};\n"


_KINDS: tuple[Callable[[str, int], tuple[str, str]], ...] = (_table, _column, _index, _comments, _rows)


def own_files(folder: Path) -> Path:
    """Write the project's own SQL files alone: what is subtracted, and what Django's own command is given."""
    folder.mkdir(parents=True)
    for file in (PROJECT / "sql_migrations").glob("*.sql"):
        shutil.copy(file, folder)
    return folder


def webqx_files(folder: Path, count: int) -> Path:
    """Write the project's own SQL files and `count` more."""
    own_files(folder)
    return psql_files(folder, count)


def psql_files(folder: Path, count: int) -> Path:
    """Write the files by this project's convention, without the project's own."""
    return _write(folder, count, lambda one: (f"{one.at:%Y%m%d_%H%M%S}_{one.slug}.sql", one.wrapped()))


def dbmate_files(folder: Path, count: int) -> Path:
    """Write what dbmate reads. It opens the transaction itself."""
    return _write(
        folder,
        count,
        lambda one: (f"{one.at:%Y%m%d%H%M%S}_{one.slug}.sql", f"-- migrate:up\n{one.sql}\n-- migrate:down\n"),
    )


def postgrator_files(folder: Path, count: int) -> Path:
    """Write what postgrator reads. It opens no transaction, so that the file's own BEGIN and COMMIT stay."""
    return _write(folder, count, lambda one: (f"{one.number + 1:05d}.do.{one.slug}.sql", one.wrapped()))


def node_pg_migrate_files(folder: Path, count: int) -> Path:
    """Write what node-pg-migrate reads: milliseconds since 1970 in the name. It opens the transaction itself."""
    return _write(
        folder,
        count,
        lambda one: (
            f"{one.at.timestamp() * 1000:.0f}_{one.slug}.sql",
            f"-- Up Migration\n{one.sql}\n-- Down Migration\n",
        ),
    )


def _write(folder: Path, count: int, layout: Callable[[Migration], tuple[str, str]]) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for one in migrations(count):
        name, text = layout(one)
        (folder / name).write_text(text)
    return folder
