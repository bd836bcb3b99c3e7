"""What a SQL file creates and uses, read from PostgreSQL's own parse tree."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import psycopg
import pytest

from sql_migrations.errors import TouchesRunnerTables
from sql_migrations.reversing.existing import existing_query, must_ask
from sql_migrations.statements import parse
from sql_migrations.syntax.objects import Key, created, from_json, proven
from sql_migrations.syntax.uses import columns, refuse_own_tables, touched

if TYPE_CHECKING:
    from collections.abc import Callable

    from sql_migrations.statements import Script


def script(text: str) -> Script:
    return parse(text, file="20240101_000000_case.sql")


CREATED = {
    "CREATE TABLE a.t (id integer)": "table a.t",
    "CREATE TABLE t AS SELECT 1": "table t",
    "SELECT 1 INTO a.t": "table a.t",
    "CREATE FOREIGN TABLE t (a integer) SERVER s": "foreign table t",
    "CREATE INDEX i ON a.t (x)": "index a.i on a.t",
    "CREATE INDEX ON t (x)": "index without a name on t",
    "CREATE VIEW v AS SELECT 1": "view v",
    "CREATE MATERIALIZED VIEW v AS SELECT 1": "materialized view v",
    "CREATE SEQUENCE s": "sequence s",
    "CREATE SCHEMA AUTHORIZATION joe": "schema joe",
    "CREATE TYPE e AS ENUM ('a')": "type e",
    "CREATE TYPE a.c AS (x integer)": "type a.c",
    "CREATE TYPE r AS RANGE (subtype = integer)": "type r",
    "CREATE DOMAIN d AS text": "domain d",
    "CREATE FUNCTION f(OUT text, VARIADIC a.x[]) LANGUAGE sql AS ''": 'function f("a"."x"[])',
    "CREATE PROCEDURE p(INOUT text) LANGUAGE sql AS ''": 'procedure p("text")',
    "CREATE AGGREGATE g(*) (sfunc = f, stype = integer)": "aggregate g()",
    "CREATE TRIGGER g BEFORE INSERT ON a.t EXECUTE FUNCTION f()": "trigger g on a.t",
    "CREATE POLICY p ON t": "policy p on t",
    "CREATE RULE r AS ON INSERT TO t DO NOTHING": "rule r on t",
    "CREATE EXTENSION citext": "extension citext",
    "ALTER TABLE t ADD COLUMN c integer": "column c on t",
    "ALTER TABLE t ADD CONSTRAINT c CHECK (true)": "constraint c on t",
    "ALTER TYPE e ADD VALUE 'x'": "enum value x on e",
    "ALTER TYPE c ADD ATTRIBUTE y integer": "attribute y on c",
    "ALTER DOMAIN d ADD CONSTRAINT c CHECK (true)": "domain constraint c on d",
    "CREATE STATISTICS s ON a, b FROM t": "statistics s on t",
    "CREATE OPERATOR a.+ (rightarg = text, function = f)": "operator a.+",
    "CREATE OPERATOR FAMILY f USING btree": "operator family f",
    'CREATE COLLATION c FROM "C"': "collation c",
    "CREATE SERVER s FOREIGN DATA WRAPPER w": "server s",
    "CREATE EVENT TRIGGER e ON ddl_command_end EXECUTE FUNCTION f()": "event trigger e",
    "CREATE CAST (integer AS text) WITH INOUT": "cast without a name",
    "CREATE PUBLICATION p FOR ALL TABLES": "publication p",
    "CREATE TEXT SEARCH CONFIGURATION c (copy = simple)": "text search configuration c",
    'CREATE TABLE "odd.name" (a integer)': 'table "odd.name"',
}


@pytest.mark.parametrize(("text", "expected"), CREATED.items())
def test_every_create_names_its_object(text: str, expected: str) -> None:
    (found,) = created(script(text))

    assert str(found) == expected
    assert from_json(json.loads(json.dumps(found.key))) == found.key


def test_elements_of_create_schema_lie_in_that_schema() -> None:
    text = """
        CREATE SCHEMA a CREATE TABLE t (x integer) CREATE INDEX i ON t (x)
            CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()
    """

    assert [str(found) for found in created(script(text))] == [
        "schema a",
        "table a.t",
        "index a.i on a.t",
        "trigger g on a.t",
    ]


def test_a_ddl_word_inside_a_string_creates_nothing() -> None:
    assert created(script("SELECT 'CREATE TABLE t (a integer)'; DO $$ BEGIN CREATE TABLE t (a int); END $$")) == []


def test_overloaded_functions_have_keys_of_their_own() -> None:
    text = "CREATE FUNCTION f(integer) LANGUAGE sql AS ''; CREATE FUNCTION f(text) LANGUAGE sql AS '';"

    assert len({found.key for found in created(script(text))}) == 2


TOUCHED = {
    "WITH a AS (SELECT * FROM a), b AS (SELECT * FROM a) SELECT * FROM b": {"a"},
    "WITH RECURSIVE a AS (SELECT 1 UNION SELECT * FROM a) SELECT * FROM a, s.a": {"s.a"},
    "WITH t AS (SELECT 1) INSERT INTO t SELECT * FROM t": {"t"},
    "WITH x AS (DELETE FROM gone RETURNING *) SELECT * FROM x": {"gone"},
    "DROP TABLE a, s.b": {"a", "s.b"},
    "DROP TRIGGER g ON s.t": {"s.t"},
    "DROP POLICY p ON t": {"t"},
    "DROP SCHEMA s": set(),
    "COMMENT ON TABLE s.t IS 'x'": {"s.t"},
    "COMMENT ON COLUMN s.t.c IS 'x'": {"s.t"},
    "COMMENT ON CONSTRAINT c ON t IS 'x'": {"t"},
    "COMMENT ON FUNCTION f(integer) IS 'x'": set(),
    "GRANT SELECT ON s.t, u TO PUBLIC": {"s.t", "u"},
    "GRANT USAGE ON SCHEMA s TO PUBLIC": set(),
    "ALTER TABLE t RENAME TO u": {"t"},
    "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES s.u": {"t", "s.u"},
    "CREATE TABLE t (a integer REFERENCES u)": {"t", "u"},
    "CREATE TABLE t (LIKE u) INHERITS (v)": {"t", "u", "v"},
    "CREATE TABLE t PARTITION OF u DEFAULT": {"t", "u"},
    "CREATE INDEX i ON s.t (x)": {"s.t"},
    "CREATE TRIGGER g BEFORE INSERT ON t EXECUTE FUNCTION f()": {"t"},
    "CREATE POLICY p ON t USING (EXISTS (SELECT FROM u))": {"t", "u"},
    "CREATE FUNCTION f(s.row_type) RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM hidden'": {"s.row_type", "t"},
    "CREATE FUNCTION f(a t.c%TYPE) RETURNS integer LANGUAGE sql BEGIN ATOMIC SELECT 1 FROM u; END": {"t", "u"},
    "SELECT nextval('s.q')": {"s.q"},
    "TRUNCATE a, b": {"a", "b"},
    "COPY s.t FROM stdin;\n1\n\\.\n": {"s.t"},
    "MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE": {"t", "u"},
    "LOCK TABLE t; VACUUM u; ANALYZE v": {"t", "u", "v"},
    'SELECT * FROM "odd.name"': {'"odd.name"'},
    "SELECT 'not_a_table'": set(),
}


@pytest.mark.parametrize(("text", "expected"), TOUCHED.items())
def test_every_table_a_file_touches_is_found(text: str, expected: set[str]) -> None:
    assert {str(name) for name in touched(script(text))} == expected


@pytest.mark.parametrize(
    "text",
    [
        "SELECT mrn FROM t",
        "CREATE INDEX i ON t (mrn)",
        "CREATE INDEX i ON t (lower(mrn))",
        "UPDATE t SET mrn = 1",
        "INSERT INTO t (mrn) VALUES (1)",
        "COPY t (mrn) FROM stdin;\n1\n\\.\n",
        "ALTER TABLE t ALTER mrn SET NOT NULL",
        "ALTER TABLE t DROP COLUMN mrn",
        "ALTER TABLE t RENAME mrn TO number",
        "COMMENT ON COLUMN t.mrn IS 'x'",
        "GRANT SELECT (mrn) ON t TO PUBLIC",
        "ALTER TABLE t ADD UNIQUE (mrn)",
        "ALTER TABLE u ADD FOREIGN KEY (x) REFERENCES t (mrn)",
        "CREATE TRIGGER g BEFORE UPDATE OF mrn ON t EXECUTE FUNCTION f()",
        "CREATE STATISTICS s ON mrn, b FROM t",
    ],
)
def test_every_way_to_name_a_column_is_found(text: str) -> None:
    assert "mrn" in columns(script(text))


def test_a_column_word_inside_a_value_is_only_data() -> None:
    assert "mrn" not in columns(script("INSERT INTO t (a) VALUES ('mrn')"))
    assert "*" in columns(script("CREATE VIEW v AS SELECT * FROM t"))


@pytest.mark.parametrize(
    "text",
    [
        "DELETE FROM @sql_migration_history",
        "DROP TABLE public.@sql_migration_journal",
        'ALTER TABLE @"django_migrations" ADD COLUMN x integer',
        "COMMENT ON COLUMN @django_migrations.app IS 'x'",
        "ALTER SEQUENCE @django_migrations_id_seq RESTART",
        "CREATE TRIGGER g BEFORE INSERT ON @django_migrations EXECUTE FUNCTION f()",
        "WITH x AS (DELETE FROM @django_migrations RETURNING *) SELECT * FROM x",
        "CREATE TABLE t AS SELECT 'é', * FROM @django_migrations",
        "DO $$ BEGIN DELETE FROM public.@Django_Migrations; END $$",
        "CREATE FUNCTION f() RETURNS void LANGUAGE sql AS 'TRUNCATE @sql_migration_history'",
        "CREATE TABLE @sql_migration_report (a integer)",
        "DROP FUNCTION @sql_migration_append_only()",
        'DELETE FROM @U&"django\\005fmigrations"',
    ],
)
def test_the_runners_own_tables_are_refused_with_the_place(text: str) -> None:
    at = text.index("@")

    with pytest.raises(TouchesRunnerTables, match="belongs to the migration runner") as refused:
        refuse_own_tables(script("SELECT 1;\n" + text.replace("@", "")))

    assert (refused.value.line, refused.value.column) == (2, at + 1)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT 'django_migrations'",
        "COMMENT ON TABLE t IS 'see sql_migration_history'",
        "INSERT INTO t VALUES ('DELETE FROM django_migrations')",
        "CREATE TABLE my_django_migrations (a integer)",
        "SELECT 1 -- django_migrations",
        "CREATE TABLE sql_migrations (a integer)",
    ],
)
def test_the_runners_names_elsewhere_are_no_offence(text: str) -> None:
    refuse_own_tables(script(text))


def test_postgresql_says_which_objects_exist_already(database_url: Callable[[], str]) -> None:
    before = """
        CREATE SCHEMA app; CREATE TABLE t (a integer); CREATE TYPE e AS ENUM ('x');
        CREATE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE INDEX taken ON t (a); CREATE TABLE app.only_there (a integer);
        CREATE SEQUENCE "it's \\ \"\"odd\"\"";
    """
    text = """
        CREATE TABLE IF NOT EXISTS t (a integer); CREATE TABLE IF NOT EXISTS app.t (a integer);
        CREATE TABLE IF NOT EXISTS only_there (a integer);
        CREATE SCHEMA IF NOT EXISTS app; CREATE SCHEMA IF NOT EXISTS later;
        CREATE INDEX IF NOT EXISTS taken ON t (a); CREATE INDEX IF NOT EXISTS free ON t (a);
        CREATE INDEX IF NOT EXISTS taken ON app.t (a); CREATE INDEX IF NOT EXISTS new ON later.t (a);
        ALTER TABLE t ADD COLUMN IF NOT EXISTS a integer, ADD COLUMN IF NOT EXISTS b integer;
        ALTER TYPE e ADD VALUE IF NOT EXISTS 'x'; ALTER TYPE e ADD VALUE IF NOT EXISTS 'y';
        CREATE OR REPLACE FUNCTION f(integer) RETURNS integer LANGUAGE sql AS 'SELECT 2';
        CREATE OR REPLACE FUNCTION f(later.unknown, integer) RETURNS integer LANGUAGE sql AS 'SELECT 2';
        CREATE EXTENSION IF NOT EXISTS plpgsql; CREATE TEMP TABLE IF NOT EXISTS t (a integer);
        CREATE SEQUENCE IF NOT EXISTS "it's \\ \"\"odd\"\""; CREATE TABLE t (a integer);
    """
    objects = created(script(text))
    with psycopg.connect(database_url(), autocommit=True) as connection:
        connection.execute(before)
        row = connection.execute(existing_query(objects)).fetchone()

    assert row is not None
    assert [(str(found), existed) for found, existed in zip(objects, row[0], strict=True)] == [
        ("table t", True),
        ("table app.t", False),
        ("table only_there", False),
        ("schema app", True),
        ("schema later", False),
        ("index taken on t", True),
        ("index free on t", False),
        ("index app.taken on app.t", False),
        ("index later.new on later.t", False),
        ("column a on t", True),
        ("column b on t", False),
        ("enum value x on e", True),
        ("enum value y on e", False),
        ('function f("pg_catalog"."int4")', True),
        ('function f("later"."unknown", "pg_catalog"."int4")', False),
        ("extension plpgsql", True),
        ("table t", False),
        ('sequence "it\'s \\ ""odd"""', True),
        ("table t", False),
    ]
    assert Key("schema", None, "later", "") in proven(objects, row[0])
    assert Key("schema", None, "app", "") not in proven(objects, row[0])
    assert Key("table", None, "t", "") not in proven(objects, row[0])


@pytest.mark.parametrize(
    ("text", "asked"),
    [
        ("CREATE TABLE t (a integer); CREATE INDEX i ON t (a); INSERT INTO t VALUES (1)", False),
        ("CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'", False),
        ("CREATE INDEX i ON older (a)", True),
        ("CREATE TABLE IF NOT EXISTS t (a integer)", True),
        ("CREATE OR REPLACE VIEW v AS SELECT 1", True),
    ],
)
def test_only_a_file_that_may_meet_what_exists_asks_first(text: str, asked: bool) -> None:
    assert must_ask(created(script(text))) is asked
