"""`manage.py migrate`: one plan made of ORM migrations and SQL files."""

from __future__ import annotations

import io
import re
import subprocess
import threading
from contextlib import suppress
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from sql_migrations import rebuild
from sql_migrations.blast import NeedsConsent
from sql_migrations.catalogue import differences
from sql_migrations.errors import SqlMigrationsError, StatementFailed
from sql_migrations.executor import NotFakeable
from sql_migrations.lock import LOCK_KEY, LockLost
from sql_migrations.preflight import Refused
from tests.sql_migrations.shipped import FIRST, NEWEST, SHIPPED
from webqx import binaries

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.sql_migrations.conftest import Project

INDEX = """\
-- Find a patient by number alone.
-- Depends: patients.0001_initial
CREATE INDEX patients_mrn ON patients (mrn);
"""
NAME = "20300101_000000_index_patients_mrn"


def test_a_dropped_in_file_is_applied_in_one_transaction_with_both_its_rows(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)

    said = project.run("migrate")

    assert f"Applying sql_migrations.{NAME}... OK" in said
    ((history_xid, ledger_xid, index_xid),) = project.rows(
        "SELECT (SELECT xmin::text FROM sql_migration_history WHERE name = '20300101_000000_index_patients_mrn'),"
        " (SELECT xmin::text FROM django_migrations WHERE name = '20300101_000000_index_patients_mrn'),"
        " (SELECT xmin::text FROM pg_class WHERE relname = 'patients_mrn')"
    )
    assert history_xid == ledger_xid == index_xid


def test_a_second_run_finds_nothing_to_do_and_says_so(project: Project) -> None:
    before = project.rows("SELECT count(*) FROM sql_migration_history")

    assert "No migrations to apply." in project.run("migrate")
    assert project.rows("SELECT count(*) FROM sql_migration_history") == before


def test_orm_and_sql_interleave_as_their_edges_say(empty_project: Project) -> None:
    before, after = "20200101_000000_before", "20200101_000001_after"
    empty_project.add(f"{before}.sql", "-- Before: contenttypes.0001_initial\nSELECT 1;\n")
    empty_project.add(f"{after}.sql", "-- Depends: contenttypes.0002_remove_content_type_name\nSELECT 1;\n")

    said = empty_project.run("migrate")

    order = re.findall(r"Applying (\S+)\.\.\. OK", said)
    assert order.index(f"sql_migrations.{before}") < order.index("contenttypes.0001_initial")
    assert order.index("contenttypes.0002_remove_content_type_name") < order.index(f"sql_migrations.{after}")
    assert order.index(f"sql_migrations.{FIRST}") < order.index("compliance.0001_initial")


def test_a_failing_file_leaves_nothing_and_names_line_column_and_caret(project: Project) -> None:
    project.add(
        f"{NAME}.sql",
        "-- Depends: patients.0001_initial\nBEGIN;\nCREATE TABLE made (id int);\n"
        "CREATE INDEX ON patients (mrm);\nCOMMIT;\n",
    )

    with pytest.raises(StatementFailed) as failure:
        project.run("migrate")

    # PostgreSQL gives no position for a missing index column: the statement's first token is the place.
    assert str(failure.value).splitlines()[:3] == [
        f'{NAME}.sql:4:1: column "mrm" does not exist',
        "    CREATE INDEX ON patients (mrm);",
        "    ^",
    ]
    assert project.rows("SELECT to_regclass('made')") == [(None,)]
    assert NAME not in project.applied()
    assert project.events()[-1] == ("fail", NAME)


def test_the_file_can_be_mended_and_applied_by_the_next_run(project: Project) -> None:
    path = project.add(
        f"{NAME}.sql", "-- Depends: patients.0001_initial\nCREATE INDEX patients_mrn ON patients (mrm);\n"
    )
    with pytest.raises(StatementFailed):
        project.run("migrate")
    assert "the last attempt failed" in _status()

    path.write_text(INDEX)
    project.run("migrate")

    assert NAME in project.applied()


def test_detail_is_shown_and_not_stored(project: Project) -> None:
    project.add(
        "20300101_000000_fill.sql",
        "CREATE TABLE people (name text UNIQUE);\nINSERT INTO people VALUES ('Ada Lovelace'), ('Ada Lovelace');\n",
    )

    with pytest.raises(StatementFailed, match=r"DETAIL: Key \(name\)=\(Ada Lovelace\) already exists"):
        project.run("migrate")

    ((stored,),) = project.rows("SELECT error FROM sql_migration_history WHERE event = 'fail'")
    assert stored == '23505: duplicate key value violates unique constraint "people_name_key"'


