"""What the admin shows of consents: at a glance, over time, compared, on paper, and what ends soon."""

from __future__ import annotations

from datetime import date, timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from compliance.consent.giving import give, revise
from compliance.consent.value_sets import ConsentType
from compliance.consent.verifying import verify
from compliance.consent.withdrawing import withdraw
from compliance.models import AuditLog, ConsentRecord, ConsentRule, User
from patients.merging import merge
from patients.models import Patient
from tests.compliance.consent.typing_in import text_of
from tests.compliance.screens import page
from tests.logins import as_app

if TYPE_CHECKING:
    from django.test import Client

    from tests.compliance.consent.conftest import Gives

FAR = timezone.now() + timedelta(days=400)


def lines(officer: Client, patient: Patient) -> dict[str, str]:
    """What holds, by what it is about."""
    context = officer.get(page(ConsentRecord, "of", patient.pk)).context
    return {what: why for one in context["standing"] for what, why in one.lines().items()}


def test_without_a_consent_the_rules_speak_with_their_citation(officer: Client, patient: Patient) -> None:
    text = text_of(officer.get(page(ConsentRecord, "of", patient.pk)))

    assert "Research no authorization, so denied (45 CFR 164.508(a)(1), 164.512(i))" in text
    assert "Treatment permitted without a consent (45 CFR 164.506(c)(2)" in text
    assert text.count("Psychotherapy note no authorization") == 2  # once for all purposes, once for one's own request
    assert "Nothing has been recorded." in text


def test_consents_speak_with_their_time_and_lead_to_themselves(
    officer: Client, patient: Patient, gives: Gives, restricts: Gives
) -> None:
    research = gives(exceptions=[{"decision": "deny", "sensitivity_labels": ["GDIS"]}])
    restricts(purposes=["HPAYMT"], sensitivity_labels=["HIV"])

    found = lines(officer, patient)

    day = f"{timezone.now():%Y-%m-%d}"
    assert found["Payment, HIV or AIDS"].startswith(f"restricted since {day}")
    assert found["Payment"].startswith("permitted without a consent (45 CFR 164.506(c)(3)")
    assert found["Research"].startswith(f"permitted since {day}")
    assert found["Research"].endswith("until 2090-01-01 00:00 UTC")
    assert found["Research, Genetic disease"].startswith("refused by an exception since")
    answer = officer.get(page(ConsentRecord, "of", patient.pk))
    assert f'href="{page(ConsentRecord, "change", research.pk)}"' in answer.content.decode()
    assert f"consent {research.pk} 45 CFR 164.508(a)(1)" in text_of(answer)


def test_what_holds_for_a_part_for_somebody_or_later_is_said_besides(
    officer: Client, patient: Patient, gives: Gives, restricts: Gives
) -> None:
    gives(exceptions=[{"decision": "deny", "roles": ["nurse"]}])
    restricts(purposes=["HPAYMT"], resource_types=["MedicationRequest"])
    restricts(purposes=["HMARKT"], starts_at=FAR)

    found = lines(officer, patient)
    besides = [sentence for _, sentence in officer.get(page(ConsentRecord, "of", patient.pk)).context["narrower"]]

    assert found["Payment"].startswith("permitted without")
    assert besides[0] == "Exception 1 denies: all of its purposes; for the role Nurse."
    assert "Denies: Payment; in Prescriptions" in besides[1]
    assert f"Denies: Marketing; from {FAR:%Y-%m-%d %H:%M} UTC" in besides[2]


def test_a_withdrawal_and_an_end_show_at_once(officer: Client, patient: Patient, reviewer: User, gives: Gives) -> None:
    consent = gives()
    assert lines(officer, patient)["Research"].startswith("permitted since")

    withdraw(consent, by=reviewer, channel="letter")

    assert lines(officer, patient)["Research"].startswith("no authorization, so denied")


def test_a_consent_of_one_record_is_shown_on_all_records_of_the_person(
    officer: Client, patient: Patient, other_patient: Patient, administrator: User, gives: Gives
) -> None:
    gives()
    merge(patient, into=other_patient, by=administrator)

    context = officer.get(page(ConsentRecord, "of", other_patient.pk)).context

    assert lines(officer, other_patient)["Research"].startswith("permitted since")
    assert [entry.happened for entry, _, _ in context["timeline"]] == ["Given"]


def test_the_timeline_tells_each_version_and_what_it_changed(
    officer: Client, patient: Patient, reviewer: User, gives: Gives
) -> None:
    verified = verify(gives(), by=reviewer)
    withdraw(verified, by=reviewer, channel="letter")

    timeline = [entry for entry, _, _ in officer.get(page(ConsentRecord, "of", patient.pk)).context["timeline"]]

    assert [entry.happened for entry in timeline] == ["Withdrawn", "Verified", "Given"]
    assert [change.what for change in timeline[0].changes][:2] == ["Status", "Verified by"]
    assert [entry.stands for entry in timeline][1:] == ["superseded by version 3", "superseded by version 2"]


