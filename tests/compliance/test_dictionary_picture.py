"""The picture beside the data dictionary: every table, every reference, and no line through a table."""

from __future__ import annotations

from typing import TYPE_CHECKING
from xml.etree import ElementTree as ET

import pytest
from django.db import connection

from compliance.dictionary.gather import gather
from compliance.dictionary.layout import lay_out
from compliance.dictionary.svg import picture

if TYPE_CHECKING:
    from compliance.dictionary.facts import Dictionary

pytestmark = pytest.mark.django_db
SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture
def dictionary() -> Dictionary:
    return gather(connection)


def test_every_table_is_drawn_once_under_its_name(dictionary: Dictionary) -> None:
    drawn = ET.fromstring(picture(dictionary))
    names = [text.text for text in drawn.iter(f"{SVG}text") if text.get("class") == "name"]

    assert sorted(map(str, names)) == [table.name for table in dictionary.tables]


def test_who_does_not_see_it_is_told_what_refers_to_what(dictionary: Dictionary) -> None:
    drawn = ET.fromstring(picture(dictionary))
    title, described = drawn.find(f"{SVG}title"), drawn.find(f"{SVG}desc")

    assert title is not None
    assert described is not None
    assert drawn.get("aria-labelledby") == f"{title.get('id')} {described.get('id')}"
    assert "patients refers to patients, providers, users." in str(described.text)
    assert "users refers to no other table." in str(described.text)


def test_it_has_colours_for_dark_screens_too(dictionary: Dictionary) -> None:
    (style,) = ET.fromstring(picture(dictionary)).iter(f"{SVG}style")

    assert "prefers-color-scheme:dark" in str(style.text)


def test_every_reference_of_one_column_ends_at_the_row_of_that_column(dictionary: Dictionary) -> None:
    drawn = lay_out(dictionary)
    boxes = {box.table.name: box for box in drawn.boxes}
    ends = {(bundle.target.table.name, end.y, end.x) for bundle in drawn.bundles for end in bundle.ends}
    keys = [(box, key) for box in boxes.values() for key in box.table.foreign_keys if len(key.columns) == 1]

    assert len(keys) > 20
    for box, key in keys:
        sides = {(key.table, box.line(key.columns[0]), x) for x in (box.x, box.x + box.width)}
        assert len(sides & ends) == 1, key.name


def test_no_table_lies_over_another_or_outside(dictionary: Dictionary) -> None:
    drawn = lay_out(dictionary)
    for box in drawn.boxes:
        assert 0 < box.x < box.x + box.width < drawn.width
        assert 0 < box.y < box.y + box.height < drawn.height
        for other in drawn.boxes:
            apart = (
                box.x + box.width < other.x
                or other.x + other.width < box.x
                or box.y + box.height < other.y
                or other.y + other.height < box.y
            )
            assert box is other or apart


def test_no_line_crosses_a_table_and_no_two_share_a_track(dictionary: Dictionary) -> None:
    drawn = lay_out(dictionary)
    tracks = [at for bundle in drawn.bundles for at in bundle.risers]
    lanes = [bundle.lane for bundle in drawn.bundles if bundle.lane is not None]

    assert len(tracks) == len(set(tracks))
    assert len(lanes) == len(set(lanes))
    assert max(lanes) < min(y for _, _, y in drawn.apps) < min(box.y for box in drawn.boxes)
    level = [(*sorted((end.x, end.track)), end.y) for bundle in drawn.bundles for end in bundle.ends]
    for box in drawn.boxes:
        assert not [at for at in tracks if box.x <= at <= box.x + box.width]
        beside = [(left, right) for left, right, y in level if box.y <= y <= box.y + box.height]
        assert not [left for left, right in beside if left < box.x + box.width and right > box.x]


def test_the_same_facts_give_the_same_picture(dictionary: Dictionary) -> None:
    assert picture(dictionary) == picture(gather(connection))