@pytest.mark.parametrize(
    ("failing", "kept"),
    [
        ("'Ada'::integer", '22P02: invalid input syntax for type integer: "…"'),
        ("E'Ada\\nLovelace'::integer", '22P02: invalid input syntax for type integer: "…"'),
        ("'99999999999'::integer", '22003: value "…" is out of range for type integer'),
        ("to_date('Ada', 'YYYY')", '22007: invalid value "…"'),
        ("make_date(2024, 13, 47)", '22008: date field value out of range: "…"'),
        ("'Ada'::integer FROM missing", '42P01: relation "missing" does not exist'),
    ],
)
def test_a_value_in_the_message_is_not_stored(project: Project, failing: str, kept: str) -> None:
    project.add("20300101_000000_fill.sql", f"SELECT {failing};\n")

    with pytest.raises(StatementFailed):
        project.run("migrate")

    assert project.rows("SELECT error FROM sql_migration_history WHERE event = 'fail'") == [(kept,)]


def test_a_notice_is_shown_below_its_file_and_kept(project: Project) -> None:
    project.add("20300101_000000_again.sql", "CREATE TABLE IF NOT EXISTS users (id int);\n")

    said = project.run("migrate")

    assert 'again... OK\n    20300101_000000_again.sql: NOTICE: relation "users" already exists, skipping' in said
    ((kept,),) = project.rows("SELECT notices FROM sql_migration_history WHERE name LIKE '%again'")
    assert kept == ['NOTICE: relation "users" already exists, skipping']


def test_a_setting_of_one_file_does_not_reach_the_next(project: Project) -> None:
    project.add(
        "20300101_000000_first.sql", "SET search_path = pg_catalog; SET statement_timeout = '1h'; SET ROLE NONE;"
    )
    project.add(
        "20300101_000001_second.sql",
        "CREATE TABLE saw AS SELECT current_setting('search_path') AS path, current_setting('statement_timeout') AS t;",
    )

    project.run("migrate")

    assert project.rows("SELECT * FROM public.saw") == [('"$user", public', "0")]


def test_a_file_without_its_depends_line_is_applied_with_a_warning_that_prints_the_line(
    empty_project: Project,
) -> None:
    first = "20200101_000000_first"  # a later one stands on what the files before it stand on
    empty_project.run("migrate", "contenttypes", verbosity=0)
    empty_project.add(f"{first}.sql", "CREATE INDEX by_label ON django_content_type (app_label);\n")

    said = empty_project.run("migrate", "sql_migrations", first)

    assert "does not say what it stands on. Add the line: -- Depends: contenttypes.0001_initial" in said
    assert empty_project.applied() == [first]


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("2030-01-01_index.sql", "", r"git mv 2030-01-01_index.sql 20300101_000000_index.sql"),
        ("20301301_000000_x.sql", "", r"git mv 20301301_000000_x.sql 20301201_000000_x.sql"),
        ("20300101_000000_x.SQL", "", r"git mv 20300101_000000_x.SQL 20300101_000000_x.sql"),
        ("20300101_000000_x.sql.bak", "", r"git mv 20300101_000000_x.sql.bak 20300101_000000_x.sql"),
        (
            "20300101_000000_x.sql",
            "-- Depnds: patients.0001_initial\n",
            r"x.sql:1:4: unknown header 'Depnds:'. Did you",
        ),
        ("20300101_000000_x.sql", "-- Depends: patients.0002_x\n", r"x.sql:1: there is no migration patients.0002_x"),
        ("20300101_000000_x.sql", "BEGIN; SELECT 1;", r"x.sql:1:1: BEGIN has no COMMIT"),
        ("20300101_000000_x.sql", "SELEC 1;", r'x.sql:1:1: syntax error at or near "SELEC"'),
        ("20300101_000000_x.sql", "\\i other.sql\n", r"x.sql:1:1: .*\\i"),
        ("20300101_000000_x.down.sql", "", r"there is no 20300101_000000_x.sql that it would roll back"),
        (
            "20300102_000000_twin.sql",
            "",
            r"has the same timestamp.*git mv 20300102_000000_twin.sql 20300102_000001_twin",
        ),
        ("20200101_000000_old.sql", "", rf"sorts before {NEWEST}.sql, which is applied.*git mv"),
        ("20300101_000000_x.sql", "DELETE FROM sql_migration_history;", r"x.sql:1:13: .*sql_migration_history"),
        ("20300101_000000_x.sql", "CREATE TABLE patients (id int);", r"patients is created by patients.0001_initial"),
    ],
)
def test_what_cannot_be_carried_out_is_refused_with_the_way_out_and_nothing_changes(
    project: Project, name: str, text: str, said: str
) -> None:
    project.add("20300102_000000_fine.sql", "CREATE TABLE fine (id int);")
    project.add(name, text)

    for words in (["migrate"], ["migrate", "--plan"], ["sql_migrations", "plan"], ["sql_migrations", "replay"]):
        with pytest.raises(Refused, match=said):
            project.run(*words)

    assert project.rows("SELECT to_regclass('fine')") == [(None,)]


