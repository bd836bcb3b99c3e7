"""Folders of other tools are read in those tools' own order, and nothing is left out in silence."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

import pytest

from sql_migrations import importers
from sql_migrations.errors import BadEncoding, SqlFileError, SqlMigrationsError

if TYPE_CHECKING:
    from pathlib import Path

    from sql_migrations.importers import Import


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "their migrations"
    path.mkdir()
    return path


def write(folder: Path, *names: str, **texts: str) -> None:
    """Write files: by name with a text of their own, or a text given under `name__with__dots` as keyword."""
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(f"SELECT '{name}';\n")
    for name, text in texts.items():
        (folder / f"{name}.sql").write_bytes(text.encode())


def names(found: Import) -> list[str]:
    return [file.name for file in found.files]


def test_flyway_versions_run_by_number_not_by_name(folder: Path) -> None:
    write(folder, "V10__ten.sql", "V2__two.sql", "V1_10__x.sql", "V1.2__y.sql", "V1__one.sql")

    found = importers.read(folder)

    assert found.layout == "flyway"
    assert names(found) == ["V1__one", "V1.2__y", "V1_10__x", "V2__two", "V10__ten"]
    assert found.warnings == ()


def test_flyway_undo_is_the_way_back_and_a_repeatable_comes_last_with_a_warning(folder: Path) -> None:
    write(folder, "V1__one.sql", "U1__one.sql", "R__a_view.sql", "V2__two.sql", "U9__lost.sql", "afterMigrate.sql")

    found = importers.read(folder)

    assert names(found) == ["V1__one", "V2__two", "R__a_view"]
    assert found.files[0].down_text() == "SELECT 'U1__one.sql';\n"
    assert not found.files[1].reversible_by_file
    assert any("R__a_view.sql is repeatable" in one for one in found.warnings)
    assert any("U9__lost.sql: left out" in one for one in found.warnings)
    assert any("afterMigrate.sql: left out" in one for one in found.warnings)


def test_a_flyway_baseline_counts_only_where_its_versions_are_gone(folder: Path) -> None:
    write(folder, "B3__all.sql", "V2__two.sql", "V4__four.sql")
    assert names(importers.read(folder)) == ["V2__two", "V4__four"]
    assert "B3__all.sql" in importers.read(folder).warnings[0]

    (folder / "V2__two.sql").unlink()
    assert names(importers.read(folder)) == ["B3__all", "V4__four"]


def test_flyway_script_settings_take_the_transaction_away(folder: Path) -> None:
    write(folder, "V1__one.sql", "V2__two.sql")
    (folder / "V2__two.sql.conf").write_text("executeInTransaction=false\n")

    found = importers.read(folder)

    assert [file.header.transaction for file in found.files] == ["auto", "none"]


def test_two_flyway_files_of_one_version_are_named(folder: Path) -> None:
    write(folder, "V1__a.sql", "V1.0__b.sql")

    assert any("have the same version" in one for one in importers.read(folder).warnings)


DBMATE = """-- Why this is here.
-- migrate:up transaction:false
CREATE TABLE a (id int);

