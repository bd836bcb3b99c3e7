"""What a folder builds through `replay --dir` is what it builds through psql, dump for dump."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.oracle.folders import Bench

BODY = """
CREATE FUNCTION outer_one() RETURNS text LANGUAGE plpgsql AS $outer$
DECLARE made text;
BEGIN
    EXECUTE $inner$ SELECT 'a;b' || $$;\\$$ $inner$ INTO made; -- ; not an end
    /* ; nor /* ; this */ */
    RETURN made;
END $outer$;
CREATE TABLE t (made text DEFAULT outer_one());
INSERT INTO t DEFAULT VALUES;
"""

FOLDERS: dict[str, dict[str, str | bytes]] = {
    "a byte order mark": {"_1": b"\xef\xbb\xbfCREATE TABLE t (a int);"},
    "Windows line ends": {
        "_1": "CREATE TABLE t (\r\n  a text DEFAULT 'x\r\ny'\r\n);\r\nINSERT INTO t VALUES ('1\r\n2');\r\n"
    },
    "nothing, blanks, comments, lone semicolons": {
        "_1": "",
        "_2": " \n\t\n",
        "_3": "-- nothing\n/* at /* all */ */",
        "_4": ";;\n;",
        "_5": "CREATE TABLE t ()",
    },
    "no final semicolon or newline": {"_1": "CREATE TABLE t (a int); CREATE INDEX i ON t (a)"},
    "a final comment without newline": {"_1": "CREATE TABLE t (a int) -- the end"},
    "percent signs": {"_1": "CREATE TABLE t (a text CHECK (a LIKE '100%%s %(x)s')); COMMENT ON TABLE t IS '%s %d %%';"},
    "semicolons in every kind of quote": {
        "_1": "CREATE TABLE \"a;b\" (\"c\"\"d;\" text DEFAULT 'x;''y;' || E'\\';\\n' || U&'\\003B' || "
        "$$;$$ || $a$;$$;$a$);"
        'INSERT INTO "a;b" DEFAULT VALUES;'
    },
    "dollar quotes in dollar quotes, comments in bodies": {"_1": BODY},
    "names with every kind of quote": {
        "_1": """CREATE SCHEMA "sch'e$$ma"; CREATE TABLE "sch'e$$ma"."t""a`b\\l%e -- /* $q$" ("c;'" int, "é ü 漢" int);
        CREATE INDEX "i\\." ON "sch'e$$ma"."t""a`b\\l%e -- /* $q$" ("é ü 漢");
        CREATE TABLE U&"d\\0061t\\+000061" (U&"!0063" UESCAPE '!' int);"""
    },
    "bodies in standard SQL": {
        "_1": "CREATE TABLE t (a int);"
        "CREATE FUNCTION f(x int) RETURNS int LANGUAGE sql BEGIN ATOMIC; SELECT CASE WHEN x > 0 THEN 1 ELSE 2 END; "
        "SELECT x + 1; END;"
        "CREATE PROCEDURE p(x int) BEGIN ATOMIC INSERT INTO t VALUES (x); INSERT INTO t VALUES (x + 1); END;"
        "CALL p(5); INSERT INTO t SELECT f(1);"
    },
    "rules with several actions": {
        "_1": "CREATE TABLE t (a int); CREATE TABLE log (a int); CREATE RULE r AS ON INSERT TO t DO ALSO "
        "(INSERT INTO log VALUES (new.a); INSERT INTO log VALUES (-new.a);); INSERT INTO t VALUES (7);"
    },
    "one outer block": {"_1": "BEGIN;\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);\nCOMMIT;\n"},
    "several blocks": {
        "_1": "BEGIN; CREATE TABLE a (); COMMIT; BEGIN; CREATE TABLE b (); END; START TRANSACTION; "
        "CREATE TABLE c (); COMMIT WORK;"
    },
    "statements before, between and behind blocks": {
        "_1": "CREATE TABLE a (x int); BEGIN; INSERT INTO a VALUES (1); COMMIT; INSERT INTO a VALUES (2); "
        "BEGIN; INSERT INTO a VALUES (3); COMMIT; INSERT INTO a VALUES (4);"
    },
    "a bare COMMIT": {"_1": "CREATE TABLE t (a int); COMMIT; INSERT INTO t VALUES (1);"},
    "a serializable block": {
        "_1": "BEGIN ISOLATION LEVEL SERIALIZABLE; "
        "CREATE TABLE t AS SELECT current_setting('transaction_isolation'); COMMIT;"
    },
    "savepoints": {
        "_1": "BEGIN; CREATE TABLE t (a int); SAVEPOINT s; INSERT INTO t VALUES (1); ROLLBACK TO s; "
        "INSERT INTO t VALUES (2); RELEASE s; COMMIT;"
    },
    "COMMIT inside DO": {
        "_1": "CREATE TABLE t (a int); DO $$ BEGIN FOR i IN 1..3 LOOP INSERT INTO t VALUES (i); COMMIT; "
        "END LOOP; END $$;"
        "INSERT INTO t VALUES (9);"
    },
    "a procedure that commits": {
        "_1": "CREATE TABLE t (a int); "
        "CREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO t VALUES (1); COMMIT; "
        "INSERT INTO t VALUES (2); ROLLBACK; INSERT INTO t VALUES (3); END $$; CALL p();"
    },
    "concurrent indexes": {
        "_1": "CREATE TABLE t (a int); INSERT INTO t SELECT generate_series(1, 9); "
        "CREATE INDEX CONCURRENTLY i ON t (a); "
        "CREATE UNIQUE INDEX CONCURRENTLY u ON t (a); DROP INDEX CONCURRENTLY i; REINDEX TABLE CONCURRENTLY t; "
        "VACUUM t;"
    },
    "a new enum value in use": {
        "_1": "CREATE TYPE mood AS ENUM ('sad');",
        "_2": "ALTER TYPE mood ADD VALUE 'ok'; ALTER TYPE mood ADD VALUE IF NOT EXISTS 'glad' AFTER 'ok'; "
        "CREATE TABLE t (m mood DEFAULT 'ok'); INSERT INTO t VALUES ('glad'), (DEFAULT);",
    },
    "a new enum value in a DEFAULT of an older table": {
        "_1": "CREATE TYPE mood AS ENUM ('sad'); CREATE TABLE t (m mood);",
        "_2": "ALTER TYPE mood ADD VALUE 'ok'; ALTER TABLE t ALTER m SET DEFAULT 'ok'; INSERT INTO t DEFAULT VALUES;",
    },
    "ALTER TABLE behind pending trigger events, in autocommit": {
        "_1": "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);",
        "_2": "INSERT INTO p VALUES (1); INSERT INTO c VALUES (1); ALTER TABLE c ADD n int DEFAULT 5; "
        "UPDATE c SET n = 6;",
    },
    "deferred constraints that hold in the end": {
        "_1": "CREATE TABLE p (id int PRIMARY KEY); CREATE TABLE c (p int REFERENCES p DEFERRABLE INITIALLY DEFERRED);"
        "BEGIN; INSERT INTO c VALUES (1); INSERT INTO p VALUES (1); COMMIT;",
    },
    "no transaction by header": {"_1": "-- Transaction: none\nCREATE TABLE t (a int);\nINSERT INTO t VALUES (1);"},
    "queries that return rows": {
        "_1": "CREATE TABLE t (a int); SELECT generate_series(1, 100000); TABLE t; VALUES (1), (2); "
        "INSERT INTO t VALUES (1) RETURNING a; EXPLAIN SELECT 1; SHOW search_path;"
    },
    "COPY TO stdout": {
        "_1": "CREATE TABLE t AS SELECT generate_series(1, 5000) AS a; COPY t TO STDOUT; "
        "COPY (SELECT a FROM t) TO stdout WITH (FORMAT csv); INSERT INTO t VALUES (0);"
    },
    "LISTEN and NOTIFY": {"_1": "LISTEN c; NOTIFY c, 'x'; SELECT pg_notify('c', 'y'); CREATE TABLE t (); UNLISTEN *;"},
    "prepared statements, cursors, temporary tables": {
        "_1": "PREPARE p AS SELECT $1::int + 1 AS a; CREATE TEMP TABLE s AS EXECUTE p(1); "
        "CREATE TABLE t AS TABLE s; DEALLOCATE p;",
        "_2": "BEGIN; DECLARE c CURSOR FOR SELECT 1; FETCH c; CLOSE c; COMMIT; PREPARE p AS SELECT 2;",
    },
    "a search_path for the file": {
        "_1": "CREATE SCHEMA s; SET search_path = s, public; CREATE TABLE t (a int); CREATE FUNCTION f() RETURNS int "
        "LANGUAGE sql AS 'SELECT count(*)::int FROM t';",
        "_2": "CREATE TABLE t (b int);",
    },
    "settings around a block": {
        "_1": "SET check_function_bodies = off; BEGIN; SET LOCAL search_path = public; "
        "CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT a FROM later'; COMMIT; CREATE TABLE later (a int);"
    },
    "advisory locks": {
        "_1": "SELECT pg_advisory_lock(42); CREATE TABLE t (); SELECT pg_advisory_unlock(42);",
        "_2": "SELECT pg_advisory_lock(42);",
        "_3": "SELECT pg_advisory_xact_lock(42);",
    },
    "VACUUM, ANALYZE, CLUSTER, REFRESH": {
        "_1": "CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (2), (1); VACUUM (ANALYZE) t; "
        "CLUSTER t USING t_pkey; "
        "ANALYZE; CREATE MATERIALIZED VIEW m AS TABLE t; REFRESH MATERIALIZED VIEW m;"
    },
    "triggers and grants": {
        "_1": "CREATE TABLE t (a int, b int GENERATED ALWAYS AS (a * 2) STORED); "
        "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN new.a := new.a + 1; RETURN new; END'; "
        "CREATE TRIGGER g BEFORE INSERT ON t FOR EACH ROW EXECUTE FUNCTION f(); INSERT INTO t (a) VALUES (1); "
        "GRANT SELECT ON t TO PUBLIC; ALTER TABLE t ENABLE ROW LEVEL SECURITY; CREATE POLICY p ON t USING (a > 0); "
        "ALTER DEFAULT PRIVILEGES GRANT SELECT ON TABLES TO PUBLIC;"
    },
    "now() is one moment in a block": {
        "_1": "BEGIN; CREATE TABLE t (a timestamptz DEFAULT now()); INSERT INTO t DEFAULT VALUES; "
        "CREATE TABLE same AS SELECT bool_and(a = now()) FROM t; DROP TABLE t; COMMIT;"
    },
}


@pytest.mark.parametrize("files", [pytest.param(files, id=name.replace(" ", "-")) for name, files in FOLDERS.items()])
def test_a_folder_builds_what_psql_builds(bench: Bench, files: dict[str, str | bytes]) -> None:
    bench.write(**files).equals_psql()

    assert [name for event, name in bench.events() if event == "apply"] == sorted(name.lstrip("_") for name in files)