def test_every_problem_is_told_at_once(project: Project) -> None:
    project.add("bad_name.sql", "")
    project.add("20300101_000000_x.sql", "SELEC 1;")

    with pytest.raises(Refused) as refused:
        project.run("migrate")

    assert len(refused.value.problems) == 2


def test_an_edited_file_is_refused_and_an_edited_comment_only_warned_of(project: Project) -> None:
    path = project.add(f"{NAME}.sql", INDEX)
    project.run("migrate")

    path.write_text(INDEX.replace("by number alone", "by MRN"))
    assert "comments were edited after it was applied" in project.run("migrate")

    path.write_text(INDEX.replace("(mrn)", "(mrn, birth_date)"))
    with pytest.raises(Refused, match="was edited after it was applied"):
        project.run("migrate")


def test_a_renamed_and_a_deleted_file_are_refused(project: Project) -> None:
    path = project.add(f"{NAME}.sql", INDEX)
    project.run("migrate")

    moved = path.rename(path.with_name("20300201_000000_other.sql"))
    with pytest.raises(Refused, match=f"git mv 20300201_000000_other.sql {NAME}.sql"):
        project.run("migrate")

    moved.unlink()
    with pytest.raises(Refused, match=f"{NAME}.sql was applied here, but the file is gone"):
        project.run("migrate")


def test_fake_and_prune_are_refused_in_favour_of_adopt(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)

    with pytest.raises(NotFakeable, match="adopt --to"):
        project.run("migrate", "--fake")
    with pytest.raises(CommandError, match="--prune would forget"):
        project.run("migrate", "sql_migrations", "--prune")
    assert NAME not in project.applied()


def test_sqlmigrate_prints_the_file_and_executes_nothing(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)

    assert "CREATE INDEX patients_mrn" in project.run("sqlmigrate", "sql_migrations", NAME)
    assert project.rows("SELECT to_regclass('patients_mrn')") == [(None,)]


def test_makemigrations_can_make_the_migration_that_a_file_waits_for(project: Project) -> None:
    project.add(f"{NAME}.sql", "-- Depends: patients.0002_not_made_yet\nSELECT 1;\n")

    assert "No changes detected" in project.run("makemigrations", "--check", "--dry-run")


def test_makemigrations_explains_a_file_that_sorts_below_an_applied_one(project: Project) -> None:
    project.add("20200101_000000_old.sql", "SELECT 1;")

    with pytest.raises(SqlMigrationsError, match=r"git mv 20200101_000000_old.sql"):
        project.run("makemigrations", "--check", "--dry-run")


def test_a_circle_is_named_with_the_lines_that_close_it(project: Project) -> None:
    project.add(
        "20300101_000000_circle.sql", "-- Depends: records.0001_initial\n-- Before: patients.0001_initial\nSELECT 1;\n"
    )

    looking = [["sql_migrations", word] for word in ("status", "plan", "verify", "replay")]
    for words in (["migrate"], ["makemigrations", "--check", "--dry-run"], *looking):
        with pytest.raises(SqlMigrationsError, match=r"circle(.|\n)*circle.sql:2: -- Before: patients.0001_initial"):
            project.run(*words)


def test_going_back_lists_what_goes_and_asks(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)
    project.run("migrate")

    with pytest.raises(NeedsConsent) as asked:
        project.run("migrate", "sql_migrations", SHIPPED[-2])

    assert asked.value.radius.nodes[0] == f"sql_migrations.{NAME}"
    assert '      DROP INDEX "patients_mrn";' in asked.value.radius.lines
    assert NAME in project.applied()

    project.run("migrate", "sql_migrations", NEWEST, yes=True)
    assert project.rows("SELECT to_regclass('patients_mrn')") == [(None,)]
    assert project.events()[-1] == ("rollback", NAME)


