"""What the database shows and takes by itself, whatever the application forgets to ask."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

import pytest
from asgiref.sync import async_to_sync, sync_to_async
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from compliance.access import row_checks, syncing, visible_to
from compliance.access.policy import policy
from compliance.audit.context import acting
from compliance.models import AccessRule, CareRelationship, User
from patients.models import Allergy, Patient
from patients.queries import family_name_begins
from tests.logins import as_app

if TYPE_CHECKING:
    from django.test import Client
    from pytest_django.fixtures import SettingsWrapper

    from appointments.models import Appointment

pytestmark = pytest.mark.django_db


@pytest.fixture
def treating(patient: Patient, other_patient: Patient, physician: User) -> CareRelationship:
    """The physician has one of the two patients in care."""
    return CareRelationship.objects.create(
        patient=patient, user=physician, starts_at=timezone.now() - timedelta(days=1)
    )


@pytest.fixture
def desk(db: None) -> User:
    return User.objects.create_user("desk@clinic.example", role="front_desk")


def seen() -> set[str]:
    return set(Patient.objects.values_list("mrn", flat=True))


def test_a_forgotten_filter_shows_whom_one_has_in_care_and_nobody_else(
    treating: CareRelationship, physician: User, desk: User
) -> None:
    with as_app():
        with acting(physician):
            assert seen() == {"A-1001"}
            assert Patient.objects.count() == 1
        with acting(desk):
            assert seen() == {"A-1001", "A-1002"}


def test_nobody_and_no_purpose_are_an_error_and_not_an_empty_list(treating: CareRelationship, physician: User) -> None:
    for said in ({}, {"actor": physician.pk}, {"purpose": "TREAT"}):
        refused = pytest.raises(DatabaseError, match="health information is shown to nobody")
        with acting(**said), as_app(), refused, transaction.atomic():
            seen()


def test_another_purpose_than_the_role_has_shows_nothing(treating: CareRelationship, physician: User) -> None:
    with acting(physician, purpose="HMARKT"), as_app():
        assert seen() == set()


@pytest.mark.parametrize("column", ["city", "family_name"])
def test_a_change_without_the_right_is_an_error_and_changes_nothing(
    treating: CareRelationship, physician: User, column: str
) -> None:
    with acting(physician), as_app():
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Patient.objects.update(**{column: "Elsewhere"})
        assert list(Patient.objects.select_for_update().values_list("mrn", flat=True)) == ["A-1001"]
    assert not Patient.objects.filter(**{column: "Elsewhere"}).exists()


def test_a_row_is_added_to_a_chart_in_care_and_to_no_other(
    treating: CareRelationship, other_patient: Patient, physician: User
) -> None:
    latex = {"substance": "Latex", "category": "environment"}
    with acting(physician), as_app():
        assert Allergy.objects.create(patient=treating.patient, **latex).pk
        with pytest.raises(DatabaseError, match="row-level security"), transaction.atomic():
            Allergy.objects.create(patient=other_patient, **latex)


def test_a_row_does_not_move_into_a_chart_that_is_not_in_care(
    treating: CareRelationship, other_patient: Patient, allergy: Allergy, physician: User
) -> None:
    with acting(physician), as_app(), pytest.raises(DatabaseError), transaction.atomic():
        Allergy.objects.filter(pk=allergy.pk).update(patient=other_patient)


def test_who_registers_sees_the_row_that_was_added(desk: User) -> None:
    with acting(desk), as_app():
        added = Patient.objects.create(
            mrn="N-1", assigning_authority="C", family_name="N", birth_date="1980-01-01", administrative_gender="other"
        )
        assert added.pk


def test_nothing_of_a_chart_is_deleted(allergy: Allergy, desk: User) -> None:
    with acting(desk), as_app(), pytest.raises(DatabaseError, match="permission denied"), transaction.atomic():
        Allergy.objects.filter(pk=allergy.pk)._raw_delete("default")


def test_what_ends_ends_with_the_next_statement_of_the_same_transaction(
    treating: CareRelationship, physician: User
) -> None:
    with acting(physician), as_app():
        assert seen() == {"A-1001"}
    CareRelationship.objects.filter(pk=treating.pk).update(ends_at=timezone.now())
    with acting(physician), as_app():
        assert seen() == set()


@pytest.mark.parametrize("change", [{"role": "researcher"}, {"is_active": False}])
def test_a_role_that_is_taken_away_bites_though_the_session_goes_on(
    treating: CareRelationship, physician: User, change: dict[str, object]
) -> None:
    with acting(physician), as_app():
        assert seen() == {"A-1001"}
    User.objects.filter(pk=physician.pk).update(**change)
    with acting(physician), as_app():
        assert seen() == set()


def test_a_rule_that_is_taken_away_bites_too(treating: CareRelationship, physician: User) -> None:
    AccessRule.objects.filter(role="physician", permission="patients.view_patient").delete()

    with acting(physician), as_app():
        assert seen() == set()


def test_a_connection_that_served_another_a_moment_ago_shows_what_the_next_may_see(
    treating: CareRelationship, physician: User, desk: User
) -> None:
    nurse = User.objects.create_user("nurse@clinic.example", role="nurse")
    with as_app():
        for account, shown in ((desk, 2), (nurse, 0), (physician, 1), (nurse, 0)):
            with acting(account):
                assert len(seen()) == shown


def test_an_async_view_is_shown_what_its_account_may_see(treating: CareRelationship, physician: User) -> None:
    async def view() -> set[str]:
        with acting(physician):
            return await sync_to_async(seen)()

    async def elsewhere() -> set[str]:
        with acting(await sync_to_async(User.objects.create_user)("n@clinic.example", role="nurse")):
            return await sync_to_async(seen)()

    async def both() -> list[set[str]]:
        return await asyncio.gather(view(), elsewhere())

    with as_app():
        assert async_to_sync(both)() == [{"A-1001"}, set()]


def test_a_deactivated_clinician_with_open_appointments_sees_nobody(appointment: Appointment, physician: User) -> None:
    appointment.provider.user = physician
    appointment.provider.save()
    soon = timezone.now() + timedelta(days=1)
    type(appointment).objects.update(starts_at=soon, ends_at=soon + timedelta(minutes=30))
    with acting(physician), as_app():
        assert seen() == {"A-1001"}

    User.objects.filter(pk=physician.pk).update(is_active=False)

    with acting(physician), as_app():
        assert seen() == set()


def test_all_records_of_a_person_go_together(
    other_patient: Patient, merged_patient: Patient, patient: Patient, physician: User
) -> None:
    CareRelationship.objects.create(patient=other_patient, user=physician, starts_at=datetime(2024, 1, 1, tzinfo=UTC))

    with acting(physician), as_app():
        assert seen() == {"A-1002", "A-1003"}


def test_a_patients_own_account_sees_its_own_chart(patient: Patient, other_patient: Patient, allergy: Allergy) -> None:
    patient.user = User.objects.create_user("me@home.example")
    patient.save()

    with acting(patient.user), as_app():
        assert seen() == {"A-1001"}
        assert Allergy.objects.count() == 1


# Plans: with many patients, no list and no search may read them all.


@pytest.fixture
def many(db: None) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO patients (mrn, assigning_authority, family_name, birth_date, administrative_gender)"
            " SELECT 'M-' || n, 'Many', 'Name' || n, '1980-01-01', 'other' FROM generate_series(1, 20000) AS n"
        )
        cursor.execute("ANALYZE patients")


def test_a_list_of_those_in_care_is_found_by_the_key(many: None, treating: CareRelationship, physician: User) -> None:
    with acting(physician), as_app():
        found = visible_to(Patient.objects.all(), physician).order_by("-id")[:50]
        assert "Seq Scan on patients" not in found.explain()
        assert [row.mrn for row in found] == ["A-1001"]


@pytest.mark.parametrize("term", [{"mrn": "M-7"}, {"ssn": "123-45-6789"}, {"phone": "+1 555 0100"}])
def test_a_search_by_what_is_whole_uses_its_index(many: None, desk: User, term: dict[str, str]) -> None:
    with acting(desk), as_app():
        assert "Seq Scan on patients" not in visible_to(Patient.objects.filter(**term), desk).explain()


def test_a_search_by_the_beginning_of_a_name_uses_the_keys_that_it_found(many: None, desk: User) -> None:
    with acting(desk), as_app():
        found = visible_to(Patient.objects.filter(family_name_begins("name1999")), desk)
        assert "Seq Scan on patients" not in found.explain()
        assert found.count() == 11


# What the checks say.


def errors() -> list[str]:
    return [str(found.id).removeprefix("compliance.") for found in row_checks.findings("default")]


def test_the_checks_are_content_with_what_migrate_leaves() -> None:
    assert errors() == []


@pytest.mark.parametrize(
    "breaks",
    [
        "ALTER TABLE allergies DISABLE ROW LEVEL SECURITY",
        "DROP POLICY access_read ON allergies",
        "DROP POLICY access_add ON allergies; CREATE POLICY access_add ON allergies FOR INSERT WITH CHECK (true)",
    ],
)
def test_a_table_without_its_guard_is_found(breaks: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(breaks)

    assert errors() == ["E032"]


@pytest.mark.parametrize(
    ("view", "found"),
    [
        ("CREATE VIEW names AS SELECT family_name FROM patients", ["E033"]),
        ("CREATE VIEW names WITH (security_invoker = false) AS SELECT family_name FROM patients", ["E033"]),
        ("CREATE VIEW names WITH (security_invoker) AS SELECT family_name FROM patients", []),
        ("CREATE MATERIALIZED VIEW names AS SELECT family_name FROM patients", ["E033"]),
        ("CREATE VIEW rooms AS SELECT name FROM locations", []),
    ],
)
def test_a_view_that_reads_past_the_guard_is_found(view: str, found: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(view)

    assert errors() == found


def test_rules_that_are_not_the_policys_are_found_and_migrate_puts_them_right(settings: SettingsWrapper) -> None:
    settings.ACCESS_POLICY_SYNC = True
    AccessRule.objects.filter(role="nurse", permission="patients.view_patient").update(reach="all")
    assert errors() == ["E031"]

    syncing.sync(policy())

    assert errors() == []
    assert AccessRule.objects.get(role="nurse", permission="patients.view_patient").reach == "care"


def test_a_login_that_may_not_look_at_what_is_checked_is_told_so_in_a_sentence() -> None:
    with as_app(), pytest.raises(CommandError, match=r"permission denied .* as the owner of the schema"):
        call_command("check", databases=["default"])


# What people read where there is nothing for them.


def test_a_page_that_a_role_does_not_open_says_so_and_leads_back(client: Client, desk: User) -> None:
    User.objects.filter(pk=desk.pk).update(is_staff=True)
    client.force_login(desk)

    answer = client.get("/admin/records/medicalrecord/")

    assert answer.status_code == 403
    assert "Your role does not open this page." in answer.content.decode()
    assert 'href="/admin/"' in answer.content.decode()


def test_a_list_with_nobody_in_care_does_not_say_that_there_is_nobody(
    client: Client, patient: Patient, physician: User
) -> None:
    client.force_login(physician)

    assert "There is nothing here that you may see." in client.get("/admin/patients/patient/").content.decode()
