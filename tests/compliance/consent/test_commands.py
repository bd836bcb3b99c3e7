"""`manage.py consent`: a decision explained to people and to programs, and the defaults."""

from __future__ import annotations

import json
import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.core.management import CommandError, call_command

from compliance.consent.defaults import defaults
from compliance.consent.restricting import restrict_self_paid
from compliance.consent.value_sets import ConsentLabel
from compliance.models import AuditLog, ConsentRule
from compliance.purposes import Purpose
from tests.logins import as_app

if TYPE_CHECKING:
    from compliance.models import User
    from patients.models import Patient
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db
TIME = r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC"


def explained(patient: Patient, *words: str) -> None:
    call_command("consent", "explain", "--patient", str(patient.uid), *words)


def test_it_says_what_was_decided_by_what_and_what_would_change_it(
    patient: Patient, physician: User, restricts: Gives, capsys: pytest.CaptureFixture[str]
) -> None:
    refusal = restricts(sensitivity_labels=["HIV"])

    explained(
        patient, "--purpose", "TREAT", "--as", physician.email, "--label", "HIV", "STD", "--resource", "Encounter"
    )

    said = re.sub(TIME, "TIME", capsys.readouterr().out)
    assert said == (
        f"Denied: Encounter with HIV, STD, for TREAT, to {physician.email}.\n"
        "As of TIME. A consent of the patient denies this.\n"
        "\n"
        "What spoke about HIV:\n"
        f"  5  consent {refusal.pk} denies: Restriction that the patient asked for: version 1, recorded on TIME. "
        "[45 CFR 164.522(a)] (a consent that names the label)  <- decided\n"
        "  1  rule permits: Treatment needs no authorization. [45 CFR 164.506(c)(2); emergencies: 164.522(a)(1)(iii)] "
        "(a rule for any information)\n"
        "\n"
        "What spoke about STD:\n"
        "  1  rule permits: Treatment needs no authorization. [45 CFR 164.506(c)(2); emergencies: 164.522(a)(1)(iii)] "
        "(a rule for any information)\n"
        "\n"
        "What would change it:\n"
        f"  withdrawing consent {refusal.pk}\n"
        "  opening an emergency\n"
    )


def test_a_rule_is_told_with_its_citation_and_for_any_account(
    patient: Patient, capsys: pytest.CaptureFixture[str]
) -> None:
    explained(patient, "--purpose", "HMARKT")

    lines = capsys.readouterr().out.splitlines()
    assert lines[0] == "Denied: the chart, for HMARKT, to any account."
    assert lines[1].endswith(" UTC. Marketing needs an authorization.")
    assert lines[2] == "Citation: 45 CFR 164.508(a)(3)"
    assert lines[4] == "What spoke:"
    assert lines[5] == (
        "  1  rule denies: Marketing needs an authorization. [45 CFR 164.508(a)(3)] (a rule for any information)"
        "  <- decided"
    )


def test_a_refusal_about_a_visit_is_named_though_it_says_nothing_of_the_chart(
    encounter: Any, reviewer: User, capsys: pytest.CaptureFixture[str]
) -> None:
    with as_app():
        self_paid = restrict_self_paid(encounter.patient, encounter, by=reviewer)

    explained(encounter.patient, "--purpose", "HPAYMT")

    said = capsys.readouterr().out
    assert said.startswith("Permitted: the chart, for HPAYMT, to any account.\n")
    assert (
        f"\nDid not speak, being about other information, days, a visit or accounts: consent {self_paid.pk}.\n" in said
    )


def test_a_program_gets_one_document(patient: Patient, gives: Gives, capsys: pytest.CaptureFixture[str]) -> None:
    consent = gives()

    explained(patient, "--purpose", "HRESCH", "--json")

    said: dict[str, Any] = json.loads(capsys.readouterr().out)
    assert (said["permits"], said["basis"], said["account"]) == (True, "consent", None)
    assert said["reasons"][0]["consent"] == consent.pk
    assert AuditLog.objects.latest().consent_id == consent.pk


