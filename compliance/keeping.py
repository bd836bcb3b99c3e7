"""Write a row, or say in sentences what is wrong with it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.exceptions import ValidationError

from compliance.errors import FieldsRefused
from compliance.rules import explained

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import Model


def keep(row: Model, *changed: str) -> None:
    """Write a row; of one that is there already, only the fields that are named.

    Raises FieldsRefused for what the fields themselves refuse, RuleBroken for what the database does. Neither shows a
    value.
    """
    check_fields(row, *changed)
    with explained():
        row.save(update_fields=changed or None)


def refuse_others(facts: Iterable[str], taken: Collection[str]) -> None:
    """Refuse what a capability does not take. Raises FieldsRefused.

    A status, a signature or a merge has a step of its own, with a permission of its own: it does not come along with
    what somebody types, whatever a caller passes on.
    """
    if others := [name for name in facts if name not in taken]:
        raise FieldsRefused(
            {name: ["This is not taken here: it has a step of its own, or does not exist."] for name in others}
        )


def typed_in(model: type[Model]) -> set[str]:
    """Name the fields of a model that people fill in, by their names and their columns."""
    fields = [field for field in model._meta.concrete_fields if field.editable and not field.primary_key]  # noqa: SLF001
    return {name for field in fields for name in (field.name, field.attname)}


def check_fields(row: Model, *changed: str) -> None:
    """Look at the rules of the fields, all or those that are named, before the row is written. Raises FieldsRefused.

    Text of nothing but spaces becomes NULL where that may stand: a form says so of what was left out, and a column that
    is encrypted cannot refuse it.
    """
    fields = [field for field in row._meta.concrete_fields if not changed or field.name in changed]  # noqa: SLF001
    for field in fields:
        if isinstance(value := getattr(row, field.attname), str):
            setattr(row, field.attname, value.strip() or (None if field.null else ""))
    others = {field.name for field in row._meta.concrete_fields} - {field.name for field in fields}  # noqa: SLF001
    try:
        row.clean_fields(exclude=others)
        row.clean()
    except ValidationError as error:
        raise FieldsRefused(_by_field(error)) from None


def _by_field(error: ValidationError) -> dict[str, list[str]]:
    found: dict[str, list[ValidationError]] = error.update_error_dict({})
    return {name: [_without_value(one) for one in errors] for name, errors in found.items()}


def _without_value(error: ValidationError) -> str:
    """Return the sentence of an error, unless it shows what was typed, which may be somebody's name."""
    (sentence,) = error.messages
    value = (error.params or {}).get("value")
    return "This cannot be taken." if value is not None and str(value) in sentence else sentence