-- migrate:down
DROP TABLE a;
"""


def test_dbmate_sections_keep_their_line_numbers(folder: Path) -> None:
    (folder / "20240101000000_a.sql").write_text(DBMATE)

    found = importers.read(folder)
    (file,) = found.files

    assert found.layout == "dbmate"
    assert file.text() == "-- Why this is here.\n\nCREATE TABLE a (id int);\n\n\n\n"
    assert file.down_text() == "\n\n\n\n\nDROP TABLE a;\n"
    assert file.header.transaction == "none"
    assert file.sha256 == hashlib.sha256(DBMATE.encode()).hexdigest()


def test_a_dbmate_option_of_the_way_down_does_not_touch_the_way_up(folder: Path) -> None:
    (folder / "1_a.sql").write_text("-- migrate:up\nSELECT 1;\n-- migrate:down transaction:false\nSELECT 2;\n")

    assert importers.read(folder).files[0].header.transaction == "auto"


def test_a_file_without_the_marker_and_sql_above_it_are_told(folder: Path) -> None:
    write(folder, "2_unmarked.sql", "helper.sql")
    (folder / "1_a.sql").write_text("SELECT 0;\n-- migrate:up\nSELECT 1;\n")

    found = importers.read(folder)

    assert [file.text().strip() for file in found.files] == ["SELECT 1;", "SELECT '2_unmarked.sql';"]
    assert any("1_a.sql:1: SQL above" in one for one in found.warnings)
    assert any("2_unmarked.sql has no line '-- migrate:up'" in one for one in found.warnings)
    assert any("helper.sql: left out" in one for one in found.warnings)


def test_goose_marks_and_no_transaction(folder: Path) -> None:
    write(
        folder,
        **{
            "00010_ten": "-- +goose NO TRANSACTION\n-- +goose Up\nSELECT 10;\n",
            "9_nine": (
                "-- +goose Up\n-- +goose StatementBegin\nSELECT 9;\n-- +goose StatementEnd\n"
                "-- +goose Down\nSELECT -9;\n"
            ),
        },
    )
    found = importers.read(folder)

    assert found.layout == "goose"
    assert names(found) == ["9_nine", "00010_ten"]
    assert found.files[0].text() == "\n\nSELECT 9;\n\n\n\n"
    assert found.files[0].down_text() == "\n\n\n\n\nSELECT -9;\n"
    assert [file.header.transaction for file in found.files] == ["auto", "none"]
    assert found.files[1].down_text() is None


def test_crlf_files_keep_their_line_ends(folder: Path) -> None:
    (folder / "1_a.sql").write_bytes(b"-- +goose Up\r\nSELECT 1;\r\n-- +goose Down\r\nSELECT 2;\r\n")

    (file,) = importers.read(folder).files

    assert file.text() == "\r\nSELECT 1;\r\n\r\n\r\n"
    assert file.down_text() == "\r\n\r\n\r\nSELECT 2;\r\n"


def test_the_way_down_of_one_file_is_never_part_of_the_way_up(folder: Path) -> None:
    texts = {
        "sql_migrate": "-- +migrate Up notransaction\nSELECT 'up';\n-- +migrate Down\nSELECT 'back';\n",
        "node_pg_migrate": "-- Up Migration\nSELECT 'up';\n-- Down Migration\nSELECT 'back';\n",
        "tern": "SELECT 'up';\n---- create above / drop below ----\nSELECT 'back';\n",
        # Names by this project's convention do not hide the markers.
        "dbmate": "-- migrate:up\nSELECT 'up';\n-- migrate:down\nSELECT 'back';\n",
    }
    for layout, text in texts.items():
        (folder / "20240101_000000_a.sql").write_text(text)
        found = importers.read(folder)

        assert found.layout == layout
        assert found.files[0].text().strip() == "SELECT 'up';"
        assert (found.files[0].down_text() or "").strip() == "SELECT 'back';"


def test_golang_migrate_orders_by_number_and_pairs_by_it(folder: Path) -> None:
    write(folder, "10_b.up.sql", "10_b.down.sql", "9_a.up.sql", "9_other_word.down.sql", "11_lost.down.sql")

    found = importers.read(folder)

    assert found.layout == "golang_migrate"
    assert names(found) == ["9_a", "10_b"]
    assert [file.down_path and file.down_path.name for file in found.files] == [
        "9_other_word.down.sql",
        "10_b.down.sql",
    ]
    assert any("11_lost.down.sql: left out" in one for one in found.warnings)


def test_an_empty_way_back_is_no_way_back(folder: Path) -> None:
    write(folder, "1_a.up.sql")
    (folder / "1_a.down.sql").write_text("\n")

    found = importers.read(folder)

    assert not found.files[0].reversible_by_file
    assert any("1_a.down.sql is empty" in one for one in found.warnings)


def test_postgrator(folder: Path) -> None:
    write(folder, "010.do.sql", "9.do.first.sql", "9.undo.first.sql", "010.do.twice.sql")

    found = importers.read(folder)

    assert found.layout == "postgrator"
    assert names(found) == ["9.do.first", "010.do"]
    assert found.files[0].down_path == folder / "9.undo.first.sql"
    assert any("010.do.twice.sql: left out" in one for one in found.warnings)


def test_supabase(folder: Path) -> None:
    write(folder, "20240102000000_b.sql", "20240101000000_a.sql")

    found = importers.read(folder)

    assert found.layout == "supabase"
    assert names(found) == ["20240101000000_a", "20240102000000_b"]


def test_sqlx_is_known_by_its_comment(folder: Path) -> None:
    write(folder, "20240102000000_b.up.sql", "20240102000000_b.down.sql")
    (folder / "20240101000000_a.sql").write_text("-- no-transaction\nCREATE INDEX CONCURRENTLY i ON t (c);\n")

    found = importers.read(folder)

    assert found.layout == "sqlx"
    assert names(found) == ["20240101000000_a", "20240102000000_b"]
    assert [file.header.transaction for file in found.files] == ["none", "auto"]
    assert found.files[1].down_path == folder / "20240102000000_b.down.sql"


def test_diesel_folders(folder: Path) -> None:
    write(folder, "2024-01-02-000000_b/up.sql", "00000000000000_setup/up.sql", "00000000000000_setup/down.sql")
    (folder / "2024-01-02-000000_b" / "metadata.toml").write_text("run_in_transaction = false\n")

    found = importers.read(folder)

    assert found.layout == "diesel"
    assert names(found) == ["00000000000000_setup", "2024-01-02-000000_b"]
    assert [file.reversible_by_file for file in found.files] == [True, False]
    assert [file.header.transaction for file in found.files] == ["auto", "none"]
    assert found.warnings == ()


def test_prisma_folders(folder: Path) -> None:
    write(folder, "20240102_b/migration.sql", "20240101_a/migration.sql", "stray.sql")
    (folder / "migration_lock.toml").write_text('provider = "postgresql"\n')

    found = importers.read(folder)

    assert found.layout == "prisma"
    assert names(found) == ["20240101_a", "20240102_b"]
    assert found.warnings == ("stray.sql: left out, Prisma takes only folders with a migration.sql.",)


PLAN = """%syntax-version=1.0.0
%project=clinic

