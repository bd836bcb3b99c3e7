"""`manage.py keys`: each step says what it did, is recorded with who did it, and is refused out of order."""

from __future__ import annotations

import json
from io import StringIO
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.core.management import CommandError, call_command

from compliance.audit import recording
from compliance.audit.context import acting
from compliance.audit.errors import NotRecorded
from compliance.encryption import keyset_file, needed, rotating, rotation
from compliance.encryption.errors import EncryptionError, OutOfOrder
from compliance.encryption.keyring import Keyring, keyring
from compliance.encryption.keyset import Kind
from compliance.models import AuditLog, User

if TYPE_CHECKING:
    from pytest_django.fixtures import SettingsWrapper

    from compliance.encryption.keyset import Key
    from tests.compliance.encryption.conftest import Place

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def counters(monkeypatch: pytest.MonkeyPatch) -> list[needed.Counter]:
    """What counts the need of keys: one that finds none, unless a test says otherwise."""
    counters: list[needed.Counter] = [lambda _: None]
    monkeypatch.setattr(needed, "_counters", counters)
    return counters


def keys(*words: object) -> str:
    said = StringIO()
    call_command("keys", *map(str, words), stdout=said)
    return said.getvalue().strip()


def steps() -> list[tuple[str, str, int]]:
    """List what the trail has of keys: what, which step, and how it ended."""
    entries = AuditLog.objects.filter(event_type="key_use").order_by("timestamp", "id")
    return [(one.object_repr, one.additional_data["step"], one.outcome) for one in entries]


def status() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(keys("status", "--json"))
    return found


def test_a_rotation_by_hand_and_what_the_trail_has_of_it(made: Place) -> None:
    old = keyring().primary_id
    sealed = keyring().seal(b"plain", b"place")

    said = keys("add", "values")
    (new,) = {key["id"] for key in status()["keys"]} - {old, keyring().primary_index_id}
    assert said.startswith(f"Added key {new} for values. Bring the keyset to every machine and back it up; then: ")
    assert keys("promote", new, "--now") == f"Key {new} is the primary one from now on."
    assert keyring().primary_id == new
    assert keys("disable", old, "--now") == f"Key {old} is disabled."
    assert keys("enable", old) == f"Key {old} is enabled."
    assert keyring().open(sealed, b"place") == b"plain"
    keys("disable", old, "--now")
    assert keys("destroy", old) == f"Key {old} is destroyed. Backups of the keyset from before still have it."

    verbs = ["add", "promote", "disable", "enable", "disable", "destroy"]
    whose = [new, new, old, old, old, old]
    assert steps() == [(f"key {key}", verb, 0) for key, verb in zip(whose, verbs, strict=True)]
    assert [key["status"] for key in status()["keys"] if key["id"] == old] == ["destroyed"]


@pytest.mark.parametrize("kind", list(Kind))
def test_a_step_that_was_done_is_not_done_again(kind: Kind, made: Place) -> None:
    old = next(key["id"] for key in status()["keys"] if key["kind"] == kind)
    keys("add", kind)
    new = next(key["id"] for key in status()["keys"] if key["kind"] == kind and not key["primary"])
    assert keys("add", kind).startswith(f"Nothing to do: key {new} for {kind} waits to be promoted")
    for verb, key, nothing in (
        ("promote", new, "is the primary one already."),
        ("disable", old, "is disabled already."),
        ("destroy", old, "is destroyed already."),
    ):
        haste = () if verb == "destroy" else ("--now",)
        keys(verb, key, *haste)
        before = made.keyset.read_bytes()
        assert keys(verb, key, *haste) == f"Nothing to do: key {key} {nothing}"
        assert made.keyset.read_bytes() == before
    assert len(steps()) == 4


def test_who_did_it_stands_in_the_trail(made: Place) -> None:
    officer = User.objects.create_user("key.keeper@clinic.example")
    with acting(officer, source="manage.py keys"):
        keys("add", "values")

    entry = AuditLog.objects.get(event_type="key_use")
    assert (entry.actor_id, entry.actor_email, entry.source) == (officer.pk, officer.email, "manage.py keys")
    assert entry.additional_data == {"step": "add", "key": rotation_of(made)}


def rotation_of(made: Place) -> int:
    return next(k.id for k in keyset_file.read(made.keyset, made.uri).every_key() if "promoted" not in k.dates)


def test_a_step_out_of_order_is_refused_and_recorded_as_such(made: Place) -> None:
    primary, before = keyring().primary_id, made.keyset.read_bytes()

    for words, told in (
        (["disable", primary], "is the primary one for values: promote another first"),
        (["destroy", primary], "is still in use: disable it first"),
    ):
        with pytest.raises(CommandError, match=rf"^Key {primary} {told}.*Nothing was changed\.$"):
            keys(*words)

    assert made.keyset.read_bytes() == before
    assert steps() == [(f"key {primary}", "disable", 8), (f"key {primary}", "destroy", 8)]


def test_a_key_that_was_added_a_moment_ago_is_not_promoted(made: Place) -> None:
    keys("add", "values")

    with pytest.raises(CommandError, match=r"was added less than a minute ago"):
        keys("promote", rotation_of(made))


def test_a_number_that_is_no_key_is_refused(made: Place) -> None:
    with pytest.raises(CommandError, match=r"^There is no key 7 in the keyset\. See: manage\.py keys status$"):
        keys("destroy", 7)


