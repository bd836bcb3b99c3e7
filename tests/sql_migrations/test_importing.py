"""An import keeps order, text and way back; what is wrong is said whole, and nothing is half written."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest
from django.db.migrations.loader import MigrationLoader

from sql_migrations import importing
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.files import scan
from sql_migrations.importing import ImportRefused, ImportReport, import_files

NOW = datetime(2025, 6, 1, 12, 0, 0, tzinfo=UTC)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "their migrations"
    path.mkdir()
    return path


@pytest.fixture
def target(tmp_path: Path) -> Path:
    path = tmp_path / "ours"
    path.mkdir()
    return path


def write(folder: Path, files: dict[str, str]) -> None:
    for name, text in files.items():
        (folder / name).write_bytes(text.encode())


def run(source: Path, target: Path, **options: object) -> ImportReport:
    return import_files(source, target, now=NOW, **options)  # type: ignore[arg-type]


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def test_order_is_kept_and_so_are_dates_that_keep_it(source: Path, target: Path) -> None:
    write(source, {"20240102030405_b.sql": "SELECT 2;", "20240101000000_a.sql": "SELECT 1;"})

    report = run(source, target)

    assert report.layout == "supabase"
    assert names(target) == ["20240101_000000_a.sql", "20240102_030405_b.sql"]
    assert report.warnings == ()
    assert scan(target).problems == ()


@pytest.mark.parametrize(
    ("files", "expected"),
    [
        (["1_a.sql", "2_b.sql", "10_c.sql"], ["20000101_000000_a", "20000101_000001_b", "20000101_000002_c"]),
        (["V1__Add Users.sql", "R__views.sql"], ["20000101_000000_add_users", "20000101_000001_views"]),
        (["20240101_a.sql", "20240101_b.sql"], ["20240101_000000_a", "20240101_000001_b"]),
        (["1700000000_a.sql", "1700000000000-b.sql"], ["20231114_221320_a", "20231114_221321_b"]),
        (["202401011230_a.sql", "20240231000000_b.sql"], ["20240101_123000_a", "20240101_123001_b"]),
        (["001.sql", "2.sql"], ["20000101_000000_migration_001", "20000101_000001_migration_2"]),
        (["2099-01-01_a.sql", "2099-01-02_b.sql"], ["20250601_115959_a", "20250601_120000_b"]),
    ],
)
def test_names(source: Path, target: Path, files: list[str], expected: list[str]) -> None:
    write(source, {name: f"SELECT '{name}';" for name in files})

    report = run(source, target)

    assert [one.name.removesuffix(".sql") for one in report.written] == expected
    assert scan(target).problems == ()


def test_new_files_sort_after_the_newest_one_present_and_this_is_said(source: Path, target: Path) -> None:
    write(target, {"20250101_000000_present.sql": "SELECT 0;"})
    write(source, {"20240101000000_a.sql": "SELECT 1;", "20250301000000_b.sql": "SELECT 2;"})

    report = run(source, target)

    assert names(target)[1:] == ["20250101_000001_a.sql", "20250301_000000_b.sql"]
    assert "1 of 2 files got a later timestamp" in report.warnings[0]
    assert "20250101_000000" in report.warnings[0]


def test_a_newest_file_from_the_future_is_still_followed(source: Path, target: Path) -> None:
    write(target, {"20300101_000000_present.sql": "SELECT 0;"})
    write(source, {"1_a.sql": "SELECT 1;"})

    report = run(source, target)

    assert names(target) == ["20300101_000000_present.sql", "20300101_000001_a.sql"]
    assert any("ahead of the clock" in one for one in report.warnings)


def test_a_whole_file_is_kept_byte_for_byte(source: Path, target: Path) -> None:
    text = "-- über alles\r\n\r\nSELECT '%s ; $$',\t1  -- no end"
    (source / "1_a.sql").write_bytes(b"\xef\xbb\xbf" + text.encode())

    run(source, target)

    (path,) = target.iterdir()
    assert path.read_bytes() == text.encode()


def test_both_directions_of_one_file_become_two_files(source: Path, target: Path) -> None:
    write(
        source,
        {"1_a.sql": "-- migrate:up transaction:false\nVACUUM;\n\n-- migrate:down\nSELECT 'back';\n"},
    )
    run(source, target)

    assert (target / "20000101_000000_a.sql").read_text() == "-- Transaction: none\nVACUUM;\n"
    assert (target / "20000101_000000_a.down.sql").read_text() == "SELECT 'back';\n"


def test_pairs_of_files_stay_pairs(source: Path, target: Path) -> None:
    write(source, {"1_a.up.sql": "SELECT 1;", "1_a.down.sql": "SELECT -1;", "2_b.up.sql": "SELECT 2;"})

    run(source, target)

    assert names(target) == ["20000101_000000_a.down.sql", "20000101_000000_a.sql", "20000101_000001_b.sql"]
    assert (target / "20000101_000000_a.down.sql").read_text() == "SELECT -1;"


def test_every_problem_of_every_file_is_said_and_nothing_is_written(source: Path, target: Path) -> None:
    write(
        source,
        {
            "1_a.up.sql": "SELEC 1;",
            "1_a.down.sql": "\nDROP TABL a;",
            "2_b.up.sql": "BEGIN;\nSELECT 2;",
            "3_c.up.sql": "SELECT 3;",
            "4_d.up.sql": "\\i other.sql",
        },
    )
    (source / "5_e.up.sql").write_bytes("SELECT 1".encode("utf-16"))

    with pytest.raises(ImportRefused) as refused:
        run(source, target)

    places = [str(problem).split(": ")[0] for problem in refused.value.problems]
    assert places == ["1_a.up.sql:1:1", "1_a.down.sql:2:6", "2_b.up.sql:1:1", "4_d.up.sql:1:1", "5_e.up.sql"]
    assert "Nothing was imported: 5 problems." in str(refused.value)
    assert names(target) == []


def test_a_problem_below_the_marker_is_told_with_the_line_of_the_file(source: Path, target: Path) -> None:
    write(source, {"1_a.sql": "-- +goose Up\nSELECT 1;\n-- +goose Down\nDROP TABL a;\n"})

    with pytest.raises(ImportRefused, match=r"1_a\.sql:4:6: "):
        run(source, target)


def test_a_dry_run_says_the_same_and_writes_nothing(source: Path, target: Path) -> None:
    write(source, {"1_a.sql": "SELECT 1;", "2_b.sql": "SELECT 1;"})

    tried = run(source, target, dry_run=True)
    assert names(target) == []

    done = run(source, target)
    assert [one.texts for one in tried.written] == [one.texts for one in done.written]
    assert tried.warnings == done.warnings
    assert any("have the same content" in one for one in done.warnings)


def test_importing_again_warns_of_what_is_there_already(source: Path, target: Path) -> None:
    write(source, {"1_a.sql": "-- migrate:up transaction:false\nVACUUM;\n"})

    assert not any("there already" in one for one in run(source, target).warnings)
    again = run(source, target)

    assert "1_a.sql has the same content as 20000101_000000_a.sql, which is there already." in again.warnings


@pytest.mark.parametrize("interrupted", [1, 2, 3])
def test_nothing_is_left_after_ctrl_c(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch, interrupted: int
) -> None:
    write(source, {"1_a.up.sql": "SELECT 1;", "1_a.down.sql": "SELECT 2;", "2_b.up.sql": "SELECT 3;"})
    moves = 0
    rename = Path.rename

    def rename_until(self: Path, to: Path) -> Path:
        nonlocal moves
        moves += 1
        moved = rename(self, to)
        if moves == interrupted:
            raise KeyboardInterrupt
        return moved

    monkeypatch.setattr(Path, "rename", rename_until)
    with pytest.raises(KeyboardInterrupt):
        run(source, target)

    assert names(target) == []


def test_a_file_that_appears_meanwhile_is_not_overwritten(
    source: Path, target: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(source, {"1_a.sql": "SELECT 1;", "2_b.sql": "SELECT 2;"})
    write_aside = importing._write

    def appear(*args: object) -> None:
        write(target, {"20000101_000001_b.sql": "SELECT 'mine';"})
        write_aside(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(importing, "_write", appear)
    with pytest.raises(SqlMigrationsError, match="appeared meanwhile"):
        run(source, target)

    assert names(target) == ["20000101_000001_b.sql"]
    assert (target / "20000101_000001_b.sql").read_text() == "SELECT 'mine';"


def test_foreign_comments_that_look_like_our_header_become_prose(source: Path, target: Path) -> None:
    text = "-- Deploy users\n-- requires: roles\n-- Depends: gone.0001_x\n-- Transaction: none\nSELECT 1;\n"
    write(source, {"1_a.sql": text})

    report = run(source, target)

    (path,) = target.iterdir()
    assert path.read_text() == text.replace("requires:", "requires").replace("Depends:", "Depends")
    assert scan(target).problems == ()
    assert scan(target).files[0].header.transaction == "none"
    assert any("2 comment lines" in one for one in report.warnings)


def test_edges_between_our_own_files_follow_their_new_names(source: Path, target: Path) -> None:
    write(
        source,
        {
            "20240101_000000_a.sql": "SELECT 1;",
            "20240102_000000_b.sql": "-- Depends: sql_migrations.20240101_000000_a\nSELECT 2;\n",
        },
    )
    write(target, {"20250101_000000_present.sql": "SELECT 0;"})

    run(source, target)

    text = (target / "20250101_000002_b.sql").read_text()
    assert text == "-- Depends: sql_migrations.20250101_000001_a\nSELECT 2;\n"


def test_what_the_files_stand_on_is_written_once_below_their_comment(source: Path, target: Path) -> None:
    write(
        source,
        {
            "1_a.sql": "-- Find types sooner.\n\nCREATE INDEX types_x ON django_content_type (app_label);\n",
            "2_b.sql": "CREATE INDEX types_y ON django_content_type (app_label);\n",
        },
    )
    loader = MigrationLoader(None, ignore_no_migrations=True)

    run(source, target, loader=loader)

    first, second = (path.read_text() for path in sorted(target.iterdir()))
    comment, header, rest = first.split("\n", 2)
    assert comment == "-- Find types sooner."
    assert header.startswith("-- Depends: contenttypes.0002_")
    assert rest == "\nCREATE INDEX types_x ON django_content_type (app_label);\n"
    assert second == "CREATE INDEX types_y ON django_content_type (app_label);\n"


def test_a_table_that_the_orm_owns_is_told_with_its_owner(source: Path, target: Path) -> None:
    write(source, {"1_a.sql": "CREATE TABLE patients (id integer);\n"})

    report = run(source, target, loader=MigrationLoader(None, ignore_no_migrations=True))

    assert any("1_a.sql:1:1: table patients is created by patients.0001_" in one for one in report.warnings)


def test_several_folders_and_files_are_imported_one_after_the_other(source: Path, target: Path, tmp_path: Path) -> None:
    other = tmp_path / "other"
    other.mkdir()
    write(source, {"V2__b.sql": "SELECT 2;", "V10__c.sql": "SELECT 3;", "V1__a.sql": "SELECT 1;"})
    write(other, {"1_d.sql": "SELECT 4;"})

    report = import_files([source / "V10__c.sql", source / "V2__b.sql", other], target, now=NOW)

    assert report.layout == "flyway, plain"
    assert [one.source.name for one in report.written] == ["V2__b.sql", "V10__c.sql", "1_d.sql"]


def test_paths_that_make_no_sense_are_refused(source: Path, target: Path) -> None:
    write(source, {"1_a.sql": "SELECT 1;"})

    with pytest.raises(SqlMigrationsError, match="named twice"):
        import_files([source, source / "1_a.sql"], target, now=NOW)
    with pytest.raises(SqlMigrationsError, match="are there already"):
        run(source, source)
    with pytest.raises(SqlMigrationsError, match="is not a folder"):
        run(source, target / "missing")


def test_a_name_that_is_too_long_is_cut(source: Path, target: Path) -> None:
    write(source, {f"1_{'word_' * 45}x.sql": "SELECT 1;"})

    report = run(source, target)

    assert len(report.written[0].name) < 255 - len(".down")
    assert any("too long" in one for one in report.warnings)
    assert scan(target).problems == ()
