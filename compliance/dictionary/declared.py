"""What the models declare of their columns and rules."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core import validators

from compliance import phi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import Field, Model


def rules(model: type[Model]) -> dict[str, str]:
    """Give the sentence of each rule that a model declares, by name."""
    return {rule.name: str(rule.violation_error_message) for rule in model._meta.constraints}  # noqa: SLF001


def kept_by(field: Field[Any, Any]) -> tuple[str, ...]:
    """Say what a field looks at itself, for a column that will be encrypted; nothing for any other."""
    classification = phi.of(field)
    if classification is None or not classification.sealed:
        return ()
    return tuple(dict.fromkeys(_sentences(field)))


def _sentences(field: Field[Any, Any]) -> Iterator[str]:
    for validator in field.validators:
        yield _in_words(validator)
    if field.choices:
        yield "One of: " + ", ".join(str(value) for value, _ in field.flatchoices) + "."


def _in_words(validator: Any) -> str:
    """Say what a validator asks for: how long a text may be, its message, or what a function's docstring says."""
    match validator:
        case validators.MaxLengthValidator():
            return f"At most {validator.limit_value} characters."
        case validators.MinLengthValidator():
            return f"At least {validator.limit_value} characters."
        case validators.ProhibitNullCharactersValidator():
            return "No null characters."
    message = str(getattr(validator, "message", "") or "")
    if not message:
        message = (getattr(validator, "__doc__", None) or f"{validator.__name__}.").partition("\n")[0]
    return message.replace("%(limit_value)s", str(getattr(validator, "limit_value", "")))