@pytest.mark.parametrize(
    ("words", "moment"),
    [
        ("2026-03-08T02:30", datetime(2026, 3, 8, 2, 30, tzinfo=UTC)),  # not there in New York
        ("2026-11-01T01:30-04:00", datetime(2026, 11, 1, 5, 30, tzinfo=UTC)),  # twice there: the first
        ("2026-11-01T01:30-05:00", datetime(2026, 11, 1, 6, 30, tzinfo=UTC)),  # and the second
        ("2026-11-01T01:30Z", datetime(2026, 11, 1, 1, 30, tzinfo=UTC)),
        ("2026-11-01", datetime(2026, 11, 1, tzinfo=UTC)),
    ],
)
def test_a_time_is_in_utc_or_in_the_zone_that_it_says_and_is_told_in_utc(
    patient: Patient, capsys: pytest.CaptureFixture[str], words: str, moment: datetime
) -> None:
    explained(patient, "--purpose", "TREAT", "--at", words)

    assert f"As of {moment:%Y-%m-%d %H:%M:%S} UTC." in capsys.readouterr().out
    assert datetime.fromisoformat(AuditLog.objects.latest().additional_data["explained"]["at"]) == moment


def test_what_held_then_is_told_for_then(
    patient: Patient, restricts: Gives, capsys: pytest.CaptureFixture[str]
) -> None:
    ConsentRule.objects.update(starts_at=datetime(2020, 1, 1, tzinfo=UTC))
    restricts()
    before = datetime(2021, 1, 1, tzinfo=UTC).isoformat()

    explained(patient, "--purpose", "TREAT", "--at", before)
    explained(patient, "--purpose", "TREAT")

    answers = [line.split(":")[0] for line in capsys.readouterr().out.splitlines() if ", for TREAT, " in line]
    assert answers == ["Permitted", "Denied"]


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (["--purpose", "FUN"], f"this is not a known purpose; there are {', '.join(Purpose.values)}."),
        (["--purpose", "TREAT", "--label", "SHY"], f"this is not a known label; there are {', '.join(ConsentLabel)}."),
        (["--purpose", "TREAT", "--resource", "Cat"], "this is not a known resource type; there are Patient, "),
        (["--purpose", "TREAT", "--at", "noon"], "write the time as 2024-06-01 or 2024-06-01T08:30."),
        (["--purpose", "TREAT", "--patient", "Quillfeather"], "this is no uid; no name and no record number is taken"),
        (["--purpose", "TREAT", "--as", "nobody@clinic.example"], "No account has this e-mail address."),
        (["--purpose", "TREAT", "--patient", "123e4567-e89b-42d3-a456-426614174000"], "No patient has this uid."),
        ([], "the following arguments are required: --purpose"),
    ],
)
def test_what_it_cannot_use_is_a_sentence_and_nothing_is_told(
    patient: Patient, capsys: pytest.CaptureFixture[str], words: list[str], sentence: str
) -> None:
    entries = AuditLog.objects.count()

    with pytest.raises(CommandError) as refused:
        explained(patient, *words)

    assert sentence in str(refused.value)
    assert "Quillfeather" not in str(refused.value)
    assert capsys.readouterr().out == ""
    assert AuditLog.objects.count() == entries


def test_a_program_gets_a_refusal_as_a_document(patient: Patient, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(CommandError):
        explained(patient, "--purpose", "TREAT", "--as", "nobody@clinic.example", "--json")

    assert json.loads(capsys.readouterr().out) == {
        "error": "No account has this e-mail address.",
        "kind": "NoSuchAccount",
    }


# The rules.


def test_the_rules_are_told_one_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("consent", "rules")

    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(defaults().rules)
    assert "*, 42CFRPart2" not in lines[0]
    assert lines[0] == (
        "TREAT, any information: permit; an emergency goes before a refusal. Treatment needs no authorization. "
        "(45 CFR 164.506(c)(2); emergencies: 164.522(a)(1)(iii))"
    )


def test_the_rules_are_told_to_a_program(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("consent", "rules", "--json")

    said = json.loads(capsys.readouterr().out)
    assert said["majority"] == defaults().majority
    assert said["rules"] == [one._asdict() for one in defaults().rules]


def test_the_check_says_whether_the_database_holds_them(capsys: pytest.CaptureFixture[str]) -> None:
    call_command("consent", "rules", "--check")
    assert capsys.readouterr().out == "The database holds the rules of rules.toml.\n"

    ConsentRule.objects.filter(purpose="HRESCH").update(decision="permit")
    with pytest.raises(SystemExit) as left:
        call_command("consent", "rules", "--check")

    assert left.value.code == 1
    assert "1 are missing, 1 are there besides. Write them into it: manage.py migrate" in capsys.readouterr().out
