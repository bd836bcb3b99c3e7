"""What all encrypted fields have in common: how a value becomes a cell of its row, and a cell a value again."""

from __future__ import annotations

import base64
import binascii
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.core import checks
from django.core.exceptions import ValidationError
from django.db import models
from django.db.models.query_utils import DeferredAttribute

from compliance.encryption import cells, lookups
from compliance.encryption.blind_index import BlindIndex
from compliance.encryption.carrying import Unopened, carried, carry
from compliance.encryption.cells import Cell, Place
from compliance.encryption.columns import SealedCol
from compliance.encryption.errors import CannotBeSealed, EncryptionError, Unreadable, WrittenWithoutItsRow

if TYPE_CHECKING:
    from django.db.models import Model

_IN_FIXTURE = "sealed:"  # what a fixture has in front of a cell
PRESENT = b"\1"  # stands for any value where a statement only asks whether there is one


class SealedAttribute(DeferredAttribute):
    """Opens a value when it is looked at, and keeps its cell beside it until the row is written."""

    def __get__(self, row: Model | None, cls: type[Model] | None = None) -> Any:
        value = super().__get__(row, cls)
        if row is not None and isinstance(value, Unopened):
            field: Any = self.field
            value = field.opened(value.sealed)
            self.__set__(row, value)
        return value

    def __set__(self, row: Model, value: Any) -> None:
        field: Any = self.field
        before, cell = row.__dict__.get(field.attname), carried(value)
        if cell is not None and cell.place == field.place:
            row.__dict__[field.kept_as] = cell
        elif isinstance(before, Unopened):
            row.__dict__[field.kept_as] = before
        row.__dict__[field.attname] = value


