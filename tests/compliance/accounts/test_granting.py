"""Administration sets roles of others. Nobody changes their own, and only a superuser makes one."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.auth.models import Group
from django.utils import timezone

from compliance.accounts.errors import OneselfRefused, SuperusersOnly
from compliance.accounts.granting import refuse_escalation
from compliance.models import CareRelationship, User, UserAuditLog
from tests.compliance.screens import page, typed

if TYPE_CHECKING:
    from django.test import Client

    from patients.models import Patient


@pytest.fixture
def clerk(db: None) -> User:
    return User.objects.create_user("clerk@grant.example", role="front_desk", is_staff=True)


@pytest.fixture
def admin(client: Client, db: None) -> User:
    """Logged in, and no superuser."""
    user = User.objects.create_user("admin@grant.example", role="admin", is_staff=True)
    client.force_login(user)
    return user


def send(client: Client, user: User, **otherwise: Any) -> Any:
    address = page(User, "change", user.pk)
    sent = typed(client.get(address)) | otherwise
    return client.post(address, {name: value for name, value in sent.items() if value is not None}, follow=True)


def test_an_administrator_gives_a_role_and_another_besides_and_both_are_events(
    client: Client, admin: User, clerk: User
) -> None:
    send(client, clerk, role="billing", groups=[Group.objects.get(name="auditor").pk])

    clerk.refresh_from_db()
    assert (clerk.role, [group.name for group in clerk.groups.all()]) == ("billing", ["auditor"])
    events = UserAuditLog.objects.filter(user=clerk, changed_by=admin).order_by("id")
    assert {(one.action, str(one.changed_fields["role"])) for one in events} == {
        ("role_change", "['front_desk', 'billing']"),
        ("role_granted", "auditor"),
    }
    clerk.groups.clear()
    assert UserAuditLog.objects.filter(user=clerk).latest("id").action == "role_revoked"


def test_nobody_changes_their_own_role_or_makes_a_superuser(client: Client, admin: User, clerk: User) -> None:
    send(client, admin, role="physician", groups=[Group.objects.get(name="physician").pk], is_superuser="on")
    send(client, clerk, is_superuser="on")

    admin.refresh_from_db()
    clerk.refresh_from_db()
    assert (admin.role, admin.groups.count(), admin.is_superuser) == ("admin", 0, False)
    assert clerk.is_superuser is False


def test_the_capability_refuses_it_too(admin: User, clerk: User) -> None:
    with pytest.raises(OneselfRefused):
        refuse_escalation(admin, {"groups"}, by=admin)
    with pytest.raises(SuperusersOnly):
        refuse_escalation(clerk, {"is_superuser"}, by=admin)
    clerk.is_superuser = True
    with pytest.raises(SuperusersOnly):
        refuse_escalation(clerk, {"phone"}, by=admin)
    refuse_escalation(clerk, {"role", "is_superuser"}, by=User(is_superuser=True, pk=0))


def test_a_superusers_account_and_password_are_left_to_superusers(client: Client, admin: User) -> None:
    root = User.objects.create_superuser("root@grant.example", "correct horse battery staple")

    assert client.post(page(User, "change", root.pk), {"phone": "1"}).status_code == 403
    assert client.get(f"/admin/compliance/user/{root.pk}/password/").status_code == 403


def test_the_page_offers_roles_besides_and_no_right_of_one_account(client: Client, admin: User, clerk: User) -> None:
    Group.objects.create(name="Night shift")

    text = client.get(page(User, "change", clerk.pk)).content.decode()

    assert "Compliance officer" in text
    assert "Night shift" not in text
    assert 'name="user_permissions"' not in text


def test_who_deactivates_an_account_is_told_how_much_it_leaves_open(
    client: Client, admin: User, clerk: User, patient: Patient
) -> None:
    CareRelationship.objects.create(patient=patient, user=clerk, starts_at=timezone.now() - timedelta(days=1))

    before = client.get(page(User, "change", clerk.pk)).content.decode()
    answer = send(client, clerk, is_active=None)

    assert "This account has 1 open care relationships and 0 appointments to come." in before
    assert "The account reaches nothing any more. Somebody else has to take over 1 open care" in answer.content.decode()
    assert "Quillfeather" not in before + answer.content.decode()
