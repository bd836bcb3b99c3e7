"""Every page of the admin, as every role: what opens is what the policy lets it open."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.test import Client as OwnersClient
from django.urls import NoReverseMatch, reverse
from django.utils import timezone

from appointments.models import Appointment
from compliance.access.policy import FILE, parse
from compliance.access.recertifying import certify, report, shown
from compliance.access.rule import Reach
from compliance.audit.subjects import patient_column, patient_of
from compliance.consent.giving import give
from compliance.consent.value_sets import ConsentType
from compliance.models import AuditLog, BreakGlassGrant, CareRelationship, Notice, User
from patients.models import Patient
from providers.models import Provider
from records.models import MedicalRecord, Prescription
from tests.compliance.screens import multiply, page

if TYPE_CHECKING:
    from django.db.models import Model
    from django.test import Client

POLICY = parse(FILE.read_text())
NOBODY, SUPERUSER = "nobody", "superuser"
WALKERS = [*POLICY.roles, NOBODY, SUPERUSER]
STANDARD = ("changelist", "add", "change", "history", "delete")
# Pages beside these, and what one needs for them.
OTHERS = {
    "compliance_auditlog_export": "compliance.export_auditlog",
    "compliance_accessrule_matrix": "compliance.view_accessrule",
    "compliance_accessreview_present": "compliance.view_accessreview",
    "auth_user_password_change": "compliance.change_user",
    "patients_patient_locate": "patients.locate_patient",
    "patients_patient_emergency": "compliance.open_breakglassgrant",
    "compliance_consentrecord_of": "compliance.view_consentrecord",
    "compliance_consentrecord_blank": "compliance.view_consentrecord",
}
# What one adds by another verb: a version of a consent.
ADDED_BY = {"consentrecord": "give"}
# Nobody types a row of these in, whatever a role may do: a capability makes them, or migrate.
MADE = {"accessreview", "accessrule", "accountsession", "auditlog", "breakglassgrant", "group", "notice"}
MADE |= {"consentrule", "sqlmigrationhistory", "userauditlog"}
# One's own rows only, besides what the policy says; or found in another way than by their key.
NARROWER = {"accountsession", "auditlog", "breakglassgrant", "notice"}


class May(NamedTuple):
    """What a role may: {permission: its widest reach}, for what it acts for when nothing is said."""

    reaches: dict[str, str]

    def verb(self, model: type[Model], verb: str) -> str | None:
        return self.reaches.get(f"{model._meta.app_label}.{verb}_{model._meta.model_name}")

    def sees(self, model: type[Model]) -> bool:
        return bool(self.verb(model, "view") or self.verb(model, "change"))

    def adds(self, model: type[Model]) -> bool:
        name = str(model._meta.model_name)
        return name not in MADE and bool(self.verb(model, ADDED_BY.get(name, "add")))


def may(walker: str) -> May:
    role = POLICY.role("admin" if walker == SUPERUSER else walker)
    if role is None:
        return May({})
    return May({rule.permission: rule.reach for rule in role.rules() if rule.purpose == role.purposes[0]})


@pytest.fixture
def world(request: pytest.FixtureRequest, administrator: User) -> None:
    """One row of each table about one patient, and a second one about somebody else."""
    for name in ("insurance", "allergy", "availability", "room", "prescription", "care_relationship"):
        request.getfixturevalue(name)
    emergency = request.getfixturevalue("break_glass_grant")
    give(emergency.patient, by=administrator, consent_type=ConsentType.TREATMENT, purposes=["TREAT"])
    Notice.objects.create(grant=emergency, recipient=administrator)
    certify(shown(report()), by=administrator)
    for number, model in enumerate(admin.site._registry):
        if patient_column(model) and model not in {AuditLog, BreakGlassGrant}:
            multiply(model, number)


@pytest.fixture
def walker(request: pytest.FixtureRequest, client: Client, world: None, patient: Patient) -> Client:
    """Logged in, with the patient of the first rows in care and, as a patient, that chart as one's own."""
    name: str = request.param
    role = name if name in POLICY.roles else "service"
    user = User.objects.create_user(f"{name}@walk.example", role=role, is_staff=True, is_superuser=name == SUPERUSER)
    if name not in {"patient", NOBODY}:
        CareRelationship.objects.create(patient=patient, user=user, starts_at=timezone.now() - timedelta(days=1))
    if name == "patient":
        Patient.objects.filter(pk=patient.pk).update(user=user)
    client.force_login(user)
    return client


