"""How each rule is broken: on care relationships, those that every clinical table has, and all that the apps list."""

from __future__ import annotations

from datetime import UTC, datetime
from uuid import UUID

from tests.appointments.breaks import BREAKS as OF_APPOINTMENTS
from tests.breaking import BEYOND, Break, Of, add, change
from tests.patients.breaks import BREAKS as OF_PATIENTS
from tests.providers.breaks import BREAKS as OF_PROVIDERS
from tests.records.breaks import BREAKS as OF_RECORDS

# The fixture that makes a row of each clinical table.
ROWS = {
    "patients": "patient",
    "insurance_info": "insurance",
    "allergies": "allergy",
    "providers": "provider",
    "provider_availability": "availability",
    "locations": "room",
    "appointments": "appointment",
    "encounters": "encounter",
    "medical_records": "record",
    "prescriptions": "prescription",
    "care_relationships": "care_relationship",
}

CARE_RELATIONSHIPS = [
    change("care_relationships_role_known", "care_relationship", role="neighbour"),
    change("care_relationships_forwards", "care_relationship", ends_at=datetime(2023, 12, 31, tzinfo=UTC)),
    add("care_relationships_one_at_a_time", "care_relationship"),
    add("care_relationships_patient_current", "care_relationship", patient=Of("merged_patient")),
    change("care_relationships_calendar", "care_relationship", ends_at=BEYOND),
]

ROW_FACTS = [
    broken
    for table, row in ROWS.items()
    for broken in (
        change(f"{table}_identity_stays", row, uid=UUID(int=1)),
        change(f"{table}_identity_stays", row, created_at=datetime(2020, 1, 1, tzinfo=UTC)),
        change(f"{table}_changed_meanwhile", row, version=0),
    )
]

BREAKS: list[Break] = [
    *OF_PATIENTS,
    *OF_PROVIDERS,
    *OF_APPOINTMENTS,
    *OF_RECORDS,
    *CARE_RELATIONSHIPS,
    *ROW_FACTS,
]