def test_status_says_what_comes_next_and_shows_no_key(made: Place) -> None:
    keys("add", "indexes")
    said = keys("status")
    new = rotation_of(made)

    assert said.startswith(f"{made.keyset}, revision 2, opens with file:{made.key}\n")
    assert f"Next for key {new}: once every machine has this file, manage.py keys promote {new}" in said
    for proto in keyset_file.read(made.keyset, made.uri).protos.values():
        for key in proto.key:
            assert repr(key.key_data.value[-8:])[2:-1] not in said + json.dumps(status())


def test_create_makes_a_keyset_once(place: Place) -> None:
    assert keys("create").startswith(f"Made the keyset {place.keyset}. Back it up")
    before = place.keyset.read_bytes()
    assert keys("create") == f"Nothing to do: there is a keyset in {place.keyset}."
    assert place.keyset.read_bytes() == before
    assert steps() == [("keyset", "create", 0)]


def test_production_creates_a_keyset_in_a_folder_that_is_there(place: Place, settings: SettingsWrapper) -> None:
    settings.PRODUCTION = True
    with pytest.raises(CommandError, match=r"cannot be written: No such file or directory"):
        keys("create")
    for folder in (place.keyset.parent, place.key.parent):
        folder.mkdir()

    keys("create")

    assert keyring().enabled_ids == [keyring().primary_id]


@pytest.mark.parametrize("words", [["status"], ["add", "values"], ["promote", 1], ["rewrap"]])
def test_without_a_keyset_every_command_says_what_to_do(words: list[object], made: Place) -> None:
    made.keyset.unlink()

    with pytest.raises(CommandError, match=r"is not there\. Restore it from a backup.*manage\.py keys create"):
        keys(*words)


def test_rewrap_seals_the_keyset_with_another_key(made: Place, settings: SettingsWrapper) -> None:
    sealed = keyring().seal(b"plain", b"place")
    moved = made.key.with_name("moved")
    settings.PHI_KEY_URI = moved.as_uri()

    assert keys("rewrap", "--from", made.uri).startswith(f"The keyset opens with file:{moved} from now on.")
    assert keyring().open(sealed, b"place") == b"plain"
    with pytest.raises(EncryptionError, match=rf"was sealed with file:{moved}"):
        keyset_file.read(made.keyset, made.uri)
    assert moved.stat().st_mode & 0o777 == 0o600


def test_a_step_that_cannot_be_recorded_is_not_done(made: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    before = made.keyset.read_bytes()

    def fails(*_: object, **__: object) -> None:
        raise NotRecorded

    monkeypatch.setattr(recording, "record", fails)
    with pytest.raises(NotRecorded):
        rotating.add(Kind.VALUES)

    assert made.keyset.read_bytes() == before


def test_a_step_that_cannot_be_written_is_recorded_as_failed(made: Place, monkeypatch: pytest.MonkeyPatch) -> None:
    """Sealing with the key fails after reading with it did not, as when a key server goes away in between."""
    read = keyset_file.read

    def then_the_key_is_gone(*where: Any) -> Any:
        found = read(*where)
        made.key.unlink()
        return found

    monkeypatch.setattr(keyset_file, "read", then_the_key_is_gone)
    before = made.keyset.read_bytes()
    with pytest.raises(CommandError, match=r"is not there\. Restore it"):
        keys("add", "values")

    assert made.keyset.read_bytes() == before
    assert [(step, outcome) for _, step, outcome in steps()] == [("add", 0), ("add", 8)]


def ready_to_go(made: Place) -> Key:
    """Rotate until the first sealing key could be disabled."""
    old = keyring().primary_id
    new = rotating.add(Kind.VALUES).key
    rotating.promote(new, hasty=True)
    return rotation.find(keyset_file.read(made.keyset, made.uri), old)


def test_a_key_that_a_counter_says_is_needed_stays(made: Place, counters: list[needed.Counter]) -> None:
    old = ready_to_go(made)

    @needed.counts
    def rows(key: Key) -> str | None:
        return "patients.ssn has 20 values of it." if key.id == old.id else None

    with pytest.raises(OutOfOrder, match=rf"^Key {old.id} is still needed: patients\.ssn has 20 values of it\."):
        rotating.disable(old.id, hasty=True)
    counters.remove(rows)
    rotating.disable(old.id, hasty=True)
    needed.counts(rows)
    with pytest.raises(OutOfOrder, match=r"is still needed"):
        rotating.destroy(old.id)
    assert Keyring(keyset_file.read(made.keyset, made.uri)).enabled_ids == [keyring().primary_id]


def test_columns_that_nobody_counts_need_every_key(
    made: Place, counters: list[needed.Counter], monkeypatch: pytest.MonkeyPatch
) -> None:
    """A field whose class comes from compliance.encryption is one that is encrypted, whatever it is called."""
    field = apps.get_model("patients", "Patient")._meta.get_field("family_name")
    sealing = type("SealedField", (type(field),), {"__module__": "compliance.encryption.fields"})
    old = ready_to_go(made)
    before = set(needed.encrypted_columns())
    monkeypatch.setattr(field, "__class__", sealing)
    assert set(needed.encrypted_columns()) - before == {"patients.family_name"}

    counters.clear()
    with pytest.raises(OutOfOrder, match=r"nothing can count yet what these columns need: "):
        rotating.disable(old.id, hasty=True)
    counters.append(lambda _: None)
    rotating.disable(old.id, hasty=True)
    counters.clear()
    with pytest.raises(OutOfOrder, match=r"nothing can count yet what these columns need: "):
        rotating.destroy(old.id)