def rows(model: type[Model], patient: Patient) -> list[tuple[Model, bool]]:
    """Rows to look at, each with whether it is about the patient within reach."""
    if model is AuditLog:
        return []
    every = [row for row in model._default_manager.order_by("pk") if not getattr(row, "is_superuser", False)]
    if not patient_column(model):
        return [(every[0], True)]
    inside = [row for row in every if patient_of(row) == patient.pk]
    outside = [row for row in every if patient_of(row) != patient.pk]
    assert inside
    assert outside or model is BreakGlassGrant
    return [(inside[0], True), *((row, False) for row in outside[:1])]


def expected(granted: May, model: type[Model], view: str, *, within: bool) -> set[int]:
    if view == "delete":
        return {403}
    if view == "add":
        return {200} if granted.adds(model) else {403}
    if not granted.sees(model):
        return {403}
    if view == "changelist":
        return {200}
    if model._meta.model_name in NARROWER:
        return {200, 302}
    everybody = not patient_column(model) or granted.verb(model, "view") == Reach.ALL
    return {200} if everybody or within else {302}


@pytest.mark.parametrize(("walker", "name"), [(one, one) for one in WALKERS], indirect=["walker"], ids=WALKERS)
def test_what_opens_is_what_the_policy_says(walker: Client, name: str, patient: Patient) -> None:
    granted = may(name)
    wrong = []
    for model in admin.site._registry:
        asked: list[tuple[str, list[Any], bool]] = [("changelist", [], True), ("add", [], True)]
        for row, within in rows(model, patient):
            asked += [(view, [row.pk], within) for view in ("change", "history", "delete")]
        for view, arguments, within in asked:
            status = walker.get(page(model, view, *arguments)).status_code
            allowed = expected(granted, model, view, within=within)
            if status not in allowed:
                wrong.append((model._meta.label, view, "within" if within else "outside", status, allowed))

    assert wrong == []


@pytest.mark.parametrize("walker", ["nurse", "patient"], indirect=True)
def test_the_admin_asks_by_itself_also_where_row_level_security_does_not(walker: Client, patient: Patient) -> None:
    owner = OwnersClient()  # the tests' own client serves as the application's login
    owner.cookies = walker.cookies
    for model in (Patient, Appointment, MedicalRecord, Prescription):
        found = owner.get(page(model, "changelist")).context["cl"].result_list
        (_, outside) = rows(model, patient)

        assert {patient_of(row) for row in found} == {patient.pk}, model
        assert owner.get(page(model, "change", outside[0].pk)).status_code == 302


@pytest.mark.parametrize(("walker", "name"), [(one, one) for one in WALKERS], indirect=["walker"], ids=WALKERS)
def test_a_button_or_a_page_beside_the_usual_ones_takes_its_permission(
    walker: Client, name: str, patient: Patient
) -> None:
    granted = may(name)
    wrong = []
    for model, url, permission in beside():
        for arguments in ([], [rows(model, patient)[0][0].pk] if model is not AuditLog else []):
            try:
                address = reverse(f"admin:{url}", args=arguments)
            except NoReverseMatch:
                continue
            status = walker.get(address).status_code
            if (status == 403) is bool(permission and permission in granted.reaches) and status != 405:
                wrong.append((url, status, permission))

    assert wrong == []


@pytest.mark.parametrize(("walker", "name"), [(one, one) for one in WALKERS], indirect=["walker"], ids=WALKERS)
def test_the_menu_has_what_may_be_opened_and_nothing_else(walker: Client, name: str) -> None:
    granted = may(name)
    answer = walker.get(reverse("admin:index"))

    offered = {model["model"] for app in answer.context["app_list"] for model in app["models"]}
    text = answer.content.decode()
    assert offered == {model for model in admin.site._registry if granted.sees(model) or granted.adds(model)}
    assert ("have permission to view or edit anything" in text) is not offered or bool(offered)
    for model in set(admin.site._registry) - offered:
        assert f'href="{page(model, "changelist")}"' not in text


