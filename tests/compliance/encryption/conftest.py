"""A keyset of a test's own, and a table with encrypted columns."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from compliance.encryption import keyset_file

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

    from tests.compliance.encryption.probe import Probe


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


@pytest.fixture
def probes(db: None, monkeypatch: pytest.MonkeyPatch) -> type[Probe]:
    """The table of tests.compliance.encryption.probe, made for one test."""
    from django.apps import apps  # noqa: PLC0415 - models load after the settings
    from django.db import connection  # noqa: PLC0415

    from tests.compliance.encryption.probe import TRIGGERS, Probe  # noqa: PLC0415

    with connection.schema_editor() as editor:
        editor.create_model(Probe)
    with connection.cursor() as cursor:
        cursor.execute(TRIGGERS)
    # For what looks a model up by its name, as pickle and fixtures do.
    monkeypatch.setitem(apps.all_models["compliance"], "probe", Probe)
    return Probe
