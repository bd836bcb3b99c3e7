"""A keyset of a test's own."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from compliance.encryption import keyset_file

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper


class Place(NamedTuple):
    """Where the keyset of a test is, and the file with the key that opens it."""

    keyset: Path
    key: Path

    @property
    def uri(self) -> str:
        return self.key.as_uri()


@pytest.fixture
def place(tmp_path: Path, settings: SettingsWrapper) -> Place:
    """Where a keyset may be made: the settings name it, and nothing is there."""
    place = Place(tmp_path / "sealed" / "keyset.json", tmp_path / "apart" / "key")
    settings.PHI_KEYSET, settings.PHI_KEY_URI = str(place.keyset), place.uri
    return place


@pytest.fixture
def made(place: Place) -> Place:
    """A keyset with one key of each kind."""
    keyset_file.obtain(place.keyset, place.uri, making=True)
    return place
