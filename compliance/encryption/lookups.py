"""What can be asked about an encrypted column: whether there is a value and, by its blind index, which one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import EmptyResultSet
from django.db.models.expressions import Case, Col, Value, When
from django.db.models.functions import Cast
from django.db.models.lookups import Exact, In, IsNull, Lookup

from compliance.encryption.columns import IN_PYTHON, SealedCol
from compliance.encryption.errors import NotComparable

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from compliance.encryption.blind_index import BlindIndex

# An index column, and the indexes to look for in it.
Sought = tuple["BlindIndex", tuple[bytes, ...]]


class Present(IsNull):
    """IS NULL, which does not look at the value."""

    def process_lhs(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper, lhs: Any = None) -> tuple[str, Any]:
        asked = lhs or self.lhs
        return super().process_lhs(compiler, connection, asked.bare() if isinstance(asked, SealedCol) else asked)


class _ByIndex(Lookup[Any]):
    """Asks the blind index. From here on the query holds what is sought in it, not the value."""

    prepare_rhs = False

    def get_prep_lookup(self) -> tuple[Sought, ...] | None:
        if self.rhs is None:
            return None  # Django makes IS NULL of it
        column: Any = self.lhs.target if isinstance(self.lhs, Col) else self.lhs.output_field
        if hasattr(self.rhs, "resolve_expression") or not isinstance(self.lhs, Col):
            raise NotComparable(column.place, "compare it with another column or an expression", IN_PYTHON)
        return self.sought(column)

    def sought(self, column: Any) -> tuple[Sought, ...]:
        return sought(column, [self.rhs], first_letters=False)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        parts: list[str] = []
        params: list[Any] = []
        for index, values in self.rhs:
            sql, _ = compiler.compile(Col(self.lhs.alias, index))
            # Not NULL beside it: where a negation asks, a slot without an index is a no, and not unknown.
            parts.append(f"({sql} IN ({', '.join(['%s'] * len(values))}) AND {sql} IS NOT NULL)")
            params += values
        return f"({' OR '.join(parts)})", params


class SealedExact(_ByIndex, Exact):
    """The whole value, as far as the normaliser of its index tells values apart."""


class SealedIn(_ByIndex, In):
    """One of some whole values."""

    def get_prep_lookup(self) -> tuple[Sought, ...] | None:  # type: ignore[override]
        if not hasattr(self.rhs, "resolve_expression"):
            self.rhs = [value for value in self.rhs if value is not None]
        return super().get_prep_lookup()

    def sought(self, column: Any) -> tuple[Sought, ...]:
        return sought(column, self.rhs, first_letters=False)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, list[Any]]:  # type: ignore[override]
        if not self.rhs:
            raise EmptyResultSet
        return super().as_sql(compiler, connection)


class SealedBegins(_ByIndex, Exact):
    """The first letters, as many as the prefix index keeps."""

    lookup_name = "begins"

    def sought(self, column: Any) -> tuple[Sought, ...]:
        found = sought(column, [self.rhs], first_letters=True)
        letters = found[0][0].letters or 0
        if len(str(self.rhs).replace(" ", "")) < letters:
            raise NotComparable(column.place, "find fewer letters", f"Give {letters} of them, or a whole value.")
        return found


class _Refused(Lookup[Any]):
    """A lookup that asks what PostgreSQL cannot see."""

    def __init__(self, lhs: Any, _rhs: Any) -> None:
        field = lhs.output_field
        raise NotComparable(field.place, f"answer {self.lookup_name} about it", instead(field))


LOOKUPS: dict[str, type[Lookup[Any]]] = {
    "exact": SealedExact,
    # The admin's "=ssn" means this one. Which letters are alike, the normaliser of the index says.
    "iexact": SealedExact,
    "in": SealedIn,
    "isnull": Present,
    "begins": SealedBegins,
}


def lookup(name: str) -> type[Lookup[Any]]:
    """Return the class of a lookup; one that refuses, if it asks for more than there is."""
    return LOOKUPS.get(name) or type(_Refused.__name__, (_Refused,), {"lookup_name": name})


def instead(field: Any) -> str:
    """Say what can be asked about a field."""
    whole, letters = (field.indexes(first_letters=which) for which in (False, True))
    ways = [
        *(["a whole value is found by exact or in"] if whole else []),
        *([f"the first {letters[0].letters} letters are found by begins"] if letters else []),
        *[f"{one.name} finds {' and '.join(one.of)} together" for one in field.compound_indexes()],
    ]
    if not ways:
        return "It has no blind index, so that no row is found by it; declare a BlindIndex to change that."
    return f"Instead, {', and '.join(ways)}."


def sought(field: Any, values: Iterable[Any], *, first_letters: bool) -> tuple[Sought, ...]:
    """Say what to look for, and in which columns. Raises NotComparable for a field without such an index."""
    indexes: Sequence[BlindIndex] = field.indexes(first_letters=first_letters)
    if not indexes:
        asked = "find its first letters" if first_letters else "find a value in it"
        raise NotComparable(field.place, asked, instead(field))
    return in_indexes(indexes, values)


def in_indexes(indexes: Sequence[BlindIndex], values: Iterable[Any]) -> tuple[Sought, ...]:
    """Say what to look for in indexes of the same values."""
    listed = list(values)
    wanted = (
        (index, tuple(dict.fromkeys(one for value in listed for one in index.of_value(value)))) for index in indexes
    )
    return tuple((index, keys) for index, keys in wanted if keys)


def only_values(expression: Any, field: Any) -> bool:
    """Tell whether an expression only chooses, by the row's key, among values of a field: bulk_update() makes such."""
    match expression:
        case Value():
            return expression.value is None or getattr(expression, "_output_field_or_none", None) is field
        case Cast() | Case():
            return all(only_values(one, field) for one in expression.get_source_expressions())
        case When():
            return only_values(expression.result, field)
    return False
