"""Consents on screen: found, shown in words, given, restricted, withdrawn, verified. Nobody changes a version."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar

from django.contrib import admin
from django.db.models import prefetch_related_objects
from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html_join
from django.utils.safestring import mark_safe

from compliance.access.rights import rights_in, viewing
from compliance.consent import confirming, giving, verifying, withdrawing
from compliance.consent.consent_forms import (
    FIELDSETS,
    HELP,
    ConsentForm,
    ExceptionInline,
    Step,
    Withdrawal,
    asked_for,
)
from compliance.consent.consent_pages import ConsentPages
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.errors import NotConfirmed
from compliance.consent.value_sets import NEXT, ConsentStatus, ConsentType, WithdrawalChannel
from compliance.consent.wording import DAYS_AHEAD, exceptions_in_words, how_it_stands, in_words, known_as
from compliance.purposes import Purpose
from compliance.screens.asking import account, asks, timeline
from compliance.screens.choosing import named
from compliance.screens.fieldsets import replaced

if TYPE_CHECKING:
    from collections.abc import Iterator
    from datetime import datetime

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

CHANGING = ("revise", "withdraw", "verify", "document", "decline", "mistaken")
_FIXED = ("patient", ("consent_type", "decision"))


class StandingFilter(admin.SimpleListFilter):
    """Where a consent stands. Without a choice, the newest version of each."""

    title, parameter_name = "standing", "standing"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("holds", "Holds now"),
            ("soon", f"Ends within {DAYS_AHEAD} days"),
            ("draft", "Drafts"),
            ("unverified", "Holds, not verified"),
            ("versions", "All versions"),
        ]

    def choices(self, changelist: Any) -> Iterator[Any]:
        first, *others = super().choices(changelist)
        yield {**first, "display": "Newest versions"}
        yield from others

    def queryset(self, request: HttpRequest, queryset: QuerySet[Any]) -> QuerySet[Any]:
        rows: Any = queryset
        match self.value():
            case "holds":
                return rows.in_force()  # type: ignore[no-any-return]
            case "soon":
                return rows.ending_before(timezone.now() + timedelta(days=DAYS_AHEAD))  # type: ignore[no-any-return]
            case "draft":
                return rows.newest().filter(status=ConsentStatus.DRAFT)  # type: ignore[no-any-return]
            case "unverified":
                return rows.in_force().filter(verified_at__isnull=True)  # type: ignore[no-any-return]
            case "versions":
                return queryset
        return rows.newest()  # type: ignore[no-any-return]


@admin.register(ConsentRecord)
class ConsentRecordAdmin(ConsentPages):
    """Found as the patient is found."""

    form: Any = ConsentForm
    inlines: ClassVar[Any] = [ExceptionInline]
    change_form_before_template = "compliance/consent_before.html"
    list_display = ("id", "recorded_at", named("patient"), "consent_type", "decision", "what_for", "stands", "ends_at")
    list_filter = (StandingFilter, "consent_type", "decision")
    list_select_related = ("patient", "superseded_by")
    found_through = ("patient",)
    search_help_text = "The patient, as on the list of patients."
    facts = ("words", "stands", "recorded_at", "recorded_by", "version_no", "verified_by", "verified_at")
    facts_at_the_end = ("withdrawal_channel", "withdrawal_received_at", "document_digest")
    row_facts = ("uid", "consent_uid", "status", "supersedes")
    fieldsets = (
        (None, {"fields": (*facts[:2], *_FIXED)}),
        *FIELDSETS,
        ("Kept about it", {"fields": (*facts[2:], *facts_at_the_end)}),
    )
    actions_detail = (
        "consents",
        "compare",
        "printed",
        {"title": "Change", "icon": "edit", "items": [*CHANGING]},
        "trail",
    )

    def label(self, row: ConsentRecord) -> str:
        return f"{row.get_consent_type_display()}, version {row.version_no}"

    # What may be done

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        rights = rights_in(request)
        return rights.may(giving.GIVE) or rights.may(giving.RESTRICT)

    def has_change_permission(self, request: HttpRequest, obj: ConsentRecord | None = None) -> bool:
        return False

    def get_actions_detail(self, request: HttpRequest, object_id: Any) -> Any:
        """Offer what a version that stands may become."""
        found: Any = super().get_actions_detail(request, object_id)  # type: ignore[misc]
        row = self.get_object(request, str(object_id))
        if row is not None and self.newer(row) is None and NEXT[ConsentStatus(row.status)]:
            return found
        return [one for one in found if one.action_name.rpartition("_")[2] not in CHANGING]

    @asks(
        "Withdraw",
        permission="compliance.withdraw_consentrecord",
        question="It ends at once, in the next statement. What was done before stays as it was.",
        form=Withdrawal,
        icon="block",
    )
    def withdraw(
        self, request: HttpRequest, row: ConsentRecord, channel: str, received_at: datetime | None
    ) -> tuple[str, ConsentRecord]:
        how = WithdrawalChannel(channel)
        ended = withdrawing.withdraw(row, by=account(request), channel=how, received_at=received_at)
        return "The withdrawal is recorded, and bites from now on.", ended

    @asks(
        "Verify",
        permission=verifying.VERIFY,
        question="You have checked with whoever gave it that this is what was said.",
        icon="verified_user",
    )
    def verify(self, request: HttpRequest, row: ConsentRecord) -> tuple[str, ConsentRecord]:
        return "It is recorded that you have verified it.", verifying.verify(row, by=account(request))

    @asks(
        "Declined",
        permission=giving.GIVE,
        question="What was to be signed was not signed. The draft ends; nothing else changes.",
        icon="do_not_disturb_on",
    )
    def decline(self, request: HttpRequest, row: ConsentRecord) -> tuple[str, ConsentRecord]:
        return "It is recorded that this was declined.", giving.decline(row, by=account(request))

    @asks(
        "Entered in error",
        permission=giving.GIVE,
        question="This should never have been written: another patient's, or never said. It ends at once, for good.",
        icon="delete_history",
    )
    def mistaken(self, request: HttpRequest, row: ConsentRecord) -> tuple[str, ConsentRecord]:
        return "It is marked as entered in error.", giving.mark_entered_in_error(row, by=account(request))

    @timeline("Audit trail")
    def trail(self, row: ConsentRecord) -> dict[str, Any]:
        return {"patient": row.patient_id}

    # What is typed in

    def get_fieldsets(self, request: HttpRequest, obj: ConsentRecord | None = None) -> Any:
        """Ask of a version that follows only what may change."""
        fieldsets: Any = super().get_fieldsets(request, obj)
        if obj is not None:
            return fieldsets
        first = [] if self.before(request) is not None else [(None, {"fields": _FIXED})]
        if not rights_in(request).may(viewing(self.opts.get_field("encounter").related_model)):
            fieldsets = replaced(fieldsets, {"encounter": "visit"})
        asked = {title for title, _ in FIELDSETS}
        others = [(title, options) for title, options in fieldsets if title in asked]
        return [*first, *others, ("Recorded as", {"fields": ("step",)})]

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        field: Any = asked_for(db_field) or super().formfield_for_dbfield(db_field, request, **kwargs)
        if field is not None and db_field.name in HELP and db_field.model is ConsentRecord:
            field.help_text = HELP[db_field.name]
        if field is not None and db_field.name == "consent_type":
            field.choices = [one for one in field.choices if self._offers(request, one[0])]
        return field

    def _offers(self, request: HttpRequest, consent_type: str) -> bool:
        restriction = consent_type == ConsentType.RESTRICTION
        return not consent_type or rights_in(request).may(giving.RESTRICT if restriction else giving.GIVE)

    def save_model(self, request: HttpRequest, obj: ConsentRecord, form: Any, change: bool) -> None:
        """Leave it to save_related: a version and its exceptions are written together."""

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Record by the capability. What was not confirmed yet is shown first."""
        (exceptions,) = formsets
        written = confirming.record(
            self.before(request),
            form.facts(),
            [one.facts() for one in exceptions.forms if one.has_changed()],
            step=Step(form.cleaned_data["step"]),
            confirmed=request.POST.get("confirmed", ""),
            by=account(request),
        )
        form.instance.pk, form.instance.patient_id = written.pk, written.patient_id
        exceptions.new_objects = exceptions.changed_objects = exceptions.deleted_objects = []

    def response_post_save_add(self, request: HttpRequest, obj: ConsentRecord) -> HttpResponseRedirect:
        return HttpResponseRedirect(reverse("admin:compliance_consentrecord_of", args=[obj.patient_id]))

    def render_change_form(  # type: ignore[override] # what is passed on is not named again
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        refusal = getattr(request, "refusal", None)
        told = self.told(request, kwargs.get("obj"), context["adminform"].form)
        if isinstance(refusal, NotConfirmed):
            told |= {"confirm": refusal.shown, "errors": None}
        return super().render_change_form(request, {**context, **told}, **kwargs)

    # What is shown

    @admin.display(description="for")
    def what_for(self, row: ConsentRecord) -> str:
        return known_as(Purpose, row.purposes) or "-"

    @admin.display(description="stands")
    def stands(self, row: ConsentRecord) -> str:
        return how_it_stands(row, self.newer(row))

    @admin.display(description="in words")
    def words(self, row: ConsentRecord) -> str:
        prefetch_related_objects([row], "provisions")  # a page asks for a fact several times
        sentences = [in_words(row), *exceptions_in_words(row)]
        return format_html_join(mark_safe("<br>"), "{}", ((one,) for one in sentences))
