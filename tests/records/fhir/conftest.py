"""A patient of whom everything is known that can be, and one merged into them, through another that was merged."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING

import pytest

from tests.records.fhir import full_chart

if TYPE_CHECKING:
    from appointments.models import Location
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider

# Models load after the settings, so each fixture imports its own.
# ruff: noqa: PLC0415


@dataclass
class Chart:
    """The one that goes on, the record merged into it, and the one that had been merged into that."""

    patient: Patient
    merged: Patient
    merged_first: Patient


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
    full_chart.money_and_allergies(survivor, physician, clerk)
    visit = full_chart.visits(survivor, physician, examination_room)
    full_chart.documents(survivor, physician, provider, visit)
    full_chart.consents(survivor, physician, clerk, visit)
    full_chart.care(merged, physician, clerk)
    for one, other in ((first, merged), (merged, survivor)):
        one.merged_into, one.merged_at = other, full_chart.at(18)
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
