"""What shows or withholds health information says in the trail what consent said of it, and which consent that was."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.urls import reverse
from django.utils import timezone

from compliance.access import require
from compliance.audit.context import acting
from compliance.consent.errors import ConsentMissing
from compliance.models import AuditLog, BreakGlassGrant, CareRelationship
from patients.models import Allergy, Patient
from records.fhir import export
from records.models import MedicalRecord
from tests.compliance.screens import page
from tests.logins import as_app

if TYPE_CHECKING:
    from django.test import Client

    from compliance.models import ConsentRecord, User
    from providers.models import Provider
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db
SEEN = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)


@pytest.fixture
def inside(client: Client, physician: User, patient: Patient) -> Client:
    """A physician who treats the patient, and wrote none of the records."""
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=SEEN)
    client.force_login(physician)
    return client


@pytest.fixture
def part2(patient: Patient, provider: Provider) -> MedicalRecord:
    return MedicalRecord.objects.create(
        patient=patient,
        author=provider,
        record_type="progress_note",
        title="Methadone",
        is_part2=True,
        effective_at=SEEN,
    )


def part2_consent(gives: Gives, **facts: Any) -> ConsentRecord:
    return gives(consent_type="part2_tpo", purposes=["TREAT"], sensitivity_labels=["42CFRPart2"], **facts)


def entry(event: str, **about: Any) -> AuditLog:
    return AuditLog.objects.filter(event_type=event, **about).order_by("-id")[0]


def said(one: AuditLog) -> tuple[str | None, int | None]:
    return one.consent_decision, one.consent_id


def test_a_page_that_took_no_consent_says_so(inside: Client, record: MedicalRecord) -> None:
    assert inside.get(page(MedicalRecord, "change", record.pk)).status_code == 200

    assert said(entry("read", table_name="medical_records")) == ("not_required", None)


@pytest.mark.parametrize("view", ["change", "history"])
def test_a_page_that_a_consent_released_names_it(inside: Client, part2: MedicalRecord, gives: Gives, view: str) -> None:
    consent = part2_consent(gives)

    assert inside.get(page(MedicalRecord, view, part2.pk)).status_code == 200

    assert said(entry("read", table_name="medical_records", object_id=part2.pk)) == ("permit", consent.pk)


@pytest.mark.parametrize("view", ["change", "history"])
def test_a_page_that_a_rule_withholds_says_that_consent_denied_it(
    inside: Client, part2: MedicalRecord, patient: Patient, view: str
) -> None:
    assert inside.get(page(MedicalRecord, view, part2.pk)).status_code == 302

    denial = entry("denied", table_name="medical_records", object_pk=str(part2.pk))
    assert (*said(denial), denial.patient_id) == ("deny", None, patient.pk)


def test_a_page_that_a_restriction_withholds_names_it(inside: Client, record: MedicalRecord, restricts: Gives) -> None:
    restriction = restricts(resource_types=["DocumentReference"])

    assert inside.get(page(MedicalRecord, "change", record.pk)).status_code == 302

    assert said(entry("denied", table_name="medical_records")) == ("deny", restriction.pk)


@pytest.mark.parametrize("search", ["", "?q=nothing"])
def test_a_list_names_the_consents_that_withhold_something_from_it(
    inside: Client, record: MedicalRecord, restricts: Gives, search: str
) -> None:
    restriction = restricts(resource_types=["DocumentReference"])

    answer = inside.get(page(MedicalRecord, "changelist") + search)

    assert list(answer.context_data["cl"].result_list) == []
    assert entry("query", table_name="medical_records").consent_ids == [restriction.pk]


def test_a_list_names_the_consents_that_released_what_it_shows(
    inside: Client, part2: MedicalRecord, allergy: Allergy, gives: Gives
) -> None:
    inside.get(page(MedicalRecord, "changelist"))
    assert entry("query", table_name="medical_records").consent_ids is None

    consent = part2_consent(gives)
    answer = inside.get(page(MedicalRecord, "changelist"))

    assert list(answer.context_data["cl"].result_list) == [part2]
    assert entry("query", table_name="medical_records").consent_ids == [consent.pk]
    inside.get(page(Patient, "changelist"))
    assert entry("query", table_name="patients").consent_ids is None, "of who a patient is no consent had to be given"


def test_a_consent_that_withholds_from_others_care_is_no_matter_of_a_list(
    inside: Client, record: MedicalRecord, other_patient: Patient, restricts: Gives
) -> None:
    restricts(patient=other_patient)

    inside.get(page(MedicalRecord, "changelist"))

    assert entry("query", table_name="medical_records").consent_ids is None


def test_choices_that_are_offered_are_a_list_like_any_other(
    inside: Client, record: MedicalRecord, restricts: Gives
) -> None:
    restriction = restricts(resource_types=["DocumentReference"])

    asked = {"term": "", "app_label": "records", "model_name": "prescription", "field_name": "medical_record"}
    answer = inside.post(reverse("admin:autocomplete"), asked)

    assert answer.json()["results"] == []
    assert entry("query", table_name="medical_records").consent_ids == [restriction.pk]


@pytest.mark.parametrize("said_as", ["the usual", "the context", "an argument"])
def test_a_capability_that_consent_refuses_names_it_for_the_purpose_that_was_asked(
    patient: Patient, administrator: User, restricts: Gives, said_as: str
) -> None:
    restriction = restricts(purposes=["HPAYMT"])
    told = {"the context": {"purpose": "HPAYMT"}}.get(said_as, {})
    asked = {"purpose": "HPAYMT"} if said_as == "an argument" else {}
    if said_as == "the usual":
        administrator.role = "billing"

    with acting(administrator, **told), pytest.raises(ConsentMissing, match="payment"):
        require(administrator, "patients.view_patient", patient, **asked)

    denial = entry("denied", table_name="patients")
    assert (*said(denial), denial.purpose_of_use) == ("deny", restriction.pk, "HPAYMT")


def test_an_export_names_all_consents_that_speak_about_it(
    patient: Patient, part2: MedicalRecord, administrator: User, gives: Gives, restricts: Gives
) -> None:
    consent, restriction = part2_consent(gives), restricts(resource_types=["Coverage"])
    restricts(purposes=["HPAYMT"])
    parts: list[str] = []

    with acting(administrator, purpose="TREAT"), as_app():
        export.write(patient.uid, parts.append)

    assert "Methadone" in "".join(parts)
    exported = entry("export", patient_id=patient.pk)
    assert exported.consent_ids == sorted([consent.pk, restriction.pk])
    assert exported.consent_decision == "not_required"


def test_an_export_that_consent_refuses_is_a_denial_with_it(
    patient: Patient, administrator: User, restricts: Gives
) -> None:
    restriction = restricts(resource_types=["Patient"])

    with acting(administrator, purpose="TREAT"), pytest.raises(ConsentMissing):
        export.write(patient.uid, [].append)

    assert said(entry("denied", table_name="patients")) == ("deny", restriction.pk)
    assert not AuditLog.objects.filter(event_type="export").exists()


def test_an_emergency_that_goes_before_a_restriction_is_no_consent(
    inside: Client, record: MedicalRecord, physician: User, restricts: Gives
) -> None:
    restricts()
    now = timezone.now()
    BreakGlassGrant.objects.create(
        patient=record.patient,
        user=physician,
        reason="Unconscious",
        opened_at=now,
        ends_at=now + timedelta(hours=1),
        proved_at=now,
    )

    assert inside.get(page(MedicalRecord, "change", record.pk)).status_code == 200

    assert said(entry("read", table_name="medical_records")) == ("not_required", None)
