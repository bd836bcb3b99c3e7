"""An index finds equal values and no others, tells of duplicates, and keeps doing both while its keys are rotated."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django import forms
from django.core.exceptions import ValidationError
from django.db import transaction
from hypothesis import given
from hypothesis import strategies as st

from compliance.encryption import keyring as keyring_module
from compliance.encryption import keyset, normalising, rotation
from compliance.encryption.errors import OutOfOrder, SlotTaken
from compliance.encryption.keyring import Keyring
from compliance.encryption.keyset import Keysets, Kind
from compliance.encryption.slots import SLOTS
from compliance.errors import RuleBroken
from compliance.rules import explained
from tests.compliance.encryption.looking import cell
from tests.compliance.encryption.probe import TAKEN

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db
SSN = "123-45-6789"


@pytest.mark.parametrize(
    ("normaliser", "alike"),
    [
        (normalising.digits, ["123-45-6789", "123456789", " 123 45 6789 ", "\uff11\uff12\uff13-45-6789"]),
        (normalising.telephone, ["+1 (555) 010-9999", "1-555-010-9999", "555.010.9999", "5550109999"]),
        (normalising.code, ["MRN-01a", " mrn-01A "]),
        (normalising.e_mail, ["Some.One@Example.org", "some.one@example.org "]),
        (normalising.name, ["  Muñoz  de la Cruz", "mun\u0303oz DE LA cruz", "MUÑOZ DE LA CRUZ"]),
        (normalising.name, ["Straße", "STRASSE"]),
        (normalising.exactly, [date(1990, 1, 31), "1990-01-31"]),
    ],
)
def test_a_normaliser_makes_one_of_what_people_write_in_several_ways(
    normaliser: Callable[[object], str], alike: list[Any]
) -> None:
    assert len({normaliser(one) for one in alike}) == 1


@given(st.text())
def test_a_name_that_was_normalised_is_normal(value: str) -> None:
    once = normalising.name(value)

    assert normalising.name(once) == once


def test_different_values_stay_different(probes: type[Probe]) -> None:
    names = ["Lopez", "López", "Lope", "Lo pez", "", " "]
    rows = [probes.objects.create(family_name=name) for name in names]

    assert len({cell(row, "family_name_index") for row in rows}) == len(names)


def test_every_index_is_16_bytes_made_with_a_key_of_its_own(probes: type[Probe]) -> None:
    row = probes.objects.create(family_name="lop", ssn=SSN, birth_date=date(1990, 1, 31))
    names = ["ssn_index", "family_name_index", "family_name_start", "name_and_birth"]

    indexes = {cell(row, name) for name in names}

    assert [len(one or b"") for one in indexes] == [16] * len(names)
    assert [probes._meta.get_field(name).key_name for name in names] == [  # type: ignore[union-attr]
        "probes.ssn",
        "probes.family_name",
        "probes.family_name:3",
        "probes.family_name+birth_date",
    ]


def test_the_parts_of_a_compound_index_do_not_run_into_each_other(probes: type[Probe]) -> None:
    index: Any = probes._meta.get_field("name_and_birth")

    assert index.of_value(("a", "b c")) != index.of_value(("a b", "c"))


def test_a_second_row_with_the_same_value_is_refused_by_postgresql_however_it_is_written(probes: type[Probe]) -> None:
    probes.objects.create(ssn=SSN)
    other = probes.objects.create(ssn="987-65-4321")

    for write in (
        lambda: probes.objects.create(ssn="123456789"),
        lambda: probes.objects.bulk_create([probes(ssn="123 45 6789")]),
        lambda: probes.objects.bulk_update([changed(other)], ["ssn"]),
        lambda: changed(other).save(update_fields=["ssn"]),
    ):
        with pytest.raises(RuleBroken) as refused, explained(), transaction.atomic():
            write()
        assert refused.value.rule == "probes_ssn_once"


def changed(row: Probe) -> Probe:
    row.ssn = SSN
    return row


def test_validation_says_so_at_the_field_that_was_typed_in(probes: type[Probe]) -> None:
    row = probes.objects.create(ssn=SSN)

    with pytest.raises(ValidationError) as refused:
        probes(ssn="123-45-6789").full_clean()
    assert refused.value.message_dict == {"ssn": [TAKEN]}
    row.full_clean()

    form = forms.modelform_factory(probes, fields=["ssn", "weight"])({"ssn": SSN})
    assert form.errors == {"ssn": [TAKEN]}
    assert forms.modelform_factory(probes, fields=["note"])({"note": "x"}).is_valid()


def ring_of(keysets: Keysets) -> Keyring:
    return Keyring(keysets)


class Keys:
    """Index keys of a test: those that are there, and which of them are in use."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.patch, self.keysets = monkeypatch, keyset.new()
        self.use()

    @property
    def proto(self) -> Any:
        return self.keysets.protos[Kind.INDEXES]

    def add(self) -> None:
        self.proto.key.extend(keyset.new_keyset(Kind.INDEXES).key)
        self.use()

    def promote(self, place: int) -> None:
        self.proto.primary_key_id = self.proto.key[place].key_id
        self.use()

    def disable(self, place: int) -> None:
        self.proto.key[place].status = 2  # KeyStatusType.DISABLED of Tink
        self.use()

    def use(self) -> None:
        ring = ring_of(self.keysets)
        self.patch.setitem(keyring_module._process, "held", keyring_module._Held(ring, None, float("inf")))  # type: ignore[arg-type]


