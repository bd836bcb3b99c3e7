"""A patient of whom everything is known that can be, and one merged into them, through another that was merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from appointments.models import Appointment, Encounter, Location
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider
    from records.models import MedicalRecord

# Models load after the settings, so each fixture imports its own.
# ruff: noqa: PLC0415

ICD, LOINC, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://loinc.org", "http://snomed.info/sct"


@dataclass
class Chart:
    """The one that goes on, the record merged into it, and the one that had been merged into that."""

    patient: Patient
    merged: Patient
    merged_first: Patient


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 5, 6, hour, minute, tzinfo=UTC)


@pytest.fixture
def physician(db: None) -> Provider:
    from compliance.models import User
    from providers.models import Provider

    account = User.objects.create_user("physician@clinic.example", first_name="Barnaby", last_name="Thistlewood")
    return Provider.objects.create(
        user=account,
        npi="1993999998",
        family_name="Larkspur",
        given_name="Odette",
        middle_name="Fern",
        credentials="MD, PhD",
        taxonomy_code="207R00000X",
        specialty="Internal medicine",
        department="Medicine East",
        phone="+1 555 0110",
        email="larkspur@clinic.example",
        license_number="L-4471",
        license_state="OR",
        license_expires_on=date(2027, 1, 31),
        dea_number="AB1234563",
        dea_expires_on=date(2027, 2, 28),
        dea_schedules=["II", "IV"],
        active_from=date(2019, 3, 1),
        active_to=date(2030, 3, 1),
    )


@pytest.fixture
def clerk(db: None) -> User:
    """An account of the staff that has no provider."""
    from compliance.models import User

    return User.objects.create_user("clerk@clinic.example", first_name="Ned", last_name="Inkwell")


@pytest.fixture
def examination_room(db: None) -> Location:
    from appointments.models import Location

    address = {"address_line": "9 Clover Hill", "city": "Fernvale", "state": "OR", "postal_code": "97001"}
    site = Location.objects.create(name="Hill House", kind="si", phone="+1 555 0120", **address)
    return Location.objects.create(
        name="Room 7", kind="ro", part_of=Location.objects.create(name="East wing", kind="wa", part_of=site)
    )


@pytest.fixture
def chart(physician: Provider, provider: Provider, clerk: User, examination_room: Location) -> Chart:
    survivor, merged, first = _patients(physician)
    _money_and_allergies(survivor, physician, clerk)
    visit = _visits(survivor, physician, examination_room)
    _documents(survivor, physician, provider, visit)
    _care(merged, physician, clerk)
    for one, other in ((first, merged), (merged, survivor)):
        one.merged_into, one.merged_at = other, at(18)
        one.save()
    return Chart(survivor, merged, first)


def _patients(physician: Provider) -> list[Patient]:
    from patients.models import Patient

    full = Patient.objects.create(
        mrn="A-2001",
        assigning_authority="Fernvale Clinic",
        family_name="Quillfeather",
        given_name="Marigold",
        middle_name="Anne Rose",
        name_suffix="III",
        previous_name="Underbough",
        preferred_name="Goldie",
        birth_date=date(1950, 2, 28),
        administrative_gender="female",
        birth_sex="F",
        pronouns="she/her",
        race_codes=["2106-3", "2028-9"],
        ethnicity_code="2186-5",
        marital_status="W",
        language="es",
        interpreter_needed=True,
        ssn="219-09-9999",
        phone="+1 555 0101",
        mobile_phone="+1 555 0102",
        email="goldie@mail.example",
        address_line="12 Heron Lane",
        city="Fernvale",
        state="OR",
        postal_code="97002",
        confidential_contact={"phone": "+1 555 0103", "note": "After six"},
        contact_name="Basil Quillfeather",
        contact_phone="+1 555 0104",
        contact_relationship="N",
        is_deceased=True,
        deceased_at=datetime(2025, 1, 2, 3, 4, 5, 678901, tzinfo=UTC),
        general_practitioner=physician,
    )
    others = [
        Patient.objects.create(
            mrn=mrn,
            assigning_authority="Fernvale Clinic",
            given_name="Goldie",
            birth_date=date(1950, 2, 28),
            administrative_gender="unknown",
        )
        for mrn in ("A-2002", "A-2003")
    ]
    return [full, *others]


def _money_and_allergies(patient: Patient, physician: Provider, clerk: User) -> None:
    from patients.models import Allergy, InsuranceInfo

    InsuranceInfo.objects.create(
        patient=patient,
        payer_name="Example Mutual",
        payer_id="60054",
        plan_name="Silver Plan",
        member_id="M-7001",
        group_number="G-7002",
        relationship="spouse",
        subscriber_id="S-7003",
        subscriber_name="Basil Quillfeather",
        subscriber_birth_date=date(1949, 7, 8),
        period_start=date(2024, 1, 1),
        period_end=date(2024, 12, 31),
        rx_bin="610014",
        rx_pcn="PCN77",
        rx_group="RXG5",
        copay="25.50",
        network="Green network",
        self_pay_restriction=True,
        verified_at=at(8),
        verified_by=clerk,
    )
    InsuranceInfo.objects.create(patient=patient, kind="self-pay", coverage_order=2, period_start=date(2024, 1, 1))
    Allergy.objects.create(
        patient=patient,
        recorder=physician,
        substance="Penicillin G",
        code_system="http://www.nlm.nih.gov/research/umls/rxnorm",
        code="7980",
        allergy_type="allergy",
        category="medication",
        criticality="high",
        verification_status="confirmed",
        onset_on=date(2001, 4, 5),
        reaction="Hives on both arms",
        severity="moderate",
        confidentiality="R",
        sensitivity=["HIV"],
    )


def _visits(patient: Patient, physician: Provider, room: Location) -> Encounter:
    from appointments.models import Appointment, Encounter

    reason = {"reason_system": ICD, "reason_code": "J02.9", "reason_text": "Throat hurts"}
    labels = {"confidentiality": "R", "sensitivity": ["PSY", "SEX"]}
    missed = Appointment.objects.create(
        patient=patient, provider=physician, starts_at=at(8), ends_at=at(8, 30), status="noshow"
    )
    Appointment.objects.create(
        patient=patient,
        provider=physician,
        room=room,
        status="cancelled",
        appointment_type="FOLLOWUP",
        service_type="General practice",
        starts_at=at(9),
        ends_at=at(9, 30),
        telehealth_url="https://meet.example/room-7",
        checked_in_at=at(8, 55),
        cancellation_reason="pat-lt",
        cancellation_note="The bus did not come",
        rescheduled_from=missed,
        **reason,
        **labels,
    )
    kept = Appointment.objects.create(patient=patient, provider=physician, starts_at=at(10), ends_at=at(10, 30))
    return Encounter.objects.create(
        patient=patient,
        provider=physician,
        appointment=kept,
        location=room,
        status="finished",
        encounter_class="IMP",
        starts_at=at(10, 1),
        ends_at=at(10, 29),
        discharge_disposition="home",
        **reason,
        **labels,
    )


def _documents(patient: Patient, physician: Provider, cosigner: Provider, visit: Encounter) -> None:
    from records.models import MedicalRecord, Prescription

    common = {"patient": patient, "author": physician, "encounter": visit, "effective_at": at(10, 5)}
    signature = {
        "signed_at": at(11),
        "signed_by": cosigner,
        "attestation_mode": "professional",
        "content_digest": bytes(range(32)),
    }
    first = MedicalRecord.objects.create(
        record_type="progress_note", status="final", title="Throat", body="Rède.", **common, **signature
    )
    amendment: MedicalRecord = MedicalRecord.objects.create(
        record_type="sud_counseling_note",
        status="amended",
        amends=first,
        title="Throat, again",
        body="Not red after all.\n\tSee the swab: ½.",
        structured={"temperature": 37.5, "unit": "°C"},
        code_system=LOINC,
        code="8310-5",
        code_display="Body temperature",
        is_part2=True,
        confidentiality="V",
        sensitivity=["SUD"],
        **common,
        **signature,
    )
    Prescription.objects.create(
        patient=patient,
        prescriber=physician,
        encounter=visit,
        medical_record=amendment,
        status="stopped",
        status_reason="salg",
        priority="urgent",
        rxcui="861467",
        ndc11="00406055201",
        drug_name="Meperidine",
        strength="50 mg",
        dose_form="tablet",
        route="oral",
        sig="One tablet at night",
        quantity="10.250",
        quantity_unit="tablet",
        days_supply=10,
        substitution_allowed=False,
        dea_schedule="II",
        indication_system=ICD,
        indication_code="R07.0",
        pharmacy_ncpdp="0123456",
        authored_on=date(2024, 5, 6),
        earliest_fill_on=date(2024, 5, 7),
        valid_until=date(2024, 6, 6),
        signed_at=at(11, 5),
        ended_at=at(17),
        prior_prescription=Prescription.objects.create(
            patient=patient,
            prescriber=physician,
            drug_name="Meperidine",
            sig="As before",
            quantity=5,
            quantity_unit="tablet",
            authored_on=date(2024, 4, 6),
        ),
        confidentiality="R",
        sensitivity=["ETH"],
    )


def _care(merged: Patient, physician: Provider, clerk: User) -> None:
    """The merged record has its own rows, and keeps them."""
    from appointments.models import Appointment
    from compliance.models import CareRelationship
    from patients.models import Allergy

    for user, role in ((physician.user, "treating"), (clerk, "coordinating")):
        CareRelationship.objects.create(patient=merged, user=user, role=role, starts_at=at(7), ends_at=at(19))
    Allergy.objects.create(patient=merged, substance="Nuts", category="food", verification_status="presumed")
    waiting: Appointment = Appointment.objects.create(patient=merged, provider=physician, status="waitlist")
    assert waiting.starts_at is None
