"""All that a chart can hold, row by row, with every column filled in one of the rows."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from appointments.models import Encounter, Location
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider

# Models load after the settings, so each function imports its own.
# ruff: noqa: PLC0415

ICD, LOINC = "http://hl7.org/fhir/sid/icd-10-cm", "http://loinc.org"


def at(hour: int, minute: int = 0) -> datetime:
    return datetime(2024, 5, 6, hour, minute, tzinfo=UTC)


def money_and_allergies(patient: Patient, physician: Provider, clerk: User) -> None:
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


def visits(patient: Patient, physician: Provider, room: Location) -> Encounter:
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


def documents(patient: Patient, physician: Provider, cosigner: Provider, visit: Encounter) -> None:
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


def care(merged: Patient, physician: Provider, clerk: User) -> None:
    """The merged record has its own rows, and keeps them."""
    from appointments.models import Appointment
    from compliance.models import CareRelationship
    from patients.models import Allergy

    for user, role in ((physician.user, "treating"), (clerk, "coordinating")):
        CareRelationship.objects.create(patient=merged, user=user, role=role, starts_at=at(7), ends_at=at(19))
    Allergy.objects.create(patient=merged, substance="Nuts", category="food", verification_status="presumed")
    waiting: Appointment = Appointment.objects.create(patient=merged, provider=physician, status="waitlist")
    assert waiting.starts_at is None


def consents(patient: Patient, physician: Provider, clerk: User, visit: Encounter) -> None:
    """An authorization that a guardian signed and then withdrew, and a visit that the patient paid for."""
    from compliance.models import ConsentProvision, ConsentRecord

    said = {
        "patient": patient,
        "consent_type": "hipaa_authorization",
        "decision": "permit",
        "purposes": ["HRESCH", "TREAT"],
        "sensitivity_labels": ["HIV", "STD"],
        "resource_types": ["Encounter", "DocumentReference"],
        "data_from": date(2024, 1, 1),
        "data_until": date(2024, 6, 30),
        "starts_at": at(9),
        "ends_at": datetime(2999, 1, 1, tzinfo=UTC),
        "expires_event": "The end of the throat study",
        "information_description": "All that is about the throat",
        "disclosers": ["Fernvale Clinic"],
        "recipients": ["The throat study", "My sister"],
        "intermediaries": ["Valley exchange"],
        "grantor_kind": "representative",
        "grantor_name": "Basil Quillfeather",
        "representative_authority": "guardian",
        "statements_shown": ["revocation", "conditioning", "redisclosure"],
        "signed_at": at(8, 30),
        "signature_method": "ink",
        "witness": "Ned Inkwell",
        "form_version": "Research form 3",
        "document_digest": "ab" * 32,
        "document_reference": "Cabinet 4, folder 12",
        "recorded_by": clerk,
        "verified_by": physician.user,
        "verified_at": at(12),
    }
    given = ConsentRecord.objects.create(status="active", **said)
    withdrawn = ConsentRecord.objects.create(
        status="inactive",
        consent_uid=given.consent_uid,
        version_no=2,
        supersedes=given,
        withdrawal_channel="letter",
        withdrawal_received_at=at(15),
        **said,
    )
    for one in (given, withdrawn):
        ConsentProvision.objects.create(
            consent=one,
            patient=patient,
            number=1,
            decision="deny",
            purposes=["TREAT"],
            sensitivity_labels=["HIV"],
            resource_types=["Encounter"],
            data_from=date(2024, 2, 1),
            data_until=date(2024, 3, 31),
            roles=["nurse", "pharmacist"],
            user=physician.user,
        )
    ConsentRecord.objects.create(
        patient=patient,
        consent_type="restriction",
        status="active",
        decision="deny",
        purposes=["HPAYMT"],
        encounter=visit,
        self_paid=True,
        starts_at=at(11),
        recorded_by=clerk,
    )
