"""One person, one account: whatever the case of the e-mail address, and whoever asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from compliance.accounts.forms import AccountCreationForm
from compliance.models import User
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.test import Client

pytestmark = pytest.mark.django_db
TAKEN = "There is an account with this e-mail address already."


@pytest.fixture
def nurse() -> User:
    return User.objects.create_user("Nora.Nightshade@Clinic.example", PASSWORD, role="nurse")


def insert(email: str, **columns: str) -> None:
    names = ", ".join(("email", "password_hash", *columns))
    values = [email, "!", *columns.values()]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO users ({names}) VALUES ({', '.join(['%s'] * len(values))})", values)


@pytest.mark.parametrize("typed", ["nora.nightshade@clinic.example", "NORA.NIGHTSHADE@CLINIC.EXAMPLE"])
def test_an_account_is_logged_in_to_by_its_email_in_any_case(client: Client, nurse: User, typed: str) -> None:
    assert client.login(username=typed, password=PASSWORD)
    assert client.session["_auth_user_id"] == str(nurse.pk)


def test_another_password_or_an_inactive_account_does_not_log_in(client: Client, nurse: User) -> None:
    assert not client.login(username=nurse.email, password="another password")

    User.objects.filter(pk=nurse.pk).update(is_active=False)

    assert not client.login(username=nurse.email, password=PASSWORD)


@pytest.mark.parametrize(
    "again", ["Nora.Nightshade@clinic.example", "nora.nightshade@clinic.example", "NORA.NIGHTSHADE@CLINIC.EXAMPLE"]
)
def test_postgresql_refuses_a_second_account_for_one_email(nurse: User, again: str) -> None:
    with pytest.raises(IntegrityError, match="users_email_any_case"):
        insert(again)


@pytest.mark.parametrize("again", ["Nora.Nightshade@clinic.example", "nora.NIGHTSHADE@clinic.example"])
def test_the_form_refuses_a_second_account_for_one_email_in_words(nurse: User, again: str) -> None:
    form = AccountCreationForm({"email": again, "role": "nurse", "password1": PASSWORD, "password2": PASSWORD})

    assert [error for errors in form.errors.values() for error in errors] == [TAKEN]


def test_the_form_makes_an_account_that_can_log_in(client: Client) -> None:
    form = AccountCreationForm(
        {"email": "new@clinic.example", "role": "nurse", "password1": PASSWORD, "password2": PASSWORD}
    )

    form.save()

    assert client.login(username="new@clinic.example", password=PASSWORD)


def test_createsuperuser_refuses_an_email_that_is_taken_in_another_case(nurse: User) -> None:
    with pytest.raises(CommandError, match="already taken"):
        call_command("createsuperuser", email="nora.nightshade@CLINIC.example", interactive=False)


def test_finding_an_account_by_email_reads_the_unique_index(
    nurse: User, django_assert_num_queries: pytest.FixtureRequest
) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL enable_seqscan = off")
    with django_assert_num_queries(1) as captured:
        User.objects.get_by_natural_key("nora.nightshade@clinic.example")
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN {captured.captured_queries[0]['sql']}")
        plan = "\n".join(row[0] for row in cursor.fetchall())

    assert "Index Scan using users_email_any_case" in plan


def test_every_role_that_python_knows_is_known_to_postgresql_and_no_other() -> None:
    for role in User.Role.values:
        insert(f"{role}@clinic.example", role=role)

    with pytest.raises(IntegrityError, match="users_role_known"):
        insert("janitor@clinic.example", role="janitor")


@pytest.mark.parametrize("column", ["date_of_birth", "created_at", "updated_at", "last_login"])
@pytest.mark.parametrize("value", ["infinity", "-infinity", "0044-03-15 BC", "10000-01-01"])
def test_a_date_that_python_cannot_read_is_refused(column: str, value: str) -> None:
    with pytest.raises(IntegrityError, match="users_calendar"):
        insert("ides@clinic.example", **{column: value})


def test_an_event_at_a_time_that_python_cannot_read_is_refused() -> None:
    with (
        pytest.raises(IntegrityError, match="user_audit_log_calendar"),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute("INSERT INTO user_audit_log (action, created_at) VALUES ('login', 'infinity')")


def test_a_row_with_the_columns_of_the_seed_only_is_a_patient_without_rights() -> None:
    insert("plain@clinic.example")

    user = User.objects.get(email="plain@clinic.example")

    assert (user.role, user.is_active, user.is_staff, user.is_superuser) == ("patient", True, False, False)


def test_an_account_without_an_email_is_refused() -> None:
    with pytest.raises(ValueError, match="needs an e-mail address"):
        User.objects.create_user("")


def test_a_superuser_is_an_administrator_who_may_use_the_admin(administrator: User) -> None:
    assert (administrator.role, administrator.is_staff, administrator.is_superuser) == ("admin", True, True)


def test_an_account_is_named_by_its_number(administrator: User) -> None:
    assert str(administrator) == f"user {administrator.pk}"
    assert administrator.get_full_name() == "Ada Rootworthy"
