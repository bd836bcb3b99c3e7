"""The list of the trail: newest first, by an index for every way to ask, and never counted."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import quote
from django.urls import reverse

from compliance.audit.addresses import address, number_and_time
from compliance.audit.models import AuditLog
from compliance.screens.filtering import AskedList
from compliance.screens.pages import Places

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest

    from compliance.audit.trail_filter import TrailFilter


class TrailPlaces(Places[AuditLog]):
    """Pages by time and number, which stand in the place itself: nothing is looked up."""

    def __init__(self, patients: list[int]) -> None:
        self.patients = patients

    def key(self, row: AuditLog) -> str:
        return address(row)

    def sort_keys(
        self, key: str, queryset: QuerySet[AuditLog], everything: QuerySet[AuditLog]
    ) -> tuple[datetime, int] | None:
        found = number_and_time(key)
        return None if found is None else (found[1], found[0])

    def rows(self, queryset: QuerySet[AuditLog], number: int) -> list[AuditLog]:
        """Read what is about each patient by its own index, and so much of it as fills a page.

        Entries about a patient and lists that showed one are found by two indexes. Asked for with OR, both would be
        read to the end, or the whole trail from its newest entry.
        """
        if not self.patients:
            return super().rows(queryset, number)
        ways = [queryset.filter(patient_id=patient)[:number] for patient in self.patients]
        ways.append(queryset.filter(patient_ids__overlap=self.patients).exclude(patient_id__in=self.patients)[:number])
        newest = ("-timestamp", "-id") if queryset.query.standard_ordering else ("timestamp", "id")
        return list(ways[0].union(*ways[1:], all=True).order_by(*newest)[:number])


class TrailList(AskedList):
    """Entries, each at an address that has its time."""

    asked: TrailFilter

    def places(self) -> TrailPlaces:
        return TrailPlaces(self.asked.patients)

    def url_for_result(self, result: Any) -> str:
        return reverse("admin:compliance_auditlog_change", args=[quote(address(result))])


class EveryEntry(TrailList):
    """The same filters without a page: for an export of what they keep."""

    def get_results(self, request: HttpRequest) -> None:
        """Read nothing."""
