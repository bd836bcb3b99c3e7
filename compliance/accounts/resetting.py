"""A new password by way of a mail. What is answered is the same for every address, and the link works once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth import views
from django.urls import reverse_lazy
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters

from compliance.accounts import events
from compliance.accounts.forms import NewPasswordForm, ResetForm

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse

    from compliance.accounts.models import User


class _Page:
    """The look of the login."""

    request: HttpRequest

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        found: dict[str, Any] = super().get_context_data(**said)  # type: ignore[misc]
        return {**admin.site.each_context(self.request), **found}


@method_decorator(never_cache, name="dispatch")
class Ask(_Page, views.PasswordResetView):
    """Takes an address, and says that a mail is on its way if an account has it."""

    form_class = ResetForm
    template_name = "compliance/accounts/reset_ask.html"
    email_template_name = "compliance/accounts/reset_mail.txt"
    subject_template_name = "compliance/accounts/reset_subject.txt"
    success_url = reverse_lazy("password_reset_done")

    def form_valid(self, form: Any) -> HttpResponse:
        """Record who asks, then let Django send the mail."""
        typed = form.cleaned_data["email"]
        user = next(iter(form.get_users(typed)), None)
        events.reset_asked(user, self.request, name=typed)
        return super().form_valid(form)


class Asked(_Page, views.PasswordResetDoneView):
    """Says so."""

    template_name = "compliance/accounts/reset_asked.html"


@method_decorator(sensitive_post_parameters(), name="dispatch")
class Choose(_Page, views.PasswordResetConfirmView):
    """Takes the new password. Nobody is logged in by it: the second factor is asked for as ever."""

    form_class = NewPasswordForm
    template_name = "compliance/accounts/reset_choose.html"
    success_url = reverse_lazy("password_reset_complete")

    def form_valid(self, form: Any) -> HttpResponse:
        """Let Django set the password, which ends every session, and record how that came about."""
        answer = super().form_valid(form)
        user: User = form.user
        events.password_reset(user, self.request)
        return answer


class Chosen(_Page, views.PasswordResetCompleteView):
    """Says that it is done."""

    template_name = "compliance/accounts/reset_chosen.html"
