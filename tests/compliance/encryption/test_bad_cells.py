"""Whatever is wrong with a cell is a named error, on every way to read it. Nothing false is given as genuine."""

from __future__ import annotations

import copy
from typing import TYPE_CHECKING, Any
from uuid import uuid4

import pytest
from django.core import serializers
from django.db import IntegrityError, connection, transaction
from django.db.models import F
from django.forms import model_to_dict
from hypothesis import given
from hypothesis import strategies as st

from compliance.encryption import encoding
from compliance.encryption.cells import Place, seal
from compliance.encryption.errors import EncryptionError, UnknownKey, Unreadable
from compliance.encryption.keyring import keyring
from tests.compliance.encryption.looking import cell, put, sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.compliance.encryption.conftest import Place as Keys
    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db
SECRET = "123-45-6789"


@pytest.fixture
def row(probes: type[Probe]) -> Probe:
    return probes.objects.create(ssn=SECRET, note="what nobody may read")


def known(row: Probe, name: str) -> bytes:
    found = cell(row, name)
    assert found is not None
    return found


def renewed(probes: type[Probe]) -> Probe:
    row = probes.objects.order_by("id")[0]
    row.uid = uuid4()
    return row


READS: dict[str, Callable[[type[Probe]], Any]] = {
    "a row": lambda probes: probes.objects.order_by("id")[0].ssn,
    "a row that is copied": lambda probes: copy.deepcopy(probes.objects.order_by("id")[0]).ssn,
    "a form": lambda probes: model_to_dict(probes.objects.order_by("id")[0]),
    "a fixture for a new uid": lambda probes: serializers.serialize("json", [renewed(probes)]),
    "what is sealed anew": lambda probes: renewed(probes).save(),
    "values": lambda probes: list(probes.objects.order_by("id").values("ssn")),
    "a list of values": lambda probes: list(probes.objects.values_list("ssn", flat=True)),
    "an annotation": lambda probes: list(probes.objects.annotate(x=F("ssn")).values("x")),
    "a column that was deferred": lambda probes: probes.objects.defer("ssn").order_by("id")[0].ssn,
    "raw SQL": lambda probes: list(probes.objects.raw("SELECT id, ssn FROM probes ORDER BY id")),
}
each_read = pytest.mark.parametrize("read", READS.values(), ids=READS)


def refused(read: Callable[[type[Probe]], Any], probes: type[Probe], error: type[EncryptionError]) -> None:
    with pytest.raises(error, match=r"^probes\.(ssn|note): A sealed value ") as found, transaction.atomic():
        read(probes)
    assert SECRET not in str(found.value)
    assert "nobody" not in str(found.value)


def spoiled(sealed: bytes, at: int) -> bytes:
    return sealed[:at] + bytes([sealed[at] ^ 1]) + sealed[at + 1 :]


@each_read
@pytest.mark.parametrize("length", [0, 1, 15, 16, 17, 20, 33, 49, 64])
def test_a_cell_that_was_cut_off_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any], length: int
) -> None:
    put(row, "ssn", known(row, "ssn")[:length])

    refused(read, probes, Unreadable)


@each_read
def test_a_cell_with_something_behind_it_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any]
) -> None:
    put(row, "ssn", known(row, "ssn") + bytes(16))

    refused(read, probes, Unreadable)


@each_read
@pytest.mark.parametrize("plain", [b"123-45-6789", b"", encoding.of_text(SECRET), b"5" * 65])
def test_plain_text_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any], plain: bytes
) -> None:
    put(row, "ssn", plain)
    refused(read, probes, Unreadable)

    put(row, "ssn", row.uid.bytes + plain)
    refused(read, probes, Unreadable)


@each_read
def test_a_cell_of_another_row_is_not_read_as_this_rows(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any]
) -> None:
    other = probes.objects.create(ssn="987-65-4321")

    # The foreign cell, with the uid of this row in front.
    put(row, "ssn", row.uid.bytes + known(other, "ssn")[16:])

    refused(read, probes, Unreadable)


@each_read
def test_a_cell_of_another_column_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any]
) -> None:
    put(row, "ssn", known(row, "note"))

    refused(read, probes, Unreadable)


@each_read
def test_a_cell_of_another_table_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any]
) -> None:
    put(row, "ssn", seal(Place("others", "ssn"), row.uid, encoding.of_text(SECRET)).sealed)

    refused(read, probes, Unreadable)


@each_read
def test_a_cell_of_another_kind_of_value_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any]
) -> None:
    put(row, "ssn", seal(Place("probes", "ssn"), row.uid, encoding.of_integer(7)).sealed)

    with pytest.raises(Unreadable, match="another kind"), transaction.atomic():
        read(probes)


@each_read
@pytest.mark.parametrize("prefix", [0, 2, 0x80, 0xFF])
def test_a_cell_with_another_version_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any], prefix: int
) -> None:
    sealed = known(row, "ssn")

    put(row, "ssn", sealed[:16] + bytes([prefix]) + sealed[17:])

    refused(read, probes, Unreadable)


@each_read
def test_a_cell_of_a_key_that_is_not_there_is_not_read(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any]
) -> None:
    put(row, "ssn", spoiled(known(row, "ssn"), 18))

    refused(read, probes, UnknownKey)


