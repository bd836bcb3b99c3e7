"""`manage.py audit export`: a person's entries, whichever record is named, to standard output or to a whole file."""

from __future__ import annotations

import json
import stat
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection

from compliance.audit import context, exporting
from compliance.models import AuditLog

if TYPE_CHECKING:
    from pathlib import Path

    from patients.models import Patient

pytestmark = pytest.mark.django_db


def latest() -> AuditLog:
    return AuditLog.objects.latest()


def test_the_command_writes_what_is_about_a_patient(
    patient: Patient, other_patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    with context.acting(source="manage.py audit"):
        call_command("audit", "export", "--patient", str(patient.uid), "--from", "2024-01-01", "--format", "jsonl")

    (line,) = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert (line["patient_id"], line["event_type"]) == (patient.pk, "create")
    assert (latest().event_type, latest().patient_ids, latest().result_count) == ("export", [patient.pk], 1)
    assert latest().source == "manage.py audit"


@pytest.mark.parametrize("named", ["the one that goes on", "the merged one"])
def test_it_writes_what_is_about_all_records_of_the_person(
    patient: Patient, merged_patient: Patient, tmp_path: Path, named: str
) -> None:
    goes_on: Any = merged_patient.merged_into
    uid = goes_on.uid if named == "the one that goes on" else merged_patient.uid
    file = tmp_path / "entries.jsonl"

    call_command("audit", "export", "--patient", str(uid), "--format", "jsonl", "--output", str(file))

    lines = [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]
    assert {line["patient_id"] for line in lines} == {goes_on.pk, merged_patient.pk}
    assert latest().patient_ids == sorted([goes_on.pk, merged_patient.pk])


def test_a_file_is_as_standard_output_and_only_its_owner_may_read_it(
    patient: Patient, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    words = ["audit", "export", "--patient", str(patient.uid)]
    file = tmp_path / "entries.csv"

    call_command(*words, "--output", str(file))
    said = capsys.readouterr()
    call_command(*words)

    assert (said.out, said.err) == ("", f"Wrote {file}, which only you may read.\n")
    head, _, *rows = capsys.readouterr().out.splitlines()  # the second line is the entry about the first export
    assert file.read_text(encoding="utf-8").splitlines() == [head, *rows]
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [file]


def test_a_file_that_is_there_is_left_alone_and_nothing_is_exported(patient: Patient, tmp_path: Path) -> None:
    file = tmp_path / "entries.csv"
    file.write_text("of yesterday")

    with pytest.raises(CommandError, match=r"entries\.csv cannot be written: there is one of this name already\."):
        call_command("audit", "export", "--output", str(file))

    assert file.read_text() == "of yesterday"
    assert latest().event_type != "export"


def test_one_that_somebody_makes_meanwhile_is_left_alone_too(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    file = tmp_path / "entries.csv"

    def meanwhile(rows: Any) -> Any:
        file.write_text("somebody else's")
        yield "ours"

    monkeypatch.setitem(exporting.FORMS, "csv", meanwhile)
    with pytest.raises(CommandError, match="File exists"):
        call_command("audit", "export", "--output", str(file))

    assert file.read_text() == "somebody else's"
    assert list(tmp_path.iterdir()) == [file]


def test_an_export_that_fails_halfway_leaves_no_file(
    patient: Patient, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(rows: Any) -> Any:
        yield "the first line\n"
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1 / 0")

    monkeypatch.setitem(exporting.FORMS, "csv", broken)
    with pytest.raises(DatabaseError):
        call_command("audit", "export", "--output", str(tmp_path / "entries.csv"))

    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--patient", "Quillfeather"], "this is no uid"),
        (["--patient", "123e4567-e89b-42d3-a456-426614174000"], "No patient has this uid."),
        (["--from", "June"], "write the time as 2024-06-01"),
    ],
)
def test_the_command_says_what_it_cannot_use(db: None, words: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence) as refused:
        call_command("audit", "export", *words)

    assert "Quillfeather" not in str(refused.value)
