"""What holds without a consent, on screen: the rules as they stand and stood."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin

from compliance.admin import ReadOnlyModelAdmin
from compliance.consent.consent_rule import ConsentRule
from compliance.consent.value_sets import ANY_LABEL, ConsentLabel
from compliance.consent.wording import known_as
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.models import QuerySet
    from django.http import HttpRequest


class Over(admin.SimpleListFilter):
    """Those that hold; without a choice, these."""

    title, parameter_name = "time", "time"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("all", "Also those that are over")]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "Hold now"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        return queryset if self.value() == "all" else queryset.filter(ends_at__isnull=True)


@admin.register(ConsentRule)
class ConsentRuleAdmin(ReadOnlyModelAdmin[ConsentRule]):
    """rules.toml as `migrate` wrote it. It is edited there."""

    list_display = ("id", "what_for", "of_what", "decision", "in_emergency", "unless_author", "citation", "starts_at")
    list_filter = (Over, "decision")
    list_before_template = "compliance/consent_rules.html"
    ordering = ("-id",)
    sortable_by = ()

    @admin.display(description="purpose")
    def what_for(self, row: ConsentRule) -> str:
        return "any" if row.purpose == ANY_LABEL else known_as(Purpose, [row.purpose])

    @admin.display(description="kind of information")
    def of_what(self, row: ConsentRule) -> str:
        return "any without a rule of its own" if row.label == ANY_LABEL else known_as(ConsentLabel, [row.label])
