"""The trail on screen: looked at, exported, never changed. Each look at it is an entry of it."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import auditlog.admin  # noqa: F401 - registers screens of its own, which count the table
from django.contrib import admin, messages
from django.contrib.admin.views.main import SEARCH_VAR
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseBadRequest, HttpResponseRedirect, StreamingHttpResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join
from django.views.decorators.http import require_POST

from compliance.admin import ReadOnlyModelAdmin
from compliance.audit import changes, exporting, recording
from compliance.audit.addresses import number_and_time
from compliance.audit.models import AuditLog
from compliance.audit.trail_filter import PATIENT, TrailFilter
from compliance.audit.trail_list import EveryEntry, TrailList
from compliance.screens.filtering import Chosen

if TYPE_CHECKING:
    from collections.abc import Iterable

    from django.db.models import QuerySet
    from django.forms import Media
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

MOST_PATIENTS = 20  # whom one search of the trail finds
TYPES = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}

admin.site.unregister(AuditLog)


def timeline(**keys: Any) -> str:
    """Give the address of what is about patients, or was done by an account: timeline(patient=[3, 9])."""
    return f"{reverse('admin:compliance_auditlog_changelist')}?{urlencode(keys, doseq=True)}"


@admin.register(AuditLog)
class AuditLogAdmin(ReadOnlyModelAdmin[AuditLog]):
    """Entries, newest first, filtered by whom they are about, who acted, what, and when."""

    list_display = ("when", "event_type", "who", "patient", "what", "source", "purpose_of_use", "outcome")
    list_filter = (TrailFilter,)
    list_filter_submit = True
    list_before_template = "compliance/export_trail.html"
    sortable_by = ()
    search_fields = ("patient_id",)  # that there is a box; what is typed there becomes a filter
    search_help_text = "The patient, as on the list of patients, or by public identifier."
    fieldsets = (
        (None, {"fields": ("when", "event_type", "outcome", "outcome_reason", "what", "patient", "patients")}),
        ("Changes", {"fields": ("changed",)}),
        ("Who", {"fields": ("account", "actor_email", "actor_role", "attributed", "db_role", "captured_by")}),
        ("Why and how", {"fields": ("purpose_of_use", "source", "remote_addr", "session_digest", "cid")}),
        ("Found", {"fields": ("result_count", "query_digest", "additional_data")}),
    )

    @property
    def media(self) -> Media:
        """Add the scripts of the filters that offer rows by typing."""
        return super().media + Chosen(PATIENT).media

    def get_readonly_fields(self, request: HttpRequest, obj: AuditLog | None = None) -> list[str]:
        """Name what this class makes; the rest is read-only since nobody may change it."""
        return ["when", "what", "patient", "patients", "changed", "account"]

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[TrailList]:
        return EveryEntry if request.path == reverse("admin:compliance_auditlog_export") else TrailList

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> AuditLog | None:
        """Find an entry in its month."""
        if (found := number_and_time(object_id)) is None:
            return None
        return self.get_queryset(request).filter(pk=found[0], timestamp=found[1]).first()

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[AuditLog], search_term: str
    ) -> tuple[QuerySet[AuditLog], bool]:
        """Search nothing: see changelist_view."""
        return queryset, False

    def list_is_about(self, changelist: TrailList) -> Iterable[int]:
        return changelist.asked.patients

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Turn what was typed into the keys of patients: no search of the trail reads more than an index."""
        if request.method == "POST" and (term := request.POST.get(SEARCH_VAR, "").strip()):
            if found := self._patients(request, term):
                return HttpResponseRedirect(timeline(patient=found))
            messages.warning(request, "No patient is found so.")
            return HttpResponseRedirect(request.get_full_path())
        return super().changelist_view(request, extra_context)

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Leave out the history: an entry has none."""
        return super().change_view(request, object_id, form_url, {**(extra_context or {}), "show_history": False})

    def get_urls(self) -> list[URLPattern]:
        export = self.admin_site.admin_view(require_POST(self.export_view))
        return [path("export/", export, name="compliance_auditlog_export"), *super().get_urls()]

    def export_view(self, request: HttpRequest) -> HttpResponse | StreamingHttpResponse:
        """Send all that the filters of the list keep, as CSV or JSON lines."""
        if not (self.has_view_permission(request) and request.user.has_perm("compliance.export_auditlog")):
            raise PermissionDenied
        if (form := request.POST.get("format", "")) not in exporting.FORMS:
            return HttpResponseBadRequest("The format is csv or jsonl.")
        kept: Any = self.get_changelist_instance(request)
        asked = kept.asked.asked() | ({"bound": kept.asked.bound} if kept.asked.bound else {})
        lines = exporting.export(kept.queryset, form, asked=asked, patients=kept.asked.patients)
        name = f'attachment; filename="audit-trail.{form}"'
        return StreamingHttpResponse(lines, content_type=TYPES[form], headers={"Content-Disposition": name})

    def _patients(self, request: HttpRequest, term: str) -> list[int]:
        """Find patients as their own screen does, for who may see it, or by public identifier. Recorded, as there."""
        shown_by: Any = self.admin_site.get_model_admin(PATIENT.related_model)
        if not shown_by.has_view_permission(request):
            raise PermissionDenied
        everybody = shown_by.get_queryset(request).order_by("pk")
        try:
            found = everybody.filter(uid=uuid.UUID(term))
        except ValueError:
            found, _ = shown_by.get_search_results(request, everybody, term)
        rows = list(found[:MOST_PATIENTS])
        recording.listed(shown_by.model, rows, searched=term)
        return [row.pk for row in rows]

    @admin.display(description="when (UTC)")
    def when(self, row: AuditLog) -> str:
        return f"{row.timestamp:%Y-%m-%d %H:%M:%S}"

    @admin.display(description="who")
    def who(self, row: AuditLog) -> str:
        """Name the account as it was then; where none was named, the database's login."""
        return row.actor_email or f"{row.db_role} (database)"

    @admin.display(description="what")
    def what(self, row: AuditLog) -> str:
        return row.object_repr or row.table_name or "-"

    @admin.display(description="patient")
    def patient(self, row: AuditLog) -> str:
        return _patient(row.patient_id)

    @admin.display(description="patients shown")
    def patients(self, row: AuditLog) -> str:
        return format_html_join(", ", "{}", ((_patient(one),) for one in row.patient_ids or ())) or "-"

    @admin.display(description="account")
    def account(self, row: AuditLog) -> str:
        if row.actor_id is None:
            return "-"
        return format_html('<a href="{}" class="text-link">account {}</a>', timeline(actor=row.actor_id), row.actor_id)

    @admin.display(description="changes")
    def changed(self, row: AuditLog) -> str:
        return changes.table(row)


def _patient(key: int | None) -> str:
    """Link to the timeline. A key and no name: who looks at the trail need not be told it."""
    return (
        "-" if key is None else format_html('<a href="{}" class="text-link">patient {}</a>', timeline(patient=key), key)
    )