def test_the_rows_of_the_tables_that_go_are_counted(project: Project) -> None:
    project.add(
        "20300101_000000_rows.sql",
        "CREATE TABLE readings (id int); INSERT INTO readings SELECT generate_series(1, 12);",
    )
    project.run("migrate")

    with pytest.raises(NeedsConsent) as asked:
        project.run("migrate", "sql_migrations", NEWEST)

    assert '  "readings": 12 rows' in asked.value.radius.lines


def test_a_table_that_cannot_be_counted_is_named_all_the_same(project: Project) -> None:
    project.add("20300101_000000_rows.sql", "CREATE TABLE readings (id int);")
    project.add("20300101_000000_rows.down.sql", "drop  table readings;")
    project.run("migrate")
    project.do("REVOKE SELECT ON readings FROM webqx_owner")

    with pytest.raises(NeedsConsent) as asked:
        project.run("migrate", "sql_migrations", NEWEST)

    assert '  "readings": an unknown number of rows (permission denied for table readings)' in asked.value.radius.lines


def test_an_irreversible_file_stops_the_rollback_before_anything_is_undone(project: Project) -> None:
    project.add("20300101_000000_irreversible.sql", "UPDATE users SET is_active = is_active;")
    project.add("20300101_000001_reversible.sql", "CREATE TABLE made (id int);")
    project.run("migrate")

    with pytest.raises(
        SqlMigrationsError, match=r"irreversible.sql:1:1: .*Write 20300101_000000_irreversible.down.sql"
    ):
        project.run("migrate", "sql_migrations", NEWEST, yes=True)

    assert project.rows("SELECT to_regclass('made')::text") == [("made",)]


def test_zero_and_head_and_zero_and_head(project: Project) -> None:
    for _ in range(2):
        project.run("migrate", "sql_migrations", "zero", yes=True, verbosity=0)
        assert project.applied() == []
        assert project.rows("SELECT to_regclass('users')") == [(None,)]
        project.run("migrate", verbosity=0)
    assert project.applied() == SHIPPED
    assert "Verified" in project.run("sql_migrations", "verify", "--no-rebuild")


def test_migrate_inside_a_transaction_is_refused(project: Project) -> None:
    with transaction.atomic(), pytest.raises(SqlMigrationsError, match=r"transaction\.atomic"):
        project.run("migrate")


def test_another_run_that_holds_the_lock_is_named_and_waited_for(project: Project) -> None:
    with psycopg.connect(project.url, autocommit=True, application_name="the other one") as other:
        other.execute("SELECT pg_advisory_lock(%s)", [LOCK_KEY])
        release = threading.Timer(1.0, lambda: other.execute("SELECT pg_advisory_unlock(%s)", [LOCK_KEY]))
        release.start()
        said = project.run("migrate")
        release.join()

    assert "Another run holds the deploy lock: the other one (database pid" in said
    assert "No migrations to apply." in said


def _status() -> str:
    out = io.StringIO()
    with suppress(SystemExit):
        call_command("sql_migrations", "status", stdout=out)
    return out.getvalue()


def test_an_edge_added_to_an_applied_file_may_only_name_what_is_applied(project: Project) -> None:
    path = project.folder / f"{FIRST}.sql"
    project.run("migrate", "sessions", "zero", verbosity=0, yes=True)

    path.write_text(f"-- Depends: sessions.0001_initial\n{path.read_text()}")
    with pytest.raises(Refused, match=f"{FIRST}.sql:1: this file is applied, and sessions.0001_initial is not"):
        project.run("migrate")

    path.write_text(path.read_text().replace("sessions.0001_initial", "contenttypes.0001_initial"))
    assert "Applying sessions.0001_initial... OK" in project.run("migrate")


def test_a_record_that_django_has_and_the_history_has_not_is_refused(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)
    project.do(f"INSERT INTO django_migrations (app, name, applied) VALUES ('sql_migrations', '{NAME}', now())")

    with pytest.raises(Refused, match=f"the history never applied it.*adopt --to {NAME}"):
        project.run("migrate")


