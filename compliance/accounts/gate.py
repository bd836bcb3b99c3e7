"""Lets nobody past the login whose second factor has not been shown."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.http import HttpResponseRedirect
from django.urls import reverse
from django.utils.deprecation import MiddlewareMixin

from compliance.accounts import second_factor

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.http import HttpRequest, HttpResponse

# What is open to whoever has typed the right password and no token yet.
OPEN = frozenset({"admin:login", "admin:logout", "account:token", "account:enrol"})


class SecondFactorMiddleware(MiddlewareMixin):
    """After IdleMiddleware: leads everybody else to the page for the token, or to the one that sets up an app."""

    def process_view(
        self, request: HttpRequest, _view: Callable[..., Any], _args: Any, _kwargs: Any
    ) -> HttpResponse | None:
        """Answer in the place of the view, whatever the method: nothing is done."""
        match = request.resolver_match
        if (match is not None and match.view_name in OPEN) or second_factor.passed(request):
            return None
        user: Any = request.user
        page = reverse("account:token" if second_factor.has_device(user) else "account:enrol")
        back = request.get_full_path() if request.method in {"GET", "HEAD"} else reverse("admin:index")
        return HttpResponseRedirect(f"{page}?{urlencode({'next': back})}")
