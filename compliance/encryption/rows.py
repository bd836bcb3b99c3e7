"""Rows with encrypted values: what is written beside them, and what a query set writes for each row apart."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.db import models

from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.sealed_field import SealedField

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

Row = TypeVar("Row", bound=models.Model)


class SealedModel(models.Model):
    """A row whose indexes are written whenever what they are of is written."""

    class Meta:
        abstract = True

    def save_base(
        self,
        raw: bool = False,
        force_insert: Any = False,
        force_update: bool = False,
        using: str | None = None,
        update_fields: Iterable[str] | None = None,
    ) -> None:
        """Add the indexes of what is written: also when Django leaves them out, since they were not loaded."""
        if update_fields is not None:
            names = set(update_fields)
            update_fields = frozenset(names.union(index.name for index in indexes_of(type(self), names)))
        super().save_base(raw, force_insert, force_update, using, update_fields)


class SealedQuerySet(models.QuerySet[Row]):
    """Writes encrypted values for each row apart."""

    def bulk_update(self, objs: Iterable[Row], fields: Iterable[str], batch_size: int | None = None) -> int:
        """Seal the values of each row for it, and write their indexes too."""
        rows, names = tuple(objs), list(fields)
        sealed = [one for one in map(self.model._meta.get_field, names) if isinstance(one, SealedField)]  # noqa: SLF001
        indexes = indexes_of(self.model, names)
        for row in rows:
            for field in sealed:
                setattr(row, field.attname, field.sealed_for(row))
        written = [*names, *(index.name for index in indexes if index.name not in names)]
        return super().bulk_update(rows, written, batch_size)

    def update(self, **values: Any) -> int:
        """Set to NULL, with their indexes; anything else is refused by the field. See WrittenWithoutItsRow."""
        emptied = [name for name, value in values.items() if value is None]
        return super().update(**{index.name: None for index in indexes_of(self.model, emptied)}, **values)


def indexes_of(model: type[models.Model], names: Collection[str]) -> list[BlindIndex]:
    """List the indexes of any of the fields that are named."""
    fields = model._meta.concrete_fields  # noqa: SLF001
    return [one for one in fields if isinstance(one, BlindIndex) and not set(names).isdisjoint(one.of)]
