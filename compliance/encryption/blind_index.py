"""A column by which rows are found although the value itself is encrypted: 16 bytes that only the index key can make.

Equal values have equal indexes, so that PostgreSQL finds them, and holds that there is one of each. That is also what
it gives away: how often a value stands in the table, to whoever sees the column. docs/encryption.md says how much.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import models
from django.db.models.query_utils import DeferredAttribute
from django.utils.functional import cached_property

from compliance.encryption import lookups, normalising
from compliance.encryption.cells import Place
from compliance.encryption.errors import NotComparable, WrittenWithoutItsRow
from compliance.encryption.keyring import INDEX_LENGTH, keyring

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import Model


class IndexAttribute(DeferredAttribute):
    """Gives the index of what the row says now, so that validation and every write see the same one.

    Of a row that was loaded without its values, it is the one that stands in the table.
    """

    def __get__(self, row: Model | None, cls: type[Model] | None = None) -> Any:
        if row is None:
            return self
        index: Any = self.field
        if any(name in row.__dict__ for name in index.of):
            return index.of_row(row)
        return super().__get__(row, cls)

    def __set__(self, row: Model, value: Any) -> None:
        row.__dict__[self.field.attname] = value


class BlindIndex(models.BinaryField[Any, Any]):
    """The index of an encrypted field, or of some together, filled on every way a row is written.

        ssn_index = BlindIndex("ssn", by=normalising.digits)
        name_and_birth = BlindIndex("family_name", "birth_date", by=normalising.name)
        family_name_start = BlindIndex("family_name", by=normalising.name, letters=3)

    `by` says what counts as equal. `letters` keeps the first letters alone. Every index has a key of its own.

    While index keys are rotated, some rows of a column have indexes by the old key, and some by the new: searches
    ask for both. A unique index cannot be mixed so: one value could stand there twice, once by each key. It has two
    columns, `slot=0` and `slot=1`, each UNIQUE, which the keys take in turn. A row has its index by each key in use,
    so that there is always one column that has all rows by one key.
    """

    descriptor_class = IndexAttribute
    place: Place

    def __init__(
        self,
        *of: str,
        by: Callable[[object], str] = normalising.exactly,
        letters: int | None = None,
        slot: int | None = None,
        **options: Any,
    ) -> None:
        self.of, self.by, self.letters, self.slot = of, by, letters, slot
        # Whether it may be missing, the rule says that `indexed()` makes: when what it is of is missing.
        super().__init__(**{**options, "null": True, "blank": True, "editable": False})

    def deconstruct(self) -> Any:
        name, path, _, options = super().deconstruct()
        said = {"by": self.by, "letters": self.letters, "slot": self.slot}
        for implied in ("null", "blank", "editable"):
            options.pop(implied, None)
        return name, path, self.of, {**options, **{key: value for key, value in said.items() if value is not None}}

    def contribute_to_class(self, cls: type[Model], name: str, **options: Any) -> None:  # type: ignore[override]
        super().contribute_to_class(cls, name, **options)
        self.place = Place(cls._meta.db_table, str(self.column))

    @cached_property
    def source(self) -> tuple[Any, ...]:
        """The encrypted fields that it is an index of."""
        return tuple(self.model._meta.get_field(name) for name in self.of)  # noqa: SLF001

    @cached_property
    def key_name(self) -> str:
        """The name of its key: `patients.ssn`, `patients.family_name+birth_date`, `patients.family_name:3`."""
        places = [field.place for field in self.source]
        columns = "+".join(place.column for place in places)
        return f"{places[0].table}.{columns}" + (f":{self.letters}" if self.letters else "")

    def of_value(self, value: Any) -> list[bytes]:
        """Make the indexes that a value may be kept under here, the one to write first; none, if no key has this slot.

        Of an index over some fields, the value is a sequence with one for each. Raises NotComparable for anything else.
        """
        if isinstance(value, bytes):
            return [value]
        values = [value] if len(self.of) == 1 else value
        if isinstance(values, str) or len(values) != len(self.of):
            raise NotComparable(self.place, "find that", f"Give a value for each of {', '.join(self.of)}.")
        text = "\0".join(self._normalised(one) for one in values).encode()
        if self.slot is None:
            return keyring().indexes(self.key_name, text)
        index = keyring().index_slot(self.key_name, text, self.slot)
        return [] if index is None else [index]

    def _normalised(self, value: object) -> str:
        """Normalise one value. One of which nothing would be left stands for itself: no value lacks an index."""
        plain = self.by(value) or normalising.exactly(value)
        return plain.replace(" ", "")[: self.letters] if self.letters else plain

    def of_row(self, row: Model) -> bytes | None:
        """Make the index of what a row says. One that was made with a key still in use is kept."""
        values = [getattr(row, field.attname) for field in self.source]
        if any(value is None or hasattr(value, "resolve_expression") for value in values):
            return None
        kept = row.__dict__.get(self.attname)
        made = self.of_value(values[0] if len(values) == 1 else values)
        return bytes(kept) if kept in made else next(iter(made), None)

    def pre_save(self, row: Model, add: bool) -> bytes | None:
        index = self.of_row(row)
        setattr(row, self.attname, index)
        return index

    def get_db_prep_save(self, value: Any, connection: Any) -> bytes | None:
        """Take an index, and no value to make one of: a row makes it. Raises WrittenWithoutItsRow."""
        if hasattr(value, "resolve_expression") and lookups.only_values(value, self):
            return value  # type: ignore[no-any-return]
        if value is None or (isinstance(value, bytes) and len(value) == INDEX_LENGTH):
            return value
        raise WrittenWithoutItsRow(self.place)

    def get_db_prep_value(self, value: Any, connection: Any, prepared: bool = False) -> Any:
        return value

    def get_lookup(self, lookup: str) -> Any:
        """Find by a value, too: `filter(name_and_birth=("Lopez", date(1990, 1, 31)))`."""
        return {"exact": IndexExact, "in": IndexIn}.get(lookup) or super().get_lookup(lookup)


class IndexExact(lookups.SealedExact):
    """A value, or an index as it stands in the column."""

    def sought(self, column: Any) -> tuple[lookups.Sought, ...]:
        return _in(column, [self.rhs])


class IndexIn(lookups.SealedIn):
    def sought(self, column: Any) -> tuple[lookups.Sought, ...]:
        return _in(column, self.rhs)


def _in(column: BlindIndex, values: Sequence[Any]) -> tuple[lookups.Sought, ...]:
    """Look for values, or for indexes. Of a unique index each slot has some rows only: the field asks both."""
    if any(isinstance(value, bytes) for value in values):
        return ((column, tuple(values)),)
    if column.slot is not None:
        raise NotComparable(column.place, "find all rows in one of two slots", f"Ask for {' and '.join(column.of)}.")
    return lookups.in_indexes([column], values)


def twins(index: BlindIndex) -> list[BlindIndex]:
    """List the other slots of an index."""
    fields = index.model._meta.concrete_fields  # noqa: SLF001
    same = [one for one in fields if isinstance(one, BlindIndex) and (one.of, one.letters) == (index.of, index.letters)]
    return [one for one in same if one.slot is not None and one is not index]