users 2024-01-01T00:00:00Z A <a@example.org> # users
admin/roles [users] 2024-01-02T00:00:00Z A <a@example.org>
@v1 2024-01-03T00:00:00Z A <a@example.org>
users [users@v1] 2024-01-04T00:00:00Z A <a@example.org>
"""


def test_sqitch_runs_in_the_order_of_its_plan_and_a_reworked_change_runs_twice(folder: Path) -> None:
    write(folder, "deploy/users@v1.sql", "deploy/admin/roles.sql", "deploy/users.sql", "revert/users.sql")
    write(folder, "deploy/aa_unplanned.sql", "verify/users.sql")
    (folder / "sqitch.plan").write_text(PLAN)

    for path in (folder, folder / "deploy"):
        found = importers.read(path)

        assert found.layout == "sqitch"
        assert names(found) == ["users@v1", "admin/roles", "users"]
        assert [file.reversible_by_file for file in found.files] == [False, False, True]
        assert any("deploy/aa_unplanned.sql: left out" in one for one in found.warnings)
        assert any("verify/: left out" in one for one in found.warnings)


def test_a_planned_change_without_its_script_is_refused(folder: Path) -> None:
    write(folder, "deploy/users.sql")
    (folder / "sqitch.plan").write_text("users 2024-01-01T00:00:00Z A <a@b>\nroles 2024-01-01T00:00:00Z A <a@b>\n")

    with pytest.raises(SqlMigrationsError, match=r"deploy/roles\.sql \(line 2\)"):
        importers.read(folder)


def test_a_plan_line_that_is_none_is_refused_with_its_place(folder: Path) -> None:
    (folder / "sqitch.plan").write_text("%project=x\n\n[users] what\n")

    with pytest.raises(SqlFileError, match=r"sqitch\.plan:3: "):
        importers.read(folder)


def test_plain_numbers_of_different_widths_run_in_numeric_order_and_say_so(folder: Path) -> None:
    write(folder, "1_a.sql", "10_c.sql", "2_b.sql")

    found = importers.read(folder)

    assert found.layout == "plain"
    assert names(found) == ["1_a", "2_b", "10_c"]
    assert "numeric order" in found.warnings[0]


@pytest.mark.parametrize(
    ("files", "order"),
    [
        (["b.sql", "a.sql", "B.sql"], ["B", "a", "b"]),
        (["v1.sql", "v10.sql", "v9.sql"], ["v1", "v9", "v10"]),
        (["1.10_x.sql", "1.9_y.sql"], ["1.9_y", "1.10_x"]),
        (["2_b.sql", "10_a.sql", "init.sql"], ["10_a", "2_b", "init"]),
        # A day among seconds is a date, not a small number: 2024 stays before 2025.
        (["20250101_b.sql", "202401011200_a.sql"], ["202401011200_a", "20250101_b"]),
    ],
)
def test_plain_order(folder: Path, files: list[str], order: list[str]) -> None:
    write(folder, *files)

    assert names(importers.read(folder)) == order


def test_plain_ways_back(folder: Path) -> None:
    write(folder, "1.sql", "1.down.sql", "2_up.sql", "2_down.sql", "3_scale_down.sql", "4.rollback.sql")

    found = importers.read(folder)

    assert {file.name: file.down_path and file.down_path.name for file in found.files} == {
        "1": "1.down.sql",
        "2_up": "2_down.sql",
        "3_scale_down": None,
    }
    assert any("3_scale_down.sql is named like a way back" in one for one in found.warnings)
    assert any("4.rollback.sql: left out" in one for one in found.warnings)


def test_our_header_counts_in_a_plain_folder_but_its_edges_do_not(folder: Path) -> None:
    write(
        folder, a="-- Transaction: none\n-- Depends: patients.0001_initial\nSELECT 1;\n", b="-- Requires: a\nSELECT 2;"
    )

    found = importers.read(folder)

    assert found.files[0].header.transaction == "none"
    assert found.files[0].header.depends == ()
    assert any("a.sql:2: the header's edge to patients.0001_initial is ignored" in one for one in found.warnings)
    assert any("b.sql:1: read as a comment" in one for one in found.warnings)


def test_our_own_convention_keeps_its_headers(folder: Path) -> None:
    write(folder, "20240101_000000_a.sql", "20240101_000000_a.down.sql")
    (folder / "20240102_000000_b.sql").write_text("-- Depends: patients.0001_initial\nSELECT 1;\n")

    found = importers.read(folder)

    assert found.layout == "convention"
    assert found.files[0].reversible_by_file
    assert str(found.files[1].header.depends[0]) == "patients.0001_initial"


def test_what_only_looks_like_our_convention_is_read_as_plain_files(folder: Path) -> None:
    write(folder, "20240101_000000_a.sql", "20240101_000000_b.sql")

    assert importers.read(folder).layout == "plain"
    with pytest.raises(SqlMigrationsError, match="same timestamp"):
        importers.read(folder, layout="convention")


def test_everything_that_is_not_used_is_named(folder: Path) -> None:
    write(folder, "a.sql", "a.SQL", "sub/b.sql", ".hidden.sql", "README.md", "notes/c.txt", "0002_move.go")

    found = importers.read(folder)

    assert names(found) == ["a"]
    assert found.warnings == (
        ".hidden.sql: left out, hidden files are not read.",
        "a.sql: left out, a.SQL is the same name.",
        "0002_move.go: left out, a migration in code: what it does is missing here until it is written as SQL.",
        "README.md: left out, not a SQL file.",
        "sub/: left out, SQL files in a sub-folder are not part of this layout.",
    )


def test_equal_files_are_named(folder: Path) -> None:
    write(folder, a="SELECT 1;", b="SELECT 1;", c="SELECT 2;")

    found = importers.read(folder)

    assert len(found.files) == 3
    assert found.warnings == ("a.sql and b.sql have the same content. Each is a migration of its own here.",)


def test_a_named_layout_overrides_what_the_folder_looks_like(folder: Path) -> None:
    write(folder, "V10__a.sql", "V9__b.sql")

    assert names(importers.read(folder, layout="plain")) == ["V9__b", "V10__a"]
    with pytest.raises(SqlMigrationsError, match=r"no layout 'alembic'\. Known are: .*flyway"):
        importers.read(folder, layout="alembic")


def test_a_folder_without_sql_is_an_error_that_says_where_some_is(folder: Path) -> None:
    write(folder, "README.md", "db/a.sql")

    with pytest.raises(SqlMigrationsError, match=r"holds no SQL migration\. There are some in db"):
        importers.read(folder)
    with pytest.raises(SqlMigrationsError, match="cannot be read: No such file"):
        importers.read(folder / "missing")
    with pytest.raises(SqlMigrationsError, match="None of its names is one of flyway's"):
        importers.read(folder / "db", layout="flyway")


def test_a_byte_order_mark_is_taken_off_and_what_is_no_text_is_refused_when_read(folder: Path) -> None:
    (folder / "1_a.sql").write_bytes(b"\xef\xbb\xbf-- migrate:up\nSELECT 1;\n")
    (folder / "2_b.sql").write_bytes(b"-- migrate:up\nSELECT '\xff';\n")

    found = importers.read(folder)

    assert found.files[0].text() == "\nSELECT 1;\n"
    with pytest.raises(BadEncoding, match=r"2_b\.sql:2: byte 0xff at byte offset 22"):
        found.files[1].text()


def test_single_files_are_read_in_their_layouts_order(folder: Path) -> None:
    write(folder, "V10__a.sql", "V9__b.sql", "V1__c.sql")

    found = importers.read_files([folder / "V10__a.sql", folder / "V9__b.sql"])

    assert names(found) == ["V9__b", "V10__a"]
    with pytest.raises(SqlMigrationsError, match="is not a file"):
        importers.read_files([folder / "V2__x.sql"])


def test_a_file_that_cannot_be_read_is_named(tmp_path: Path) -> None:
    (tmp_path / "1.sql").write_text("SELECT 1;")
    link = tmp_path / "2.sql"
    link.symlink_to(tmp_path / "nowhere.sql")
    with pytest.raises(SqlFileError, match=r"2\.sql: it is a link to a file that is not there"):
        importers.read(tmp_path)

    link.unlink()
    link.symlink_to("/proc/self/mem")  # a file that not even root can read from its start; Linux has it
    if link.exists():
        with pytest.raises(SqlFileError, match=r"2\.sql: it cannot be read"):
            importers.read(tmp_path)
