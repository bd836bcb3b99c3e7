"""Files that cannot run in one transaction: step by step, resumed, and taken back."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import pytest
from django.core.management import call_command

from sql_migrations.errors import NotResumable, SqlMigrationsError, StatementFailed
from sql_migrations.preflight import Refused
from tests.sql_migrations.shipped import NEWEST

if TYPE_CHECKING:
    from tests.sql_migrations.conftest import Project

NAME = "20300101_000000_steps"


def _fails_at_the_end(project: Project, first: str = "CREATE TABLE made (id int);\n") -> None:
    project.add(f"{NAME}.sql", f"{first}CREATE INDEX CONCURRENTLY made_id ON made (id);\nSELECT 1 / 0;\n")
    with pytest.raises(StatementFailed, match=f"{NAME}.sql:3:1: division by zero"):
        project.run("migrate")


def test_what_was_done_stays_and_the_next_run_goes_on_from_there(project: Project) -> None:
    _fails_at_the_end(project)
    assert project.rows("SELECT unit, line, state FROM sql_migration_journal WHERE unit >= 0 ORDER BY unit") == [
        (0, 1, "done"),
        (1, 2, "done"),
    ]

    with pytest.raises(SystemExit, match="3"):
        call_command("sql_migrations", "status", stdout=(told := io.StringIO()))
    assert "half applied: 2 of its steps are done. The next run goes on from there." in told.getvalue()

    project.add(
        f"{NAME}.sql", "CREATE TABLE made (id int);\nCREATE INDEX CONCURRENTLY made_id ON made (id);\nSELECT 1;\n"
    )
    said = project.run("migrate")

    assert f"{NAME}.sql: resuming; 2 of 3 steps were done before." in said
    assert project.rows("SELECT * FROM sql_migration_journal") == []
    assert project.events()[-3:] == [("fail", NAME), ("resume", NAME), ("apply", NAME)]


def test_a_step_that_was_done_must_not_be_edited(project: Project) -> None:
    _fails_at_the_end(project)

    project.add(
        f"{NAME}.sql", "CREATE TABLE made (id bigint);\nCREATE INDEX CONCURRENTLY made_id ON made (id);\nSELECT 1;\n"
    )
    with pytest.raises(NotResumable, match=f"{NAME}.sql:1:1: this step of a half-applied file was edited"):
        project.run("migrate")


def test_what_a_resumed_file_created_is_still_proven_when_it_is_taken_back(project: Project) -> None:
    _fails_at_the_end(project, "CREATE TABLE IF NOT EXISTS made (id int);\n")
    project.add(
        f"{NAME}.sql",
        "CREATE TABLE IF NOT EXISTS made (id int);\nCREATE INDEX CONCURRENTLY made_id ON made (id);\nSELECT 1;\n",
    )
    project.run("migrate")

    project.run("sql_migrations", "rollback", "--to", NEWEST, "--yes")

    assert project.rows("SELECT to_regclass('made')") == [(None,)]


def test_settings_made_before_the_stop_are_made_again(project: Project) -> None:
    text = "SET application_name = 'mine';\nCREATE TABLE made (id int);\nCREATE INDEX CONCURRENTLY i ON made (id);\n"
    project.add(f"{NAME}.sql", text + "SELECT 1 / 0;\n")
    with pytest.raises(StatementFailed):
        project.run("migrate")

    project.add(f"{NAME}.sql", text + "CREATE TABLE saw AS SELECT current_setting('application_name') AS name;\n")
    project.run("migrate")

    assert project.rows("SELECT name FROM saw") == [("mine",)]


def test_a_lost_temporary_table_is_refused_and_restart_begins_anew(project: Project) -> None:
    text = "CREATE TEMP TABLE t (id int);\nCREATE TABLE made (id int);\nCREATE INDEX CONCURRENTLY i ON made (id);\n"
    project.add(f"{NAME}.sql", text + "SELECT 1 / 0;\n")
    with pytest.raises(StatementFailed):
        project.run("migrate")
    project.add(f"{NAME}.sql", text + "SELECT 1;\n")

    with pytest.raises(NotResumable, match=f"replay --restart {NAME}"):
        project.run("migrate")
    project.do("DROP TABLE made")
    project.run("sql_migrations", "replay", "--restart", NAME)

    assert NAME in project.applied()


def test_a_statement_whose_fate_is_unknown_is_named_and_a_person_answers(project: Project) -> None:
    project.add(
        f"{NAME}.sql",
        "CREATE TABLE made (id int);\nDO $$ BEGIN INSERT INTO made VALUES (1); COMMIT; PERFORM 1 / 0; END $$;\n",
    )
    with pytest.raises(StatementFailed):
        project.run("migrate")

    with pytest.raises(NotResumable, match=rf"{NAME}.sql:2:1: .*--in-flight {NAME}=done"):
        project.run("migrate")
    with pytest.raises(SqlMigrationsError, match="other is not half applied"):
        project.run("sql_migrations", "replay", "--in-flight", "other=done")
    project.run("sql_migrations", "replay", "--in-flight", f"{NAME}=done")

    assert project.rows("SELECT * FROM made") == [(1,)]
    assert NAME in project.applied()


def test_a_statement_that_postgresql_refused_may_be_mended(project: Project) -> None:
    project.add(f"{NAME}.sql", "CREATE TABLE made (id int);\nCREATE INDEX CONCURRENTLY i ON made (ix);\n")
    with pytest.raises(StatementFailed):
        project.run("migrate")

    project.add(f"{NAME}.sql", "CREATE TABLE made (id int);\nCREATE INDEX CONCURRENTLY i ON made (id);\n")
    project.run("migrate")

    assert NAME in project.applied()


def test_an_invalid_index_of_a_failed_attempt_is_cleared_before_the_next(project: Project) -> None:
    project.add(
        f"{NAME}.sql",
        "CREATE TABLE made AS SELECT 1 AS id UNION ALL SELECT 1;\nCREATE UNIQUE INDEX CONCURRENTLY u ON made (id);\n",
    )
    with pytest.raises(StatementFailed, match="could not create unique index"):
        project.run("migrate")
    assert project.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'u'::regclass") == [(False,)]

    project.do("DELETE FROM made WHERE ctid = '(0,1)'")
    said = project.run("migrate")

    assert "clearing the INVALID index u" in said
    assert project.rows("SELECT indisvalid FROM pg_index WHERE indexrelid = 'u'::regclass") == [(True,)]


def test_a_file_that_only_postgresql_can_tell_needs_steps_falls_back_to_the_journal(project: Project) -> None:
    project.add(
        f"{NAME}.sql",
        "CREATE TABLE made (id int);\nCREATE PROCEDURE fill() LANGUAGE plpgsql AS $$ BEGIN INSERT INTO made VALUES (1);"
        " COMMIT; END $$;\nCALL fill();\n",
    )

    said = project.run("migrate")

    assert "goes statement by statement, with a journal" in said
    assert project.rows("SELECT mode FROM sql_migration_history WHERE event = 'apply' ORDER BY id DESC LIMIT 1") == [
        ("journalled",)
    ]


def test_the_same_in_its_own_begin_and_commit_is_refused_with_the_way_out(project: Project) -> None:
    project.add(
        f"{NAME}.sql", "BEGIN;\nCREATE PROCEDURE p() LANGUAGE plpgsql AS $$ BEGIN COMMIT; END $$;\nCALL p();\nCOMMIT;\n"
    )

    with pytest.raises(SqlMigrationsError, match="take out BEGIN and COMMIT"):
        project.run("migrate")

    assert project.rows("SELECT FROM pg_proc WHERE proname = 'p'") == []


def test_a_half_applied_file_that_is_taken_away_is_not_forgotten(project: Project) -> None:
    _fails_at_the_end(project)
    (project.folder / f"{NAME}.sql").unlink()

    for words, code in ((["status"], "1"), (["verify", "--no-rebuild"], "3")):
        with pytest.raises(SystemExit, match=code):
            call_command("sql_migrations", *words, stdout=(told := io.StringIO()))
        assert f"{NAME}.sql is gone, and half applied: 2 of its steps are done" in told.getvalue()
    with pytest.raises(Refused, match=f"replay --restart {NAME}"):
        project.run("migrate")

    project.do("DROP TABLE made")
    project.run("sql_migrations", "replay", "--restart", NAME)
    assert "No migrations to apply" in project.run("migrate")


def test_a_half_undone_file_is_answered_for_and_undone_to_the_end(project: Project) -> None:
    project.add(f"{NAME}.sql", "CREATE TABLE made (id int);\n")
    project.add(
        f"{NAME}.down.sql",
        "-- Undone in two steps.\nDO $$ BEGIN DELETE FROM made; COMMIT; PERFORM 1 / 0; END $$;\nDROP TABLE made;\n",
    )
    project.run("migrate")
    back = ("sql_migrations", "rollback", "--to", NEWEST, "--yes")
    with pytest.raises(StatementFailed):
        project.run(*back)
    with pytest.raises(SqlMigrationsError, match=f"rollback --to NAME --yes --in-flight {NAME}=done"):
        project.run(*back)

    project.run(*back, "--in-flight", f"{NAME}=done")

    assert NAME not in project.applied()
    assert project.rows("SELECT to_regclass('made')") == [(None,)]
