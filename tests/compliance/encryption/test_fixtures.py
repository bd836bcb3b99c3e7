"""Fixtures hold cells: whoever has one reads nothing, and only the row that it was of takes it back."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.core.serializers.base import DeserializationError

from compliance.encryption.errors import Unreadable, WrittenWithoutItsRow
from compliance.errors import RuleBroken
from compliance.rules import explained
from tests.compliance.encryption.looking import cell, sql
from tests.compliance.encryption.test_fields import FACTS

if TYPE_CHECKING:
    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db
FORMATS = ["json", "jsonl", "xml"]


@pytest.fixture
def row(probes: type[Probe]) -> Probe:
    return probes.objects.create(**FACTS)


def load(form: str, written: str) -> None:
    with explained():
        for one in serializers.deserialize(form, written):
            one.save()


def emptied(row: Probe) -> None:
    sql("DELETE FROM probes")


@pytest.mark.parametrize("form", FORMATS)
def test_a_row_goes_out_and_comes_back_byte_for_byte(probes: type[Probe], row: Probe, form: str) -> None:
    before = {name: cell(row, name) for name in (*FACTS, "ssn_index", "name_and_birth")}
    written = serializers.serialize(form, probes.objects.all())
    for value in ("123-45-6789", "Muñoz", "1990", "line one", "example.org", "phone"):
        assert value not in written.replace(f"{row.created_at:%Y}", "")
    assert "sealed:" in written

    emptied(row)
    load(form, written)

    assert {name: cell(row, name) for name in before} == before
    read = probes.objects.get(ssn="123-45-6789")
    assert {name: getattr(read, name) for name in FACTS} == FACTS


def test_zero_and_a_day_are_written_as_cells_too(probes: type[Probe], row: Probe) -> None:
    (written,) = json.loads(serializers.serialize("json", probes.objects.all()))
    (python,) = serializers.serialize("python", probes.objects.all())

    for name in FACTS:
        assert written["fields"][name].startswith("sealed:")
        assert python["fields"][name].startswith("sealed:")
    assert written["fields"]["city"] is None


def fixture_with(row: Probe, **fields: Any) -> str:
    written = json.loads(serializers.serialize("json", [row]))
    written[0]["fields"].update(fields)
    emptied(row)
    return json.dumps(written)


@pytest.mark.parametrize("name", list(FACTS))
def test_a_fixture_with_plain_text_is_refused(row: Probe, name: str) -> None:
    with pytest.raises(WrittenWithoutItsRow, match="a fixture in plain text cannot write it") as refused:
        load("json", fixture_with(row, **{name: "plain 77"}))

    assert "77" not in str(refused.value)


def test_a_cell_that_was_moved_to_another_column_is_refused(row: Probe) -> None:
    stolen = row._meta.get_field("ssn").value_to_string(row)  # type: ignore[union-attr]

    with pytest.raises(DeserializationError) as refused:
        load("json", fixture_with(row, note=stolen))

    assert isinstance(refused.value.__context__, Unreadable)


@pytest.mark.parametrize("damaged", ["sealed:", "sealed:%%%", "sealed:AAAA"])
def test_a_damaged_cell_is_refused(row: Probe, damaged: str) -> None:
    with pytest.raises(DeserializationError) as refused:
        load("json", fixture_with(row, note=damaged))

    assert isinstance(refused.value.__context__, Unreadable)


def test_a_row_whose_uid_was_changed_is_refused(row: Probe) -> None:
    with pytest.raises(RuleBroken) as refused:
        load("json", fixture_with(row, uid=str(uuid4())))

    assert refused.value.rule.endswith("_sealed")
