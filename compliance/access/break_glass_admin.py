"""Emergencies on screen: the queue of those who review them, and everybody's inbox of notices."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html

from compliance.access.break_glass import close
from compliance.access.break_glass_grant import REVIEWED_WITHIN, BreakGlassGrant, ReviewOutcome
from compliance.access.notice import Notice
from compliance.access.notifying import REVIEW, acknowledge, holders
from compliance.access.reviewing import review
from compliance.admin import ClinicalAdmin, ReadOnlyModelAdmin
from compliance.screens.asking import Question, account, asks, timeline
from compliance.screens.choosing import label, named

if TYPE_CHECKING:
    from django.db.models import QuerySet
    from django.forms import Select, Textarea
    from django.http import HttpRequest, HttpResponse
else:
    from unfold.widgets import UnfoldAdminSelectWidget as Select
    from unfold.widgets import UnfoldAdminTextareaWidget as Textarea

MINUTE = timedelta(minutes=1)
UNWATCHED = "No account may review emergencies: give somebody the role of a compliance officer."


class Standing(admin.SimpleListFilter):
    """Where an emergency stands."""

    title, parameter_name = "standing", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [("open", "Open now"), ("waiting", "To be reviewed"), ("overdue", "Overdue"), ("reviewed", "Reviewed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        match self.value():
            case "open":
                return rows.open_at()  # type: ignore[no-any-return]
            case "waiting":
                return rows.filter(reviewed_at__isnull=True)  # type: ignore[no-any-return]
            case "overdue":
                return rows.filter(reviewed_at__isnull=True, opened_at__lt=timezone.now() - REVIEWED_WITHIN)  # type: ignore[no-any-return]
            case "reviewed":
                return rows.filter(reviewed_at__isnull=False)  # type: ignore[no-any-return]
        return queryset


class Findings(Question):
    """What a reviewer found."""

    outcome = forms.ChoiceField(choices=ReviewOutcome.choices, widget=Select)
    note = forms.CharField(
        required=False, widget=Textarea, help_text="Needed when it was not justified, or is to be investigated."
    )


@admin.register(BreakGlassGrant)
class BreakGlassGrantAdmin(ClinicalAdmin[BreakGlassGrant]):
    """Those that nobody has reviewed come first, the oldest of them at the top."""

    list_display = ("id", "standing", named("user", "opened by"), named("patient"), "opened_at", "until", "outcome")
    list_filter = (Standing,)
    list_select_related = ("patient", "user")
    found_through = ("patient", "user")
    search_help_text = "The patient, as on the list of patients, or the beginning of an e-mail address."
    ordering: ClassVar[Any] = ("-reviewed_at", "opened_at", "id")  # NULL comes first in descending order
    facts = ("patient", "user", "opened_at", "ends_at", "closed_at", "reason", "proved_at")
    reviewed = ("reviewed_by", "reviewed_at", "review_outcome", "review_note")
    fieldsets = (
        (None, {"fields": ("standing", *facts)}),
        ("Review", {"fields": reviewed}),
        ("Who was told", {"fields": ("told",)}),
    )
    actions_detail = ("done", "review", "close")
    actions_row = ("review", "close")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a chart is opened from the screen that finds patients."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: BreakGlassGrant | None = None) -> bool:
        return False

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        if request.method == "GET" and not holders(REVIEW).exists():
            self.message_user(request, UNWATCHED, "WARNING")
        return super().changelist_view(request, extra_context)

    @timeline("What was done")
    def done(self, row: BreakGlassGrant) -> dict[str, Any]:
        """Ask the trail about the person, the account and the time. The filter takes whole minutes."""
        until = min(row.over_at, timezone.now()) + MINUTE
        return {
            "patient": row.patient_id,  # the trail takes all records of the person
            "actor": row.user_id,
            "since": f"{row.opened_at:%Y-%m-%dT%H:%M}",
            "until": f"{until:%Y-%m-%dT%H:%M}",
        }

    @asks(
        "Review",
        permission=REVIEW,
        question="Was it right to open this chart? Look first at what was done. The answer stands.",
        form=Findings,
        icon="gavel",
    )
    def review(self, request: HttpRequest, row: BreakGlassGrant, outcome: str, note: str) -> str:
        review(row, by=account(request), outcome=ReviewOutcome(outcome), note=note)
        return "The review is written down."

    @asks(
        "Close the chart",
        permission="compliance.close_breakglassgrant",
        question="The chart is closed at once to who opened it.",
        icon="lock",
    )
    def close(self, request: HttpRequest, row: BreakGlassGrant) -> str:
        close(row, by=account(request))
        return "The chart is closed."

    @admin.display(description="standing")
    def standing(self, row: BreakGlassGrant) -> str:
        if row.reviewed_at is not None:
            return "reviewed"
        if row.over_at > timezone.now():
            return "open now"
        return "overdue" if row.is_overdue() else "to be reviewed"

    @admin.display(description="until")
    def until(self, row: BreakGlassGrant) -> str:
        return f"{row.over_at:%Y-%m-%d %H:%M}"

    @admin.display(description="outcome")
    def outcome(self, row: BreakGlassGrant) -> str:
        return row.get_review_outcome_display() or "-"

    @admin.display(description="notices")
    def told(self, row: BreakGlassGrant) -> str:
        lines = [
            format_html("{}: {}", label(notice.recipient), _seen(notice))
            for notice in row.notices.select_related("recipient").order_by("pk")
        ]
        return format_html("<br>".join(["{}"] * len(lines)), *lines) if lines else "Nobody."


@admin.register(Notice)
class NoticeAdmin(ReadOnlyModelAdmin[Notice]):
    """One's own inbox: what has not been acknowledged comes first."""

    list_display = ("created_at", "emergency", "opened_by", "acknowledged", "mail")
    list_select_related = ("grant__user",)
    ordering = ("-acknowledged_at", "-id")
    sortable_by = ()
    readonly_fields: ClassVar[Any] = ("emergency", "opened_by", "acknowledged", "mail")
    fields: ClassVar[Any] = (*readonly_fields, "created_at")
    actions_detail = actions_row = ("acknowledge",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Notice]:
        return super().get_queryset(request).filter(recipient=account(request))

    @asks(
        "Acknowledge",
        permission="compliance.acknowledge_notice",
        question="It is written down that you have seen this, and when.",
        icon="done",
    )
    def acknowledge(self, request: HttpRequest, row: Notice) -> str:
        acknowledge(row, by=account(request))
        return "It is written down that you have seen it."

    @admin.display(description="emergency")
    def emergency(self, row: Notice) -> str:
        """Lead to what was opened. Who may only acknowledge is refused there."""
        page = reverse("admin:compliance_breakglassgrant_change", args=[row.grant_id])
        return format_html('<a href="{}" class="text-link">{}</a>', page, row.grant)

    @admin.display(description="opened by")
    def opened_by(self, row: Notice) -> str:
        return label(row.grant.user)

    @admin.display(description="acknowledged")
    def acknowledged(self, row: Notice) -> str:
        return f"{row.acknowledged_at:%Y-%m-%d %H:%M}" if row.acknowledged_at else "not yet"

    @admin.display(description="e-mail")
    def mail(self, row: Notice) -> str:
        if row.mailed_at is not None:
            return f"sent {row.mailed_at:%Y-%m-%d %H:%M}"
        return f"not sent: {row.mail_problem}" if row.mail_problem else "not sent yet"


def _seen(notice: Notice) -> str:
    return f"acknowledged {notice.acknowledged_at:%Y-%m-%d %H:%M}" if notice.acknowledged_at else "not acknowledged yet"