class SealedField(models.Field[Any, Any]):
    """An encrypted field. It comes before the plain field whose values it encrypts, among the bases of a class.

    `bound_as="old_table.old_column"` keeps what was written readable when the table or the column gets another name.
    """

    descriptor_class = SealedAttribute
    place: Place
    kept_as: str

    def __init__(self, *args: Any, bound_as: str | None = None, **options: Any) -> None:
        self.bound_as = bound_as
        super().__init__(*args, **options)

    def deconstruct(self) -> Any:
        name, path, args, options = super().deconstruct()
        return name, path, args, {**options, **({"bound_as": self.bound_as} if self.bound_as else {})}

    def contribute_to_class(self, cls: type[Model], name: str, **options: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **options)
        self.place = Place(cls._meta.db_table, str(self.column))
        if self.bound_as:
            self.place = Place(*self.bound_as.split("."))
        self.kept_as = f"_{self.attname}_cell"

    def check(self, **options: Any) -> list[Any]:
        found = super().check(**options)
        refused = ("unique", "primary_key", "db_index")
        if self.has_db_default() or any(getattr(self, name) for name in refused):
            found.append(
                checks.Error(
                    f"{self} is encrypted, and cannot have a default in the database, a key or an index of its own.",
                    hint="Leave out db_default, unique, primary_key and db_index; declare a BlindIndex beside it.",
                    obj=self,
                    id="compliance.E070",
                )
            )
        return found

    def get_internal_type(self) -> str:
        return "BinaryField"

    def get_col(self, alias: Any, output_field: Any = None) -> SealedCol:
        return SealedCol(alias, self, output_field)

    def get_lookup(self, lookup: str) -> Any:
        return lookups.lookup(lookup)

    def get_transform(self, name: str) -> Any:
        """Have none: each would work on ciphertext."""

    def indexes(self, *, first_letters: bool) -> list[BlindIndex]:
        """List the columns by which a whole value is found, or its first letters."""
        found = [one for one in self._blind_indexes() if one.of == (self.name,)]
        return [one for one in found if (one.letters is not None) == first_letters]

    def compound_indexes(self) -> list[BlindIndex]:
        return [one for one in self._blind_indexes() if len(one.of) > 1 and self.name in one.of]

    def _blind_indexes(self) -> list[BlindIndex]:
        return [one for one in self.model._meta.concrete_fields if isinstance(one, BlindIndex)]  # noqa: SLF001

    # What a kind of field says of its values.
    def _encode(self, value: Any) -> bytes:
        raise NotImplementedError

    def _decode(self, plain: bytes) -> Any:
        raise NotImplementedError

    def encode(self, value: Any) -> bytes:
        """Write a value as bytes. Raises CannotBeSealed, which does not show it."""
        try:
            return self._encode(super().to_python(value))
        except (ValidationError, ValueError, TypeError):
            raise CannotBeSealed(self.place, f"This is not a value for {type(self).__name__}.") from None

    def sealed_for(self, row: Model) -> Any:
        """Return the value of a row so that it carries its cell: all that is needed to write it."""
        _opened, cell = getattr(row, self.attname), self.cell_of(row)
        return None if cell is None else carry(self._decode(cell.plain), cell)

    # From the database.
    def opened(self, sealed: bytes) -> Any:
        """Return the value of a cell, which carries the cell. Raises Unreadable or UnknownKey."""
        cell = cells.unseal(self.place, sealed)
        return carry(self._decode(cell.plain), cell)

    def from_db_value(self, value: Any, _expression: Any, _connection: Any) -> Any:
        return None if value is None else self.opened(bytes(value))

    def unopened(self, value: Any, _expression: Any, _connection: Any) -> Unopened | None:
        return None if value is None else Unopened(bytes(value))

    # To the database.
    def cell_of(self, row: Model) -> Cell | None:
        """Return the cell of a row's value: the one it was read from, if it still says the same, or a new one."""
        uid: Any = getattr(row, "uid", None)
        if not isinstance(uid, UUID):
            raise CannotBeSealed(self.place, "The row has no uid, which its values are bound to; give it a UUID.")
        unopened = row.__dict__.get(self.attname)
        if isinstance(unopened, Unopened) and unopened.sealed[: cells.UID_LENGTH] == uid.bytes:
            return Cell(self.place, b"", unopened.sealed)
        value = getattr(row, self.attname)
        if value is None:
            return None
        if hasattr(value, "resolve_expression"):
            raise WrittenWithoutItsRow(self.place)
        plain, kept = self.encode(value), self._kept(row)
        if kept is None or kept.plain != plain or not kept.is_of(self.place, uid):
            kept = row.__dict__[self.kept_as] = cells.seal(self.place, uid, plain)
        return kept

    def _kept(self, row: Model) -> Cell | None:
        """Return the cell that the row was loaded with. One that cannot be read is as good as none: it is replaced."""
        kept: Cell | Unopened | None = row.__dict__.get(self.kept_as)
        if isinstance(kept, Unopened):
            try:
                return cells.unseal(self.place, kept.sealed)
            except EncryptionError:
                return None
        return kept

    def pre_save(self, row: Model, add: bool) -> Cell | None:
        return self.cell_of(row)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:
        """Take a cell, or a value that carries its own. Raises WrittenWithoutItsRow for anything else but NULL.

        save() and bulk_create() give the cell that pre_save() made; loaddata and bulk_update() give a value that
        carries one. Everything else is a value by itself, which could only be stored in plain text.
        """
        if value is None or (hasattr(value, "resolve_expression") and lookups.only_values(value, self)):
            return value
        cell = value if isinstance(value, Cell) else carried(value)
        if cell is None or cell.place != self.place or (cell is not value and cell.plain != self.encode(value)):
            raise WrittenWithoutItsRow(self.place)
        return cell.sealed

    def get_prep_value(self, value: Any) -> Any:
        return value

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        """Stand in for a value of which a rule asks whether it is there. The value itself is never sent."""
        return value if value is None else PRESENT

    # To fixtures and back.
    def value_to_string(self, row: Model) -> str | None:  # type: ignore[override]
        cell = self.cell_of(row)
        return None if cell is None else _IN_FIXTURE + base64.b64encode(cell.sealed).decode()

    def to_python(self, value: Any) -> Any:
        """Read a cell of a fixture. What people type does not come here, but to `clean`: it is never decrypted.

        Anything else stays as it is, and is refused where it is written: Django would show it in an error.
        """
        if isinstance(value, str) and value.startswith(_IN_FIXTURE):
            try:
                sealed = base64.b64decode(value.removeprefix(_IN_FIXTURE), validate=True)
            except binascii.Error:
                raise Unreadable("it is not base64.") from None
            return self.opened(sealed)
        return value

    # From people.
    def clean(self, value: Any, row: Model | None) -> Any:
        """Hold a value to the rules of the field. Raises ValidationError, in which the value does not stand."""
        try:
            value = super().to_python(value)
            self.validate(value, row)
            self.run_validators(value)
        except ValidationError as error:
            raise ValidationError([_without_value(one) for one in error.error_list]) from None
        return value


def _without_value(error: ValidationError) -> ValidationError:
    """Leave out of an error what was typed. How long it is, may stand there."""
    params = error.params or {}
    said = {name: one for name, one in params.items() if name != "value" and str(one) != str(params.get("value"))}
    shows = any(f"%({name})" in str(error.message) for name in params.keys() - said.keys())
    return ValidationError("This cannot be taken." if shows else error.message, error.code, said or None)
