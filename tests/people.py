"""Made-up people and their care: one row of each clinical table, saved when a test asks for it."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from appointments.models import Appointment, Encounter, Location
    from compliance.models import (
        BreakGlassGrant,
        CareRelationship,
        ConsentEffect,
        ConsentProvision,
        ConsentRecord,
        ConsentRule,
        User,
    )
    from patients.models import Allergy, InsuranceInfo, Patient
    from providers.models import Provider, ProviderAvailability
    from records.models import MedicalRecord, Prescription

# Models load after the settings, so each fixture imports its own.
# ruff: noqa: PLC0415

PASSWORD = "correct horse battery staple"


EVERYTHING = "everything"  # a role that the database of the tests knows: see conftest.py


@pytest.fixture
def administrator(db: None) -> User:
    """An account that may do everything with everybody's rows: for tests about anything but access."""
    from compliance.models import User

    account = User.objects.create_superuser("root@clinic.example", PASSWORD, first_name="Ada", last_name="Rootworthy")
    return may_do_everything(account)


def may_do_everything(account: User) -> User:
    from django.contrib.auth.models import Group

    account.groups.add(Group.objects.get(name=EVERYTHING))
    return account


def may(account: User, *permissions: str) -> User:
    """Let an account do this, `app.codename`, with everybody's rows and for any purpose, as a role of its own."""
    from django.apps import apps
    from django.contrib.auth.models import Group, Permission

    from compliance.models import AccessRule
    from compliance.purposes import Purpose

    group = Group.objects.create(name=f"of account {account.pk}")
    for permission in permissions:
        app, _, codename = permission.partition(".")
        found = Permission.objects.get(content_type__app_label=app, codename=codename)
        group.permissions.add(found)
        AccessRule.objects.bulk_create(
            AccessRule(
                role=group.name,
                purpose=purpose,
                permission=permission,
                table_name=apps.get_model(app, found.content_type.model)._meta.db_table,
                action="read" if codename.startswith("view_") else "write",
                reach="all",
            )
            for purpose in Purpose.values
        )
    account.groups.add(group)
    return account


@pytest.fixture
def patient(db: None) -> Patient:
    from patients.models import Patient

    return Patient.objects.create(
        mrn="A-1001",
        assigning_authority="Example Clinic",
        family_name="Quillfeather",
        given_name="Marigold",
        birth_date=date(1980, 2, 29),
        administrative_gender="female",
    )


@pytest.fixture
def other_patient(db: None) -> Patient:
    from patients.models import Patient

    return Patient.objects.create(
        mrn="A-1002",
        assigning_authority="Example Clinic",
        family_name="Brackenbury",
        given_name="Linus",
        birth_date=date(1975, 7, 1),
        administrative_gender="male",
    )


@pytest.fixture
def merged_patient(other_patient: Patient) -> Patient:
    """A second record of `other_patient`, merged into that one."""
    from patients.models import Patient

    return Patient.objects.create(
        mrn="A-1003",
        assigning_authority="Example Clinic",
        family_name="Brackenbury",
        birth_date=other_patient.birth_date,
        administrative_gender="unknown",
        merged_into=other_patient,
        merged_at=datetime(2024, 5, 1, tzinfo=UTC),
    )


@pytest.fixture
def provider(db: None) -> Provider:
    from providers.models import Provider

    return Provider.objects.create(
        npi="1234567893", family_name="Thistlewood", given_name="Barnaby", active_from=date(2020, 1, 1)
    )


@pytest.fixture
def other_provider(db: None) -> Provider:
    """One who may prescribe what is controlled, of any schedule but II."""
    from providers.models import Provider

    return Provider.objects.create(
        npi="1993999998",
        family_name="Fernsby",
        given_name="Ottilie",
        dea_number="AF1234563",
        dea_expires_on=date(2030, 12, 31),
        dea_schedules=["III", "IV", "V"],
        active_from=date(2020, 1, 1),
    )


@pytest.fixture
def insurance(patient: Patient) -> InsuranceInfo:
    from patients.models import InsuranceInfo

    return InsuranceInfo.objects.create(
        patient=patient, payer_name="Example Mutual", member_id="M-77", period_start=date(2024, 1, 1)
    )


@pytest.fixture
def allergy(patient: Patient) -> Allergy:
    from patients.models import Allergy

    return Allergy.objects.create(patient=patient, substance="Penicillin", category="medication")


@pytest.fixture
def availability(provider: Provider) -> ProviderAvailability:
    from providers.models import ProviderAvailability

    return ProviderAvailability.objects.create(
        provider=provider,
        weekday=1,
        starts_at=time(9),
        ends_at=time(17),
        time_zone="America/New_York",
        valid_from=date(2024, 1, 1),
    )


@pytest.fixture
def room(db: None) -> Location:
    from appointments.models import Location

    return Location.objects.create(name="Room 1", kind="ro")


@pytest.fixture
def care_relationship(patient: Patient, administrator: User) -> CareRelationship:
    from compliance.models import CareRelationship

    return CareRelationship.objects.create(
        patient=patient, user=administrator, starts_at=datetime(2024, 1, 1, tzinfo=UTC)
    )


@pytest.fixture
def physician(db: None) -> User:
    """Somebody who treats others, and may open a chart in an emergency."""
    from compliance.models import User

    return User.objects.create_user("doctor@clinic.example", PASSWORD, role="physician", is_staff=True)


@pytest.fixture
def reviewer(db: None) -> User:
    """A compliance officer."""
    from compliance.models import User

    return User.objects.create_user("officer@clinic.example", PASSWORD, role="compliance_officer", is_staff=True)


