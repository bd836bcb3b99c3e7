"""Whatever is shown of an audited row is recorded first, once; what cannot be recorded is not shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from auditlog.context import disable_auditlog
from auditlog.signals import pre_log
from django.contrib import admin
from django.contrib.auth.models import Group
from django.db import connection
from django.urls import reverse
from django.views.generic import DetailView, ListView

from appointments.models import Appointment
from compliance.access import require
from compliance.access.recertifying import certify, report, shown
from compliance.audit import context, recording
from compliance.audit.errors import NotRecorded
from compliance.audit.recording import digest
from compliance.audit.registry import DECLARED
from compliance.audit.views import RecordsReads
from compliance.consent.restricting import restrict
from compliance.errors import AccessDenied
from compliance.models import (
    AccessReview,
    AccessRule,
    AuditLog,
    ConsentProvision,
    ConsentRecord,
    ConsentRule,
    User,
)
from compliance.purposes import Purpose
from patients.errors import LikelyDuplicates
from patients.models import InsuranceInfo, Patient
from patients.registration import likely_duplicates, register
from records.fhir import export
from tests.compliance.screens import multiply, page, typed
from tests.people import may

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model
    from django.http import HttpResponse
    from django.test import Client, RequestFactory

    from providers.models import Provider

SENTENCE = "This cannot be shown now, because the audit trail could not record that it was looked at."
# Exceptions are shown on the page of their consent.
SHOWN = sorted(DECLARED.keys() - {ConsentProvision}, key=lambda model: model.__name__)
# Of these, rows are made by other means than one after the other.
SINGLE = {User, Group, AccessRule, AccessReview, ConsentRecord, ConsentRule}


@pytest.fixture
def rows(request: pytest.FixtureRequest, administrator: User) -> None:
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
    certify(shown(report()), by=administrator)
    restrict(request.getfixturevalue("patient"), by=administrator, purposes=[Purpose.HPAYMT])


@pytest.fixture
def broken(db: None) -> None:
    """A trail that takes no entry from the application."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs ADD CONSTRAINT nothing_more CHECK (captured_by = 'trigger') NOT VALID")


@pytest.fixture
def clerk(client: Client, django_user_model: Any) -> Client:
    """Logged in, of the staff, and without any permission."""
    client.force_login(django_user_model.objects.create_user("clerk@clinic.example", role="service", is_staff=True))
    client.get(reverse("admin:index"))
    return client


def entries() -> list[AuditLog]:
    """What the application recorded, oldest first, but for logins."""
    return list(AuditLog.objects.filter(captured_by="application").exclude(event_type="login").order_by("id"))


def only() -> AuditLog:
    (entry,) = entries()
    return entry


def whose(row: Any) -> int | None:
    return getattr(row, DECLARED[type(row)].patient) if DECLARED[type(row)].patient else None


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
@pytest.mark.parametrize("view", ["change", "history"])
def test_a_page_leaves_one_read_of_its_row(
    inside: Client, administrator: User, rows: None, model: type[Model], view: str
) -> None:
    row = model._default_manager.order_by("pk").last()
    assert row is not None

    assert inside.get(page(model, view, row.pk)).status_code == 200

    entry = only()
    assert (entry.event_type, entry.table_name, entry.object_pk) == ("read", model._meta.db_table, str(row.pk))
    assert (entry.patient_id, entry.object_uid) == (whose(row), getattr(row, "uid", None))
    assert (entry.actor_id, entry.source) == (administrator.pk, f"GET {page(model, view, row.pk)}")
    assert entry.object_repr == f"{model._meta.db_table} {row.pk}"


@pytest.mark.parametrize("model", SHOWN, ids=lambda model: model.__name__)
def test_a_list_leaves_one_query_with_the_patients_that_it_shows(
    inside: Client, rows: None, model: type[Model]
) -> None:
    if model not in SINGLE:
        multiply(model, 7)

    inside.get(page(model, "changelist"))

    entry = only()
    shown = list(model._default_manager.order_by("-pk")[:50])
    assert (entry.event_type, entry.table_name, entry.result_count) == ("query", model._meta.db_table, len(shown))
    assert entry.patient_ids == (sorted({whose(row) for row in shown}) if DECLARED[model].patient else None)
    assert entry.query_digest is None


