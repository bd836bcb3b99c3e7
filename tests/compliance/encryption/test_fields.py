"""An encrypted field gives back what it was given, however a row is read, and the table shows nothing of it."""

from __future__ import annotations

import copy
import pickle
from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import F
from hypothesis import given
from hypothesis import strategies as st

from compliance.encryption.errors import CannotBeSealed
from compliance.encryption.sealed_field import PRESENT
from tests.compliance.encryption.looking import cell, sql

if TYPE_CHECKING:
    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db
FACTS: dict[str, Any] = {
    "ssn": "123-45-6789",
    "family_name": "Muñoz Łopez",
    "birth_date": date(1990, 1, 31),
    "note": "line one\nline two",
    "weight": 0,
    "contact": {"phone": None, "names": ["", False, 0], "ok": True},
    "email": "someone@example.org",
}
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.floats(allow_nan=False, allow_infinity=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


def again(name: str, value: object) -> Any:
    """Seal a value for a row, and open the cell that came of it."""
    from tests.compliance.encryption.probe import Probe  # noqa: PLC0415 - models load after the settings

    field: Any = Probe._meta.get_field(name)
    sealed = field.get_db_prep_save(field.pre_save(Probe(**{name: value}), True), None)
    assert len(sealed) % 16 == 1
    return field.from_db_value(sealed, None, None)


@given(TEXT)
def test_any_text_comes_back(value: str) -> None:
    assert again("note", value) == value


@given(st.dates())
def test_any_day_comes_back(value: date) -> None:
    assert again("birth_date", value) == value


@given(st.integers(-(2**63), 2**63 - 1))
def test_any_number_comes_back(value: int) -> None:
    assert again("weight", value) == value


@given(st.dictionaries(TEXT, JSON, max_size=4) | st.lists(JSON, max_size=4))
def test_any_object_or_list_comes_back_with_the_types_of_what_is_in_it(value: Any) -> None:
    assert repr(sorted_deeply(again("contact", value))) == repr(sorted_deeply(value))


def sorted_deeply(value: Any) -> Any:
    """Order the names of objects, whose order JSON of PostgreSQL does not keep either."""
    if isinstance(value, dict):
        return {name: sorted_deeply(value[name]) for name in sorted(value)}
    return [sorted_deeply(one) for one in value] if isinstance(value, list) else value


def test_a_row_comes_back_whole_and_the_table_shows_nothing_of_it(probes: type[Probe]) -> None:
    row = probes.objects.create(**FACTS)

    read = probes.objects.get(pk=row.pk)
    assert {name: getattr(read, name) for name in FACTS} == FACTS
    assert sql("SELECT pg_typeof(ssn)::text FROM probes") == [("bytea",)]
    shown = str(sql("SELECT probes::text FROM probes"))
    for name, value in FACTS.items():
        assert cell(row, name)[:16] == row.uid.bytes  # type: ignore[index]
        if value:
            assert str(value).encode().hex() not in shown
            assert str(value) not in shown


def test_nothing_is_null_and_empty_text_zero_and_empty_lists_are_something(probes: type[Probe]) -> None:
    nothing = probes.objects.create()
    empty = probes.objects.create(note="", weight=0, contact=[], birth_date=date.min)

    assert [cell(nothing, name) for name in FACTS] == [None] * len(FACTS)
    assert probes.objects.values_list("note", "weight", "contact").get(pk=empty.pk) == ("", 0, [])
    assert probes.objects.values_list("note", "weight", "contact").get(pk=nothing.pk) == (None, None, None)
    assert set(probes.objects.filter(note__isnull=True)) == {nothing}
    assert set(probes.objects.exclude(weight=None)) == {empty}


def test_short_values_look_alike_from_outside(probes: type[Probe]) -> None:
    lengths = {len(cell(probes.objects.create(note=text), "note") or b"") for text in ("", "Li", "Montgomery")}

    assert lengths == {65}


def test_a_value_is_read_without_its_row(probes: type[Probe]) -> None:
    row = probes.objects.create(**FACTS)

    assert probes.objects.values("ssn", "contact").get() == {"ssn": FACTS["ssn"], "contact": FACTS["contact"]}
    assert list(probes.objects.values_list("birth_date", flat=True)) == [FACTS["birth_date"]]
    assert probes.objects.annotate(born=F("birth_date")).values_list("born", "weight").get() == (date(1990, 1, 31), 0)
    assert probes.objects.annotate(born=F("birth_date")).get().born == date(1990, 1, 31)  # type: ignore[attr-defined]
    assert next(iter(probes.objects.raw("SELECT id, ssn FROM probes"))).ssn == FACTS["ssn"]
    assert probes.objects.only("id").get().family_name == FACTS["family_name"]
    assert probes.objects.defer("ssn").get().ssn == FACTS["ssn"]
    listed = list(probes.objects.annotate(born=F("birth_date"), x=F("note")))
    assert [(one.born, one.x, one.note) for one in listed] == [(date(1990, 1, 31), FACTS["note"], FACTS["note"])]  # type: ignore[attr-defined]
    row.ssn = "something else"
    row.refresh_from_db()
    assert row.ssn == FACTS["ssn"]


def pickled(row: Probe) -> Any:
    return pickle.loads(pickle.dumps(row))


@pytest.mark.parametrize("copied", [copy.copy, copy.deepcopy, pickled])
def test_a_copy_of_a_row_is_saved_without_a_change(probes: type[Probe], copied: Any) -> None:
    row = probes.objects.create(**FACTS)
    before = [cell(row, name) for name in FACTS]

    twin = copied(probes.objects.get())
    assert {name: getattr(twin, name) for name in FACTS} == FACTS
    twin.save()

    assert [cell(row, name) for name in FACTS] == before


def test_values_are_plain_values_to_whoever_uses_them(probes: type[Probe]) -> None:
    probes.objects.create(**FACTS)
    row = probes.objects.get()

    assert row.ssn.replace("-", "") == "123456789"
    assert (row.birth_date - date(1990, 1, 1)).days == 30
    assert row.weight + 1 == 1
    assert {**row.contact} == FACTS["contact"]
    assert pickle.loads(pickle.dumps((row.ssn, row.birth_date, row.weight))) == (row.ssn, row.birth_date, 0)
    for value in (row.ssn, row.birth_date, row.weight, row.contact, row):
        assert row.uid.hex not in repr(value)
        assert "\\x" not in repr(value)


def form_of(probes: type[Probe]) -> Any:
    return forms.modelform_factory(probes, fields=list(FACTS))


def test_a_form_shows_and_takes_what_it_would_of_a_plain_field(probes: type[Probe]) -> None:
    form = form_of(probes)()

    assert {name: type(field) for name, field in form.fields.items()} == {
        "ssn": forms.CharField,
        "family_name": forms.CharField,
        "birth_date": forms.DateField,
        "note": forms.CharField,
        "weight": forms.IntegerField,
        "contact": forms.JSONField,
        "email": forms.EmailField,
    }
    assert form.fields["ssn"].max_length == 11
    assert isinstance(form.fields["note"].widget, forms.Textarea)
    typed = {**FACTS, "contact": '{"phone": null}', "birth_date": "1990-01-31"}
    filled = form_of(probes)(typed)
    assert filled.is_valid(), filled.errors
    row = filled.save()
    shown = form_of(probes)(typed, instance=probes.objects.get())
    assert not shown.has_changed()
    assert probes.objects.get(ssn="123-45-6789") == row


@pytest.mark.parametrize(
    ("name", "typed", "said"),
    [
        ("ssn", "987654321", "Write it as 123-45-6789."),
        ("ssn", "123-45-67890", "Ensure this value has at most 11 characters (it has 12)."),
        ("birth_date", "the 99th", "This cannot be taken."),
        ("weight", "heavy77", "This cannot be taken."),
        ("weight", 2**63, "Ensure this value is less than or equal to 9223372036854775807."),
        ("contact", "text77", "Write an object, in braces, or a list, in brackets."),
        ("email", "nobody77", "Enter a valid email address."),
    ],
)
def test_a_value_that_the_field_refuses_does_not_stand_in_the_error(
    probes: type[Probe], name: str, typed: Any, said: str
) -> None:
    with pytest.raises(ValidationError) as refused:
        probes(**{name: typed}).full_clean()

    assert said in refused.value.message_dict[name]
    for error in refused.value.error_dict[name]:
        assert str(typed) not in f"{error} {error.message} {error.params}"
    assert refused.value.__cause__ is None


def test_what_looks_like_a_fixture_is_not_decrypted_when_somebody_types_it(probes: type[Probe]) -> None:
    row = probes.objects.create(note="a secret")
    field: Any = probes._meta.get_field("note")
    stolen = field.value_to_string(row)

    other = probes(note=stolen)
    other.full_clean()
    other.save()

    assert probes.objects.get(pk=other.pk).note == stolen


@pytest.mark.parametrize(
    ("name", "value"),
    [("birth_date", "31st77"), ("weight", "heavy77"), ("contact", {77: object()}), ("note", "half \ud800 77")],
)
def test_a_value_that_cannot_be_sealed_is_refused_and_not_shown(probes: type[Probe], name: str, value: Any) -> None:
    with pytest.raises(CannotBeSealed, match=f"probes.{name}: This is not a value") as refused:
        probes(**{name: value}).save()

    assert "77" not in str(refused.value)
    assert refused.value.__suppress_context__


def test_a_rule_that_asks_whether_there_is_a_value_is_told_only_that(probes: type[Probe]) -> None:
    field: Any = probes._meta.get_field("birth_date")

    with pytest.raises(ValidationError, match="A weight needs a birth date"):
        probes(weight=70).full_clean()
    probes(weight=70, birth_date=date(1990, 1, 31)).full_clean()
    assert field.get_db_prep_value(date(1990, 1, 31), None) == PRESENT
