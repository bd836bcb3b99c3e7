"""Where a query may name an encrypted column: where it is read, and where it is asked whether there is anything.

Ciphertext can be sorted and compared as well as any bytes, and the answer means nothing. Django does not tell a column
where it stands in a statement. Therefore a column leaves a mark in the SQL that it is compiled to; the list of what is
selected and IS NULL take the mark out again; and a statement in which one is left is not sent.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from django.db.models.expressions import Col

from compliance.encryption.errors import NotComparable

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.models.sql.compiler import SQLCompiler

    from compliance.encryption.cells import Place

_MARK = "/* sealed: "
_MARKED = re.compile(re.escape(_MARK) + r"(\S+) \*/")
IN_PYTHON = "Read the values, and compare or sort them in Python; whole values are found by their blind index."


class SealedCol(Col):
    """An encrypted column in a query. Of a row as a whole, a value is opened when it is looked at, and not before."""

    opens_later = False

    @property
    def place(self) -> Place:
        """The column that stands in the table."""
        field: Any = self.target
        place: Place = field.place
        return place

    def bare(self) -> Col:
        """Return the column without a mark, for what does not look at the value."""
        return Col(self.alias, self.target, self.output_field)

    def as_sql(self, compiler: SQLCompiler, connection: BaseDatabaseWrapper) -> tuple[str, Any]:
        sql, params = super().as_sql(compiler, connection)
        return f"{sql} {_MARK}{self.place} */", params

    def select_format(self, compiler: SQLCompiler, sql: str, params: Any) -> tuple[str, Any]:
        """Take out the mark: Django calls this for what is selected, and for what it is grouped by."""
        query: Any = compiler.query
        if self._sorted_in(query):
            raise refusal(self.place)
        if self._told_apart_in(query):
            return sql, params
        # values() has no default columns. An annotation is no attribute of the field, which would open it.
        self.opens_later = query.default_cols and not any(self is one for one in query.annotation_select.values())
        return _MARKED.sub("", sql).rstrip(), params

    def get_db_converters(self, connection: BaseDatabaseWrapper) -> list[Any]:
        if self.opens_later and self.target == self.output_field:
            field: Any = self.target
            return [field.unopened]
        return super().get_db_converters(connection)

    def _told_apart_in(self, query: Any) -> bool:
        """Tell whether DISTINCT or GROUP BY compares the cells. Beside the row's key it does not matter."""
        compared = [*(query.select if query.distinct and not query.default_cols else ())]
        if isinstance(query.group_by, tuple):
            compared += query.group_by
        annotated = query.distinct and not query.default_cols and self in query.annotation_select.values()
        keys = [one for one in compared if isinstance(one, Col) and one.alias == self.alias and one.target.primary_key]
        return (self in compared or annotated) and not keys

    def _sorted_in(self, query: Any) -> bool:
        """Tell whether ORDER BY names the column by what it is called in the list: such a name leaves no mark."""
        names = {name for name, one in query.annotation_select.items() if one == self}
        if query.combinator:
            names |= {self.target.name, self.target.attname}
        return any(isinstance(one, str) and one.lstrip("-+") in names for one in query.order_by)


def listen(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Look at every statement of a connection, from the moment it is made."""
    if refuse_marked not in connection.execute_wrappers:
        connection.execute_wrappers.append(refuse_marked)


def refuse_marked(execute: Callable[..., Any], sql: Any, params: Any, many: Any, context: dict[str, Any]) -> Any:
    """Run a statement, unless a mark is left in it. Raises NotComparable."""
    if place := marked(sql):
        raise refusal(place)
    return execute(sql, params, many, context)


def marked(sql: Any) -> str | None:
    """Return the column whose mark is left in a statement."""
    found = _MARKED.search(sql) if isinstance(sql, str) and _MARK in sql else None
    return found[1] if found else None


def refusal(place: object) -> NotComparable:
    """Say what cannot be done with the column, and what to do instead."""
    what = "sort by it, group by it, or put it into a function, an aggregate or another column"
    return NotComparable(place, what, IN_PYTHON)
