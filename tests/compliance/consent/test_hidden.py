"""A row that consent withholds is as one that is not there: no page, list, choice, message or error tells of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import ProgrammingError, connection, transaction
from django.db.models import Count, Max
from django.urls import reverse

from appointments.models import Appointment, Encounter
from compliance.access import permits, visible_to
from compliance.audit.context import acting
from compliance.consent.restricting import restrict_self_paid
from compliance.errors import RuleBroken
from compliance.models import CareRelationship, ConsentRecord, User
from patients.models import Allergy, Patient
from records.models import MedicalRecord, Prescription
from tests.compliance.screens import page, typed
from tests.logins import as_app
from tests.people import may

if TYPE_CHECKING:
    from django.test import Client

    from providers.models import Provider
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db
SEEN = datetime(2024, 5, 6, 9, 0, tzinfo=UTC)
NOBODYS = 10**12  # the key of no row
TITLE = "Methadone clinic"


@pytest.fixture
def hidden(patient: Patient, physician: User, provider: Provider) -> MedicalRecord:
    """A record of a Part 2 program in the chart of a patient whom the physician treats, by somebody else."""
    CareRelationship.objects.create(patient=patient, user=physician, starts_at=SEEN)
    return MedicalRecord.objects.create(
        patient=patient, author=provider, record_type="progress_note", title=TITLE, is_part2=True, effective_at=SEEN
    )


@pytest.fixture
def inside(client: Client, physician: User, hidden: MedicalRecord) -> Client:
    client.force_login(physician)
    return client


def answered(client: Client, url: str) -> tuple[int, str | None, list[str]]:
    """What a browser is told: the status, where to, and the sentences over the next page."""
    answer = client.get(url)
    told = [str(one) for one in client.get(reverse("admin:index")).context["messages"]]
    return answer.status_code, answer.headers.get("Location"), told


@pytest.mark.parametrize("view", ["change", "history", "delete"])
def test_its_page_is_that_of_no_row(inside: Client, hidden: MedicalRecord, view: str) -> None:
    assert answered(inside, page(MedicalRecord, view, hidden.pk)) == answered(
        inside, page(MedicalRecord, view, NOBODYS)
    )


def test_a_search_a_filter_or_an_order_does_not_find_it(
    inside: Client, hidden: MedicalRecord, record: MedicalRecord
) -> None:
    for query in (
        "",
        f"?q={TITLE}",
        f"?id={hidden.pk}",
        f"?id__exact={hidden.pk}",
        "?o=-1",
        "?p=2",
        "?is_part2__exact=1",
    ):
        answer = inside.get(page(MedicalRecord, "changelist") + query)
        if answer.status_code == 200:
            found = [one.pk for one in answer.context_data["cl"].result_list]
            assert set(found) <= {record.pk}, query
            assert answer.context_data["cl"].result_count == len(found), query
            assert TITLE not in answer.content.decode().replace(f'value="{TITLE}"', "").replace(query[3:], ""), query


def test_it_is_no_choice_and_choosing_it_is_choosing_nothing(
    inside: Client, hidden: MedicalRecord, prescription: Prescription
) -> None:
    asked = {"term": "", "app_label": "records", "model_name": "prescription", "field_name": "medical_record"}
    offered = inside.post(reverse("admin:autocomplete"), asked)
    assert [one["id"] for one in offered.json()["results"]] == [str(prescription.medical_record_id)]

    form = typed(inside.get(page(Prescription, "change", prescription.pk)))
    errors = [
        inside.post(page(Prescription, "change", prescription.pk), {**form, "medical_record": str(key)})
        .context_data["adminform"]
        .form.errors["medical_record"]
        for key in (hidden.pk, NOBODYS)
    ]
    assert errors[0] == errors[1]


def test_counts_aggregates_and_groups_leave_it_out(
    hidden: MedicalRecord, record: MedicalRecord, physician: User
) -> None:
    with acting(physician), as_app():
        rows = MedicalRecord.objects.all()
        assert rows.count() == len(rows) == 1
        assert rows.aggregate(Count("pk"), Max("pk")) == {"pk__count": 1, "pk__max": record.pk}
        of_patient = Patient.objects.annotate(number=Count("medical_records")).values_list("number", flat=True)
        assert list(of_patient) == [1]
        assert not Patient.objects.filter(medical_records__is_part2=True).exists()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE medical_records SET title = 'x' WHERE id = %s RETURNING id",
        "SELECT id FROM medical_records WHERE id = %s FOR UPDATE",
        "UPDATE medical_records AS r SET title = 'x' FROM providers p WHERE p.id = author_id AND r.id = %s RETURNING 1",
    ],
)
def test_no_statement_changes_locks_or_returns_it(hidden: MedicalRecord, physician: User, statement: str) -> None:
    with acting(physician), as_app(), connection.cursor() as cursor:
        cursor.execute(statement, [hidden.pk])
        assert cursor.fetchall() == []
    hidden.refresh_from_db()
    assert hidden.title == TITLE


def test_an_expression_that_fails_for_its_value_does_not_see_it(
    hidden: MedicalRecord, record: MedicalRecord, physician: User
) -> None:
    """Whoever could let a statement fail by a hidden value could ask for it bit by bit."""
    with acting(physician), as_app(), connection.cursor() as cursor:
        cursor.execute("SELECT id FROM medical_records WHERE 1 / (CASE WHEN title = %s THEN 0 ELSE 1 END) > 0", [TITLE])
        assert cursor.fetchall() == [(record.pk,)]


def test_what_stands_behind_decisions_is_closed_to_the_application(physician: User, hidden: MedicalRecord) -> None:
    for statement in ("SELECT * FROM consent_effects", "INSERT INTO consent_effects (id) VALUES (1)"):
        closed = pytest.raises(ProgrammingError, match="permission denied")
        with acting(physician), as_app(), closed, transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement)


# Visits that were paid for.


def test_of_a_visit_that_was_paid_for_billing_sees_neither_visit_nor_appointment(
    encounter: Encounter, administrator: User
) -> None:
    clerk = User.objects.create_user("bills@clinic.example", role="billing")
    seen = [(Appointment, encounter.appointment), (Encounter, encounter)]
    for model, row in seen:
        assert list(visible_to(model.objects.all(), clerk)) == [row]

    restrict_self_paid(encounter.patient, encounter, by=administrator)

    for model, row in seen:
        with acting(clerk), as_app():
            assert not model.objects.exists()
        assert not visible_to(model.objects.all(), clerk).exists()
        assert not permits(clerk, f"appointments.view_{model._meta.model_name}", row)
    assert list(visible_to(Patient.objects.all(), clerk)) == [encounter.patient]


# Whoever reaches everybody, for a purpose that takes a consent.


def test_who_may_reach_everybody_for_research_reaches_by_each_way_those_who_consented(
    patient: Patient, other_patient: Patient, gives: Gives
) -> None:
    """Also where consents are not about the rows, and where one is to be added."""
    asks = may(
        User.objects.create_user("finds@clinic.example", role="researcher"),
        *("patients.view_patient", "compliance.view_carerelationship", "patients.add_allergy"),
    )
    for one in (patient, other_patient):
        CareRelationship.objects.create(patient=one, user=asks, starts_at=SEEN, ends_at=SEEN + timedelta(days=1))
    gives()

    for model, permission in (
        (Patient, "patients.view_patient"),
        (CareRelationship, "compliance.view_carerelationship"),
    ):
        opened = {row.pk for row in model.objects.all() if permits(asks, permission, row, purpose="HRESCH")}
        listed = {row.pk for row in visible_to(model.objects.all(), asks, "HRESCH")}
        with acting(asks, purpose="HRESCH"), as_app():
            shown = {row.pk for row in model.objects.all()}
        assert opened == listed == shown
        assert len(shown) == 1
    new = [Allergy(patient=one, substance="Latex", category="environment") for one in (patient, other_patient)]
    assert [permits(asks, "patients.add_allergy", one, purpose="HRESCH") for one in new] == [True, False]


# What an exception, or another type, may not do in the place of an authorization.


@pytest.mark.parametrize(
    ("whole", "exception"),
    [
        ({"purposes": ["HRESCH"]}, {"roles": ["researcher"]}),
        ({"purposes": ["TREAT", "HMARKT"]}, {"purposes": ["HMARKT"]}),
        ({"purposes": ["TREAT"]}, {"sensitivity_labels": ["PSYTHPN"]}),
        ({"purposes": ["TREAT"], "sensitivity_labels": ["42CFRPart2"]}, {"roles": ["physician"]}),
    ],
)
def test_an_exception_to_a_refusal_permits_nothing_that_takes_an_authorization(
    restricts: Gives, whole: dict[str, Any], exception: dict[str, Any]
) -> None:
    with pytest.raises(RuleBroken) as refused:
        restricts(**whole, exceptions=[{"decision": "permit", **exception}])

    assert refused.value.rule == "consent_provisions_as_a_consent"
    assert not ConsentRecord.objects.exists()


@pytest.mark.parametrize(
    ("whole", "exception"),
    [
        ({"purposes": ["PATRQT"]}, {}),
        ({"purposes": ["TREAT", "HOPERAT"]}, {"purposes": ["HOPERAT"]}),
        ({"purposes": ["HOPERAT"]}, {"resource_types": ["Patient"]}),
    ],
)
def test_an_exception_to_a_consent_refuses_nothing_that_cannot_be_refused(
    gives: Gives, whole: dict[str, Any], exception: dict[str, Any]
) -> None:
    with pytest.raises(RuleBroken) as refused:
        gives(**whole, consent_type="tpo", exceptions=[{"decision": "deny", **exception}])

    assert refused.value.rule == "consent_provisions_as_a_consent"


@pytest.mark.parametrize(
    ("whole", "exception"),
    [
        ({"purposes": ["TREAT"]}, {"sensitivity_labels": ["HIV"], "roles": ["physician"]}),
        ({"purposes": ["HPAYMT", "TREAT"]}, {"purposes": ["HPAYMT"]}),
    ],
)
def test_an_exception_to_a_refusal_permits_what_needs_no_authorization(
    restricts: Gives, whole: dict[str, Any], exception: dict[str, Any]
) -> None:
    assert restricts(**whole, exceptions=[{"decision": "permit", **exception}]).provisions.count() == 1


def test_operations_are_refused_to_one_account_by_an_exception(gives: Gives, administrator: User) -> None:
    """The neighbour at the front desk, say: somebody else still finds the record."""
    refused = {"decision": "deny", "user_id": administrator.pk}

    assert gives(consent_type="tpo", purposes=["HOPERAT"], exceptions=[refused]).provisions.count() == 1


@pytest.mark.parametrize("purpose", ["HRESCH", "HMARKT", "FAMRQT", "HLEGAL"])
def test_what_takes_an_authorization_is_permitted_by_no_other_type(gives: Gives, purpose: str) -> None:
    with pytest.raises(RuleBroken) as refused:
        gives(consent_type="treatment", purposes=[purpose])

    assert refused.value.rule == "consent_records_by_authorization"


def test_who_the_patient_is_cannot_be_kept_from_operations(restricts: Gives) -> None:
    with pytest.raises(RuleBroken) as refused:
        restricts(purposes=["HOPERAT"], resource_types=["Patient", "Coverage"])

    assert refused.value.rule == "consent_records_operations_go_on"
