"""A derived way back restores the catalogue exactly, and never takes what was there before."""

from __future__ import annotations

import json
import subprocess
from typing import TYPE_CHECKING

import psycopg
import pytest

from sql_migrations.errors import NotReversible
from sql_migrations.graph import sql_dir
from sql_migrations.reversing.existing import existing_query
from sql_migrations.reversing.reverse import Reverse, derive
from sql_migrations.statements import parse
from sql_migrations.syntax.objects import Key, created, from_json, proven
from webqx import binaries

if TYPE_CHECKING:
    from collections.abc import Callable

SEED = "20240115_143000_create_users_table.sql"

# What stands in the database before each file: `old` tables that a way back must leave alone.
BEFORE = """
CREATE SCHEMA clinic;
CREATE TABLE old (id integer PRIMARY KEY, note text, state text NOT NULL DEFAULT 'new');
CREATE TABLE parted (id integer NOT NULL, at date NOT NULL) PARTITION BY RANGE (at);
CREATE TYPE mood AS ENUM ('calm', 'worried');
CREATE DOMAIN mrn AS text;
CREATE VIEW old_ids AS SELECT id FROM old;
CREATE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
CREATE TYPE pair AS (a integer);
INSERT INTO old VALUES (1, 'kept');
"""

REVERSIBLE = {
    "a table with everything that hangs on it": """
        CREATE TABLE t (id bigserial PRIMARY KEY, old_id integer REFERENCES old, kind text UNIQUE CHECK (kind <> ''));
        CREATE INDEX ON t (kind); CREATE UNIQUE INDEX t_lower ON t (lower(kind));
        INSERT INTO t (kind) SELECT upper(note) FROM old; UPDATE t SET kind = 'x'; DELETE FROM t; TRUNCATE t;
        CREATE FUNCTION t_touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN NEW; END $$;
        CREATE TRIGGER t_touch BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION t_touch();
        CREATE POLICY t_all ON t USING (kind = current_user); ALTER TABLE t ENABLE ROW LEVEL SECURITY;
        CREATE RULE t_rule AS ON DELETE TO t DO INSTEAD NOTHING;
        CREATE STATISTICS t_stats ON id, kind FROM t;
        ALTER TABLE t ADD COLUMN extra integer, ADD CHECK (extra > 0), ALTER extra SET NOT NULL;
        COMMENT ON TABLE t IS 'x'; COMMENT ON COLUMN t.kind IS 'x'; COMMENT ON INDEX t_lower IS 'x';
        GRANT SELECT ON t TO PUBLIC; GRANT USAGE ON SEQUENCE t_id_seq TO PUBLIC;
        SELECT setval('t_id_seq', 7); ANALYZE t; COMMENT ON TRIGGER t_touch ON t IS 'x';
        """,
    "tables that reference each other": """
        CREATE TABLE a (id integer PRIMARY KEY, b_id integer);
        CREATE TABLE b (id integer PRIMARY KEY, a_id integer REFERENCES a);
        ALTER TABLE a ADD FOREIGN KEY (b_id) REFERENCES b;
        """,
    "a sequence as pg_dump writes it": """
        SELECT pg_catalog.set_config('search_path', '', false);
        CREATE TABLE public.t (id integer NOT NULL, doc text);
        CREATE SEQUENCE public.t_number AS integer START WITH 1;
        ALTER SEQUENCE public.t_number OWNED BY public.t.id;
        ALTER TABLE ONLY public.t ALTER COLUMN id SET DEFAULT nextval('public.t_number'::regclass);
        INSERT INTO public.t VALUES (1, 'x');
        SELECT pg_catalog.setval('public.t_number', 1, true);
        ALTER TABLE ONLY public.t ADD CONSTRAINT t_pkey PRIMARY KEY (id);
        """,
    "a default from a sequence that comes later": """
        CREATE TABLE t (id integer); CREATE SEQUENCE s; ALTER TABLE t ALTER id SET DEFAULT nextval('s');
        """,
    "a sequence owned by a column": "CREATE TABLE t (id integer); CREATE SEQUENCE s OWNED BY t.id;",
    "a lone sequence": "CREATE SEQUENCE clinic.s; SELECT nextval('clinic.s'); SELECT setval('clinic.s', 9);",
    "a temporary table": "CREATE TEMP TABLE t (a integer); INSERT INTO t VALUES (1); CREATE INDEX ON t (a);",
    "a table from a query": "CREATE TABLE t AS SELECT * FROM old; SELECT count(*) INTO u FROM t;",
    "a partition of an older table": """
        CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE p2 (id integer NOT NULL, at date NOT NULL);
        ALTER TABLE parted ATTACH PARTITION p2 FOR VALUES FROM ('2025-01-01') TO ('2026-01-01');
        """,
    "a partitioned table": """
        CREATE TABLE m (at date) PARTITION BY RANGE (at); CREATE INDEX m_at ON m (at);
        CREATE TABLE m1 PARTITION OF m FOR VALUES FROM ('2024-01-01') TO ('2025-01-01');
        CREATE TABLE m2 (at date); ALTER TABLE m ATTACH PARTITION m2 DEFAULT;
        """,
    "inheritance": "CREATE TABLE child (extra text) INHERITS (old); INSERT INTO child (id) VALUES (9);",
    "a column and constraint on an older table": """
        ALTER TABLE old ADD COLUMN visits integer, ADD CONSTRAINT visits_positive CHECK (visits >= 0);
        ALTER TABLE old ALTER visits SET DEFAULT 0, ALTER visits SET STATISTICS 10;
        COMMENT ON COLUMN old.visits IS 'x'; ALTER TABLE old VALIDATE CONSTRAINT visits_positive;
        """,
    "a foreign key from an older table to a new one": """
        CREATE TABLE state (name text PRIMARY KEY); INSERT INTO state VALUES ('new');
        ALTER TABLE old ADD CONSTRAINT old_state FOREIGN KEY (state) REFERENCES state NOT VALID;
        """,
    "a unique constraint over a new index": """
        CREATE UNIQUE INDEX old_note ON old (note);
        ALTER TABLE old ADD CONSTRAINT old_note_key UNIQUE USING INDEX old_note;
        """,
    "indexes on an older table": """
        CREATE INDEX old_note ON old (note); CREATE INDEX CONCURRENTLY old_state ON old (state);
        COMMENT ON INDEX old_note IS 'x';
        """,
    "triggers, policies and rules on an older table": """
        CREATE TRIGGER z_old BEFORE UPDATE ON old FOR EACH ROW EXECUTE FUNCTION touch();
        CREATE POLICY old_all ON old USING (true); COMMENT ON POLICY old_all ON old IS 'x';
        CREATE RULE old_rule AS ON UPDATE TO old_ids DO INSTEAD NOTHING;
        CREATE STATISTICS old_stats ON note, state FROM old;
        """,
    "views": """
        CREATE VIEW v AS SELECT id FROM old; CREATE OR REPLACE VIEW w AS SELECT id FROM v;
        CREATE MATERIALIZED VIEW m AS SELECT id FROM w; CREATE UNIQUE INDEX m_id ON m (id);
        REFRESH MATERIALIZED VIEW CONCURRENTLY m; GRANT SELECT ON v TO PUBLIC;
        """,
    "types and domains": """
        CREATE TYPE level AS ENUM ('low'); ALTER TYPE level ADD VALUE 'high';
        ALTER TYPE level RENAME VALUE 'low' TO 'lower';
        CREATE TYPE clinic.point AS (x integer, y integer); ALTER TYPE clinic.point ADD ATTRIBUTE z integer;
        CREATE TYPE span AS RANGE (subtype = integer);
        CREATE DOMAIN positive AS integer; ALTER DOMAIN positive ADD CHECK (VALUE > 0);
        CREATE TABLE t (l level, p clinic.point, s span, n positive[]); COMMENT ON TYPE level IS 'x';
        """,
    "a constraint on an older domain, an attribute on an older type": """
        ALTER DOMAIN mrn ADD CONSTRAINT mrn_digits CHECK (VALUE ~ '^[0-9]+$'); ALTER TYPE pair ADD ATTRIBUTE b integer;
        """,
    "functions of many signatures": """
        CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1';
        CREATE FUNCTION f(a integer, OUT b text, VARIADIC c text[]) LANGUAGE sql AS 'SELECT ''x''';
        CREATE OR REPLACE FUNCTION clinic.f(pair, numeric(10, 2), a timestamptz DEFAULT now()) RETURNS SETOF old
            LANGUAGE sql BEGIN ATOMIC SELECT * FROM old; END;
        CREATE PROCEDURE p(INOUT a integer, OUT b text) LANGUAGE plpgsql AS $$ BEGIN b := 'x'; END $$;
        CREATE PROCEDURE p(text) LANGUAGE plpgsql AS $$ BEGIN END $$;
        COMMENT ON FUNCTION f() IS 'x'; REVOKE ALL ON FUNCTION clinic.f(pair, numeric, timestamptz) FROM PUBLIC;
        ALTER FUNCTION f() IMMUTABLE;
        """,
    "a function over a table and a check that calls it": """
        CREATE FUNCTION ok(text) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
        CREATE TABLE t (a text CHECK (ok(a)));
        CREATE FUNCTION all_t() RETURNS SETOF t LANGUAGE sql AS 'SELECT * FROM t';
        """,
    "aggregates, operators, casts, collations": """
        CREATE AGGREGATE total(integer) (sfunc = int4pl, stype = integer);
        CREATE AGGREGATE clinic.rows(*) (sfunc = int8inc, stype = bigint, initcond = '0');
        CREATE AGGREGATE older (basetype = integer, sfunc = int4pl, stype = integer);
        CREATE FUNCTION same(pair, pair) RETURNS boolean LANGUAGE sql IMMUTABLE AS 'SELECT true';
        CREATE OPERATOR clinic.=== (leftarg = pair, rightarg = pair, function = same);
        CREATE FUNCTION as_pair(integer) RETURNS pair LANGUAGE sql IMMUTABLE AS 'SELECT ROW($1)::pair';
        CREATE CAST (integer AS pair) WITH FUNCTION as_pair(integer);
        CREATE COLLATION plain FROM "C";
        """,
    "text search": """
        CREATE TEXT SEARCH DICTIONARY d (template = simple);
        CREATE TEXT SEARCH CONFIGURATION c (copy = simple);
        ALTER TEXT SEARCH CONFIGURATION c ALTER MAPPING FOR word WITH d;
        """,
    "a schema with its own contents": """
        CREATE SCHEMA ward CREATE TABLE bed (id integer) CREATE VIEW beds AS SELECT id FROM bed;
        CREATE SCHEMA IF NOT EXISTS lab; CREATE TABLE lab.t (id integer); GRANT USAGE ON SCHEMA lab TO PUBLIC;
        ALTER DEFAULT PRIVILEGES IN SCHEMA lab GRANT SELECT ON TABLES TO PUBLIC;
        GRANT SELECT ON ALL TABLES IN SCHEMA lab TO PUBLIC;
        """,
    "an extension": """
        CREATE EXTENSION IF NOT EXISTS citext; CREATE TABLE t (mail citext); COMMENT ON EXTENSION citext IS 'x';
        """,
    "names that need every kind of quote": """
        CREATE SCHEMA "Sch""e.ma";
        CREATE TABLE "Sch""e.ma"."select" ("a.b" integer, "é'\\" text);
        ALTER TABLE old ADD COLUMN "Odd ""n"" x" "Sch""e.ma"."select"; CREATE INDEX "i.""x" ON old (note);
        COMMENT ON COLUMN "Sch""e.ma"."select"."a.b" IS 'x';
        """,
    "renames": """
        ALTER TABLE old RENAME TO older; ALTER TABLE older RENAME COLUMN note TO notes;
        ALTER TYPE mood RENAME VALUE 'calm' TO 'quiet'; ALTER TYPE mood RENAME TO temper;
        ALTER SCHEMA clinic RENAME TO ward;
        ALTER INDEX old_pkey RENAME TO older_pkey; ALTER FUNCTION touch() RENAME TO touched;
        CREATE TABLE old (id integer); CREATE VIEW seen AS SELECT notes FROM older;
        CREATE TABLE draft (id integer); ALTER TABLE draft RENAME TO final; CREATE INDEX final_id ON final (id);
        """,
    "what it made and dropped itself": """
        CREATE TABLE scratch (a integer); INSERT INTO scratch VALUES (1); DROP TABLE scratch;
        CREATE TABLE t (a integer); CREATE INDEX gone ON t (a); DROP INDEX gone; INSERT INTO t VALUES (1);
        CREATE FUNCTION f() RETURNS integer LANGUAGE sql AS 'SELECT 1'; DROP FUNCTION f;
        ALTER TABLE old ADD COLUMN brief integer; ALTER TABLE old DROP COLUMN brief;
        """,
    "settings alone": """
        BEGIN; SET LOCAL lock_timeout = '1s'; SHOW lock_timeout; SELECT set_config('a.b', 'c', true); COMMIT;
        """,
    "the same table twice": "CREATE TABLE IF NOT EXISTS t (a integer); CREATE TABLE IF NOT EXISTS t (a integer);",
}