@pytest.fixture
def break_glass_grant(patient: Patient, physician: User) -> BreakGlassGrant:
    """An emergency of long ago."""
    from compliance.models import BreakGlassGrant

    opened_at = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)
    return BreakGlassGrant.objects.create(
        patient=patient,
        user=physician,
        reason="Found unconscious on the street",
        opened_at=opened_at,
        ends_at=opened_at + timedelta(hours=1),
        proved_at=opened_at,
    )


@pytest.fixture
def appointment(patient: Patient, provider: Provider) -> Appointment:
    from appointments.models import Appointment

    return Appointment.objects.create(
        patient=patient,
        provider=provider,
        starts_at=datetime(2024, 5, 6, 9, 0, tzinfo=UTC),
        ends_at=datetime(2024, 5, 6, 9, 30, tzinfo=UTC),
    )


@pytest.fixture
def encounter(appointment: Appointment) -> Encounter:
    from appointments.models import Encounter

    return Encounter.objects.create(
        patient=appointment.patient,
        provider=appointment.provider,
        appointment=appointment,
        starts_at=appointment.starts_at,
    )


@pytest.fixture
def record(encounter: Encounter) -> MedicalRecord:
    from records.models import MedicalRecord

    return MedicalRecord.objects.create(
        patient=encounter.patient,
        author=encounter.provider,
        encounter=encounter,
        record_type="progress_note",
        title="Sore throat",
        effective_at=encounter.starts_at,
    )


@pytest.fixture
def signed_record(patient: Patient, provider: Provider) -> MedicalRecord:
    from records.models import MedicalRecord

    return MedicalRecord.objects.create(
        patient=patient,
        author=provider,
        record_type="consult",
        status="final",
        title="Second opinion",
        effective_at=datetime(2024, 5, 2, tzinfo=UTC),
        signed_at=datetime(2024, 5, 3, tzinfo=UTC),
        signed_by=provider,
        attestation_mode="professional",
        content_digest=bytes(32),
    )


@pytest.fixture
def prescription(record: MedicalRecord) -> Prescription:
    from records.models import Prescription

    return Prescription.objects.create(
        patient=record.patient,
        prescriber=record.author,
        medical_record=record,
        drug_name="Amoxicillin",
        sig="One capsule three times a day",
        quantity=21,
        quantity_unit="capsule",
        days_supply=7,
        authored_on=date(2024, 5, 6),
    )


@pytest.fixture
def signed_prescription(patient: Patient, other_provider: Provider) -> Prescription:
    from records.models import Prescription

    return Prescription.objects.create(
        patient=patient,
        prescriber=other_provider,
        status="active",
        drug_name="Testosterone",
        sig="As told",
        quantity=1,
        quantity_unit="vial",
        dea_schedule="III",
        authored_on=date(2024, 5, 6),
        valid_until=date(2024, 11, 6),
        signed_at=datetime(2024, 5, 6, tzinfo=UTC),
    )


@pytest.fixture
def consent(patient: Patient, administrator: User) -> ConsentRecord:
    """An authorization for research that holds, with all that it must say."""
    from compliance.models import ConsentRecord

    return ConsentRecord.objects.create(
        patient=patient,
        recorded_by=administrator,
        consent_type="hipaa_authorization",
        status="active",
        decision="permit",
        purposes=["HRESCH"],
        starts_at=datetime(2024, 5, 6, 9, 0, tzinfo=UTC),
        ends_at=datetime(2090, 1, 1, tzinfo=UTC),
        information_description="All that is known of the sore throat",
        disclosers=["Example Clinic"],
        recipients=["The registry of sore throats"],
        statements_shown=["revocation", "conditioning", "redisclosure"],
        signed_at=datetime(2024, 5, 6, 9, 0, tzinfo=UTC),
        signature_method="ink",
    )


@pytest.fixture
def refusal(patient: Patient, administrator: User) -> ConsentRecord:
    """A restriction on research, which nothing permits anyway."""
    from compliance.models import ConsentRecord

    return ConsentRecord.objects.create(
        patient=patient,
        recorded_by=administrator,
        consent_type="restriction",
        status="active",
        decision="deny",
        purposes=["HRESCH"],
        starts_at=datetime(2024, 5, 6, 9, 0, tzinfo=UTC),
    )


@pytest.fixture
def second_version(consent: ConsentRecord, administrator: User) -> ConsentRecord:
    """The same consent, verified."""
    from compliance.consent.versions import successor, write

    verified_at = datetime(2024, 5, 7, tzinfo=UTC)
    return write(successor(consent, verified_by=administrator, verified_at=verified_at), [], by=administrator)


@pytest.fixture
def exception(consent: ConsentRecord) -> ConsentProvision:
    """Not for nurses."""
    from compliance.models import ConsentProvision

    return ConsentProvision.objects.create(
        consent=consent, patient_id=consent.patient_id, number=1, decision="deny", roles=["nurse"]
    )


@pytest.fixture
def consent_of_yesterday(consent: ConsentRecord) -> ConsentRecord:
    """The consent, as if it had been recorded in another transaction."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("ALTER TABLE consent_records DISABLE TRIGGER hold_consents")
        cursor.execute("UPDATE consent_records SET recorded_at = recorded_at - interval '1 day'")
        cursor.execute("ALTER TABLE consent_records ENABLE ALWAYS TRIGGER hold_consents")
    return consent


@pytest.fixture
def consent_effect(consent: ConsentRecord) -> ConsentEffect:
    """What the consent comes to."""
    from compliance.models import ConsentEffect

    return ConsentEffect.objects.get(consent=consent)


@pytest.fixture
def consent_rule(db: None) -> ConsentRule:
    """The rule about treatment."""
    from compliance.models import ConsentRule

    return ConsentRule.objects.get(purpose="TREAT", label="*")
