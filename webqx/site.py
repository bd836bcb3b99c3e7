"""The admin site: unfold's, with choices that are asked for by POST and labelled for who may see them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.auth.views import PasswordChangeView
from django.urls import reverse
from django.views.decorators.csrf import csrf_exempt

from compliance.access.glance import at_a_glance
from compliance.accounts import second_factor
from compliance.accounts.forms import OwnPasswordForm
from compliance.consent.ending import ending_soon
from compliance.screens.asking import account
from compliance.screens.choosing import ChoicesView

if TYPE_CHECKING:
    # unfold carries no types; its site derives from this one.
    from django.contrib.admin import AdminSite as UnfoldAdminSite
    from django.http import HttpRequest, HttpResponse
    from django.template.response import TemplateResponse
else:
    from unfold.sites import UnfoldAdminSite


class Site(UnfoldAdminSite):
    """The one admin site of the project."""

    def has_permission(self, request: HttpRequest) -> bool:
        """Ask for the second factor here too, wherever the middleware that leads to it may stand."""
        return super().has_permission(request) and second_factor.passed(request)

    def index(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> TemplateResponse:
        """Show first what is open in an emergency, what waits for whoever looks, and what ends soon."""
        known = {**at_a_glance(account(request)), "consents_ending": ending_soon(account(request))}
        answer: TemplateResponse = super().index(request, {**(extra_context or {}), **known})
        return answer

    def password_change(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> Any:
        """Ask for the old password in a form that knows the request, since guesses are counted."""
        form = type("OwnPasswordForm", (OwnPasswordForm,), {"request": request})
        page = PasswordChangeView.as_view(
            form_class=form,
            success_url=reverse(f"{self.name}:password_change_done", current_app=self.name),
            template_name=self.password_change_template or "registration/password_change_form.html",
            extra_context={**self.each_context(request), **(extra_context or {})},
        )
        return page(request)

    # Reads only, as Django's own does by GET; another site can send it but not read the answer.
    @csrf_exempt
    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        answer: Any = ChoicesView.as_view(admin_site=self)(request)
        return answer  # type: ignore[no-any-return]
