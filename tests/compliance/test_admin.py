"""The admin shows every table, counts few queries, and deletes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment
from compliance.models import User, UserAuditLog
from patients.models import InsuranceInfo, Patient
from providers.models import Provider
from records.models import MedicalRecord, Prescription
from sql_migrations.models import SqlMigrationHistory
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

READ_ONLY = [UserAuditLog, SqlMigrationHistory]
CLINICAL = [Patient, InsuranceInfo, Provider, Appointment, MedicalRecord, Prescription]
EVERY = [User, Group, *CLINICAL, *READ_ONLY]


def ids(models: list[type[Model]]) -> list[str]:
    return [model.__name__ for model in models]


def page(model: type[Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


@pytest.fixture
def inside(client: Client, administrator: User) -> Client:
    client.force_login(administrator)
    return client


@pytest.fixture
def rows(administrator: User, insurance: InsuranceInfo, prescription: Prescription) -> None:
    """One row of each table."""
    Group.objects.create(name="Night shift")
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO user_audit_log (user_id, action) VALUES (%s, 'login_ok')", [administrator.pk])


def test_every_registered_model_is_tested_here() -> None:
    assert set(admin.site._registry) == set(EVERY)


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
    few = queries(inside, model)
    for number in range(9):
        multiply(model, number)

    assert model._default_manager.count() == 10
    assert queries(inside, model) == few


def queries(inside: Client, model: type[Model]) -> int:
    with CaptureQueriesContext(
        connection,
    ) as captured:
        answer = inside.get(page(model, "changelist"))
    assert answer.status_code == 200
    return len(captured)


def multiply(model: type[Model], number: int) -> None:
    """Save another row like the first, for a patient and a provider of its own."""
    row = model._default_manager.order_by("pk").first()
    for name, field in (("patient", Patient), ("provider", Provider), ("author", Provider), ("prescriber", Provider)):
        if name in {one.name for one in model._meta.fields}:
            setattr(row, name, another(field._default_manager.order_by("pk").first(), number))
    another(row, number)


def another(row: Model, number: int) -> Model:
    row.pk, row.uid, row._state.adding = None, uuid4(), True
    if isinstance(row, Patient):
        row.mrn = str(uuid4())
    if isinstance(row, Provider):
        row.npi = f"1{uuid4().int % 10**9:09}"
    row.save()
    return row


def test_a_second_account_for_one_email_is_refused_on_the_page(inside: Client) -> None:
    answer = inside.post(
        page(User, "add"),
        {
            "email": "ROOT@clinic.example",
            "role": "nurse",
            "usable_password": "true",
            "password1": PASSWORD,
            "password2": PASSWORD,
        },
    )

    assert answer.status_code == 200
    assert "There is an account with this e-mail address already." in answer.content.decode()
    assert User.objects.count() == 1


def test_a_provider_who_is_busy_is_refused_on_the_page(inside: Client, appointment: Appointment) -> None:
    answer = inside.post(
        page(Appointment, "add"),
        {
            "patient": appointment.patient.pk,
            "provider": appointment.provider.pk,
            "status": "booked",
            "appointment_type": "ROUTINE",
            "starts_at_0": "2024-05-06",
            "starts_at_1": "09:15",
            "ends_at_0": "2024-05-06",
            "ends_at_1": "09:45",
        },
    )

    assert answer.status_code == 200
    assert "The provider has another appointment at this time." in answer.content.decode()
    assert Appointment.objects.count() == 1


@pytest.mark.parametrize(
    ("reference", "typed"),
    [
        ((Appointment, "patient"), "quillf"),
        ((Prescription, "prescriber"), "1234567893"),
        ((InsuranceInfo, "patient"), "A-1001"),
    ],
)
def test_a_reference_is_found_by_typing(
    inside: Client, prescription: Prescription, insurance: InsuranceInfo, reference: tuple[type[Model], str], typed: str
) -> None:
    model, field = reference
    answer = inside.get(
        reverse("admin:autocomplete"),
        {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field, "term": typed},
    )

    found = getattr(prescription, field)
    assert answer.json()["results"] == [{"id": str(found.pk), "text": str(found)}]
