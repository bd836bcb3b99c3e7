"""What migrations write is attributed to them, and a migrate that leaves a table without audit ends in an error."""

from __future__ import annotations

import shutil
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.core.management.base import CommandError
from django.db import connection

import appointments.migrations
from compliance.audit.context import acting
from tests.sql_migrations.conftest import LATER

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from tests.sql_migrations.conftest import Project

ROOM = "INSERT INTO locations (uid, name, kind) VALUES (gen_random_uuid(), 'Room 9', 'ro');\n"
ENTRIES = "SELECT source, actor_id, attributed FROM audit_logs WHERE table_name = 'locations' ORDER BY id"

BY_PYTHON = """
from django.db import migrations

def add(apps, _):
    apps.get_model("appointments", "Location").objects.create(name="Room 9", kind="ro")

def remove(apps, _):
    apps.get_model("appointments", "Location").objects.all().delete()

class Migration(migrations.Migration):
    dependencies = [("appointments", "0001_initial")]
    operations = [migrations.RunPython(add, remove)]
"""
# Django fills the column where it was NULL, before it may be so no more.
BY_SCHEMA = """
from django.db import migrations, models

class Migration(migrations.Migration):
    dependencies = [("appointments", "0002_room")]
    operations = [migrations.AlterField("location", "city", models.CharField(max_length=100, default="Springfield"))]
"""


@pytest.mark.parametrize("header", ["", "-- Transaction: none\n"])
def test_a_sql_file_is_who_wrote(project: Project, header: str) -> None:
    project.add(f"{LATER}_rooms.sql", header + ROOM)
    project.add(f"{LATER}_rooms.down.sql", "DELETE FROM locations;\n")
    with acting(actor=7, purpose="SYSADMIN"):
        project.run("migrate")
        project.run("migrate", "sql_migrations", "20240120_130000_keep_audit_to_its_owner", yes=True)

    source = f"migrate sql_migrations.{LATER}_rooms"[:100]
    assert project.rows(ENTRIES) == [(source, 7, True), (source, 7, True)]


def test_an_orm_migration_is_who_wrote(
    project: Project, settings: SettingsWrapper, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    package = tmp_path / "tried_migrations"
    shutil.copytree(Path(appointments.migrations.__path__[0]), package)
    (package / "0002_room.py").write_text(BY_PYTHON, encoding="utf-8")
    (package / "0003_city.py").write_text(BY_SCHEMA, encoding="utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    settings.MIGRATION_MODULES = {**settings.MIGRATION_MODULES, "appointments": "tried_migrations"}
    with acting(actor=7):
        project.run("migrate")
        project.run("migrate", "appointments", "0001", yes=True)

    changed = (
        "SELECT source, actor_id, attributed, event_type FROM audit_logs WHERE table_name = 'locations' ORDER BY id"
    )
    room, city = "migrate appointments.0002_room", "migrate appointments.0003_city"
    assert project.rows(changed) == [
        *((room, 7, True, "create"), (city, 7, True, "update"), (room, 7, True, "delete")),
    ]


def test_what_comes_after_it_is_not_attributed_to_it(project: Project) -> None:
    project.add(f"{LATER}_rooms.sql", ROOM)
    project.run("migrate")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE locations SET name = 'Room 10'")
        cursor.execute("SELECT current_setting('webqx.context', true)")
        assert not cursor.fetchone()[0]

    assert project.rows(ENTRIES)[1] == (None, None, False)


def test_the_engine_alone_needs_nothing_around_it(project: Project, settings: SettingsWrapper) -> None:
    del settings.SQL_MIGRATIONS_AROUND, settings.SQL_MIGRATIONS_POSTFLIGHT
    project.add(f"{LATER}_rooms.sql", ROOM)
    project.run("migrate")

    assert project.rows(ENTRIES) == [(None, None, False)]


def test_a_table_without_its_trigger_fails_the_migrate_that_left_it(project: Project) -> None:
    name = f"{LATER}_silence"
    project.add(
        f"{name}.sql", "ALTER TABLE users_groups DISABLE TRIGGER zz_audit_row;\nSELECT end_audit('patients');\n"
    )
    project.add(f"{name}.down.sql", "SELECT 1;\n")
    with pytest.raises(CommandError) as refused:
        project.run("migrate")

    said = str(refused.value)
    assert said.startswith("everything is applied, but:")
    assert "patients has no audit trigger: its changes leave no trace." in said
    assert "SELECT audit_table('patients', 'patients.patient', 'id');" in said
    assert "users_groups: the audit trigger does not fire always" in said
    assert "also_clear => '{id, user_id, group_id}'" in said
    assert name in project.applied()
    recorded = "SELECT table_name, outcome, source FROM audit_logs WHERE event_type = 'config_change' ORDER BY id"
    assert project.rows(recorded) == [
        ("patients", 0, f"migrate sql_migrations.{name}"),
        ("patients", 8, None),
        ("users_groups", 8, None),
    ]
    with pytest.raises(CommandError, match="patients has no audit trigger"):
        project.run("migrate")
    project.run("migrate", "sql_migrations", name)  # going to one place, or back, is not asked
    project.run("migrate", "sql_migrations", "20240120_130000_keep_audit_to_its_owner", yes=True)


def test_the_remedy_that_it_names_helps(project: Project) -> None:
    project.do("DROP TRIGGER zz_audit_row ON auth_group", "DROP TRIGGER zz_audit_row ON insurance_info")
    with pytest.raises(CommandError) as refused:
        project.run("migrate")
    remedies = [line.partition("sql_migrations/: ")[2] for line in str(refused.value).splitlines()[1:]]
    project.add(f"{LATER}_repair.sql", "\n".join(remedies))

    assert len(remedies) == 2
    assert "Applying" in project.run("migrate")