def test_a_record_that_was_taken_from_django_is_refused(project: Project) -> None:
    project.do(f"DELETE FROM django_migrations WHERE name = '{NEWEST}'")

    with pytest.raises(Refused, match="its row in django_migrations is gone"):
        project.run("migrate")
    for words, code in ((["status"], "1"), (["verify", "--no-rebuild"], "3")):
        with pytest.raises(SystemExit, match=code):
            call_command("sql_migrations", *words, stdout=(told := io.StringIO()))
        assert "its row in django_migrations is gone" in told.getvalue()
    project.run("sql_migrations", "adopt", "--to", NEWEST)
    assert "No migrations to apply" in project.run("migrate")


@pytest.mark.parametrize("then", ["", "SELECT pg_sleep(1.5);\n"], ids=["at the end", "long before the end"])
def test_a_file_in_which_the_deploy_lock_is_lost_is_not_applied(project: Project, then: str) -> None:
    ends_the_lock = (
        "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity "
        "WHERE application_name LIKE 'webqx migrate,%' AND datname = current_database()"
    )
    project.add("20300101_000000_first.sql", f"CREATE TABLE first (id int);\n{ends_the_lock};\n{then}")
    project.add("20300101_000001_second.sql", "CREATE TABLE second (id int);\n")

    with pytest.raises(LockLost, match="the session that holds the deploy lock was ended"):
        project.run("migrate")

    assert project.rows("SELECT to_regclass('first'), to_regclass('second')") == [(None, None)]


def test_the_values_of_a_column_that_goes_are_counted(project: Project) -> None:
    project.add("20300101_000000_column.sql", "ALTER TABLE users ADD COLUMN nickname text;")
    project.run("migrate")
    project.do("INSERT INTO users (email, password_hash, nickname) VALUES ('a@example.org', 'x', 'A')")

    with pytest.raises(NeedsConsent) as asked:
        project.run("migrate", "sql_migrations", NEWEST)

    assert '  "users"."nickname": 1 row' in asked.value.radius.lines


def test_a_restored_dump_is_the_same_schema(project: Project, database_url: Callable[..., str]) -> None:
    """pg_dump prints the casts of `CHECK (column IN (…))` where a restore puts them elsewhere."""
    copy = database_url()
    programs = binaries.installed()
    dump = subprocess.run([programs / "pg_dump", project.url], capture_output=True, check=True)
    subprocess.run([programs / "psql", "-q", "-X", copy], input=dump.stdout, capture_output=True, check=True)

    assert differences(rebuild.described(project.url), rebuild.described(copy)) == []


def test_a_derived_way_back_never_reaches_into_another_schema(project: Project) -> None:
    project.add("20300101_000000_made.sql", "CREATE TABLE made (id int);")
    project.run("migrate")
    # "$user" comes first in the search_path: from now on `made` is another table.
    project.do("CREATE SCHEMA webqx_owner", "CREATE TABLE webqx_owner.made (id int)")

    with pytest.raises(SqlMigrationsError, match="names without a schema go to public, and now they go to webqx_owner"):
        project.run("migrate", "sql_migrations", NEWEST, yes=True)

    assert project.rows("SELECT to_regclass('webqx_owner.made')::text") == [("made",)]


@pytest.mark.parametrize("line", ["-- Depends: patients.0001_initial", "  -- Transaction: none"])
def test_a_directive_below_the_first_statement_is_refused(project: Project, line: str) -> None:
    project.add("20300101_000000_x.sql", f"BEGIN;\n{line}\nSELECT 1;\nCOMMIT;\n")

    with pytest.raises(Refused, match=r"x.sql:2: .* stands below the header"):
        project.run("migrate")


def test_what_django_would_write_into_the_chain_of_files_is_refused(project: Project) -> None:
    with pytest.raises(CommandError, match="sql_migrations new"):
        project.run("makemigrations", "sql_migrations", "--empty")
    with pytest.raises(CommandError, match="cannot be squashed"):
        project.run("squashmigrations", "sql_migrations", NEWEST)


def test_the_text_of_raise_is_shown_and_not_kept(project: Project) -> None:
    project.add("20300101_000000_x.sql", "DO $$ BEGIN RAISE EXCEPTION 'patient % is not alone', 'Ada'; END $$;")

    with pytest.raises(StatementFailed, match="patient Ada is not alone"):
        project.run("migrate")

    ((kept,),) = project.rows("SELECT error FROM sql_migration_history WHERE event = 'fail'")
    assert kept == "P0001: raised by the file; its text is not kept"