def test_a_search_leaves_a_digest_of_its_term_that_is_the_same_in_any_case(inside: Client, patient: Patient) -> None:
    for term in ("Quillf", " quillf "):
        inside.post(page(Patient, "changelist"), {"q": term}, follow=True)
    inside.post(page(Patient, "changelist"), {"q": "nobody"}, follow=True)

    found, again, nobody = entries()
    assert found.query_digest == again.query_digest == digest("quillf")
    assert (found.patient_ids, nobody.patient_ids, nobody.result_count) == ([patient.pk], None, 0)
    assert "uillf" not in str(vars(found))


def test_choices_leave_one_query_with_those_that_were_offered(inside: Client, patient: Patient) -> None:
    sent = {"app_label": "patients", "model_name": "insuranceinfo", "field_name": "patient", "term": "quillf"}
    inside.post(reverse("admin:autocomplete"), sent)

    entry = only()
    assert (entry.event_type, entry.table_name, entry.patient_ids) == ("query", "patients", [patient.pk])
    assert (entry.result_count, entry.query_digest) == (1, digest("quillf"))


@pytest.mark.parametrize("query", ["", "?_popup=1"])
def test_a_popup_is_a_page_like_any_other(inside: Client, patient: Patient, query: str) -> None:
    inside.get(page(Patient, "change", patient.pk) + query)

    assert only().patient_id == patient.pk


def test_a_patient_whom_the_url_of_a_new_row_names_is_read(inside: Client, patient: Patient) -> None:
    assert "Quillfeather" in inside.get(page(InsuranceInfo, "add"), {"patient": patient.pk}).content.decode()

    assert (only().event_type, only().table_name, only().patient_id) == ("read", "patients", patient.pk)


def test_a_form_that_is_shown_again_reads_the_row_as_kept_and_whoever_was_chosen(
    inside: Client, insurance: InsuranceInfo, other_patient: Patient
) -> None:
    sent = typed(inside.get(page(InsuranceInfo, "change", insurance.pk)))
    sent |= {"patient": other_patient.pk, "period_start": "never"}

    assert "Brackenbury" in inside.post(page(InsuranceInfo, "change", insurance.pk), sent).content.decode()

    _, chosen, kept = entries()
    assert (chosen.table_name, chosen.patient_id) == ("patients", other_patient.pk)
    assert (kept.table_name, kept.patient_id) == ("insurance_info", insurance.patient_id)


def test_the_page_of_a_conflict_is_read_too(inside: Client, patient: Patient) -> None:
    mine = typed(inside.get(page(Patient, "change", patient.pk)))
    Patient.objects.update(given_name="Margaret")

    answer = inside.post(page(Patient, "change", patient.pk), mine | {"given_name": "Mary"})

    assert "It now says: Margaret" in answer.content.decode()
    assert [(entry.event_type, entry.patient_id) for entry in entries()] == [("read", patient.pk)] * 2


def test_a_change_that_is_saved_shows_nothing_and_is_no_read(inside: Client, patient: Patient) -> None:
    sent = typed(inside.get(page(Patient, "change", patient.pk)))
    assert inside.post(page(Patient, "change", patient.pk), sent).status_code == 302

    assert len(entries()) == 1


def test_the_page_of_a_password_is_a_look_at_the_account(inside: Client, administrator: User) -> None:
    inside.get(reverse("admin:auth_user_password_change", args=[administrator.pk]))

    assert (only().event_type, only().object_pk) == ("read", str(administrator.pk))
    assert administrator.email not in only().object_repr


# What cannot be recorded.


def asked(view: str) -> Callable[[Client, Patient], Any]:
    return lambda inside, patient: inside.get(page(Patient, view, *([] if view == "changelist" else [patient.pk])))


WAYS: dict[str, Callable[[Client, Patient], Any]] = {
    "page": asked("change"),
    "list": asked("changelist"),
    "history": asked("history"),
    "popup": lambda inside, patient: inside.get(page(Patient, "change", patient.pk), {"_popup": "1"}),
    "choices": lambda inside, patient: inside.post(
        reverse("admin:autocomplete"),
        {"app_label": "patients", "model_name": "allergy", "field_name": "patient", "term": "quillf"},
    ),
    "search": lambda inside, patient: inside.post(page(Patient, "changelist"), {"q": "quillf"}, follow=True),
    "refused change": lambda inside, patient: inside.post(page(Patient, "change", patient.pk), {"mrn": ""}),
    "chosen by url": lambda inside, patient: inside.get(page(InsuranceInfo, "add"), {"patient": patient.pk}),
}


