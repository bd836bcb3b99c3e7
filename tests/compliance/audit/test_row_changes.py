"""What the trigger writes of any row: also of tables that no model knows, and of values that are hard to write down."""

from __future__ import annotations

from typing import Any

import pytest
from auditlog.context import disable_auditlog
from django.contrib.contenttypes.models import ContentType
from django.db import Error, connection, transaction

from compliance.models import AuditLog
from providers.models import Provider

pytestmark = pytest.mark.django_db


def run(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters or None)


def entries(table: str) -> list[AuditLog]:
    return list(AuditLog.objects.filter(table_name=table, captured_by="trigger").order_by("id"))


def changes(table: str) -> list[dict[str, list[str]]]:
    return [entry.changes for entry in entries(table)]


def audited(columns: str, **arguments: str) -> None:
    """Make a table `things` with these columns and put it under audit."""
    run(f"CREATE TABLE things ({columns})")
    more = "".join(f", {name} => '{value}'" for name, value in arguments.items())
    run(f"SELECT audit_table('things', 'tests.thing'{more})")


def test_disabling_djangos_auditlog_silences_no_trigger(provider: Provider) -> None:
    with disable_auditlog():
        provider.specialty = "Surgery"
        provider.save()
        Provider.objects.filter(pk=provider.pk).update(specialty="Anaesthesia")

    assert [one.get("specialty") for one in changes("providers")[1:]] == [
        *(["None", "Surgery"], ["Surgery", "Anaesthesia"]),
    ]


def test_a_composite_key_is_written_in_its_order() -> None:
    audited("b text, a int, c text, PRIMARY KEY (c, a)")
    run("INSERT INTO things VALUES ('x', 7, 'left,right')")

    (entry,) = entries("things")
    assert (entry.object_pk, entry.object_id, entry.object_repr) == ("left,right,7", None, "things left,right,7")


def test_a_table_without_a_key_is_audited_too() -> None:
    audited("a int")
    run("INSERT INTO things VALUES (1)")

    assert [(entry.object_pk, entry.changes) for entry in entries("things")] == [("", {"a": ["None", "***"]})]


@pytest.mark.parametrize("key", ["x" * 10_000, "9" * 19, "-5", "o'hara\"%s\\", ""])
def test_a_key_that_is_text_is_cut_and_quoted_by_nothing(key: str) -> None:
    audited("id text PRIMARY KEY")
    run("INSERT INTO things VALUES (%s)", key)

    (entry,) = entries("things")
    assert entry.object_pk == key[:255]
    assert entry.object_id == (-5 if key == "-5" else None)


VALUES = {
    "array": ("int[]", "'{1,NULL,3}'", "'{}'", "[1, null, 3]", "[]"),
    "range": ("tstzrange", "'[2024-01-01 00:00Z,2024-02-01 00:00Z)'", "'empty'", None, "empty"),
    "binary": ("bytea", "'\\x00ff'", "''", "\\x00ff", "\\x"),
    "json": ("jsonb", "'{\"a\": null}'", "'[]'", '{"a": null}', "[]"),
    "number": ("numeric", "'NaN'", "1e100", "NaN", "1" + "0" * 100),
    "float": ("float8", "'-Infinity'", "0.1", "-Infinity", "0.1"),
    "date": ("date", "'infinity'", "'0044-03-15 BC'", "infinity", "0044-03-15 BC"),
    "quotes": ("text", "'o''hara \"%s\" \\ ☃'", "''", 'o\'hara "%s" \\ ☃', ""),
    "composite": ("point", "'(1,2)'", "'(0,0)'", "(1,2)", "(0,0)"),
}


@pytest.mark.parametrize("kind", VALUES)
def test_every_kind_of_value_is_written_in_clear_or_masked(kind: str) -> None:
    column, first, second, first_text, second_text = VALUES[kind]
    audited(f"id int PRIMARY KEY, clear {column}, masked {column}", also_clear="{id, clear}")
    run(f"INSERT INTO things VALUES (1, {first}, {first})")
    run(f"UPDATE things SET clear = {second}, masked = {second}")
    run("DELETE FROM things")

    created, updated, deleted = changes("things")
    first_text = first_text or created["clear"][1]
    assert created["clear"] == ["None", first_text]
    assert updated == {"clear": [first_text, second_text], "masked": ["***", "***"]}
    assert deleted["clear"] == [second_text, "None"]
    assert (created["masked"], deleted["masked"]) == (["None", "***"], ["***", "None"])


def test_json_null_is_a_change_that_is_told_apart_from_none_by_its_entry() -> None:
    audited("id int PRIMARY KEY, j jsonb", also_clear="{id, j}")
    run("INSERT INTO things VALUES (1, NULL)")
    run("UPDATE things SET j = 'null'")
    run("UPDATE things SET j = '1'")
    run("UPDATE things SET j = 'null'")

    assert changes("things") == [{"id": ["None", "1"]}, {}, {"j": ["None", "1"]}, {"j": ["1", "None"]}]


def test_a_row_of_nothing_but_null_is_a_row() -> None:
    audited("a int, b jsonb")
    run("INSERT INTO things DEFAULT VALUES")

    assert changes("things") == [{}]


def test_a_megabyte_is_written_or_masked() -> None:
    audited("id int PRIMARY KEY, clear text, masked bytea", also_clear="{id, clear}")
    run("INSERT INTO things VALUES (1, repeat('x', 1048576), decode(repeat('ff', 1048576), 'hex'))")

    assert changes("things") == [{"id": ["None", "1"], "clear": ["None", "x" * 1048576], "masked": ["None", "***"]}]


