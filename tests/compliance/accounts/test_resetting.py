"""A new password by way of a mail: the answer tells nothing, and the link works once."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

import pytest
from django.core import mail
from django.test import Client

from compliance.models import User, UserAuditLog
from tests.people import PASSWORD

if TYPE_CHECKING:
    from django.http import HttpResponse

pytestmark = pytest.mark.django_db
ASK = "/password/forgotten/"
NEW = "another battery, another staple"


@pytest.fixture
def nurse(db: None) -> User:
    return User.objects.create_user("nurse@clinic.example", PASSWORD, first_name="Nora", role="nurse", is_staff=True)


def ask(client: Client, address: str) -> HttpResponse:
    return client.post(ASK, {"email": address}, follow=True)


def link() -> str:
    found = re.search(r"http://testserver(/password/new/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


def choose(client: Client, url: str) -> HttpResponse:
    form = client.get(url, follow=True)
    return client.post(form.request["PATH_INFO"], {"new_password1": NEW, "new_password2": NEW})


def test_the_answer_is_the_same_whether_the_account_exists_or_not(client: Client, nurse: User) -> None:
    known, unknown = ask(client, nurse.email.upper()), ask(client, "nobody@clinic.example")

    assert (known.status_code, known.content) == (unknown.status_code, unknown.content)
    assert [message.to for message in mail.outbox] == [[nurse.email]]
    asked = UserAuditLog.objects.filter(action="password_reset_request").order_by("pk")
    assert [event.user for event in asked] == [nurse, None]


def test_a_mail_holds_a_link_and_nothing_about_anybody(client: Client, nurse: User) -> None:
    ask(client, nurse.email)

    assert nurse.first_name not in mail.outbox[0].subject + str(mail.outbox[0].body)


def test_the_link_works_once_and_ends_every_session(client: Client, nurse: User) -> None:
    inside = Client()
    inside.force_login(nurse)
    ask(client, nurse.email)

    assert choose(client, link()).status_code == 302

    assert inside.get("/account/").status_code == 302
    assert client.get("/account/").status_code == 302
    assert client.login(username=nurse.email, password=NEW)
    actions = UserAuditLog.objects.filter(user=nurse).values_list("action", flat=True)
    assert {"password_change", "password_reset"} <= set(actions)
    again = Client().get(link(), follow=True)
    assert "used already" in again.content.decode()


def test_an_inactive_account_gets_no_mail(client: Client, nurse: User) -> None:
    User.objects.filter(pk=nurse.pk).update(is_active=False)
    ask(client, nurse.email)

    assert mail.outbox == []