@pytest.mark.parametrize("way", WAYS)
def test_what_cannot_be_recorded_is_not_shown(inside: Client, patient: Patient, broken: None, way: str) -> None:
    answer = WAYS[way](inside, patient)

    assert answer.status_code == 503
    assert answer.content.decode().startswith(SENTENCE)
    assert "uillfeather" not in answer.content.decode()


def test_a_denial_that_cannot_be_recorded_stays_a_denial(clerk: Client, patient: Patient, broken: None) -> None:
    assert clerk.get(page(Patient, "change", patient.pk)).status_code == 503


# Denials.


@pytest.mark.parametrize("view", ["change", "changelist", "history", "delete", "merge"])
def test_a_page_without_the_permission_leaves_a_denial(clerk: Client, patient: Patient, view: str) -> None:
    keys = () if view == "changelist" else (patient.pk,)

    assert clerk.get(page(Patient, view, *keys)).status_code == 403

    entry = only()
    assert (entry.event_type, entry.outcome, entry.table_name) == ("denied", 8, "patients")
    assert entry.outcome_reason == f"No permission for admin:patients_patient_{view}."
    assert entry.patient_id == (patient.pk if keys else None)
    assert entry.actor_email == "clerk@clinic.example"


def test_choices_without_the_permission_leave_a_denial(clerk: Client, patient: Patient) -> None:
    assert WAYS["choices"](clerk, patient).status_code == 403

    assert (only().event_type, only().outcome_reason) == ("denied", "No permission for admin:autocomplete.")


def test_a_capability_that_refuses_leaves_a_denial_of_who_asked(db: None, django_user_model: Any) -> None:
    nurse = django_user_model.objects.create_user("nurse@clinic.example", role="nurse")
    with pytest.raises(AccessDenied):
        require(nurse, "patients.merge_patient")

    entry = only()
    assert (entry.event_type, entry.outcome, entry.actor_id, entry.actor_role) == ("denied", 8, nurse.pk, "nurse")
    assert entry.outcome_reason == "This account does not have the permission patients.merge_patient."


def test_who_may_not_see_patients_is_not_told_a_name_by_a_form(clerk: Client, patient: Patient) -> None:
    may(User.objects.get(email="clerk@clinic.example"), "patients.add_insuranceinfo")

    text = clerk.get(page(InsuranceInfo, "add"), {"patient": patient.pk}).content.decode()

    assert "uillfeather" not in text


# Exports and look-ups.


def test_an_export_is_recorded_for_each_record_before_the_first_byte(
    other_patient: Patient, merged_patient: Patient
) -> None:
    recorded: list[list[int | None]] = []

    with context.acting(source="export_fhir"):
        export.write(other_patient.uid, lambda _: recorded.append([entry.patient_id for entry in entries()]))

    assert recorded[0] == [other_patient.pk, merged_patient.pk]
    assert {(entry.event_type, entry.outcome, entry.source) for entry in entries()} == {("export", 0, "export_fhir")}


def test_an_export_that_fails_was_begun_and_says_so(patient: Patient) -> None:
    def full(_: str) -> None:
        raise OSError("No space left on device")

    with pytest.raises(OSError, match="No space left"):
        export.write(patient.uid, full)

    begun, failed = entries()
    assert (begun.outcome, failed.outcome, failed.outcome_reason) == (0, 8, "It was not finished: OSError.")


def test_an_export_that_cannot_be_recorded_writes_nothing(patient: Patient, broken: None) -> None:
    pieces: list[str] = []
    with pytest.raises(NotRecorded):
        export.write(patient.uid, pieces.append)

    assert pieces == []


def test_likely_duplicates_are_people_whom_one_was_shown(patient: Patient, administrator: User) -> None:
    twin = {name: getattr(patient, name) for name in ("family_name", "given_name", "birth_date")}

    assert [one.pk for one in likely_duplicates(Patient(**twin))] == [patient.pk]
    with pytest.raises(LikelyDuplicates):
        register(
            by=administrator, mrn="Z-1", assigning_authority="Example Clinic", administrative_gender="female", **twin
        )

    # The second entry went with the transaction here; where this runs it is committed apart.
    assert [(entry.event_type, entry.patient_ids) for entry in entries()] == [("query", [patient.pk])]


# Code of one's own.


EVALUATIONS: dict[str, Callable[[Any], Any]] = {
    "for": list,
    "len": len,
    "slice": lambda found: found.order_by("pk")[:1].get(),
    "get": lambda found: found.get(mrn="A-1001"),
    "first": lambda found: found.filter(mrn="A-1001").first(),
    "in_bulk": lambda found: found.filter(mrn="A-1001").in_bulk(),
    "iterator": lambda found: list(found.iterator(chunk_size=10)),
    "twice": lambda found: [*found, *found],
    "only": lambda found: list(found.only("mrn")),
    "filter afterwards": lambda found: list(found.filter(mrn="A-1001").select_related("merged_into")),
}


