"""A rule decides on what is in the tables, not on what its caller may see of them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import psycopg
import pytest
from psycopg import sql

from tests.conftest import TEMPLATE
from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

pytestmark = pytest.mark.django_db
Session = psycopg.Connection[tuple[Any, ...]]
TABLES = ("patients", "providers", "locations", "appointments", "medical_records", "prescriptions", "allergies")
MADE = """
    INSERT INTO patients (id, mrn, assigning_authority, family_name, birth_date, administrative_gender,
                          merged_into_id, merged_at)
    VALUES (101, '1', 'Clinic', 'A', '1980-01-01', 'unknown', NULL, NULL),
           (102, '2', 'Clinic', 'A', '1980-01-01', 'unknown', 101, now());
    INSERT INTO providers (id, npi, family_name, given_name, active_from, dea_number, dea_expires_on, dea_schedules)
    VALUES (101, '1234567893', 'T', 'B', '2020-01-01', NULL, NULL, '{}'),
           (102, '1993999998', 'F', 'O', '2020-01-01', 'AF1234563', '2030-12-31', '{III}');
    INSERT INTO locations (id, name, kind) VALUES (101, 'Room 1', 'ro'), (102, 'Corridor', 'lvl');
    INSERT INTO medical_records (id, patient_id, author_id, record_type, title, body, effective_at)
    VALUES (101, 101, 101, 'consult', 'Draft', '', now());
    INSERT INTO medical_records (id, patient_id, author_id, record_type, title, body, effective_at, status, signed_at,
                                 signed_by_id, attestation_mode, content_digest)
    VALUES (102, 101, 101, 'consult', 'Signed', '', now(), 'final', now(), 101, 'legal', sha256('x'));
"""

# The policies of the project would ask who acts. Permissive ones are joined by OR, so they must go.
UNSEEN = """
    DO $$
    DECLARE
        found record;
    BEGIN
        FOR found IN SELECT policyname, tablename FROM pg_policies WHERE schemaname = 'public' LOOP
            EXECUTE format('DROP POLICY %I ON %I', found.policyname, found.tablename);
        END LOOP;
    END $$
"""


@pytest.fixture
def blind(django_db_setup: None, database_url: Callable[[str], str]) -> Iterator[Session]:
    """A session of the application's role, which may add rows and, by row-level security, sees none."""
    url = database_url(TEMPLATE)
    with psycopg.connect(url, autocommit=True) as owner:
        owner.execute(MADE.encode())
        owner.execute(UNSEEN)
        for table in TABLES:
            blinded = sql.SQL(
                "ALTER TABLE {0} ENABLE ROW LEVEL SECURITY; CREATE POLICY add ON {0} FOR INSERT WITH CHECK (true);"
                "DROP POLICY IF EXISTS access_read ON {0}; DROP POLICY IF EXISTS access_add ON {0};"
                "DROP POLICY IF EXISTS access_change ON {0}"
            )
            owner.execute(blinded.format(sql.Identifier(table)))
        # What a server's administrator takes away from everybody: see test_a_function_that_a_session_puts_in_the_way.
        grant = sql.SQL("GRANT TEMPORARY ON DATABASE {} TO {}")
        owner.execute(grant.format(sql.Identifier(owner.info.dbname), sql.Identifier(APP)))
        with psycopg.connect(url, user=APP, autocommit=True) as session:
            yield session


def add(session: Session, table: str, **values: object) -> None:
    names = sql.SQL(", ").join(map(sql.Identifier, values))
    session.execute(
        sql.SQL("INSERT INTO {} ({}) VALUES ({})").format(
            sql.Identifier(table), names, sql.SQL(", ").join(sql.Placeholder() * len(values))
        ),
        list(values.values()),
    )


ALLERGY = {"substance": "Latex", "category": "environment", "clinical_status": "active"}
APPOINTMENT = {"provider_id": 101, "patient_id": 101, "starts_at": "2024-05-06 09:00Z", "ends_at": "2024-05-06 10:00Z"}
AMENDMENT = {
    "patient_id": 101,
    "author_id": 101,
    "record_type": "consult",
    "title": "Again",
    "body": "",
    "status": "amended",
    "effective_at": "2024-05-06",
    "signed_at": "2024-05-06",
    "signed_by_id": 101,
    "attestation_mode": "legal",
    "content_digest": bytes(32),
}
PRESCRIPTION = {
    "patient_id": 101,
    "drug_name": "T",
    "sig": "As told",
    "quantity": 1,
    "quantity_unit": "vial",
    "status": "active",
    "dea_schedule": "III",
    "authored_on": "2024-05-06",
    "valid_until": "2024-06-06",
    "signed_at": "2024-05-06",
}
DECISIONS = [
    ("allergies", ALLERGY | {"patient_id": 101}, ALLERGY | {"patient_id": 102}, "allergies_patient_current"),
    ("appointments", APPOINTMENT | {"room_id": 101}, APPOINTMENT | {"room_id": 102}, "appointments_room_is_a_room"),
    (
        "medical_records",
        AMENDMENT | {"amends_id": 102},
        AMENDMENT | {"amends_id": 101},
        "medical_records_amends_signed",
    ),
    (
        "prescriptions",
        PRESCRIPTION | {"prescriber_id": 102},
        PRESCRIPTION | {"prescriber_id": 101},
        "prescriptions_prescriber_has_dea",
    ),
]


@pytest.mark.parametrize(("table", "right", "wrong", "rule"), DECISIONS, ids=[one[-1] for one in DECISIONS])
def test_a_rule_decides_on_rows_that_its_caller_does_not_see(
    blind: Session, table: str, right: dict[str, object], wrong: dict[str, object], rule: str
) -> None:
    for seen in TABLES:
        assert blind.execute(sql.SQL("SELECT FROM {}").format(sql.Identifier(seen))).fetchall() == []

    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        add(blind, table, **wrong)
    assert refused.value.diag.constraint_name == rule

    add(blind, table, **right)


def test_a_merge_into_a_merged_record_is_seen_by_one_who_sees_neither(blind: Session) -> None:
    patient = {"assigning_authority": "Clinic", "family_name": "A", "birth_date": "1980-01-01"}
    patient |= {"administrative_gender": "unknown", "merged_at": "2024-05-06"}

    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        add(blind, "patients", mrn="3", merged_into_id=102, **patient)
    assert refused.value.diag.constraint_name == "patients_merged_into_a_survivor"

    add(blind, "patients", mrn="3", merged_into_id=101, **patient)


def test_a_function_that_a_session_puts_in_the_way_is_not_called(blind: Session) -> None:
    # A table of this name in the session's own schema would be found first without the fixed search_path.
    blind.execute("CREATE TEMP TABLE locations (id bigint, kind text, status text)")
    blind.execute("INSERT INTO pg_temp.locations VALUES (102, 'ro', 'active')")

    with pytest.raises(psycopg.errors.CheckViolation) as refused:
        add(blind, "appointments", **APPOINTMENT, room_id=102)
    assert refused.value.diag.constraint_name == "appointments_room_is_a_room"
