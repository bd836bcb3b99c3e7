"""The admin shows every table in few queries, counts none of them, and deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, Encounter, Location
from compliance.access.recertifying import certify, report, shown
from compliance.consent.giving import give
from compliance.consent.value_sets import ConsentType
from compliance.models import (
    AccessReview,
    AccessRule,
    AccountSession,
    AuditLog,
    BreakGlassGrant,
    CareRelationship,
    ConsentRecord,
    ConsentRule,
    Notice,
    User,
    UserAuditLog,
)
from patients.models import Allergy, InsuranceInfo, Patient
from providers.models import Provider, ProviderAvailability
from records.models import MedicalRecord, Prescription
from sql_migrations.models import SqlMigrationHistory
from tests.compliance.screens import multiply, page
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

# The trail has tests of its own: audit/test_trail_admin.py
READ_ONLY = [
    *(AccountSession, UserAuditLog, SqlMigrationHistory, BreakGlassGrant, Notice),
    *(AccessRule, AccessReview, ConsentRule, Group),
]
# Queries of a list, and of a row's page. Five are the session, the account, its roles, their permissions, and the rules
# that hold for what it acts for; then the rows, with all that they name; or the row, one for each reference that it
# has, and one for what refers to it: what was merged into it, or amends it. The last two are what consent says of what
# is shown, where it is about that, and the INSERT into the trail.
QUERIES: dict[type[Model], tuple[int, int]] = {
    Patient: (9, 10),
    InsuranceInfo: (9, 10),
    Allergy: (9, 10),
    Provider: (7, 7),
    ProviderAvailability: (7, 8),
    Location: (7, 7),
    Appointment: (9, 11),
    Encounter: (9, 12),
    MedicalRecord: (9, 14),
    Prescription: (9, 12),
    CareRelationship: (8, 10),
    ConsentRecord: (8, 16),  # of which three find what a version may become, and one its exceptions
}
CLINICAL = list(QUERIES)
EVERY = [User, *CLINICAL, *READ_ONLY]


def ids(models: list[type[Model]]) -> list[str]:
    return [model.__name__ for model in models]


@pytest.fixture
def rows(request: pytest.FixtureRequest, administrator: User) -> None:
    """One row of each table."""
    for name in (
        "insurance",
        "allergy",
        "availability",
        "room",
        "prescription",
        "care_relationship",
        "break_glass_grant",
    ):
        request.getfixturevalue(name)
    Group.objects.create(name="Night shift")
    give(
        BreakGlassGrant.objects.get().patient, by=administrator, consent_type=ConsentType.TREATMENT, purposes=["TREAT"]
    )
    Notice.objects.create(grant=BreakGlassGrant.objects.get(), recipient=administrator)
    certify(shown(report()), by=administrator)
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_audit_log (user_id, action) VALUES (%s, 'login_ok')", [administrator.pk])


def test_every_registered_model_is_tested_here() -> None:
    assert set(admin.site._registry) == {*EVERY, AuditLog}


def test_one_logs_in_to_the_admin_by_email_in_any_case(client: Client, administrator: User) -> None:
    answer = client.post(reverse("admin:login"), {"username": "ROOT@clinic.example", "password": PASSWORD})

    assert answer.status_code == 302
    assert client.get(reverse("admin:index")).status_code == 200


@pytest.mark.parametrize("model", EVERY, ids=ids(EVERY))
def test_the_list_and_each_row_are_shown(inside: Client, rows: None, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    assert inside.get(page(model, "changelist")).status_code == 200
    assert inside.get(page(model, "changelist"), {"q": "zzz"}).status_code == 200
    assert inside.get(page(model, "change", row.pk)).status_code == 200


@pytest.mark.parametrize("model", EVERY, ids=ids(EVERY))
def test_new_rows_are_typed_in_except_where_something_else_writes(inside: Client, model: type[Model]) -> None:
    assert inside.get(page(model, "add")).status_code == (403 if model in READ_ONLY else 200)


@pytest.mark.parametrize("model", [User, *CLINICAL, *READ_ONLY], ids=ids([User, *CLINICAL, *READ_ONLY]))
def test_nobody_deletes_a_row(inside: Client, rows: None, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    assert inside.post(page(model, "delete", row.pk), {"post": "yes"}).status_code == 403
    inside.post(page(model, "changelist"), {"action": "delete_selected", "_selected_action": row.pk, "post": "yes"})
    assert model._default_manager.filter(pk=row.pk).exists()


@pytest.mark.parametrize("model", READ_ONLY, ids=ids(READ_ONLY))
def test_what_something_else_writes_is_not_changed(inside: Client, rows: None, model: type[Model]) -> None:
    row = model._default_manager.first()
    assert row is not None

    assert inside.post(page(model, "change", row.pk), {"action": "changed", "name": "changed"}).status_code == 403


@pytest.mark.parametrize("model", CLINICAL, ids=ids(CLINICAL))
def test_a_list_takes_as_many_queries_for_ten_rows_as_for_one(inside: Client, rows: None, model: type[Model]) -> None:
    few, _ = QUERIES[model]
    assert len(queries(inside, page(model, "changelist"))) == few

    for number in range(9):
        multiply(model, number)

    assert model._default_manager.count() == 10
    assert len(queries(inside, page(model, "changelist"))) == few


@pytest.mark.parametrize("model", CLINICAL, ids=ids(CLINICAL))
def test_a_row_takes_as_many_queries_among_ten_as_alone(inside: Client, rows: None, model: type[Model]) -> None:
    _, few = QUERIES[model]
    row = model._default_manager.order_by("pk").first()
    assert row is not None
    assert len(queries(inside, page(model, "change", row.pk))) == few

    for number in range(9):
        multiply(model, number)

    assert len(queries(inside, page(model, "change", row.pk))) == few


@pytest.mark.parametrize("model", CLINICAL, ids=ids(CLINICAL))
def test_no_table_is_counted(inside: Client, rows: None, model: type[Model]) -> None:
    filters = [one for one in admin.site.get_model_admin(model).list_filter if isinstance(one, str)]
    asked = [
        *queries(inside, page(model, "changelist")),
        *queries(inside, page(model, "changelist"), q="quillfeather"),
        *queries(inside, page(model, "changelist"), p="after-1"),
        *queries(inside, page(model, "changelist"), **{f"{name}__exact": "1" for name in filters[:1]}),
    ]

    assert [one for one in asked if "COUNT(" in one.upper()] == []


def queries(inside: Client, path: str, **parameters: str) -> list[str]:
    with CaptureQueriesContext(connection) as captured:
        answer = inside.get(path, parameters)
    assert answer.status_code == 200, path
    return [one["sql"] for one in captured.captured_queries]
