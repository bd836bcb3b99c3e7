"""The list of a model's rows: searched without a trace in the URL, paged by key, never counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.views.main import PAGE_VAR, SEARCH_VAR

from compliance.screens import pages, searching

if TYPE_CHECKING:
    # unfold carries no types; its ChangeList derives from this one.
    from django.contrib.admin.views.main import ChangeList as UnfoldChangeList
    from django.db.models import QuerySet
    from django.http import HttpRequest
else:
    from unfold.views import ChangeList as UnfoldChangeList


class ChangeList(UnfoldChangeList):
    """Reads one page and one row. What the footer says of the whole is exact, an estimate that says so, or nothing."""

    previous_page: str | None = None
    next_page: str | None = None
    tally = ""
    withheld = ""

    def get_queryset(self, request: HttpRequest, exclude_parameters: list[str | None] | None = None) -> QuerySet[Any]:
        self.query = searching.recall(request, self.query)
        return super().get_queryset(request, exclude_parameters)

    def get_results(self, request: HttpRequest) -> None:
        place = request.GET.get(PAGE_VAR, "")
        try:
            page = pages.page_at(place, self.queryset, self.root_queryset, self.list_per_page, self.places())
        except (IndexError, OverflowError) as error:  # a range of one end, or a year beyond the calendar, in the URL
            raise IncorrectLookupParameters(error) from error
        self.result_list = page.rows
        self.previous_page, self.next_page = self._link(page.previous), self._link(page.next)
        self.tally = self._tally(page)
        shown_by: Any = self.model_admin
        self.withheld = shown_by.withheld(request)
        self.search_action = self.get_query_string({SEARCH_VAR: None})
        # Equal, so that neither unfold nor an action speaks of rows beyond the page.
        self.result_count = self.full_result_count = len(page.rows)
        self.show_full_result_count = False
        self.show_admin_actions = True
        self.can_show_all = self.multi_page = False
        self.paginator = self.model_admin.get_paginator(request, self.queryset, self.list_per_page)

    def places(self) -> pages.Places[Any]:
        """Say how the pages of this list are named and read."""
        return pages.Places()

    def _link(self, place: str | None) -> str | None:
        return None if place is None else self.get_query_string({PAGE_VAR: place or None})

    def _tally(self, page: pages.KeyedPage[Any]) -> str:
        if page.previous is None and page.next is None:
            shown = len(page.rows)
            return f"{shown} {self.opts.verbose_name if shown == 1 else self.opts.verbose_name_plural}"
        if self.query or self.has_active_filters:
            return ""
        rows = pages.estimate(self.model, self.queryset.db)
        return "" if rows is None else f"about {rows:,} {self.opts.verbose_name_plural}"
