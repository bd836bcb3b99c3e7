"""docs/keys.md names every command and every error there is, and no others."""

from __future__ import annotations

import re
from pathlib import Path

from compliance.encryption import errors
from compliance.encryption.errors import KeysetUnusable, KeysUnusable, NoSuchKey, OutOfOrder, UnknownKey, Unreadable
from compliance.management.commands.keys import SUBCOMMANDS

PAGE = (Path(__file__).resolve().parents[3] / "docs" / "keys.md").read_text(encoding="utf-8")
OF_VALUES_AND_STEPS = {UnknownKey, Unreadable, NoSuchKey, OutOfOrder}


def test_every_command_is_described_and_no_other() -> None:
    assert set(re.findall(r"\bkeys ([a-z]+)\b", " ".join(re.findall(r"`([^`]+)`", PAGE)))) == set(SUBCOMMANDS)


def test_every_error_of_the_keys_is_explained_and_no_other() -> None:
    table = PAGE.partition("## What goes wrong")[2]
    named = {name for row in re.findall(r"^\| (`.*?) \|", table, re.MULTILINE) for name in re.findall(r"`(\w+)`", row)}
    kinds = {kind for kind in vars(errors).values() if isinstance(kind, type) and issubclass(kind, KeysUnusable)}

    assert named == {kind.__name__ for kind in (kinds - {KeysUnusable, KeysetUnusable}) | OF_VALUES_AND_STEPS}