@pytest.fixture
def keys(monkeypatch: pytest.MonkeyPatch) -> Keys:
    return Keys(monkeypatch)


def slots(row: Probe) -> tuple[bool, bool]:
    return cell(row, "ssn_index") is not None, cell(row, "ssn_index_b") is not None


def refuses(probes: type[Probe]) -> str:
    with pytest.raises(RuleBroken) as refused, explained(), transaction.atomic():
        probes.objects.create(ssn=SSN)
    return refused.value.rule


def test_no_step_of_a_rotation_lets_a_duplicate_in_or_loses_a_row(probes: type[Probe], keys: Keys) -> None:
    old = probes.objects.create(ssn=SSN, family_name="Lopez")
    assert slots(old) == (True, False)

    keys.add()
    new = probes.objects.create(ssn="987-65-4321", family_name="LOPEZ")
    assert slots(new) == (True, True)
    assert refuses(probes) == "probes_ssn_once"
    assert {*probes.objects.filter(family_name="lopez")} == {old, new}

    assert set(probes.objects.exclude(ssn="000-00-0000")) == {old, new}
    assert set(probes.objects.exclude(ssn=SSN)) == {new}

    probes.objects.get(pk=old.pk).save()  # what is re-encrypted is saved so
    assert slots(old) == (True, True)
    keys.promote(1)
    assert refuses(probes).startswith("probes_ssn_once")
    assert {*probes.objects.filter(family_name="lopez")} == {old, new}
    last = probes.objects.create(family_name="lopez")
    assert cell(last, "family_name_index") != cell(old, "family_name_index")
    assert {*probes.objects.filter(family_name__in=["lopez"])} == {old, new, last}
    assert probes.objects.get(ssn=SSN) == old
    assert old not in probes.objects.exclude(ssn=SSN)

    keys.disable(0)
    assert probes.objects.get(ssn=SSN) == old
    assert refuses(probes) == "probes_ssn_once_b"
    for row in (old, new):
        probes.objects.get(pk=row.pk).save()
    assert (slots(old), slots(new)) == ((False, True), (False, True))
    assert {*probes.objects.filter(family_name="lopez")} == {old, new, last}

    keys.add()
    probes.objects.get(pk=old.pk).save()
    assert slots(old) == (True, True)
    assert refuses(probes).startswith("probes_ssn_once")


def test_a_save_while_two_keys_are_in_use_keeps_an_index_that_is_still_good(probes: type[Probe], keys: Keys) -> None:
    row = probes.objects.create(family_name="Lopez")
    before = cell(row, "family_name_index")

    keys.add()
    keys.promote(1)
    probes.objects.get(pk=row.pk).save()

    assert cell(row, "family_name_index") == before
    assert probes.objects.get(pk=row.pk).version == 1


def test_two_keys_that_would_share_a_slot_are_refused(probes: type[Probe], keys: Keys) -> None:
    keys.add()
    keys.add()

    with pytest.raises(SlotTaken, match="are both enabled, and share a column of the unique indexes"):
        probes.objects.create(ssn=SSN)


NOW = datetime(2024, 1, 24, tzinfo=UTC)


def added(keysets: Keysets) -> tuple[Keysets, int]:
    after, key = rotation.add(keysets, Kind.INDEXES, NOW)
    return rotation.promote(after, key, NOW, hasty=True), key


def disabled(keysets: Keysets, key: int) -> Keysets:
    return rotation.disable(keysets, key, NOW, still_needed=lambda _: None, hasty=True)


def test_a_rotation_leaves_room_for_two_index_keys_and_no_third() -> None:
    keysets = rotation.begin(NOW)
    first = keysets.protos[Kind.INDEXES].primary_key_id
    keysets, second = added(keysets)

    with pytest.raises(OutOfOrder, match="unique indexes have room for two keys") as refused:
        added(keysets)
    assert refused.value.key == first

    for _turn in range(3):
        keysets, third = added(disabled(keysets, first))
        first, second = second, third
        assert all(Keyring(keysets).index_slot("probes.ssn", b"1", slot) for slot in range(SLOTS))


def test_a_key_that_was_never_used_leaves_no_two_keys_in_one_slot() -> None:
    keysets, unused = rotation.add(rotation.begin(NOW), Kind.INDEXES, NOW)
    keysets, _key = added(disabled(keysets, unused))

    assert all(Keyring(keysets).index_slot("probes.ssn", b"1", slot) for slot in range(SLOTS))
    with pytest.raises(OutOfOrder, match="would share a column of the unique indexes"):
        rotation.enable(keysets, unused, NOW)