@pytest.fixture
def database(database_url: Callable[[], str]) -> str:
    url = database_url()
    execute(url, BEFORE)
    return url


def execute(url: str, *statements: str) -> None:
    with psycopg.connect(url, autocommit=True) as connection:
        for statement in statements:
            connection.execute(statement)


def dump(url: str) -> list[str]:
    """Give the schema and the data of a database, without what pg_dump makes up anew each time."""
    command = [str(binaries.installed() / "pg_dump"), "--restrict-key=x", url]
    output = subprocess.run(command, check=True, capture_output=True, text=True).stdout
    return [line for line in output.splitlines() if not line.startswith("--")]


def apply(url: str, text: str) -> set[Key]:
    """Run a file as the engine does, and give what the history would have recorded."""
    script = parse(text, file="20240101_000000_case.sql")
    objects = created(script)
    with psycopg.connect(url, autocommit=True) as connection:
        row = connection.execute(existing_query(objects)).fetchone()
        assert row is not None
        for statement in script.statements:
            connection.execute(script.sql(statement).rstrip(";"))
    keys = proven(objects, row[0])
    assert [from_json(json.loads(json.dumps(one.key))) for one in objects] == [one.key for one in objects]
    return set(keys)


def undo(url: str, text: str, keys: set[Key]) -> Reverse:
    back = derive(parse(text, file="20240101_000000_case.sql"), keys)
    execute(url, *back.statements)
    return back


