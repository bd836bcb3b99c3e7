"""Lists are paged by key in any order, searched by what people know, and leave no name in the URL."""

from __future__ import annotations

import functools
import operator
import re
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib import admin
from django.db import connection
from django.db.models import F
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from appointments.models import Appointment, Encounter, Location
from compliance.models import CareRelationship
from compliance.screens.pages import KeyedPage, Paginator, page_at
from patients.models import Allergy, InsuranceInfo, Patient
from providers.models import Provider, ProviderAvailability
from records.models import MedicalRecord, Prescription
from tests.compliance.screens import page

if TYPE_CHECKING:
    from django.db.models import Model, QuerySet
    from django.test import Client

NAMES = ["Ashgrove", None, "Brackenbury", "Ashgrove", None, "Cloverdale", "Ashgrove"]
REFERRING = [
    *(Patient, InsuranceInfo, Allergy, Provider, ProviderAvailability, Location),
    *(Appointment, Encounter, MedicalRecord, Prescription, CareRelationship),
]
ORDERS: list[list[Any]] = [
    ["-id"],
    ["family_name", "pk"],
    ["-family_name", "-pk"],
    ["birth_date", "-family_name", "pk"],
    [F("family_name").desc(), "id"],
]


@pytest.fixture
def seven(db: None) -> None:
    Patient.objects.bulk_create(
        Patient(
            mrn=f"P-{number}",
            assigning_authority="Example Clinic",
            family_name=name,
            given_name="Marigold",
            birth_date=date(1980 + number % 3, 1, 1),
            administrative_gender="female",
        )
        for number, name in enumerate(NAMES)
    )


def walk(queryset: QuerySet[Patient], side: str, place: str) -> list[list[int]]:
    """The keys on each page from a place on, in the order in which they are met."""
    met = []
    turned: str | None = place
    while turned is not None:
        at: KeyedPage[Patient] = page_at(turned, queryset, Patient.objects.all(), 2)
        met.append([row.pk for row in at.rows])
        turned = getattr(at, side)
    return met


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_by_key_show_each_row_once_in_the_order_of_the_list(seven: None, order: list[Any]) -> None:
    queryset = Patient.objects.order_by(*order)
    whole = list(queryset.values_list("pk", flat=True))

    pages = walk(queryset, "next", "")

    assert functools.reduce(operator.iadd, pages, []) == whole
    assert [len(one) for one in pages] == [2, 2, 2, 1]


@pytest.mark.parametrize("order", ORDERS, ids=str)
def test_pages_by_key_go_back_the_way_they_came(seven: None, order: list[Any]) -> None:
    queryset = Patient.objects.order_by(*order)
    whole = list(queryset.values_list("pk", flat=True))

    back = walk(queryset, "previous", f"before-{whole[-1]}")

    assert functools.reduce(operator.iadd, reversed(back), []) == whole[:-1]


def test_a_place_that_is_gone_or_no_place_is_the_first_page(seven: None) -> None:
    queryset = Patient.objects.order_by("-id")
    first = page_at("", queryset, Patient.objects.all(), 2).rows

    for place in ("after-999999999", "before-0", "after-x", "2", "after-99999999999999999999"):
        assert page_at(place, queryset, Patient.objects.all(), 2).rows == first, place


