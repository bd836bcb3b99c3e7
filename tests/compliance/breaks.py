"""How each rule is broken: on care relationships, those that every clinical table has, and all that the apps list."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from uuid import UUID

from tests.appointments.breaks import BREAKS as OF_APPOINTMENTS
from tests.breaking import BEYOND, Break, Of, add, change
from tests.compliance.consent.breaks import BREAKS as OF_CONSENTS
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
    "break_glass_grants": "break_glass_grant",
}

CARE_RELATIONSHIPS = [
    change("care_relationships_role_known", "care_relationship", role="neighbour"),
    change("care_relationships_forwards", "care_relationship", ends_at=datetime(2023, 12, 31, tzinfo=UTC)),
    add("care_relationships_one_at_a_time", "care_relationship"),
    add("care_relationships_patient_current", "care_relationship", patient=Of("merged_patient")),
    change("care_relationships_calendar", "care_relationship", ends_at=BEYOND),
]

OPENED = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)
REVIEW = {"reviewed_by": Of("reviewer"), "reviewed_at": OPENED, "review_outcome": "justified"}
BREAK_GLASS_GRANTS = [
    add("break_glass_grants_short", "break_glass_grant", ends_at=OPENED + timedelta(hours=4, seconds=1)),
    add("break_glass_grants_short", "break_glass_grant", ends_at=OPENED),
    change("break_glass_grants_closed_within", "break_glass_grant", closed_at=OPENED - timedelta(seconds=1)),
    change("break_glass_grants_closed_within", "break_glass_grant", closed_at=OPENED + timedelta(minutes=61)),
    add("break_glass_grants_proved", "break_glass_grant", proved_at=OPENED - timedelta(minutes=5, seconds=1)),
    add("break_glass_grants_proved", "break_glass_grant", proved_at=OPENED + timedelta(seconds=1)),
    change("break_glass_grants_review_whole", "break_glass_grant", reviewed_at=OPENED),
    change("break_glass_grants_reviewed_by_another", "break_glass_grant", **{**REVIEW, "reviewed_by": Of("physician")}),
    change(
        "break_glass_grants_outcome_known", "break_glass_grant", **REVIEW | {"review_outcome": "fine"}, review_note="!"
    ),
    change("break_glass_grants_review_explained", "break_glass_grant", **REVIEW | {"review_outcome": "escalated"}),
    add("break_glass_grants_one_at_a_time", "break_glass_grant"),
    change("break_glass_grants_calendar", "break_glass_grant", **REVIEW | {"reviewed_at": BEYOND}),
    change("break_glass_grants_stands", "break_glass_grant", reason="Something else entirely"),
    add("break_glass_grants_patient_current", "break_glass_grant", patient=Of("merged_patient")),
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
    *BREAK_GLASS_GRANTS,
    *OF_CONSENTS,
    *ROW_FACTS,
]
