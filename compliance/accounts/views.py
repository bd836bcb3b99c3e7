"""The pages of one's own account: the second factor, and where one is logged in."""

from __future__ import annotations

from base64 import b32encode
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

import segno
from django.contrib import admin, messages
from django.contrib.auth.mixins import LoginRequiredMixin
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import mark_safe
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.generic import FormView, TemplateView, View

from compliance.accounts import revoking, second_factor, sessions, stepping_up
from compliance.accounts.errors import SessionOver, StepUpRefused
from compliance.accounts.forms import EnrolForm, StepUpForm, TokenForm
from compliance.accounts.sessions import AccountSession
from compliance.screens.asking import account

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.http.response import HttpResponseBase

_NEW_KEY = "compliance_new_key"  # in the session, until the app is confirmed
WRONG = "This token is not right, or was used already. After a wrong one the next has to wait a moment."


@method_decorator([never_cache, sensitive_post_parameters("password", "token")], name="dispatch")
class Page(LoginRequiredMixin, TemplateView):
    """A page in the look of the admin, of whoever is logged in."""

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        return super().get_context_data(**{**admin.site.each_context(self.request), **said})

    def next_page(self) -> str:
        """Return where the visitor was going, within this site."""
        wanted = self.request.POST.get("next") or self.request.GET.get("next") or ""
        own = url_has_allowed_host_and_scheme(wanted, {self.request.get_host()}, self.request.is_secure())
        return wanted if own else reverse("admin:index")


class Home(Page):
    """What there is of the second factor, and the sessions that go on."""

    template_name = "compliance/accounts/home.html"

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        user = account(self.request)
        return super().get_context_data(
            title="Sign-in and sessions",
            has_device=second_factor.has_device(user),
            codes_left=second_factor.codes_left(user),
            sessions=AccountSession.objects.going_on().filter(user=user).select_related("login").order_by("-seen_at"),
            this=sessions.of(self.request),
            **said,
        )


class Token(Page, FormView[TokenForm]):
    """Asks for the token at login."""

    template_name = "compliance/accounts/token.html"
    form_class = TokenForm

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if second_factor.passed(request):
            return HttpResponseRedirect(self.next_page())
        return super().get(request, *args, **kwargs)

    def form_valid(self, form: TokenForm) -> HttpResponse:
        device = second_factor.verify(account(self.request), form.cleaned_data["token"], self.request)
        if device is None:
            form.add_error("token", WRONG)
            return self.form_invalid(form)
        second_factor.complete(self.request, device)
        return HttpResponseRedirect(self.next_page())

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        return super().get_context_data(title="Second factor", next=self.next_page(), **said)


class Enrol(Page, FormView[EnrolForm]):
    """Sets up an authenticator app: the first one, or another in its place."""

    template_name = "compliance/accounts/enrol.html"
    form_class = EnrolForm

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Send whoever has an app to the page for its token first."""
        user = request.user
        if user.is_authenticated and not second_factor.passed(request) and second_factor.has_device(user):
            return HttpResponseRedirect(f"{reverse('account:token')}?{urlencode({'next': request.path})}")
        return super().dispatch(request, *args, **kwargs)

    def form_valid(self, form: EnrolForm) -> HttpResponse:
        user, said = account(self.request), form.cleaned_data
        try:
            stepping_up.check_password(user, said["password"], self.request)
        except StepUpRefused:
            form.add_error("password", "This is not your password.")
            return self.form_invalid(form)
        device = second_factor.enrol(user, key=self._key(), token=said["token"], request=self.request)
        if device is None:
            form.add_error("token", WRONG)
            return self.form_invalid(form)
        del self.request.session[_NEW_KEY]
        second_factor.complete(self.request, device)
        return _show_codes(self.request, self.next_page())

    def _key(self) -> str:
        """Return the secret that this session offers. It is in no table of devices until it is confirmed."""
        session = self.request.session
        if _NEW_KEY not in session:
            session[_NEW_KEY] = second_factor.new_key()
        key: str = session[_NEW_KEY]
        return key

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        device = second_factor.unsaved_device(account(self.request), self._key())
        picture = segno.make(device.config_url, micro=False).svg_inline(scale=4, light="#fff")
        return super().get_context_data(
            title="Set up a second factor",
            picture=mark_safe(picture),  # noqa: S308 - made here, of paths only
            secret=b32encode(device.bin_key).decode(),
            next=self.next_page(),
            **said,
        )


class Codes(Page, FormView[StepUpForm]):
    """Makes new recovery codes, for whoever shows again who they are."""

    template_name = "compliance/accounts/new_codes.html"
    form_class = StepUpForm

    def form_valid(self, form: StepUpForm) -> HttpResponse:
        try:
            stepping_up.prove(account(self.request), **form.cleaned_data, request=self.request)
        except StepUpRefused as refused:
            form.add_error(None, str(refused))
            return self.form_invalid(form)
        return _show_codes(self.request, reverse("account:home"))

    def get_context_data(self, **said: Any) -> dict[str, Any]:
        return super().get_context_data(title="New recovery codes", **said)


class EndSession(LoginRequiredMixin, View):
    """Ends a session of one's own."""

    def post(self, request: HttpRequest, key: int) -> HttpResponse:
        user = account(request)
        session = AccountSession.objects.filter(pk=key, user=user).first()
        if session is None:
            raise Http404
        try:
            revoking.revoke(session, by=user)
            messages.success(request, "The session is ended.")
        except SessionOver as over:
            messages.info(request, str(over))
        return HttpResponseRedirect(reverse("account:home"))


def _show_codes(request: HttpRequest, onward: str) -> HttpResponse:
    """Make recovery codes and show them: in the answer itself, since they are kept nowhere to be shown again."""
    codes = second_factor.new_codes(account(request), request)
    said = {**admin.site.each_context(request), "title": "Recovery codes", "codes": codes, "next": onward}
    return render(request, "compliance/accounts/codes.html", said)
