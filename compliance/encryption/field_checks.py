"""System checks of what models declare beside their encrypted fields."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register
from django.db import models
from django.db.models import UniqueConstraint

from compliance.encryption.blind_index import BlindIndex, twins
from compliance.encryption.rows import SealedModel, SealedQuerySet
from compliance.encryption.rules import Cells, HeldOnCells
from compliance.encryption.sealed_field import SealedField

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.apps import AppConfig
    from django.db.models import Model

SLOTS = {0, 1}


@register
def encrypted_fields(app_configs: Iterable[AppConfig] | None = None, **_: object) -> list[CheckMessage]:
    """Check that whatever encrypted fields and indexes need is there."""
    found = apps.get_models() if app_configs is None else [m for config in app_configs for m in config.get_models()]
    return [message for model in found for message in of_model(model)]


def of_model(model: type[Model]) -> Iterator[CheckMessage]:
    """Check one model."""
    fields = model._meta.concrete_fields  # noqa: SLF001 - Django's API
    sealed = [field for field in fields if isinstance(field, SealedField)]
    indexes = [field for field in fields if isinstance(field, BlindIndex)]
    if not sealed and not indexes:
        return
    yield from _row(model)
    yield from _rules(model, sealed, indexes)
    for index in indexes:
        yield from _index(index, {field.name for field in sealed})


def _row(model: type[Model]) -> Iterator[CheckMessage]:
    uid: Any = next((field for field in model._meta.concrete_fields if field.name == "uid"), None)  # noqa: SLF001
    if not (isinstance(uid, models.UUIDField) and uid.unique and uid.has_default() and issubclass(model, SealedModel)):
        yield Error(
            f"{model._meta.label} has encrypted fields, and is no row that values can be bound to.",  # noqa: SLF001
            hint="Derive it from ClinicalModel, or from SealedModel with a unique uid: UUIDField(default=uuid.uuid4).",
            obj=model,
            id="compliance.E071",
        )
    for manager in model._meta.managers:  # noqa: SLF001
        if not isinstance(manager.get_queryset(), SealedQuerySet):
            yield Error(
                f"{model._meta.label}.{manager.name} makes query sets that do not encrypt in bulk_update().",  # noqa: SLF001
                hint="Let its query set derive from SealedQuerySet.",
                obj=model,
                id="compliance.E072",
            )


def _rules(model: type[Model], sealed: list[SealedField], indexes: list[BlindIndex]) -> Iterator[CheckMessage]:
    held = [rule.condition for rule in model._meta.constraints if isinstance(rule, HeldOnCells)]  # noqa: SLF001
    named = {name for condition in held for name in _names(condition)}
    for field in sealed:
        if not any(isinstance(one, Cells) and field.name in _names(one) for one in held):
            yield Error(
                f"{field} is encrypted, and no rule refuses plain text in its column.",
                hint=f'Add *sealed("{model._meta.db_table}", "{field.name}") to the constraints.',  # noqa: SLF001
                obj=field,
                id="compliance.E073",
            )
    for index in indexes:
        if index.name not in named:
            yield Error(
                f"{index} is a blind index, and no rule holds it to what it is of.",
                hint=f'Add indexed("{index.name}", of={list(index.of)}, name="…") to the constraints.',
                obj=index,
                id="compliance.E074",
            )
    names = {field.name for field in sealed}
    for rule in (*model._meta.constraints, *model._meta.indexes):  # noqa: SLF001
        if isinstance(rule, (UniqueConstraint, models.Index)) and names.intersection(rule.fields):
            yield Error(
                f"{rule.name} compares cells, which are never equal.",
                hint="Name the blind index of the field in its place.",
                obj=model,
                id="compliance.E075",
            )


def _index(index: BlindIndex, sealed: set[str]) -> Iterator[CheckMessage]:
    if not index.of or not sealed.issuperset(index.of):
        yield Error(
            f"{index} is an index of something that is not encrypted here.",
            hint=f"It can be of {', '.join(sorted(sealed)) or 'encrypted fields only'}.",
            obj=index,
            id="compliance.E076",
        )
    unique = [rule for rule in index.model._meta.constraints if isinstance(rule, UniqueConstraint)]  # noqa: SLF001
    is_unique = index.unique or any(index.name in rule.fields for rule in unique)
    slots = {index.slot, *(twin.slot for twin in twins(index))} if index.slot is not None else set()
    if is_unique != (index.slot is not None) or (slots and slots != SLOTS) or index.unique:
        yield Error(
            f"{index}: a unique blind index has two slots, each with a rule of its own, and no other one has slots.",
            hint="Declare BlindIndex(…, slot=0) and BlindIndex(…, slot=1), and once() for each.",
            obj=index,
            id="compliance.E077",
        )


def _names(node: Any) -> Iterator[str]:
    """Name the fields that a condition mentions."""
    if isinstance(node, tuple):
        yield node[0].partition("__")[0]
    elif hasattr(node, "children"):
        for child in node.children:
            yield from _names(child)
    elif hasattr(node, "get_source_expressions"):
        for source in node.get_source_expressions():
            yield from _names(source)
    if hasattr(node, "name") and isinstance(node.name, str):
        yield node.name
