"""policy.toml names what there is, its page says what it says, and the matrix marks what the database has otherwise."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.urls import reverse

from compliance.access.checks import problems
from compliance.access.describing import page, sections
from compliance.access.policy import FILE, PolicyError, parse
from compliance.access.syncing import standing
from compliance.models import AccessRule, User

if TYPE_CHECKING:
    from django.test import Client

TEXT = FILE.read_text()


def test_the_policy_names_nothing_that_is_not_there() -> None:
    assert list(problems(parse(TEXT))) == []


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('on = ["records.medicalrecord"]', 'on = ["records.medicalnote"]', "there is no model records.medicalnote"),
        ('do = ["merge"]', 'do = ["blend"]', "patients.patient has no permission blend_patient"),
        ('columns = ["schedule"]', 'columns = ["times"]', "appointments.appointment has no group of columns times"),
        ('numbers = ["ssn"]', "numbers = []", "ssn is health information, and in no group"),
        ('watched = ["is_vip"]', 'watched = ["is_vap"]', "there is no field is_vap"),
        ("[roles.researcher]", "[roles.scholar]", "role researcher: an account can have it"),
    ],
)
def test_a_name_that_nothing_has_is_said(old: str, new: str, said: str) -> None:
    assert old in TEXT
    assert any(said in problem for problem in problems(parse(TEXT.replace(old, new))))


def test_a_time_that_makes_no_sense_is_refused() -> None:
    with pytest.raises(PolicyError, match="recertify_days"):
        parse(TEXT.replace("recertify_days = 90", "recertify_days = 0"))


def test_the_page_is_what_the_policy_says() -> None:
    assert (settings.BASE_DIR / "docs" / "access-policy.md").read_text() == page(parse(TEXT))


def test_what_the_database_holds_otherwise_is_marked(db: None) -> None:
    AccessRule.objects.filter(role="nurse", permission="patients.view_patient").delete()
    AccessRule.objects.filter(role="billing", permission="patients.locate_patient").update(reach="own")

    described = {one.name: one for one in sections(parse(TEXT), standing())}

    assert [line.what for line in described["nurse"].lines if line.differs] == ["patients"]
    assert described["billing"].extra == ("patients.locate_patient for HPAYMT, one's own",)
    assert not any(line.differs for line in described["physician"].lines)


def test_the_matrix_is_shown_to_who_may_see_the_rules(client: Client, db: None) -> None:
    client.force_login(User.objects.create_user("auditor@matrix.example", role="auditor", is_staff=True))

    text = client.get(reverse("admin:compliance_accessrule_matrix")).content.decode()

    assert "Front desk (front_desk)" in text
    assert "of patients in one&#x27;s care" in text