def test_no_page_of_the_admin_is_left_out_here() -> None:
    known = {
        f"{model._meta.app_label}_{model._meta.model_name}_{view}"
        for model in admin.site._registry
        for view in STANDARD
    }
    known |= {url for _, url, permission in beside() if permission}

    names = {pattern.name for one in admin.site._registry.values() for pattern in one.get_urls() if pattern.name}

    assert names - known == set()


def test_who_is_not_of_the_staff_sees_no_page(client: Client, world: None, patient: Patient) -> None:
    client.force_login(User.objects.create_user("outside@walk.example", role="physician"))

    for address in (reverse("admin:index"), page(Patient, "changelist"), page(Patient, "change", patient.pk)):
        assert client.get(address).url.startswith(reverse("admin:login"))


def beside() -> list[tuple[type[Model], str, str]]:
    """Pages beside the usual ones: the model, the name of the URL, the permission."""
    found: list[tuple[type[Model], str, str]] = []
    for model, shown_by in admin.site._registry.items():
        usual = {f"{model._meta.app_label}_{model._meta.model_name}_{view}" for view in STANDARD}
        buttons = {
            action.action_name: action.method.allowed_permissions[0]
            for action in (*_actions(shown_by, "actions_detail"), *_actions(shown_by, "actions_row"))
        }
        names = [pattern.name for pattern in shown_by.get_urls() if pattern.name and pattern.name not in usual]
        found += [(model, name, OTHERS.get(name) or buttons.get(name, "")) for name in names]
    return found


def _actions(shown_by: Any, where: str) -> list[Any]:
    names = [
        name for one in getattr(shown_by, where, ()) for name in (one["items"] if isinstance(one, dict) else [one])
    ]
    return [shown_by.get_unfold_action(name) for name in names]


# Minimum necessary: what a role is not shown.


@pytest.fixture
def front_desk(client: Client, patient: Patient) -> Client:
    client.force_login(User.objects.create_user("desk@walk.example", role="front_desk", is_staff=True))
    return client


@pytest.fixture
def doctor(client: Client, patient: Patient) -> Client:
    """Logged in, with the patient in care."""
    user = User.objects.create_user("doctor@walk.example", role="physician", is_staff=True)
    CareRelationship.objects.create(patient=patient, user=user, starts_at=timezone.now() - timedelta(days=1))
    client.force_login(user)
    return client


