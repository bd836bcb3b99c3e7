"""Buttons that call a capability. Each asks in a dialog first and sends a POST: following a link changes nothing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, TypeVar
from urllib.parse import urlencode

from django.contrib import messages
from django.http import Http404, HttpResponse, HttpResponseRedirect
from django.urls import reverse

Verb = TypeVar("Verb")

if TYPE_CHECKING:
    from collections.abc import Callable

    from django import forms
    from django.db.models import Model
    from django.http import HttpRequest

    from compliance.accounts.models import User

    # unfold carries no types.
    DialogForm = forms.Form

    def action(**options: Any) -> Callable[[Verb], Verb]: ...
else:
    from unfold.decorators import action
    from unfold.forms import BaseDialogForm as DialogForm


def account(request: HttpRequest) -> User:
    """Return who asks. The admin lets nobody in who has not logged in."""
    user: Any = request.user
    who: User = user
    return who


class Question(DialogForm):
    """Asks for nothing but a yes. One that needs more derives from it; its fields are handed to the capability."""

    def answers(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name != "_form_submitted"}


def asks(
    description: str, *, permission: str, question: str, form: type[Question] = Question, icon: str | None = None
) -> Callable[[Callable[..., str | tuple[str, Model]]], Any]:
    """Make a button of a method `(self, request, row, **answers)` that calls a capability and says what was done.

    The page of the row follows or, where the method gives the sentence and another row, that row's. What the capability
    refuses, ModelAdmin.get_unfold_action shows.
    """

    def button(verb: Callable[..., str | tuple[str, Model]]) -> Any:
        @functools.wraps(verb)
        def answered(self: Any, request: HttpRequest, asked: Question, object_id: str) -> HttpResponse:
            if (row := self.get_object(request, object_id)) is None:
                raise Http404
            done = verb(self, request, row, **asked.answers())
            sentence, shown = (done, row) if isinstance(done, str) else done
            messages.success(request, sentence)
            page = f"admin:{self.opts.app_label}_{self.opts.model_name}_change"
            return HttpResponse(headers={"HX-Redirect": reverse(page, args=[shown.pk])})

        dialog = {
            "title": description,
            "description": question,
            "form_class": form,
            "form_submit_text": description,
        }
        return action(description=description, permissions=[permission], icon=icon, dialog=dialog)(answered)

    return button


def timeline(description: str) -> Callable[[Callable[..., dict[str, Any]]], Any]:
    """Make a link to the trail of a method `(self, row)` that gives whom it is asked about: {"patient": [3, 9]}."""

    def link(keys: Callable[..., dict[str, Any]]) -> Any:
        @functools.wraps(keys)
        def followed(self: Any, request: HttpRequest, object_id: str) -> HttpResponse:
            if (row := self.get_object(request, object_id)) is None:
                raise Http404
            trail = reverse("admin:compliance_auditlog_changelist")
            return HttpResponseRedirect(f"{trail}?{urlencode(keys(self, row), doseq=True)}")

        return action(description=description, permissions=["compliance.view_auditlog"], icon="history")(followed)

    return link