@pytest.mark.parametrize("text", REVERSIBLE.values(), ids=REVERSIBLE.keys())
def test_the_derived_way_back_restores_the_database_exactly(database: str, text: str) -> None:
    before = dump(database)
    keys = apply(database, text)

    undo(database, text, keys)

    assert dump(database) == before


def test_the_shipped_users_table_is_dropped_when_this_apply_created_it(database_url: Callable[[], str]) -> None:
    url, text = database_url(), (sql_dir() / SEED).read_text()
    before = dump(url)
    keys = apply(url, text)

    back = undo(url, text, keys)

    assert dump(url) == before
    assert back.statements == ['DROP TABLE "user_audit_log"', 'DROP TABLE "users"']
    assert back.kept == []


def test_a_users_table_that_was_there_before_stays_with_its_rows(database_url: Callable[[], str]) -> None:
    url, text = database_url(), (sql_dir() / SEED).read_text()
    execute(
        url,
        "CREATE TABLE users (id serial PRIMARY KEY, email text, role text, is_active boolean)",
        "INSERT INTO users (email) VALUES ('kept@example.org')",
    )
    before = dump(url)
    keys = apply(url, text)

    back = undo(url, text, keys)

    assert dump(url) == before
    assert back.kept == ["table users was there before this file and stays"]
    assert [one for one in back.statements if '"users"' in one] == []