def test_versions_are_compared_field_by_field_and_exception_by_exception(
    officer: Client, reviewer: User, gives: Gives
) -> None:
    first = gives(exceptions=[{"decision": "deny", "sensitivity_labels": ["HIV"]}])
    second = revise(
        first, by=reviewer, exceptions=[], recipients=["Another registry"], ends_at=None, expires_event="end"
    )
    third = verify(second, by=reviewer)

    changes = {one.what: one[1:] for one in officer.get(page(ConsentRecord, "compare", second.pk)).context["changes"]}
    assert changes == {
        "Ends at": ("2090-01-01 00:00 UTC", "-"),
        "Expires event": ("-", "end"),
        "Recipients": ("The registry of sore throats", "Another registry"),
        "Exception 1": ("Exception 1 denies: all of its purposes; of HIV or AIDS.", "-"),
    }
    far = officer.get(page(ConsentRecord, "compare", third.pk), {"with": "1"}).context
    assert {one.what for one in far["changes"]} == {*changes, "Verified by", "Verified at"}
    assert (far["before"].version_no, far["after"].version_no) == (1, 3)


@pytest.mark.parametrize("asked", ["", "9", "x", "9" * 30])
def test_a_version_that_is_not_there_is_compared_with_the_one_before(
    officer: Client, reviewer: User, gives: Gives, asked: str
) -> None:
    second = verify(gives(), by=reviewer)

    context = officer.get(page(ConsentRecord, "compare", second.pk), {"with": asked}).context

    assert (context["before"].version_no, context["after"].version_no) == (1, 2)


def test_a_consent_that_a_minor_gave_alone_is_marked_confidential(
    officer: Client, patient: Patient, reviewer: User
) -> None:
    Patient.objects.filter(pk=patient.pk).update(birth_date=date(timezone.localdate().year - 13, 1, 1))
    with as_app():
        alone = give(
            patient, by=reviewer, consent_type=ConsentType.TREATMENT, purposes=["TREAT"], sensitivity_labels=["STD"]
        )

    for address in (page(ConsentRecord, "of", patient.pk), page(ConsentRecord, "printed", alone.pk)):
        text = text_of(officer.get(address))
        assert "Confidential to the minor, who gave this alone" in text
        assert "(45 CFR 164.502(g)(3)(i); state law)" in text


# Bounded, recorded, and shown to who may


def test_a_glance_takes_as_many_queries_for_many_consents_as_for_one(
    officer: Client, patient: Patient, reviewer: User, gives: Gives
) -> None:
    def asked() -> int:
        with CaptureQueriesContext(connection) as queries:
            officer.get(page(ConsentRecord, "of", patient.pk))
        return len(queries)

    verify(gives(exceptions=[{"decision": "deny", "sensitivity_labels": ["HIV"]}]), by=reviewer)
    one = asked()
    for number in range(10):
        verify(
            gives(recipients=[f"Registry {number}"], exceptions=[{"decision": "deny", "sensitivity_labels": ["HIV"]}]),
            by=reviewer,
        )

    assert asked() == one


def test_each_page_leaves_its_entry(officer: Client, patient: Patient, reviewer: User, gives: Gives) -> None:
    consent = gives()
    before = AuditLog.objects.count()

    officer.get(page(ConsentRecord, "of", patient.pk))
    officer.get(page(ConsentRecord, "document", consent.pk))
    officer.get(page(ConsentRecord, "printed", consent.pk))

    entries = AuditLog.objects.order_by("id")[before:]
    assert [(one.event_type, one.table_name) for one in entries] == [
        ("query", "consent_records"),
        ("read", "consent_records"),
        ("print", "consent_records"),
    ]
    assert entries[0].patient_ids == [patient.pk]


def test_a_patient_out_of_reach_has_no_page(client: Client, patient: Patient, physician: User, gives: Gives) -> None:
    consent = gives()
    client.force_login(physician)

    assert client.get(page(ConsentRecord, "of", patient.pk)).status_code == 302
    assert client.get(page(ConsentRecord, "of", "x")).status_code == 302
    for view in ("compare", "printed", "document", "consents", "revise"):
        assert client.get(page(ConsentRecord, view, consent.pk)).status_code == 404


def test_the_rules_are_read_and_not_changed(officer: Client) -> None:
    rule = ConsentRule.objects.get(purpose="HRESCH", label="*")

    assert "Research needs an authorization" in text_of(officer.get(page(ConsentRule, "change", rule.pk)))
    assert "any without a rule of its own" in text_of(officer.get(page(ConsentRule, "changelist")))
    assert officer.post(page(ConsentRule, "change", rule.pk), {"decision": "permit"}).status_code == 403
