"""What became of a statement that ran outside a transaction when its session died."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest

from sql_migrations import probe
from sql_migrations.session import Session
from sql_migrations.statements import parse

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.mark.parametrize(
    ("statement", "cleared"),
    [
        ("REINDEX TABLE CONCURRENTLY t", ["t_i_ccnew"]),
        ("REINDEX INDEX CONCURRENTLY t_good", ["t_i_ccnew"]),
        ("REINDEX SCHEMA CONCURRENTLY public", ["t_i_ccnew", "u_i_ccnew"]),
        ("REINDEX SCHEMA CONCURRENTLY other", []),
    ],
)
def test_an_interrupted_reindex_clears_its_own_leftovers_and_nobody_elses(
    database_url: Callable[[], str], statement: str, cleared: list[str]
) -> None:
    with psycopg.connect(database_url(), autocommit=True) as connection:
        for table in ("t", "u"):
            connection.execute(f"CREATE TABLE {table} AS SELECT 1 AS a UNION ALL SELECT 1")
            connection.execute(f"CREATE INDEX {table}_good ON {table} (a)")
            with suppress(psycopg.errors.UniqueViolation):  # it leaves the index, INVALID
                connection.execute(f"CREATE UNIQUE INDEX CONCURRENTLY {table}_i_ccnew ON {table} (a)")
        (parsed,) = parse(statement, file="x.sql").statements

        found = probe.look(Session(connection), parsed, in_flight=True)

    assert found.verdict == "again"
    assert sorted(heal.sql.split('"')[3] for heal in found.heal) == cleared