def test_a_list_turns_its_pages_with_search_filter_and_order_kept(
    inside: Client, seven: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(admin.site.get_model_admin(Patient), "list_per_page", 2)
    query = {"q": "ashgrove", "administrative_gender__exact": "female", "o": "-2"}

    first = inside.get(page(Patient, "changelist"), query).context["cl"]
    second = inside.get(page(Patient, "changelist") + first.next_page).context["cl"]
    again = inside.get(page(Patient, "changelist") + second.previous_page).context["cl"]

    assert [row.mrn for row in first.result_list] == ["P-6", "P-3"]
    assert [row.mrn for row in second.result_list] == ["P-0"]
    assert again.result_list == first.result_list
    assert (first.previous_page, second.next_page) == (None, None)


def test_the_footer_says_a_number_only_where_it_is_known(
    inside: Client, seven: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def tally(**query: str) -> str:
        return str(inside.get(page(Patient, "changelist"), query).context["cl"].tally)

    assert tally() == "7 patients"
    monkeypatch.setattr(admin.site.get_model_admin(Patient), "list_per_page", 2)
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE patients")
    assert tally() == "about 7 patients"
    assert not tally(q="ashgrove")


def test_the_paginator_of_choices_knows_whether_more_follow(seven: None) -> None:
    paginator = Paginator(Patient.objects.order_by("id"), 3)

    with CaptureQueriesContext(connection) as captured:
        follows = [paginator.page(number).has_next() for number in (1, 2, 3)]

    assert follows == [True, True, False]
    assert len(captured) == 3
    assert "COUNT" not in str(captured.captured_queries)


@pytest.mark.parametrize(
    "known",
    ["A-1001", "123-45-6789", "555-0100", "(555) 010-0200", "quillf", "Quill, mar", " quillfeather "],
)
def test_a_patient_is_found_by_what_a_front_desk_is_told(inside: Client, patient: Patient, known: str) -> None:
    Patient.objects.update(ssn="123-45-6789", phone="555-0100", mobile_phone="(555) 010-0200")

    assert found(inside, Patient, known) == [patient]


@pytest.mark.parametrize("part", ["A-100", "123-45", "feather", "Marigold", "Quill, Rose", "%", "_uillfeather"])
def test_a_part_of_a_number_or_the_middle_of_a_name_finds_nobody(inside: Client, patient: Patient, part: str) -> None:
    Patient.objects.update(ssn="123-45-6789")

    assert found(inside, Patient, part) == []


@pytest.mark.parametrize(
    ("model", "known"),
    [
        (InsuranceInfo, "M-77"),
        (InsuranceInfo, "quillf"),
        (Allergy, "A-1001"),
        (Appointment, "quillf"),
        (Appointment, "1234567893"),
        (Encounter, "thistle"),
        (MedicalRecord, "A-1001"),
        (Prescription, "Quillfeather, M"),
        (CareRelationship, "root@"),
        (ProviderAvailability, "Thistle"),
    ],
)
def test_a_row_is_found_as_its_people_are_found(
    inside: Client, request: pytest.FixtureRequest, model: type[Model], known: str
) -> None:
    for name in ("insurance", "allergy", "prescription", "availability", "care_relationship"):
        request.getfixturevalue(name)

    assert found(inside, model, known) == [model._default_manager.get()]
    assert found(inside, model, "nobody of this name") == []


def found(inside: Client, model: type[Model], term: str) -> list[Model]:
    answer = inside.post(page(model, "changelist"), {"q": term}, follow=True)
    rows: list[Model] = answer.context["cl"].result_list
    return rows


def test_what_is_searched_for_stays_out_of_every_url_of_the_page(inside: Client, patient: Patient) -> None:
    answer = inside.post(f"{page(Patient, 'changelist')}?is_deceased__exact=0", {"q": "Quillfeather"}, follow=True)

    ((url, _),) = answer.redirect_chain
    text = answer.content.decode()
    assert re.fullmatch(rf"{page(Patient, 'changelist')}\?is_deceased__exact=0&q=~[\w-]+", url.replace("%7E", "~"))
    assert 'value="Quillfeather"' in text
    assert [link for link in re.findall(r'(?:href|action)="([^"]*)"', text) if "uillfeather" in link] == []


@pytest.mark.parametrize("term", ["Quill\0feather", "\0"])
def test_a_character_that_no_row_can_have_is_left_out_of_a_search(inside: Client, patient: Patient, term: str) -> None:
    answer = inside.post(page(Patient, "changelist"), {"q": term}, follow=True)

    assert [row.pk for row in answer.context["cl"].result_list] == [patient.pk]


def test_a_page_that_the_database_refuses_leads_to_the_whole_list_with_the_sentence(
    inside: Client, patient: Patient
) -> None:
    answer = inside.get(page(Patient, "changelist"), {"administrative_gender__exact": "\0"}, follow=True)

    assert answer.redirect_chain == [(page(Patient, "changelist"), 302)]
    assert [str(message) for message in answer.context["messages"]] == ["The database refuses this."]


def test_an_empty_search_shows_the_whole_list_again(inside: Client, patient: Patient) -> None:
    answer = inside.post(f"{page(Patient, 'changelist')}?q=zzz&o=2", {"q": "  "}, follow=True)

    assert answer.redirect_chain == [(f"{page(Patient, 'changelist')}?o=2", 302)]
    assert answer.context["cl"].result_list == [patient]


@pytest.mark.parametrize(
    ("reference", "typed", "label"),
    [
        ((Appointment, "patient"), "quillf", "Quillfeather, Marigold, born 1980-02-29, MRN A-1001"),
        ((InsuranceInfo, "patient"), "A-1001", "Quillfeather, Marigold, born 1980-02-29, MRN A-1001"),
        ((Prescription, "prescriber"), "1234567893", "Thistlewood, Barnaby, NPI 1234567893"),
        (
            (Encounter, "appointment"),
            "thistle",
            "2024-05-06 09:00, Quillfeather, Marigold, born 1980-02-29, MRN A-1001",
        ),
        ((Provider, "user"), "ROOT@", "Ada Rootworthy <root@clinic.example>"),
    ],
)
def test_a_reference_is_found_by_typing_and_shown_so_that_it_can_be_told_apart(
    inside: Client, prescription: Prescription, reference: tuple[type[Model], str], typed: str, label: str
) -> None:
    answer = choices(inside, reference, typed)

    assert [one["text"] for one in answer.json()["results"]] == [label]
    assert choices(inside, reference, "nobody").json() == {"results": [], "pagination": {"more": False}}


def test_choices_are_read_in_few_queries_and_never_asked_for_in_a_url(inside: Client, appointment: Appointment) -> None:
    with CaptureQueriesContext(connection) as captured:
        choices(inside, (Encounter, "appointment"), "quillf")

    # The session, the account, its roles, permissions and rules, the rows with their patients, what consents they are
    # about, the entry in the trail.
    assert len(captured) == 9
    assert inside.get(reverse("admin:autocomplete"), {"term": "quillf"}).status_code == 405


@pytest.mark.parametrize(("model", "field"), [("appointment", "patient"), ("encounter", "provider")])
def test_a_character_that_no_row_can_have_is_left_out_of_what_is_typed_for_a_choice(
    inside: Client, appointment: Appointment, model: str, field: str
) -> None:
    asked = {"app_label": "appointments", "model_name": model, "field_name": field, "term": "\0"}

    assert len(inside.post(reverse("admin:autocomplete"), asked).json()["results"]) == 1


def test_choices_are_for_those_who_may_see_them(client: Client, patient: Patient, django_user_model: Any) -> None:
    client.force_login(django_user_model.objects.create_user("clerk@clinic.example", is_staff=True, role="service"))

    assert choices(client, (InsuranceInfo, "patient"), "quillf").status_code == 403


def choices(inside: Client, reference: tuple[type[Model], str], typed: str) -> Any:
    model, field = reference
    sent = {"app_label": model._meta.app_label, "model_name": model._meta.model_name, "field_name": field}
    return inside.post(reverse("admin:autocomplete"), sent | {"term": typed})


@pytest.mark.parametrize("model", REFERRING, ids=lambda model: model.__name__)
def test_every_reference_is_chosen_by_typing_and_none_from_a_list(inside: Client, model: type[Model]) -> None:
    text = inside.get(page(model, "add")).content.decode()

    shown_by = admin.site.get_model_admin(model)
    references = {one.name for one in model._meta.fields if one.is_relation and one.editable} - {*shown_by.facts}
    assert set(re.findall(r'data-field-name="(\w+)"', text)) == references
