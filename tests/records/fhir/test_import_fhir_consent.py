"""The command: whose name it acts in, what it says, and what it does with a file that is no Consent."""

from __future__ import annotations

import io
import json
from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command

from compliance.audit import context
from compliance.models import ConsentRecord, User
from tests.logins import as_app
from tests.records.fhir import consents

if TYPE_CHECKING:
    from pathlib import Path

    from compliance.models import User as Account
    from patients.models import Patient

pytestmark = pytest.mark.django_db


def run(path: Path, patient: Patient, by: Account) -> str:
    """Run the command in an account's name, with the application's login, as it runs."""
    out = io.StringIO()
    with context.acting(by), as_app():
        call_command("import_fhir_consent", str(path), "--patient", str(patient.uid), stdout=out)
    return out.getvalue()


@pytest.fixture
def path(patient: Patient, tmp_path: Path) -> Path:
    found = tmp_path / "consent.json"
    found.write_text(json.dumps(consents.resource(patient)), encoding="utf-8")
    return found


def test_it_says_what_it_recorded(path: Path, patient: Patient, administrator: Account) -> None:
    said = run(path, patient, administrator)

    made = ConsentRecord.objects.get()
    assert said == f"Recorded consent {made.consent_uid}, version 1, Active.\n"
    assert made.recorded_by == administrator


def test_the_front_desk_records_what_a_patient_brings(path: Path, patient: Patient) -> None:
    account = User.objects.create_user("desk@clinic.example", role="front_desk")

    assert run(path, patient, account).startswith("Recorded consent ")
    assert ConsentRecord.objects.get().recorded_by == account


def test_a_patient_whom_the_account_does_not_reach_is_not_there(path: Path, patient: Patient) -> None:
    account = User.objects.create_user("nurse@clinic.example", role="nurse")

    with pytest.raises(CommandError, match="No patient has this uid"):
        run(path, patient, account)


def test_somebody_records_it_or_nobody(path: Path, patient: Patient) -> None:
    with pytest.raises(CommandError, match="Say who records it, for example --as"):
        call_command("import_fhir_consent", str(path), "--patient", str(patient.uid))

    assert not ConsentRecord.objects.exists()


def test_each_problem_has_a_line_of_its_own(path: Path, patient: Patient, administrator: Account) -> None:
    path.write_text(json.dumps(consents.resource(patient, language="en", status="unknown")), encoding="utf-8")

    with pytest.raises(CommandError) as refused:
        run(path, patient, administrator)

    lines = str(refused.value).splitlines()
    assert [line.partition(": ")[0] for line in lines] == ["Consent.status", "Consent.language"]


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"", "see line 1, column 1"),
        (b'{"resourceType": "Consent",', "see line 1, column 28"),
        (b'{"status": "draft", "status": "active"}', "an object has one name twice"),
        (b'["Marigold"]', "it is no object"),
        (b'{"a": NaN}', "it has NaN or Infinity"),
        (b'{"a": "\xff"}', "it is not UTF-8"),
        (b"[" * 100_000, "it is nested too deep"),
    ],
)
def test_a_file_that_is_no_resource_is_refused_without_its_content(
    path: Path, patient: Patient, administrator: Account, content: bytes, problem: str
) -> None:
    path.write_bytes(content)

    with pytest.raises(CommandError, match=problem) as refused:
        run(path, patient, administrator)

    assert "Marigold" not in str(refused.value)


@pytest.mark.parametrize("content", ["{}", '{"resourceType": "Patient"}', '{"resourceType": ["Consent"]}'])
def test_another_resource_is_no_consent(path: Path, patient: Patient, administrator: Account, content: str) -> None:
    path.write_text(content, encoding="utf-8")

    with pytest.raises(CommandError, match=r"^Consent\.resourceType: This is no Consent"):
        run(path, patient, administrator)


def test_a_nest_of_exceptions_is_refused_however_deep(path: Path, patient: Patient, administrator: Account) -> None:
    deep = consents.exception()
    for _ in range(200):
        deep = consents.exception(provision=[deep])
    whole = consents.resource(patient, provision=consents.provision(provision=[deep]))
    path.write_text(json.dumps(whole), encoding="utf-8")

    with pytest.raises(CommandError, match=r"^Consent\.provision\.provision\[0\]\.provision: Exceptions to exceptions"):
        run(path, patient, administrator)


def test_a_file_that_is_not_there_is_named(path: Path, patient: Patient, administrator: Account) -> None:
    with pytest.raises(CommandError, match=r"missing\.json cannot be read: No such file"):
        run(path.with_name("missing.json"), patient, administrator)


def test_an_unknown_patient_is_a_sentence(path: Path, patient: Patient, administrator: Account) -> None:
    nobody = type(patient)()

    with pytest.raises(CommandError, match="No patient has this uid"):
        run(path, nobody, administrator)
