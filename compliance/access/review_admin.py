"""Who holds what, on screen: as it is now, as it was signed, and the button to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.html import format_html, format_html_join

from compliance.access import recertifying
from compliance.access.access_review import AccessReview
from compliance.access.policy import policy
from compliance.access.rights import rights_in
from compliance.accounts.models import User
from compliance.admin import ReadOnlyModelAdmin
from compliance.audit import recording
from compliance.errors import ComplianceError
from compliance.screens.asking import account
from compliance.screens.choosing import named

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern


class Signature(forms.Form):
    """What is sent with the button: what the page showed, and a note."""

    seen = forms.CharField(max_length=64, widget=forms.HiddenInput)
    note = forms.CharField(max_length=2000, required=False)


@admin.register(AccessReview)
class AccessReviewAdmin(ReadOnlyModelAdmin[AccessReview]):
    """Signed reviews, the last first, and above them the way to the next one."""

    list_display = ("at", named("by", "signed by"), "accounts", "note")
    list_select_related = ("by",)
    list_before_template = "compliance/access_review_due.html"
    ordering = ("-at", "-id")
    sortable_by = ()
    fields = ("at", "signed_by", "note", "digest", "untouched", "listed")
    readonly_fields: ClassVar[Any] = ("signed_by", "untouched", "listed")

    def get_urls(self) -> list[URLPattern]:
        present = self.admin_site.admin_view(self.present_view)
        return [path("present/", present, name="compliance_accessreview_present"), *super().get_urls()]

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        last = AccessReview.objects.newest_first().first()
        said = {"due": recertifying.due(last), "overdue": recertifying.is_overdue(last)}
        return super().changelist_view(request, {**said, **(extra_context or {})})

    def present_view(self, request: HttpRequest) -> HttpResponse:
        """Show who holds what now and what has changed since it was signed; sign it, for who may."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method == "POST":
            return self._sign(request)
        last, holders = AccessReview.objects.newest_first().first(), recertifying.report()
        recording.found(User, count=len(holders), patients=())
        context = {
            **self.admin_site.each_context(request),
            "title": "Who holds what access",
            "opts": self.opts,
            "holders": holders,
            "last": last,
            "changes": recertifying.changes(recertifying.signed(last), holders) if last else [],
            "due": recertifying.due(last),
            "overdue": recertifying.is_overdue(last),
            "days": policy().recertify_days,
            "seen": recertifying.shown(holders),
            "may_sign": rights_in(request).may(recertifying.CERTIFY),
        }
        return TemplateResponse(request, "compliance/access_review.html", context)

    def _sign(self, request: HttpRequest) -> HttpResponse:
        form = Signature(request.POST)
        if not form.is_valid():
            messages.error(request, "A note has 2000 characters at most. Nothing was signed.")
            return HttpResponseRedirect(request.path)
        try:
            recertifying.certify(form.cleaned_data["seen"], by=account(request), note=form.cleaned_data["note"])
        except ComplianceError as refused:
            messages.error(request, str(refused))
            return HttpResponseRedirect(request.path)
        messages.success(request, "It is signed that access is held rightly.")
        return HttpResponseRedirect(reverse("admin:compliance_accessreview_changelist"))

    @admin.display(description="accounts")
    def accounts(self, row: AccessReview) -> str:
        return str(len(row.holders))

    @admin.display(description="signed by")
    def signed_by(self, row: AccessReview) -> str:
        return row.by.email

    @admin.display(description="as signed")
    def untouched(self, row: AccessReview) -> str:
        return "The list is what was signed." if recertifying.is_untouched(row) else "THE LIST IS NOT WHAT WAS SIGNED."

    @admin.display(description="accounts")
    def listed(self, row: AccessReview) -> str:
        lines = ((one.email, ", ".join([one.role, *one.besides])) for one in recertifying.signed(row))
        return format_html("<ul>{}</ul>", format_html_join("", "<li>{}: {}</li>", lines))
