"""Rows that leave a trace when they are fetched: `Patient.objects.filter(…).recorded()`."""

from __future__ import annotations

from itertools import islice
from typing import TYPE_CHECKING, Any, NoReturn, Self, TypeVar

from django.db import models
from django.db.models.query import ModelIterable

from compliance.audit import recording

if TYPE_CHECKING:
    from collections.abc import Iterator

Row = TypeVar("Row", bound=models.Model)


class RecordedRows(ModelIterable):  # type: ignore[type-arg] # Django's is generic for the type checker only
    """Fetches rows, records that they were fetched, and then hands them out."""

    queryset: Any

    def __iter__(self) -> Iterator[Any]:
        """Read all of them, or as many as iterator() reads at a time: memory is bounded where the caller bounds it."""
        rows, size = super().__iter__(), self.chunk_size if self.chunked_fetch else None
        fetched = list(islice(rows, size))
        while True:
            recording.listed(self.queryset.model, fetched)
            yield from fetched
            if size is None or not (fetched := list(islice(rows, size))):
                return


class AuditedQuerySet(models.QuerySet[Row]):
    """The base of the query sets of what is audited."""

    def recorded(self) -> Self:
        """Record each evaluation as one query, with the patients whose rows it gave, before a row is handed out.

        Slices, get(), first(), in_bulk() and `async for` are evaluations; iterator() is one for each chunk. count(),
        exists() and aggregate() give no rows and leave no trace. What is reached from a row afterwards, through a
        foreign key or a prefetch, counts as part of it. Raises NotRecorded instead of giving rows.
        """
        chosen: Any = self._chain()  # type: ignore[attr-defined] # as Django's own verbs do
        if chosen._fields is not None:
            self._refuse()
        chosen._iterable_class = RecordedRows  # noqa: SLF001
        recorded: Self = chosen
        return recorded

    def _values(self, *fields: Any, **expressions: Any) -> Any:
        """Refuse values() and values_list(), which dates() and datetimes() use too."""
        if self._iterable_class is RecordedRows:
            self._refuse()
        return super()._values(*fields, **expressions)  # type: ignore[misc]

    def _refuse(self) -> NoReturn:
        raise TypeError(
            "recorded() gives rows: values do not say whose they are. Fetch rows, with only() if they are wide, or "
            "record what you show with compliance.audit.recording.found()."
        )
