"""Rules on encrypted columns and their indexes, which PostgreSQL holds without seeing a value."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import BooleanField, CheckConstraint, Func, Q, UniqueConstraint

from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.columns import SealedCol

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from django.db.models import Model


class Cells(Func):
    """A SQL function that looks at cells from outside only."""

    function = "is_sealed"
    output_field = BooleanField()

    def resolve_expression(self, *args: Any, **options: Any) -> Any:
        found = super().resolve_expression(*args, **options)
        sources = found.get_source_expressions()
        found.set_source_expressions([one.bare() if isinstance(one, SealedCol) else one for one in sources])
        return found


class HeldOnCells(CheckConstraint):
    """A CHECK on what is written into the columns. Validation, which has values and no cells, leaves it out."""

    def validate(self, *args: Any, **options: Any) -> None:
        pass


def sealed(table: str, *fields: str) -> list[HeldOnCells]:
    """Refuse plain text, and cells of other rows, in encrypted columns: a CHECK for each, `<table>_<field>_sealed`."""
    return [
        HeldOnCells(
            condition=Cells(field, "uid"),
            name=f"{table}_{field}_sealed",
            violation_error_message=(
                f"{field.replace('_', ' ').capitalize()} is encrypted for each row apart, and this was not encrypted "
                "for this row. Write it through the application."
            ),
        )
        for field in fields
    ]


def indexed(*indexes: str, of: Collection[str], name: str) -> HeldOnCells:
    """Hold that a row has an index, or one of its two slots, exactly when it has all the values that it is of."""
    has_values, has_none = Q(), Q()
    for field in of:
        has_values &= Q((f"{field}__isnull", False))
    for index in indexes:
        has_none &= Q((f"{index}__isnull", True))
    looks = [Q(Func(index, function="is_blind_index", output_field=BooleanField())) for index in indexes]
    return HeldOnCells(
        condition=Q(has_values & ~has_none | ~has_values & has_none) & Q(*looks),
        name=name,
        violation_error_message=(
            f"The index of {' and '.join(of).replace('_', ' ')} is missing, or stands there without it. Write it "
            "through the application."
        ),
    )


class Once(UniqueConstraint):
    """A UNIQUE on a blind index, which validation tells about the field that a person typed in."""

    def validate(
        self, model: type[Model], instance: Model, exclude: Iterable[str] | None = None, using: str = "default"
    ) -> None:
        asked = [model._meta.get_field(name) for name in self.fields]  # noqa: SLF001 - Django's API
        typed = [name for field in asked for name in (field.of if isinstance(field, BlindIndex) else [field.name])]
        left_out = set(exclude or ())
        if not left_out.isdisjoint(typed):
            return
        try:
            super().validate(model, instance, left_out.difference(self.fields), using)
        except ValidationError:
            raise ValidationError({typed[0]: [self._refusal()]}) from None

    def _refusal(self) -> ValidationError:
        return ValidationError(self.get_violation_error_message(), code="unique")


def once(*fields: str, name: str, message: str, condition: Q | None = None) -> Once:
    """Let no two rows have the same values. Of an encrypted field its index is named, or one of its two slots."""
    return Once(fields=fields, name=name, violation_error_message=message, condition=condition)
