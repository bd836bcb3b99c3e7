"""`manage.py check` says what a model with encrypted fields has forgotten."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

import pytest
from django.db import models
from django.db.models import Index, UniqueConstraint
from django.test.utils import isolate_apps

from compliance.encryption import normalising
from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.field_checks import encrypted_fields, of_model
from compliance.encryption.fields import EncryptedCharField
from compliance.encryption.rows import SealedModel, SealedQuerySet
from compliance.encryption.rules import indexed, once, sealed
from tests.compliance.encryption.probe import Probe

if TYPE_CHECKING:
    from collections.abc import Callable


def made(
    base: type[models.Model] = SealedModel,
    constraints: list[Any] | None = None,
    indexes: list[Any] | None = None,
    queries: Any = SealedQuerySet,
    **fields: Any,
) -> type[models.Model]:
    """Make a model that lacks nothing but for what is given."""
    complete = [*sealed("things", "name"), indexed("name_index", of=["name"], name="things_name_indexed")]
    meta = type(
        "Meta",
        (),
        {
            "app_label": "compliance",
            "db_table": "things",
            "constraints": complete if constraints is None else constraints,
            "indexes": indexes or [],
        },
    )
    body: dict[str, Any] = {
        "uid": models.UUIDField(unique=True, default=uuid.uuid4),
        "name": EncryptedCharField(max_length=9),
        "name_index": BlindIndex("name", by=normalising.name),
        "objects": queries.as_manager(),
        "Meta": meta,
        "__module__": __name__,
        **fields,
    }
    with isolate_apps("compliance"):
        return type("Thing", (base,), {name: value for name, value in body.items() if value is not None})


def ids(model: type[models.Model]) -> list[str | None]:
    return sorted(message.id or "" for message in [*of_model(model), *model.check()])


def test_models_that_lack_nothing_have_nothing_to_be_told() -> None:
    assert ids(made()) == []
    assert ids(Probe) == []
    assert encrypted_fields() == []


SLOTTED = {
    "name_index": BlindIndex("name", slot=0),
    "name_index_b": BlindIndex("name", slot=1),
}
RULES = [
    *sealed("things", "name"),
    indexed("name_index", "name_index_b", of=["name"], name="things_name_indexed"),
]
FORGOTTEN: dict[str, tuple[str, Callable[[], type[models.Model]]]] = {
    "no uid": ("E071", lambda: made(uid=None)),
    "a uid that the application does not make": ("E071", lambda: made(uid=models.UUIDField(unique=True))),
    "a uid that is not unique": ("E071", lambda: made(uid=models.UUIDField(default=uuid.uuid4))),
    "a plain model": ("E071", lambda: made(models.Model)),
    "a plain query set": ("E072", lambda: made(queries=models.QuerySet)),
    "no rule": (
        "E073",
        lambda: made(constraints=[indexed("name_index", of=["name"], name="things_name_indexed")]),
    ),
    "no rule for the index": ("E074", lambda: made(constraints=sealed("things", "name"))),
    "UNIQUE on cells": (
        "E075",
        lambda: made(
            constraints=[
                *sealed("things", "name"),
                indexed("name_index", of=["name"], name="things_name_indexed"),
                UniqueConstraint(fields=["name"], name="things_name_once"),
            ]
        ),
    ),
    "an index on cells": ("E075", lambda: made(indexes=[Index(fields=["name"], name="things_name")])),
    "an index of a plain field": (
        "E076",
        lambda: made(name_index=BlindIndex("uid"), constraints=[*RULES[:1], *RULES[1:]]),
    ),
    "a unique index in one column": (
        "E077",
        lambda: made(
            constraints=[
                *sealed("things", "name"),
                indexed("name_index", of=["name"], name="things_name_indexed"),
                once("name_index", name="things_name_once", message="There is one."),
            ]
        ),
    ),
    "slots that are not unique": ("E077", lambda: made(**SLOTTED, constraints=RULES)),
    "one slot": (
        "E077",
        lambda: made(
            name_index=BlindIndex("name", slot=0),
            constraints=[
                *sealed("things", "name"),
                indexed("name_index", of=["name"], name="things_name_indexed"),
                once("name_index", name="things_name_once", message="There is one."),
            ],
        ),
    ),
    "a default in the database": (
        "E070",
        lambda: made(name=EncryptedCharField(max_length=9, db_default="x")),
    ),
    "unique cells": ("E070", lambda: made(name=EncryptedCharField(max_length=9, unique=True))),
    "an index of the database": ("E070", lambda: made(name=EncryptedCharField(max_length=9, db_index=True))),
}


@pytest.mark.parametrize(("told", "make"), FORGOTTEN.values(), ids=FORGOTTEN)
def test_what_was_forgotten_is_told(told: str, make: Callable[[], type[models.Model]]) -> None:
    found = set(ids(make()))

    assert f"compliance.{told}" in found


def test_what_is_told_names_the_place_and_the_way_out() -> None:
    (message,) = of_model(made(constraints=[indexed("name_index", of=["name"], name="things_name_indexed")]))

    assert message.msg == "compliance.Thing.name is encrypted, and no rule refuses plain text in its column."
    assert message.hint == 'Add *sealed("things", "name") to the constraints.'
