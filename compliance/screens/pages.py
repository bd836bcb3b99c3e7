"""Pages of a list by the key of the row where one ends, so that none is counted and none is slower than the first.

OFFSET reads every row that it skips, and COUNT(*) every row there is. A page here begins after a row, or ends before
one. Only that row's key stands in the URL; what the list is ordered by, which may be a name, is read again.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Generic, TypeVar

from django.core.paginator import EmptyPage, Page, PageNotAnInteger
from django.core.paginator import Paginator as DjangoPaginator
from django.db import connections
from django.db.models import F, Model, Q
from django.db.models.expressions import OrderBy

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet

Row = TypeVar("Row", bound=Model)
_PLACE = re.compile(r"(after|before)-(\d{1,19}(?:-\d{1,19})?)")


@dataclass(frozen=True, slots=True)
class KeyedPage(Generic[Row]):
    """Rows, and the places of the pages around them: None where there is none, "" for the first page."""

    rows: list[Row]
    previous: str | None
    next: str | None


class Places(Generic[Row]):
    """How a page names the row where it begins or ends, and how its rows are read. A list of another kind derives."""

    def key(self, row: Row) -> str:
        return str(row.pk)

    def sort_keys(self, key: str, queryset: QuerySet[Row], everything: QuerySet[Row]) -> tuple[Any, ...] | None:
        """Read by what the row of this key is sorted; None when there is no such row.

        `everything` is the list without search and filters: the row may have left the list meanwhile.
        """
        return _sort_keys(queryset, everything, int(key)) if key.isdecimal() else None

    def rows(self, queryset: QuerySet[Row], number: int) -> list[Row]:
        return list(queryset[:number])


def page_at(
    place: str, queryset: QuerySet[Row], everything: QuerySet[Row], size: int, places: Places[Row] | None = None
) -> KeyedPage[Row]:
    """Read the page at a place: `after-17`, `before-17`, or anything else for the first page.

    One row more than a page is read, to know whether another page follows.
    """
    places = places or Places()
    found = _PLACE.fullmatch(place)
    anchor = places.sort_keys(found[2], queryset, everything) if found else None

    def at(side: str, row: Row) -> str:
        return f"{side}-{places.key(row)}"

    if found is None or anchor is None:
        rows = places.rows(queryset, size + 1)
        return KeyedPage(rows[:size], None, at("after", rows[size - 1]) if len(rows) > size else None)
    if found[1] == "after":
        rows = places.rows(_beyond(queryset, anchor), size + 1)
        following = at("after", rows[size - 1]) if len(rows) > size else None
        return KeyedPage(rows[:size], at("before", rows[0]) if rows else "", following)
    rows = places.rows(_beyond(queryset.reverse(), anchor), size + 1)
    earlier = at("before", rows[size - 1]) if len(rows) > size else None
    rows = rows[:size][::-1]
    return KeyedPage(rows, earlier, at("after", rows[-1]) if rows else "")


def estimate(model: type[Model], using: str) -> int | None:
    """Say how many rows PostgreSQL believes the table to have; None when it was never analysed."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT reltuples::bigint FROM pg_class WHERE oid = %s::regclass", [model._meta.db_table])  # noqa: SLF001 - Django's API
        (rows,) = cursor.fetchone()
    return int(rows) if rows >= 0 else None


class Paginator(DjangoPaginator[Any]):
    """Pages by number for what is short (choices, a row's history): reads one row more instead of counting."""

    template_name = "compliance/pages.html"
    _seen: int | None = None

    @property
    def count(self) -> int:
        """Say how many rows are known of so far: up to the page that was read, and one more if there is one."""
        if self._seen is None:
            self.page(1)
        return self._seen or 0

    def validate_number(self, number: float | str) -> int:
        try:
            whole = int(number)
        except ValueError as error:
            raise PageNotAnInteger(self.error_messages["invalid_page"]) from error
        if whole < 1:
            raise EmptyPage(self.error_messages["min_page"])
        return whole

    def page(self, number: float | str) -> Page[Any]:
        whole = self.validate_number(number)
        bottom = (whole - 1) * self.per_page
        rows: Sequence[Any] = list(self.object_list[bottom : bottom + self.per_page + 1])
        self._seen = bottom + len(rows)
        self.__dict__.pop("num_pages", None)
        return Page(rows[: self.per_page], whole, self)


def _order(queryset: QuerySet[Row]) -> list[tuple[Any, bool]]:
    """List what a query set is ordered by: an expression, and whether it descends."""
    order: list[tuple[Any, bool]] = []
    for key in queryset.query.order_by:
        if isinstance(key, str):
            order.append((F("pk" if key in {"pk", "-pk"} else key.removeprefix("-")), key.startswith("-")))
        elif isinstance(key, OrderBy):
            order.append((key.expression, key.descending))
        else:
            order.append((key, False))
    return order


def _sort_keys(queryset: QuerySet[Row], everything: QuerySet[Row], pk: int) -> tuple[Any, ...] | None:
    found: Any = everything.order_by().filter(pk=pk).values_list(*(key for key, _ in _order(queryset)))
    anchor: tuple[Any, ...] | None = found.first()
    return anchor


def _beyond(queryset: QuerySet[Row], anchor: tuple[Any, ...]) -> QuerySet[Row]:
    """Keep what comes after a row: greater in the first sort key, or equal there and greater in the second, and so on.

    As PostgreSQL sorts: NULL comes last in ascending order and first in descending order.
    """
    order = _order(queryset)
    if queryset.query.standard_ordering is False:
        order = [(key, not descending) for key, descending in order]
    queryset = queryset.alias(**{f"sort_key_{number}": key for number, (key, _) in enumerate(order)})
    further, equal = Q(pk__in=[]), Q()
    for number, ((_, descending), value) in enumerate(zip(order, anchor, strict=True)):
        name = f"sort_key_{number}"
        further |= equal & _greater(name, value, descending=descending)
        equal &= Q((f"{name}__isnull", True)) if value is None else Q((name, value))
    return queryset.filter(further, _at_least("sort_key_0", anchor[0], descending=order[0][1]))


def _at_least(name: str, value: Any, *, descending: bool) -> Q:
    """Say of the first sort key alone what follows from the rest: an index begins there, a partition is left out."""
    if value is None:
        return Q()
    return Q((f"{name}__lte", value)) if descending else Q((f"{name}__gte", value)) | Q((f"{name}__isnull", True))


def _greater(name: str, value: Any, *, descending: bool) -> Q:
    if value is None:
        return Q((f"{name}__isnull", False)) if descending else Q(pk__in=[])
    if descending:
        return Q((f"{name}__lt", value))
    return Q((f"{name}__gt", value)) | Q((f"{name}__isnull", True))