def test_a_column_that_a_role_is_not_shown_stands_nowhere_on_the_page(doctor: Client, patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(ssn="123-45-6789")

    text = doctor.get(page(Patient, "change", patient.pk)).content.decode()

    assert "Quillfeather" in text
    assert "123-45-6789" not in text
    assert "Social security number" not in text
    assert "Your role does not show you everything that is kept here." in text


def test_nobody_searches_or_filters_by_what_they_are_not_shown(doctor: Client, patient: Patient) -> None:
    Patient.objects.filter(pk=patient.pk).update(ssn="123-45-6789")

    searched = doctor.post(page(Patient, "changelist"), {"q": "123-45-6789"}, follow=True)

    assert searched.context["cl"].result_list == []
    assert doctor.get(page(Patient, "changelist"), {"ssn__startswith": "1"}).status_code == 400
    assert doctor.get(page(Patient, "changelist"), {"is_vip__exact": "1"}).status_code == 400
    assert [row.pk for row in doctor.get(page(Patient, "changelist")).context["cl"].result_list] == [patient.pk]


def test_what_is_left_out_of_a_form_keeps_its_default_and_is_not_taken_from_what_is_sent(front_desk: Client) -> None:
    sent = {
        "mrn": "N-1",
        "assigning_authority": "Example Clinic",
        "family_name": "Newcombe",
        "birth_date": "1990-01-01",
        "administrative_gender": "unknown",
        "is_vip": "on",
    }

    front_desk.post(page(Patient, "add"), sent)

    assert Patient.objects.get(mrn="N-1").is_vip is False


def test_a_column_that_is_not_shown_cannot_be_changed(front_desk: Client, patient: Patient) -> None:
    text = front_desk.get(page(Patient, "change", patient.pk)).content.decode()

    assert 'name="ssn"' in text
    assert 'name="is_vip"' not in text


def test_a_list_says_that_something_is_withheld_and_neither_what_nor_how_much(
    doctor: Client, patient: Patient, other_patient: Patient
) -> None:
    text = doctor.get(page(Patient, "changelist")).content.decode()

    assert "Your role does not show you everything that is kept here." in text
    assert "Brackenbury" not in text
    assert "1 patient" in text


def test_a_list_of_everything_says_nothing_of_the_kind(front_desk: Client) -> None:
    assert "does not show you everything" not in front_desk.get(page(Provider, "changelist")).content.decode()


def test_a_page_out_of_reach_and_one_that_is_not_there_look_alike_and_are_recorded(
    doctor: Client, other_patient: Patient
) -> None:
    said = []
    for key in (other_patient.pk, 999_999):
        answer = doctor.get(page(Patient, "change", key), follow=True)
        said.append((answer.redirect_chain, [str(one) for one in answer.context["messages"]]))

    assert said[0] == said[1]
    denied = AuditLog.objects.filter(event_type="denied", table_name="patients").order_by("id")
    assert [entry.object_pk for entry in denied] == [str(other_patient.pk), "999999"]


@pytest.mark.parametrize("lookup", ["sessions__isnull", "totpdevice__isnull", "user_permissions__isnull"])
def test_a_list_is_not_asked_about_rows_of_others_that_are_not_shown(front_desk: Client, lookup: str) -> None:
    assert front_desk.get(page(User, "changelist"), {lookup: "False"}).status_code == 400
    assert front_desk.get(page(User, "changelist"), {"provider__isnull": "True"}).status_code == 200


@pytest.mark.parametrize("key", ["%00", "9" * 5000])
def test_what_cannot_be_a_key_is_refused_as_any_row_out_of_reach_is(doctor: Client, key: str) -> None:
    assert doctor.get(f"/admin/patients/allergy/{key}/change/").status_code == 302
    assert AuditLog.objects.filter(event_type="denied", table_name="allergies").count() == 1


@pytest.mark.parametrize("asked", [{"id__range": "1"}, {"birth_date__year": "99999999999"}])
def test_a_filter_that_means_nothing_leads_to_the_list(front_desk: Client, asked: dict[str, str]) -> None:
    assert front_desk.get(page(Patient, "changelist"), asked).headers["Location"].endswith("?e=1")


@pytest.mark.parametrize("sent", ["\0", "nobody"])
def test_a_reference_that_is_no_key_is_said_on_the_form(doctor: Client, sent: str) -> None:
    from patients.models import Allergy  # noqa: PLC0415

    answer: Any = doctor.post(page(Allergy, "add"), {"patient": sent})

    assert answer.status_code == 200
    assert "patient" in answer.context["adminform"].form.errors


def test_a_page_of_choices_beyond_all_numbers_is_none(doctor: Client) -> None:
    sent = {"app_label": "patients", "model_name": "allergy", "field_name": "patient", "page": "9" * 20}

    assert doctor.post("/admin/autocomplete/", sent).status_code == 404


def test_a_row_is_not_added_for_a_patient_out_of_reach(doctor: Client, other_patient: Patient) -> None:
    from patients.models import Allergy  # noqa: PLC0415

    sent = {"patient": other_patient.pk, "substance": "Latex", "category": "environment", "allergy_type": "allergy"}
    doctor.post(page(Allergy, "add"), sent)

    assert not Allergy.objects.exists()


def test_a_role_that_is_taken_away_bites_in_the_next_request(doctor: Client, patient: Patient) -> None:
    assert doctor.get(page(Patient, "change", patient.pk)).status_code == 200

    User.objects.filter(email="doctor@walk.example").update(role="service")

    assert doctor.get(page(Patient, "change", patient.pk)).status_code == 403


def test_a_role_besides_counts_only_for_what_the_account_acts_for(front_desk: Client, patient: Patient) -> None:
    User.objects.get(email="desk@walk.example").groups.add(Group.objects.get(name="compliance_officer"))

    text = front_desk.get(page(Patient, "change", patient.pk)).content.decode()

    assert 'name="is_vip"' in text  # both roles act for HOPERAT
    with connection.cursor() as cursor:
        cursor.execute("SELECT action FROM user_audit_log ORDER BY id DESC LIMIT 1")
        assert cursor.fetchone() == ("role_granted",)
