"""The command: what it writes where, what it says, and what it leaves when something is wrong."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import subprocess
import sys
import uuid
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.core.management.base import CommandParser
from django.db import connection

from patients.models import Allergy, Patient
from records.fhir import export
from records.management.commands.export_fhir import Command

if TYPE_CHECKING:
    from tests.records.fhir.conftest import Chart

BASE = Path(__file__).parents[3]


def run(uid: object, *options: str) -> tuple[str, str]:
    """Run the command, and return what it wrote to standard output and to standard error."""
    out, err = io.StringIO(), io.StringIO()
    call_command("export_fhir", "--patient", str(uid), *options, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def read(path: Path) -> dict[str, Any]:
    whole: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return whole


@pytest.mark.django_db
def test_standard_output_is_the_bundle_and_nothing_else(chart: Chart) -> None:
    out, err = run(chart.patient.uid, "--indent")

    whole = json.loads(out)
    assert whole["resourceType"] == "Bundle"
    assert err == f"Exported {len(whole['entry'])} resources of 3 patient record(s).\n"


@pytest.mark.django_db
def test_a_file_is_whole_and_only_its_owner_may_read_it(chart: Chart, tmp_path: Path) -> None:
    path = tmp_path / "chart.json"
    path.write_text("what was there before")
    path.chmod(0o644)

    out, _ = run(chart.patient.uid, "--output", str(path))

    assert out == ""
    assert read(path)["type"] == "collection"
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db
def test_a_merged_record_exports_the_one_that_goes_on_and_says_so(chart: Chart) -> None:
    out, err = run(chart.merged.uid)

    assert json.loads(out)["entry"][0]["resource"]["id"] == str(chart.patient.uid)
    assert "was merged into another: that one was exported" in err


@pytest.mark.django_db
def test_an_export_that_fails_leaves_what_was_there(chart: Chart, tmp_path: Path) -> None:
    path = tmp_path / "chart.json"
    path.write_text("what was there before")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE insurance_info SET subscriber_birth_date = 'infinity'")

    with pytest.raises(CommandError, match=r"^insurance_info has a row of this patient with a value that cannot be"):
        run(chart.patient.uid, "--output", str(path))

    assert path.read_text() == "what was there before"
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("where", "reason"),
    [("", "it exists and is not a file"), ("missing/chart.json", "No such file"), ("file/chart.json", "Not a dir")],
)
def test_a_file_that_cannot_be_written_is_named_with_the_reason(
    patient: Patient, tmp_path: Path, where: str, reason: str
) -> None:
    (tmp_path / "file").touch()

    with pytest.raises(CommandError, match=reason) as refused:
        run(patient.uid, "--output", str(tmp_path / where))

    assert str(refused.value).startswith(f"{tmp_path / where} cannot be written: ")


@pytest.mark.django_db
def test_an_unknown_uid_is_a_sentence_and_no_file(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No patient has this uid"):
        run(uuid.uuid4(), "--output", str(tmp_path / "chart.json"))

    assert not list(tmp_path.iterdir())


def test_a_name_is_no_uid_and_is_not_repeated() -> None:
    with pytest.raises(CommandError, match=r"this is not a uid, such as .* command lines are logged") as refused:
        run("Quillfeather")

    assert "Quillfeather" not in str(refused.value)


def test_the_page_has_the_options_of_the_command_and_no_others() -> None:
    page = (BASE / "docs/fhir.md").read_text(encoding="utf-8")
    parser = CommandParser()
    Command().add_arguments(parser)

    options = {option for action in parser._actions for option in action.option_strings if option.startswith("--")}
    assert set(re.findall(r"^\| `(--\w+)` \|", page, flags=re.MULTILINE)) == options - {"--help"}


@pytest.fixture
def own_database(committed_database: None) -> str:
    """The URL of a database of one's own, in which writes are committed."""
    return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()


def with_allergies(count: int) -> Patient:
    one: Patient = Patient.objects.create(
        mrn="1", assigning_authority="x", family_name="Fern", birth_date="1990-01-01", administrative_gender="other"
    )
    Allergy.objects.bulk_create(
        Allergy(patient=one, substance=f"Substance {number}", category="food") for number in range(count)
    )
    return one


def test_a_bundle_is_of_one_moment_whatever_others_write_meanwhile(own_database: str) -> None:
    patient = with_allergies(2)
    pieces: list[str] = []

    def put(piece: str) -> None:
        """Write a third allergy once the first piece comes out: before any allergy has been read."""
        if not pieces:
            with psycopg.connect(own_database) as other:
                other.execute(
                    "INSERT INTO allergies (patient_id, substance, category, clinical_status)"
                    " SELECT id, 'Late', 'food', 'active' FROM patients"
                )
        pieces.append(piece)

    done = export.write(patient.uid, put)

    assert done.entries == len(["patient", "two allergies", "…"])
    assert "Late" not in "".join(pieces)
    assert export.write(patient.uid, pieces.append).entries == done.entries + 1


def test_a_reader_that_goes_away_ends_the_export_with_a_sentence(own_database: str) -> None:
    patient = with_allergies(500)
    connection.close()
    command = [sys.executable, BASE / "manage.py", "export_fhir", "--patient", str(patient.uid)]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "DATABASE_URL": own_database},
    ) as process:
        assert process.stdout
        assert process.stderr
        assert process.stdout.read(20).startswith('{"resourceType"')
        process.stdout.close()
        said = process.stderr.read()

    assert said == "CommandError: Whoever read the output went away before it was whole.\n"
    assert process.returncode == 1