@pytest.mark.parametrize("way", EVALUATIONS)
def test_the_verb_records_each_evaluation_once(patient: Patient, way: str) -> None:
    EVALUATIONS[way](Patient.objects.recorded())

    assert (only().event_type, only().patient_ids, only().result_count) == ("query", [patient.pk], 1)


def test_the_verb_records_nothing_until_rows_are_fetched(patient: Patient) -> None:
    found = Patient.objects.recorded()
    assert (found.count(), found.exists()) == (1, True)
    assert entries() == []


def test_a_stream_is_recorded_as_it_is_read(patient: Patient, other_patient: Patient) -> None:
    stream = iter(Patient.objects.order_by("pk").recorded().iterator(chunk_size=1))

    next(stream)
    assert [entry.patient_ids for entry in entries()] == [[patient.pk]]
    assert len([*stream]) == 1
    assert [entry.patient_ids for entry in entries()] == [[patient.pk], [other_patient.pk]]


def test_rows_that_cannot_be_recorded_are_not_handed_out(patient: Patient, broken: None) -> None:
    found = Patient.objects.recorded()
    with pytest.raises(NotRecorded):
        list(found)

    assert found._result_cache is None


@pytest.mark.parametrize(
    "hide",
    [
        lambda found: found.recorded().values("pk"),
        lambda found: found.recorded().values_list("pk"),
        lambda found: found.values("pk").recorded(),
        lambda found: found.recorded().dates("birth_date", "year"),
    ],
)
def test_values_that_do_not_say_whose_they_are_are_refused(db: None, hide: Callable[[Any], Any]) -> None:
    with pytest.raises(TypeError, match=r"recorded\(\) gives rows: values do not say whose they are"):
        hide(Patient.objects.all())


class ChartView(RecordsReads, DetailView):  # type: ignore[type-arg]
    model = Patient

    def render_to_response(self, context: dict[str, Any], **_: Any) -> HttpResponse:
        return super().render_to_response(context)


class DayView(RecordsReads, ListView):  # type: ignore[type-arg]
    model = Appointment
    paginate_by = 1
    ordering = "pk"

    def searched(self) -> str:
        return "Tuesday"


@pytest.fixture
def request_(rf: RequestFactory) -> Any:
    return rf.get("/")


def test_a_view_of_ones_own_records_its_row(request_: Any, patient: Patient) -> None:
    ChartView.as_view()(request_, pk=patient.pk)

    assert (only().event_type, only().patient_id) == ("read", patient.pk)


def test_a_list_of_ones_own_records_its_page(request_: Any, appointment: Appointment) -> None:
    multiply(Appointment, 3)

    answer = DayView.as_view()(request_)

    assert (only().patient_ids, only().result_count, only().query_digest) == (
        [appointment.patient_id],
        1,
        digest("tuesday"),
    )
    assert list(answer.context_data["object_list"]) == [appointment]


# django-auditlog's switches.


def test_switching_auditlog_off_silences_no_read(inside: Client, patient: Patient) -> None:
    with disable_auditlog():
        inside.get(page(Patient, "change", patient.pk))

    assert only().patient_id == patient.pk


def test_a_veto_against_the_entry_keeps_the_row_from_being_shown(inside: Client, patient: Patient) -> None:
    def veto(**_: Any) -> bool:
        return False

    pre_log.connect(veto)
    try:
        assert inside.get(page(Patient, "change", patient.pk)).status_code == 503
    finally:
        pre_log.disconnect(veto)


def test_every_audited_model_has_a_screen_that_records() -> None:
    assert [model for model in DECLARED if not admin.site.is_registered(model)] == [ConsentProvision]


def test_the_row_of_a_model_that_is_not_audited_is_recorded_all_the_same(inside: Client, patient: Patient) -> None:
    (event,) = [AuditLog.objects.filter(table_name="patients").latest()]
    recording.read(event)

    entry = entries()[-1]
    assert (entry.table_name, entry.object_pk, entry.patient_id) == ("audit_logs", str(event.pk), patient.pk)


def test_a_provider_is_nobodys_data_and_recorded_too(provider: Provider) -> None:
    recording.read(provider)

    assert (only().table_name, only().patient_id) == ("providers", None)
