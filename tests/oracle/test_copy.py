"""COPY … FROM stdin with its data below it, as pg_dump and psql know it."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import psycopg

from tests.oracle.folders import Bench, dump, raw_dump

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

TEXT = r'''CREATE TABLE t (a int, b text);
COPY t (a, b) FROM stdin;
1	tab\there; newline\nthere; 'quote -- not a comment
2	\N
3	\\. $$ /* é 漢
\.
INSERT INTO t VALUES (4, 'behind');
COPY t FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';');
a;b
5;"several
lines; and ""quotes"""
6;\N
\.
copy t from stdin;
\.
INSERT INTO t VALUES (7, 'last');
'''


def test_data_of_every_form_arrives_as_psql_would_send_it(bench: Bench) -> None:
    bench.write(_1=TEXT).equals_psql()

    assert bench.value("SELECT count(*) FROM t") == 7
    assert bench.value("SELECT b FROM t WHERE a = 3") == "\\. $$ /* é 漢"


def test_data_with_windows_line_ends_loses_them_as_in_psql(bench: Bench) -> None:
    bench.write(_1=TEXT.replace("\n", "\r\n")).equals_psql()


def test_data_may_end_with_the_file(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n2").equals_psql()


def test_data_goes_into_the_transaction_of_its_file(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t (a int);", _2="BEGIN;\nCOPY t FROM stdin;\n1\n\\.\nSELECT 1 / 0;\nCOMMIT;\n")

    assert "2.sql:5:1: division by zero" in bench.refused()
    assert bench.value("SELECT count(*) FROM t") == 0


def test_a_bad_row_is_named_by_its_line_in_the_file(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t (a int);\nCOPY t FROM stdin;\n1\n2\nthree\n4\n\\.\nSELECT 1;\n")

    said = bench.refused()

    assert '1.sql:5:1: invalid input syntax for type integer: "three"' in said
    assert "\n    three\n    ^" in said
    assert bench.value("SELECT to_regclass('t')") is None


def test_a_row_of_the_second_copy_is_named_by_its_line_in_the_file(bench: Bench) -> None:
    data = "COPY t FROM stdin;\n1\n2\n\\.\n"
    bench.write(_1=f"CREATE TABLE t (a int UNIQUE);\n{data}-- again\n{data}")

    assert "1.sql:8:1: duplicate key value violates unique constraint" in bench.refused()


def test_values_of_a_bad_row_are_shown_but_not_stored(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t (a int, b int);\nCOPY t FROM stdin;\n1\tMrs Miller\n\\.\n")

    assert "Mrs Miller" in bench.refused()
    assert "Miller" not in str(bench.rows("SELECT h::text FROM sql_migration_history AS h"))


def test_a_mark_without_its_copy_is_refused(bench: Bench) -> None:
    bench.write(_1="CREATE TABLE t (a int);\n1\n\\.\n")

    assert "1.sql:3:1: \\. is a command of psql" in bench.refused()


def test_what_pg_dump_wrote_replays_to_the_same_database(
    bench: Bench, database_url: Callable[[], str], tmp_path: Path
) -> None:
    origin = database_url()
    with psycopg.connect(origin) as connection:
        connection.execute(
            """CREATE SCHEMA other; CREATE TYPE other.mood AS ENUM ('sad', 'it''s');
            CREATE TABLE other.parent (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text);
            CREATE TABLE child (id serial PRIMARY KEY, mood other.mood, parent bigint REFERENCES other.parent, b bytea);
            CREATE VIEW v AS SELECT * FROM child; CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT ';\\.' $$;
            INSERT INTO other.parent (note) SELECT E'line\\nbreak\\ttab \\\\. ' || n FROM generate_series(1, 500) AS n;
            INSERT INTO child (mood, parent, b) SELECT 'it''s', n, '\\x00ff' FROM generate_series(1, 500) AS n;"""
        )
    for name, options in (("1", ()), ("2", ("--inserts", "--clean", "--if-exists"))):
        bench.write(**{f"_{name}": raw_dump(origin, *options)})
    assert re.search(r"^\\restrict \w+$", (bench.folder / "1.sql").read_text(), re.MULTILINE)
    (bench.folder / "2.sql").rename(tmp_path / "2.sql")

    bench.equals_psql()

    assert dump(bench.url) == dump(origin)
    (tmp_path / "2.sql").rename(bench.folder / "2.sql")
    bench.applied()
    assert dump(bench.url) == dump(origin)
