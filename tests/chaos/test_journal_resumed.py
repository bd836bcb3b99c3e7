"""Files that cannot run in one transaction: what failed is cleared away, and the rest is done by the next run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.chaos.sandbox import Sandbox

_UNIQUE = "CREATE UNIQUE INDEX CONCURRENTLY {}staff_once ON staff (name);\n"
_TWICE = "INSERT INTO staff VALUES (11, 'Seacole'), (12, 'Seacole')"


def _is_valid(sandbox: Sandbox, index: str) -> object:
    return sandbox.value(f"SELECT indisvalid FROM pg_index WHERE indexrelid = to_regclass('{index}')")


# With IF NOT EXISTS, PostgreSQL would keep the INVALID index and say that all is well.
@pytest.mark.parametrize("words", ["", "IF NOT EXISTS "])
def test_an_invalid_index_is_dropped_and_made_again_once_the_data_is_mended(sandbox: Sandbox, words: str) -> None:
    file = sandbox.add("once", f"COMMENT ON TABLE staff IS 'once each';\n{_UNIQUE.format(words)}")
    with sandbox.connect() as other:
        other.execute(_TWICE)
        failed = sandbox.migrate()
        assert _is_valid(sandbox, "staff_once") is False
        other.execute("DELETE FROM staff WHERE id = 12")
    ended = sandbox.migrate()

    assert failed.code == 1
    assert f'{file.name}:2:1: could not create unique index "staff_once"' in failed.output
    assert ended.code == 0, ended.output
    assert "resuming; 1 of 2 steps were done before" in ended.output
    assert "clearing the INVALID index staff_once that an earlier attempt left" in ended.output
    assert _is_valid(sandbox, "staff_once") is True
    assert sandbox.is_applied(file)
    assert sandbox.value("SELECT count(*) FROM sql_migration_journal") == 0


def test_an_index_whose_making_was_cut_off_is_made_again(sandbox: Sandbox) -> None:
    file = sandbox.add("cut", "CREATE INDEX CONCURRENTLY staff_shift_name ON staff (shift, name);\n")
    with sandbox.connect() as other, other.transaction():
        other.execute("UPDATE staff SET name = name")  # the index waits for this transaction
        run = sandbox.start()
        backend = sandbox.wait_for(
            "SELECT pid FROM pg_stat_progress_create_index "
            "WHERE phase LIKE 'waiting for%' AND datname = current_database()"
        )
        sandbox.value(f"SELECT pg_terminate_backend({backend})")
        failed = sandbox.zygote.wait(run)
    assert failed.code == 1
    assert "the connection to PostgreSQL was lost" in failed.output
    assert _is_valid(sandbox, "staff_shift_name") is False

    ended = sandbox.migrate()
    assert ended.code == 0, ended.output
    assert _is_valid(sandbox, "staff_shift_name") is True
    assert sandbox.is_applied(file)


def test_a_lost_temporary_table_is_refused_with_the_way_out(sandbox: Sandbox) -> None:
    file = sandbox.add(
        "temporary",
        "-- Transaction: none\nCREATE TEMP TABLE parked AS SELECT * FROM staff;\n"
        "SELECT 1 / (count(*) - 1) FROM parked;\n"
        "CREATE TABLE kept AS SELECT * FROM parked;\n",
    )
    first = sandbox.migrate()
    assert first.code == 1
    assert f"{file.name}:3:1: division by zero" in first.output
    with sandbox.connect() as other:
        other.execute("INSERT INTO staff VALUES (13, 'Barry')")
    ended = sandbox.migrate()

    assert ended.code == 1
    assert "the temporary parked that it had made went with its session" in ended.output
    assert f"sql_migrations replay --restart {file.stem}" in ended.output
    assert not sandbox.is_applied(file)


@pytest.mark.parametrize("edited", ["a step that is done", "a step to come", "a comment"])
def test_a_half_applied_file_may_change_where_it_has_not_run(sandbox: Sandbox, edited: str) -> None:
    text = "-- Transaction: none\nCREATE TABLE first (id int);\nSELECT 1 / 0;\n"
    file = sandbox.add("edited", text)
    assert sandbox.migrate().code == 1
    changed = text.replace("1 / 0", "1 / 1") if edited == "a step to come" else text
    changed = changed.replace("id int", "id bigint") if edited == "a step that is done" else changed
    changed = changed.replace("id int", "id /* a number */ int") if edited == "a comment" else changed
    file.write_text(changed)
    ended = sandbox.migrate()

    if edited == "a step to come":
        assert ended.code == 0, ended.output
        assert sandbox.is_applied(file)
    elif edited == "a comment":
        assert f"{file.name}:3:1: division by zero" in ended.output
    else:
        assert ended.code == 1
        assert f"{file.name}:2:1: this step of a half-applied file was edited after it had run." in ended.output


def test_a_procedure_that_commits_and_was_cut_off_is_asked_about(sandbox: Sandbox) -> None:
    file = sandbox.add(
        "chunks",
        "CREATE TABLE chunk (n int);\n"
        "DO $$ BEGIN FOR n IN 1..2 LOOP INSERT INTO chunk VALUES (n); COMMIT; "
        "PERFORM pg_sleep(30); END LOOP; END $$;\n",
    )
    run = sandbox.start()
    sandbox.wait_for("SELECT to_regclass('chunk') IS NOT NULL")
    sandbox.wait_for("SELECT count(*) > 0 FROM chunk")
    sandbox.value(f"SELECT pg_terminate_backend({sandbox.working_on('DO $')})")
    assert sandbox.zygote.wait(run).code == 1
    ended = sandbox.migrate()

    assert ended.code == 1
    assert f"{file.name}:2:1: this statement was running when the last run stopped" in ended.output
    assert f"replay --in-flight {file.stem}=done" in ended.output


def test_a_setting_made_before_the_failure_holds_after_it(sandbox: Sandbox) -> None:
    text = (
        "-- Transaction: none\nCREATE SCHEMA apart;\nSET search_path = apart;\nCREATE TABLE first (id int);\n"
        "SELECT 1 / 0;\nCREATE TABLE second (id int);\n"
    )
    file = sandbox.add("settings", text)
    assert sandbox.migrate().code == 1
    file.write_text(text.replace("1 / 0", "1 / 1"))
    ended = sandbox.migrate()

    assert ended.code == 0, ended.output
    assert sandbox.has("apart.first")
    assert sandbox.has("apart.second")
    assert not sandbox.has("public.second")


def test_a_setting_does_not_reach_what_comes_after_the_file(sandbox: Sandbox) -> None:
    text = "CREATE SCHEMA apart;\nSET search_path = apart;\nCREATE TABLE first (id int);\n"
    sandbox.add("plain", text)
    assert sandbox.migrate("sql_migrations", "20250101_090000_create_staff", "--yes").code == 0
    file = sandbox.folder / "20250102_090000_load_specialities.sql"
    # An ORM migration follows this one.
    file.write_text(file.read_text() + "SET search_path = pg_catalog;\nSET default_transaction_read_only = on;\n")
    ended = sandbox.migrate()

    assert ended.code == 0, ended.output
    assert sandbox.has("apart.first")