def test_a_generated_column_is_a_column() -> None:
    audited("id int PRIMARY KEY, twice int GENERATED ALWAYS AS (id * 2) STORED", also_clear="{id, twice}")
    run("INSERT INTO things VALUES (1)")
    run("UPDATE things SET id = 2")

    assert changes("things") == [
        {"id": ["None", "1"], "twice": ["None", "2"]},
        {"id": ["1", "2"], "twice": ["2", "4"]},
    ]


def test_a_column_named_as_ours_but_of_another_type_breaks_no_write() -> None:
    audited("id int PRIMARY KEY, uid text, version text, actor text")
    run("INSERT INTO things VALUES (1, 'no uuid', 'one', 'Hamlet')")

    (entry,) = entries("things")
    assert (entry.object_uid, entry.object_version, entry.actor_id) == (None, None, None)


def test_an_update_that_changes_nothing_leaves_nothing() -> None:
    audited("id int PRIMARY KEY, note text, j jsonb")
    run("INSERT INTO things VALUES (1, NULL, 'null')")
    run("UPDATE things SET note = NULL, j = 'null', id = 1")

    assert len(entries("things")) == 1


def test_a_table_that_is_renamed_stays_audited_under_its_new_name(provider: Provider) -> None:
    run("ALTER TABLE providers RENAME TO practitioners")
    run("UPDATE practitioners SET specialty = 'Surgery'")

    (entry,) = entries("practitioners")
    assert (entry.object_pk, entry.changes["specialty"]) == (str(provider.pk), ["None", "Surgery"])


def test_a_column_that_raw_sql_adds_or_renames_is_masked(provider: Provider) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE providers ADD COLUMN secret text")
    run("ALTER TABLE providers RENAME COLUMN specialty TO speciality")
    run("UPDATE providers SET secret = 'Quillfeather', speciality = 'Surgery'")

    shown = entries("providers")[-1].changes
    assert shown["secret"] == ["None", "***"]
    assert shown["speciality"] == ["None", "***"]


def test_a_column_that_is_dropped_stops_nothing(provider: Provider) -> None:
    run("SET CONSTRAINTS ALL IMMEDIATE")
    run("ALTER TABLE providers DROP COLUMN specialty CASCADE")
    run("UPDATE providers SET given_name = 'Bartholomew'")

    assert set(entries("providers")[-1].changes) >= {"given_name"}


def test_a_row_written_before_its_content_type_exists_has_none() -> None:
    audited("id int PRIMARY KEY")
    run("INSERT INTO things VALUES (1)")
    assert entries("things")[0].content_type_id is None

    ContentType.objects.create(app_label="tests", model="thing")
    run("UPDATE things SET id = 2")
    assert entries("things")[1].content_type_id == ContentType.objects.get(app_label="tests").pk


@pytest.mark.parametrize("role", ["origin", "replica", "local"])
def test_no_setting_of_a_session_silences_it(provider: Provider, role: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname, tgenabled FROM pg_trigger WHERE tgrelid = 'providers'::regclass AND NOT tgisinternal"
        )
        always = {name for name, enabled in cursor.fetchall() if enabled == "A"}
    assert {"zz_audit_row", "refuse_truncate"} <= always
    run("SELECT set_config('pgtrigger.ignore', 'public.providers:zz_audit_row', true)")
    run("UPDATE providers SET specialty = %s", role)
    assert entries("providers")[-1].changes["specialty"] == ["None", role]


def test_to_change_or_end_the_audit_of_a_table_is_an_event() -> None:
    audited("id int PRIMARY KEY, note text")
    run("SELECT audit_table('things', 'tests.thing', also_clear => '{note}')")
    run("SELECT audit_table('things', 'tests.thing', also_clear => '{note}')")
    run("SELECT end_audit('things')")
    run("INSERT INTO things VALUES (1)")

    renewed, ended = AuditLog.objects.filter(table_name="things").order_by("id")
    assert (renewed.event_type, ended.event_type) == ("config_change", "config_change")
    assert "'{note}'" in renewed.changes["trigger"][1]
    assert "'{note}'" not in renewed.changes["trigger"][0]
    assert ended.changes["trigger"] == [renewed.changes["trigger"][1], "None"]
    assert ended.db_role == connection.settings_dict["USER"]


def test_nobody_but_the_owner_may_use_the_functions_of_the_audit() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace "
            "AND (proname ~ 'audit' OR proname IN ('log_account_change', 'keep_accounts', 'refuse_truncate', "
            "'refuse_change_of_trail', 'refuse_forged_entry')) "
            "AND has_function_privilege('pg_monitor', oid, 'EXECUTE') ORDER BY 1"
        )
        assert [name for (name,) in cursor.fetchall()] == ["audit_context", "audit_of"]
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relname IN ('audit_logs', 'user_audit_log', 'sql_migration_history') "
            "AND has_table_privilege('pg_monitor', oid, 'SELECT, INSERT, UPDATE, DELETE, TRUNCATE')"
        )
        assert cursor.fetchall() == []
        cursor.execute("SELECT has_schema_privilege('pg_monitor', 'audit_partitions', 'USAGE')")
        assert cursor.fetchone() == (False,)


def test_the_history_of_migrations_is_append_only_too() -> None:
    for statement in ("UPDATE {} SET name = 'x'", "DELETE FROM {}", "TRUNCATE {}"):
        with pytest.raises(Error, match="append-only"), transaction.atomic():
            run(statement.format("sql_migration_history"))