@pytest.mark.parametrize(
    "text",
    [
        "CREATE TABLE IF NOT EXISTS old (id integer)",
        "CREATE TABLE IF NOT EXISTS old AS SELECT 1 AS id",
        "CREATE SCHEMA IF NOT EXISTS clinic",
        "CREATE INDEX IF NOT EXISTS old_pkey ON old (note)",
        "ALTER TABLE old ADD COLUMN IF NOT EXISTS note text",
        "ALTER TABLE IF EXISTS nowhere ADD COLUMN note text",
        "CREATE SEQUENCE IF NOT EXISTS old_ids",
        "CREATE EXTENSION IF NOT EXISTS plpgsql",
        "CREATE TEMP TABLE old (id integer); CREATE TABLE IF NOT EXISTS old ()",
    ],
)
def test_what_if_not_exists_skipped_is_kept(database: str, text: str) -> None:
    before = dump(database)
    keys = apply(database, text)

    undo(database, text, keys)

    assert dump(database) == before


@pytest.mark.parametrize(
    "text",
    [
        "CREATE OR REPLACE FUNCTION touch() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RETURN OLD; END $$",
        "CREATE OR REPLACE VIEW old_ids AS SELECT id FROM old WHERE id > 0",
    ],
)
def test_what_was_replaced_is_never_dropped(database: str, text: str) -> None:
    keys = apply(database, text)

    with pytest.raises(NotReversible, match="may have replaced an earlier one"):
        undo(database, text, keys)


@pytest.mark.parametrize(
    "text",
    [
        "CREATE INDEX parted_id ON parted (id)",
        "ALTER TABLE parted ADD CONSTRAINT parted_key UNIQUE (id, at)",
    ],
)
def test_indexes_that_partitions_had_before_are_never_dropped_with_a_new_one(database: str, text: str) -> None:
    """A new index on a partitioned table takes matching ones of its partitions over, and would take them along."""
    execute(
        database,
        "CREATE TABLE p1 PARTITION OF parted FOR VALUES FROM ('2024-01-01') TO ('2025-01-01')",
        "CREATE INDEX p1_id ON p1 (id)",
        "ALTER TABLE p1 ADD CONSTRAINT p1_key UNIQUE (id, at)",
    )
    keys = apply(database, text)

    with pytest.raises(NotReversible, match="took over those of partitions"):
        undo(database, text, keys)


def test_dependents_of_what_was_there_stop_the_way_back(database: str) -> None:
    """Never CASCADE: what came later and was not undone first makes PostgreSQL refuse."""
    text = "CREATE TABLE t (a integer)"
    keys = apply(database, text)
    execute(database, "CREATE VIEW later AS SELECT a FROM t")

    with pytest.raises(psycopg.errors.DependentObjectsStillExist):
        undo(database, text, keys)