@each_read
def test_a_cell_is_not_read_with_another_keyset(
    probes: type[Probe], row: Probe, read: Callable[[type[Probe]], Any], request: pytest.FixtureRequest
) -> None:
    before = keyring().primary_id
    keys: Keys = request.getfixturevalue("made")
    assert keys.keyset.exists()
    assert keyring().primary_id != before

    refused(read, probes, UnknownKey)


@given(at=st.integers(16, 80), bit=st.integers(0, 7))
def test_a_cell_with_one_bit_changed_does_not_open(at: int, bit: int) -> None:
    from tests.compliance.encryption.probe import Probe  # noqa: PLC0415

    field: Any = Probe._meta.get_field("note")
    sealed = bytearray(seal(field.place, uuid4(), encoding.of_text("what nobody may read, and more")).sealed)
    sealed[at] ^= 1 << bit

    with pytest.raises((Unreadable, UnknownKey)):
        field.from_db_value(bytes(sealed), None, None)


def raw_write(row: Probe, column: str, value: bytes) -> str:
    """Write by raw SQL, and return the name of the rule that refuses."""
    with pytest.raises(IntegrityError) as found, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE probes SET {column} = %s WHERE id = %s", [value, row.pk])
    assert found.value.__cause__ is not None
    return str(found.value.__cause__.diag.constraint_name)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "value",
    [b"123-45-6789", b"", b"5" * 65, bytes(16)],
)
def test_postgresql_refuses_plain_text_by_raw_sql(row: Probe, value: bytes) -> None:
    assert raw_write(row, "note", value) == "probes_note_sealed"
    assert raw_write(row, "note", row.uid.bytes + value) == "probes_note_sealed"


def test_postgresql_refuses_a_moved_a_cut_and_a_downgraded_cell(probes: type[Probe], row: Probe) -> None:
    other, own = known(probes.objects.create(note="other"), "note"), known(row, "note")

    assert raw_write(row, "note", other) == "probes_note_sealed"
    assert raw_write(row, "note", own[:-1]) == "probes_note_sealed"
    assert raw_write(row, "note", own[:49]) == "probes_note_sealed"
    assert raw_write(row, "note", own[:16] + b"\0" + own[17:]) == "probes_note_sealed"
    assert sql("UPDATE probes SET note = %s WHERE id = %s RETURNING 1", own, row.pk) == [(1,)]


def test_postgresql_refuses_plain_text_in_a_new_row(row: Probe) -> None:
    with pytest.raises(IntegrityError) as found, transaction.atomic():
        sql("INSERT INTO probes (note) VALUES ('plain')")

    assert found.value.__cause__.diag.constraint_name == "probes_note_sealed"  # type: ignore[union-attr]


def test_postgresql_refuses_a_value_without_its_index_an_index_without_a_value_and_one_of_another_length(
    probes: type[Probe], row: Probe
) -> None:
    named = probes.objects.create(family_name="Lopez")
    index = known(named, "family_name_index")

    with pytest.raises(IntegrityError) as found, transaction.atomic():
        sql("UPDATE probes SET family_name_index = NULL WHERE id = %s", named.pk)
    assert found.value.__cause__.diag.constraint_name == "probes_family_name_indexed"  # type: ignore[union-attr]
    assert raw_write(row, "family_name_index", index) == "probes_family_name_indexed"
    assert raw_write(named, "family_name_index", index[:15]) == "probes_family_name_indexed"
    assert raw_write(row, "ssn_index", b"123-45-6789") == "probes_ssn_indexed"


def test_the_rules_say_so_in_a_sentence_that_names_the_column(probes: type[Probe]) -> None:
    said = {rule.name: str(rule.violation_error_message) for rule in probes._meta.constraints}

    assert said["probes_birth_date_sealed"].startswith("Birth date is encrypted for each row apart")
    assert said["probes_name_and_birth_indexed"].startswith("The index of family name and birth date is missing")


def test_a_list_of_rows_stands_although_a_cell_in_one_of_them_cannot_be_read(probes: type[Probe], row: Probe) -> None:
    put(row, "ssn", known(row, "note"))
    probes.objects.create(ssn="987-65-4321")

    bad, good = probes.objects.order_by("id")
    assert (bad.note, good.ssn) == ("what nobody may read", "987-65-4321")
    for _again in range(2):
        with pytest.raises(Unreadable):
            bad.ssn  # noqa: B018


def test_a_value_that_nobody_looks_at_is_not_opened(
    probes: type[Probe], row: Probe, request: pytest.FixtureRequest
) -> None:
    before = cell(row, "ssn"), cell(row, "note")
    request.getfixturevalue("made")  # a keyset that opens neither
    loaded = probes.objects.only("uid", "version", "note", "city").get()

    loaded.city = "Town"
    loaded.save()

    assert (cell(row, "ssn"), cell(row, "note")) == before
    assert "unopened" in repr(loaded.__dict__["note"])
    with pytest.raises(UnknownKey):
        loaded.note  # noqa: B018


def test_a_value_that_cannot_be_read_can_be_replaced(probes: type[Probe], row: Probe) -> None:
    put(row, "ssn", known(row, "note"))
    loaded = probes.objects.get()

    loaded.ssn = "987-65-4321"
    loaded.save()

    assert probes.objects.get(ssn="987-65-4321").ssn == "987-65-4321"
