"""Every way that a row is written seals its values for it and writes their indexes, or refuses with a sentence."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.db.models.functions import Concat

from compliance.encryption.errors import CannotBeSealed, NotComparable, WrittenWithoutItsRow
from compliance.errors import RuleBroken
from compliance.rules import explained
from tests.compliance.encryption.looking import cell, entries
from tests.compliance.encryption.test_fields import FACTS

if TYPE_CHECKING:
    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db


@pytest.fixture
def row(probes: type[Probe]) -> Probe:
    probes.objects.create(**FACTS)
    return probes.objects.get()


def cells(row: Probe) -> dict[str, bytes | None]:
    indexes = ("ssn_index", "family_name_index", "family_name_start", "name_and_birth")
    return {name: cell(row, name) for name in (*FACTS, *indexes)}


def changed(row: Probe, before: dict[str, bytes | None]) -> set[str]:
    return {name for name, value in cells(row).items() if value != before[name]}


def test_a_save_of_what_was_not_changed_leaves_every_byte_the_version_and_the_trail(row: Probe) -> None:
    before, count = cells(row), entries(row)
    assert count == 1

    row.save()
    for name, value in FACTS.items():
        setattr(row, name, value)  # equal, and not the same object
    row.contact = {**dict(reversed(FACTS["contact"].items()))}
    row.save()

    assert cells(row) == before
    assert (row.version, entries(row)) == (1, count)


def test_a_row_that_was_just_made_is_saved_again_without_a_change(probes: type[Probe]) -> None:
    row = probes.objects.create(**FACTS)
    before = cells(row)

    row.save()
    (again,) = probes.objects.bulk_create([probes(note="again")])
    kept = cell(again, "note")
    again.save()

    assert cells(row) == before
    assert cell(again, "note") == kept
    assert entries(again) == 1


def test_only_what_was_changed_is_sealed_anew(row: Probe) -> None:
    before = cells(row)

    row.family_name = "Smith"
    row.save()

    assert changed(row, before) == {"family_name", "family_name_index", "family_name_start", "name_and_birth"}
    assert (row.version, entries(row)) == (2, 2)


def test_a_value_that_is_changed_and_changed_back_keeps_its_cell(row: Probe) -> None:
    before = cells(row)

    row.note = "something else"
    row.note = FACTS["note"]
    row.save()

    assert cells(row) == before


def test_a_change_inside_an_object_is_written(row: Probe) -> None:
    row.contact["names"].append("new")
    row.save()

    assert type(row).objects.values_list("contact", flat=True).get()["names"] == ["", False, 0, "new"]


def test_a_save_of_some_fields_writes_their_indexes(probes: type[Probe], row: Probe) -> None:
    row.family_name = "Smith"
    row.note = "not written"
    row.save(update_fields=["family_name"])

    found = probes.objects.get(family_name="smith")
    assert found.note == FACTS["note"]
    assert probes.objects.get(name_and_birth=("Smith", date(1990, 1, 31))) == row
    assert not probes.objects.filter(family_name=FACTS["family_name"]).exists()


def test_a_save_of_a_row_that_was_loaded_in_part_writes_the_indexes_too(probes: type[Probe], row: Probe) -> None:
    part = probes.objects.only("id", "version", "family_name").get()
    part.family_name = "Smith"
    part.save()

    assert probes.objects.get(family_name="smith", name_and_birth=("Smith", date(1990, 1, 31))) == row
    assert probes.objects.get().ssn == FACTS["ssn"]


def test_rows_that_are_made_together_are_sealed_each_for_itself(probes: type[Probe]) -> None:
    made = probes.objects.bulk_create([probes(**{**FACTS, "ssn": f"123-45-678{n}"}) for n in range(3)])

    assert [probes.objects.get(ssn=row.ssn).pk for row in made] == [row.pk for row in made]
    assert {(cell(row, "note") or b"")[:16] for row in made} == {row.uid.bytes for row in made}
    assert set(probes.objects.values_list("note", flat=True)) == {FACTS["note"]}


def test_rows_that_are_changed_together_are_sealed_each_for_itself(probes: type[Probe], row: Probe) -> None:
    other = probes.objects.create(ssn="987-65-4321", family_name="Other", birth_date=date(2000, 2, 2))
    unchanged = cell(other, "family_name")
    row.family_name, row.birth_date, row.note = "Smith", None, "not written"
    row.weight = None

    count = probes.objects.bulk_update([row, other], ["family_name", "birth_date", "weight"])

    assert count == 2
    assert probes.objects.get(family_name="SMITH").birth_date is None
    assert probes.objects.get(name_and_birth=("other", date(2000, 2, 2))) == other
    assert cell(row, "name_and_birth") is None
    assert cell(other, "family_name") == unchanged
    assert (entries(row), entries(other)) == (2, 1)
    assert probes.objects.get(pk=row.pk).note == FACTS["note"]


def test_a_query_set_that_does_not_seal_writes_no_value_that_was_changed_in_place(
    probes: type[Probe], row: Probe
) -> None:
    assert probes._base_manager.bulk_update([row], ["contact"]) == 1
    row.contact["names"].append("new")

    with pytest.raises(WrittenWithoutItsRow), transaction.atomic():
        probes._base_manager.bulk_update([row], ["contact"])
    probes.objects.bulk_update([row], ["contact"])

    assert probes.objects.get().contact["names"][-1] == "new"


def test_update_may_empty_a_column_and_its_indexes(probes: type[Probe], row: Probe) -> None:
    probes.objects.update(family_name=None, city="Town")

    assert [cell(row, name) for name in ("family_name", "family_name_index", "name_and_birth")] == [None] * 3
    assert probes.objects.get().city == "Town"


@pytest.mark.parametrize(
    "values",
    [
        {"ssn": "987-65-4321"},
        {"birth_date": date(2000, 1, 1)},
        {"weight": 0},
        {"contact": {}},
        {"note": Value("plain")},
        {"note": F("family_name")},
        {"note": F("city")},
        {"note": Concat(F("city"), Value("x"))},
        {"note": Case(When(city="Town", then=Value("plain")), default=F("note"))},
        {"ssn_index": "123-45-6789"},
        {"ssn_index": Value("123-45-6789")},
    ],
)
def test_update_of_many_rows_is_refused(probes: type[Probe], row: Probe, values: dict[str, Any]) -> None:
    before = cells(row)
    (name,) = values

    said = rf"probes\.{name} is encrypted for each row apart"
    with pytest.raises(WrittenWithoutItsRow, match=said) as refused, transaction.atomic():
        probes.objects.update(**values)
    with pytest.raises(WrittenWithoutItsRow), transaction.atomic():
        probes._base_manager.update(**values)

    assert cells(row) == before
    assert "987" not in str(refused.value)


def test_a_value_of_another_row_is_not_written_by_update(probes: type[Probe], row: Probe) -> None:
    other = probes.objects.create(note="other")

    with pytest.raises(RuleBroken) as refused, explained(), transaction.atomic():
        probes.objects.filter(pk=row.pk).update(note=probes.objects.get(pk=other.pk).note)

    assert refused.value.rule == "probes_note_sealed"


def test_an_encrypted_column_is_not_copied_into_a_plain_one(probes: type[Probe], row: Probe) -> None:
    with pytest.raises(NotComparable, match=r"probes\.ssn is encrypted"):
        probes.objects.update(city=F("ssn"))


@pytest.mark.parametrize("expression", [F("city"), Value("plain"), Concat(Value("a"), Value("b"))])
def test_an_expression_is_not_saved(probes: type[Probe], row: Probe, expression: Any) -> None:
    row.note = expression
    with pytest.raises(WrittenWithoutItsRow):
        row.save()
    with pytest.raises(WrittenWithoutItsRow):
        probes.objects.bulk_create([probes(note=expression)])
    with pytest.raises(WrittenWithoutItsRow):
        probes.objects.bulk_update([row], ["note"])


def test_a_value_that_was_read_elsewhere_is_sealed_anew(probes: type[Probe], row: Probe) -> None:
    other = probes.objects.create(note="other", family_name="Other")
    other = probes.objects.get(pk=other.pk)

    row.note = other.note
    row.family_name = row.note
    row.save()

    assert (cell(row, "note") or b"")[:16] == row.uid.bytes
    assert probes.objects.values_list("note", "family_name").get(pk=row.pk) == ("other", "other")


def test_get_or_create_and_update_or_create_find_by_the_index(probes: type[Probe], row: Probe) -> None:
    assert probes.objects.get_or_create(ssn="123456789", defaults={"note": "no"}) == (row, False)
    made, was_made = probes.objects.get_or_create(ssn="987-65-4321", defaults={"note": "new"})
    assert (was_made, made.note) == (True, "new")
    probes.objects.update_or_create(ssn="987-65-4321", defaults={"family_name": "Smith"})

    assert probes.objects.get(family_name="smith") == made
    assert probes.objects.count() == 2


def test_a_copy_that_takes_a_new_uid_is_sealed_for_it_and_the_first_row_stays(probes: type[Probe], row: Probe) -> None:
    before = cells(row)
    twin = probes.objects.get()
    twin.pk, twin.uid, twin.ssn, twin._state.adding = None, uuid4(), None, True
    twin.save()

    assert probes.objects.get(pk=twin.pk).note == FACTS["note"]
    assert (cell(twin, "note") or b"")[:16] == twin.uid.bytes
    row.save()
    assert cells(row) == before


def test_a_row_without_a_uid_is_not_sealed(probes: type[Probe]) -> None:
    with pytest.raises(CannotBeSealed, match="The row has no uid"):
        probes(uid=None, note="x").save()


def test_an_upsert_does_not_put_the_cell_of_a_new_row_into_an_old_one(probes: type[Probe], row: Probe) -> None:
    with pytest.raises(RuleBroken) as refused, explained(), transaction.atomic():
        probes.objects.bulk_create(
            [probes(pk=row.pk, note="other")], update_conflicts=True, update_fields=["note"], unique_fields=["id"]
        )

    assert refused.value.rule == "probes_note_sealed"
