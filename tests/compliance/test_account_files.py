"""The SQL files about accounts, run as psql would: what they make of the seed's tables, and the way back."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

FOLDER = Path(__file__).resolve().parents[2] / "sql_migrations"
SEED = FOLDER / "20240115_143000_create_users_table.sql"
TYPES = FOLDER / "20240116_090000_give_accounts_exact_types.sql"
RULES = FOLDER / "20240116_100000_hold_account_rules.sql"
# Of the SQL in the seed's database_migrations_README.md, between its fences.
SEED_SHA256 = "4544c8cf6d7703152a91f684ad07303167e7803e3d410675777c109a16fb6baa"

CATALOGUE = """
    SELECT format('%s.%s %s %s %s %s', c.relname, a.attname, format_type(a.atttypid, a.atttypmod), a.attnotnull,
                  pg_get_expr(d.adbin, d.adrelid), col_description(c.oid, a.attnum))
    FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0
    LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
    WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r'
    UNION ALL SELECT format('%s %s', conname, pg_get_constraintdef(oid)) FROM pg_constraint
    WHERE connamespace = 'public'::regnamespace
    UNION ALL SELECT indexdef FROM pg_indexes WHERE schemaname = 'public'
    UNION ALL SELECT format('%s %s %s', sequencename, data_type, max_value) FROM pg_sequences
    UNION ALL SELECT format('%s %s', relname, obj_description(oid)) FROM pg_class
    WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
    ORDER BY 1
"""


@pytest.fixture
def server(database_url: Callable[[], str]) -> Iterator[psycopg.Connection]:
    """A database with the seed's tables, seen from New York."""
    with psycopg.connect(database_url(), autocommit=True) as connection:
        connection.execute("SET timezone = 'America/New_York'")
        run(connection, SEED)
        yield connection


def run(server: psycopg.Connection, file: Path) -> None:
    server.execute(file.read_bytes())


def back(server: psycopg.Connection, file: Path) -> None:
    run(server, file.with_suffix(".down.sql"))


def catalogue(server: psycopg.Connection) -> list[str]:
    return [row[0] for row in server.execute(CATALOGUE)]


def one(server: psycopg.Connection, query: str) -> object:
    row = server.execute(query.encode()).fetchone()
    assert row is not None
    return row[0]


def test_the_seed_file_is_there_word_for_word() -> None:
    assert hashlib.sha256(SEED.read_bytes()).hexdigest() == SEED_SHA256


def test_each_way_back_restores_the_catalogue(server: psycopg.Connection) -> None:
    seed = catalogue(server)
    run(server, TYPES)
    typed = catalogue(server)
    run(server, RULES)
    ruled = catalogue(server)

    back(server, RULES)
    assert catalogue(server) == typed != ruled
    back(server, TYPES)
    assert catalogue(server) == seed != typed


def test_a_time_without_zone_was_utc_wherever_the_files_are_run(server: psycopg.Connection) -> None:
    server.execute("INSERT INTO users (email, password_hash, last_login) VALUES ('a@b', '!', '2024-01-15 12:00')")

    run(server, TYPES)

    assert one(server, "SELECT last_login = '2024-01-15 12:00+00' FROM users") is True
    back(server, TYPES)
    assert one(server, "SELECT last_login::text FROM users") == "2024-01-15 12:00:00"


def test_an_unknown_name_becomes_empty_and_unknown_again(server: psycopg.Connection) -> None:
    server.execute("INSERT INTO users (email, password_hash, last_name) VALUES ('a@b', '!', 'Oddfellow')")

    run(server, TYPES)

    assert one(server, "SELECT row(first_name, last_name, phone)::text FROM users") == '("",Oddfellow,"")'
    back(server, TYPES)
    assert one(server, "SELECT row(first_name, last_name, phone)::text FROM users") == "(,Oddfellow,)"


def test_an_account_that_is_neither_active_nor_not_stops_the_file(server: psycopg.Connection) -> None:
    server.execute("INSERT INTO users (email, password_hash, is_active) VALUES ('a@b', '!', NULL)")
    before = catalogue(server)

    with pytest.raises(psycopg.errors.NotNullViolation, match="is_active"):
        run(server, TYPES)

    server.rollback()
    assert catalogue(server) == before


def test_two_accounts_that_differ_in_case_only_stop_the_file(server: psycopg.Connection) -> None:
    server.execute("INSERT INTO users (email, password_hash) VALUES ('a@b', '!'), ('A@b', '!')")
    run(server, TYPES)

    with pytest.raises(psycopg.errors.UniqueViolation, match="users_email_any_case"):
        run(server, RULES)
