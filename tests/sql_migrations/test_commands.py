"""`manage.py sql_migrations`: what it says, its JSON, and its exit codes."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import call_command
from django.core.management.base import SystemCheckError

from sql_migrations.adopt import NotTheSame
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.preflight import Refused
from tests.sql_migrations.shipped import FIRST, NEWEST, SHIPPED

if TYPE_CHECKING:
    from tests.sql_migrations.conftest import Project

NAME = "20300101_000000_index_patients_mrn"
INDEX = "CREATE INDEX patients_mrn ON patients (mrn);\n"


def _json(*words: str) -> tuple[Any, int]:
    out = io.StringIO()
    try:
        call_command("sql_migrations", *words, "--json", stdout=out)
    except SystemExit as left:
        return json.loads(out.getvalue()), int(str(left.code))
    return json.loads(out.getvalue()), 0


def test_status_tells_applied_from_pending_and_leaves_with_3(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)

    found, code = _json("status")

    assert code == 3
    assert found["counts"] == {"applied": len(SHIPPED), "pending": 1}
    assert found["files"][-1] == {"name": NAME, "state": "pending", "explanation": ""}


def test_status_is_0_when_all_is_applied_and_1_when_something_must_be_mended(project: Project) -> None:
    assert _json("status")[1] == 0

    (project.folder / f"{NEWEST}.sql").unlink()
    found, code = _json("status")

    assert code == 1
    assert found["files"][-1]["state"] == "missing"


def test_looking_changes_nothing_and_creates_nothing(empty_project: Project) -> None:
    for words in (["status"], ["plan"]):
        _json(*words)

    assert empty_project.rows("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [(0,)]


def test_plan_shows_order_mode_way_back_sql_and_hash(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)
    project.add("20300101_000001_c.sql", "CREATE INDEX CONCURRENTLY patients_uid2 ON patients (uid);")
    project.add("20300101_000002_d.sql", "UPDATE users SET is_active = is_active;")

    planned, code = _json("plan")

    assert code == 0
    index, concurrent, data = planned["steps"][-3:]
    assert (index["kind"], index["mode"], index["way_back"]) == ("SQL", "one transaction", "reversible, derived")
    assert index["sql"] == INDEX
    assert concurrent["mode"].startswith("journalled: line 1: CREATE INDEX CONCURRENTLY")
    assert data["way_back"].startswith("no way back")
    assert len(planned["plan_hash"]) == 64
    orm = next(step for step in planned["steps"] if step["label"] == "patients.0001_initial")
    assert (orm["kind"], orm["applied"], orm["mode"]) == ("ORM", True, "one transaction")


def test_the_sql_of_a_pending_orm_migration_is_in_the_plan(empty_project: Project) -> None:
    planned, _ = _json("plan")

    orm = next(step for step in planned["steps"] if step["label"] == "patients.0001_initial")
    assert 'CREATE TABLE "patients"' in orm["sql"]


def test_replay_applies_what_is_pending_up_to_a_name(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)
    project.add("20300101_000001_later.sql", "SELECT 1;")

    done, _ = _json("replay", "--to", f"{NAME}.sql")

    assert [event["name"] for event in done["events"]] == [NAME, ""]
    assert project.applied()[-1] == NAME


def test_replay_to_an_applied_file_never_goes_back(project: Project) -> None:
    with pytest.raises(SqlMigrationsError, match="sql_migrations rollback --to"):
        project.run("sql_migrations", "replay", "--to", FIRST)

    assert project.applied() == SHIPPED


def test_a_file_that_production_missed_is_applied_out_of_order_and_recorded(project: Project) -> None:
    project.add("20240116_120000_missed.sql", "CREATE TABLE missed (id int);")
    with pytest.raises(Refused):
        project.run("migrate")

    project.run("sql_migrations", "replay", "--out-of-order", "20240116_120000_missed")

    assert "No migrations to apply" in project.run("migrate")
    assert project.rows("SELECT to_regclass('missed')::text") == [("missed",)]


def test_rollback_asks_then_goes_back(project: Project) -> None:
    project.add(f"{NAME}.sql", INDEX)
    project.run("migrate")

    with pytest.raises(SqlMigrationsError, match="add --yes"):
        project.run("sql_migrations", "rollback", "--to", NEWEST)
    done, _ = _json("rollback", "--to", NEWEST, "--yes")

    assert (done["events"][0]["event"], done["events"][0]["name"]) == ("rollback", NAME)


def test_verify_rebuilds_from_zero_and_finds_what_was_changed_by_hand(project: Project) -> None:
    assert _json("verify") == ({"verified": True, "findings": []}, 0)

    project.do("CREATE INDEX by_hand ON patients (mrn)")
    found, code = _json("verify")

    assert code == 3
    assert any("by_hand" in finding for finding in found["findings"])


def test_adopt_records_a_database_that_has_it_all_already(project: Project) -> None:
    """A database that another tool built, or whose history was lost."""
    project.do(
        "DROP TABLE sql_migration_history, sql_migration_journal, django_migrations",
        "DROP FUNCTION sql_migration_history_append_only",
    )

    recorded, _ = _json("adopt", "--to", NEWEST)

    assert f"sql_migrations.{FIRST}" in recorded["recorded"]
    assert "patients.0001_initial" in recorded["recorded"]
    assert ("adopt", FIRST) in project.events()
    project.run("migrate", verbosity=0)
    assert _json("verify")[1] == 0


def test_adopt_refuses_a_database_that_differs_and_says_how(empty_project: Project) -> None:
    empty_project.do("CREATE TABLE users (id int)")

    with pytest.raises(NotTheSame, match=r"users\.email"):
        empty_project.run("sql_migrations", "adopt", "--to", FIRST)

    assert empty_project.rows("SELECT to_regclass('django_migrations')") == [(None,)]


def test_an_edit_is_accepted_when_the_database_is_what_the_new_text_says(project: Project) -> None:
    path = project.add(f"{NAME}.sql", INDEX)
    project.run("migrate")
    path.write_text("CREATE INDEX patients_mrn ON public.patients USING btree (mrn);\n")
    with pytest.raises(Refused):
        project.run("migrate")

    project.run("sql_migrations", "adopt", "--accept-edit", NAME)

    assert "No migrations to apply" in project.run("migrate")
    path.write_text("CREATE INDEX patients_mrn ON patients (birth_date);\n")
    with pytest.raises(NotTheSame):
        project.run("sql_migrations", "adopt", "--accept-edit", NAME)


@pytest.mark.parametrize(
    ("text", "id_"),
    [
        ("-- Depends: patients.0009_none\nSELECT 1;", "sql_migrations.E004"),
        ("SELEC 1;", "sql_migrations.E008"),
        ("CREATE TABLE patients (id int);", "sql_migrations.E009"),
        ("CREATE INDEX i ON django_content_type (model);", "sql_migrations.E010"),
        ("-- depends: x.y\nSELECT 1;", "sql_migrations.E003"),
    ],
)
def test_check_makes_an_error_of_what_must_not_be_merged(project: Project, text: str, id_: str) -> None:
    project.add("20200101_000000_x.sql", text)

    with pytest.raises(SystemCheckError, match=id_):
        call_command("check")


def test_check_is_content_with_what_ships() -> None:
    call_command("check", fail_level="WARNING")


def test_migration_modules_that_would_hide_the_files_are_named(project: Project, settings: Any) -> None:
    settings.MIGRATION_MODULES = {"sql_migrations": None}

    with pytest.raises(SystemCheckError, match=r"sql_migrations\.E005"):
        call_command("check")


def test_a_refusal_is_one_json_document_too(project: Project) -> None:
    project.add("20300101_000000_x.sql", "SELEC 1;")
    out = io.StringIO()

    with pytest.raises(Refused):
        call_command("sql_migrations", "replay", "--json", stdout=out, stderr=io.StringIO())

    told = json.loads(out.getvalue())
    assert told["kind"] == "Refused"
    assert 'syntax error at or near "SELEC"' in told["error"]


def test_rollback_to_a_file_that_is_not_applied_applies_nothing(empty_project: Project) -> None:
    with pytest.raises(SqlMigrationsError, match="is not applied, so there is nothing to go back to"):
        empty_project.run("sql_migrations", "rollback", "--to", FIRST, "--yes")

    assert empty_project.rows("SELECT to_regclass('users')") == [(None,)]
