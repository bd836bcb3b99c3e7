"""What the log of accounts is asked: whose account, who did it, what, when."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms

from compliance.accounts.actions import AccountAction
from compliance.accounts.models import UserAuditLog
from compliance.screens.filtering import AskingFilter, AskingForm, Moment

if TYPE_CHECKING:
    from django.forms import Select
else:
    from unfold.widgets import UnfoldAdminSelectWidget as Select


class AccountEventForm(AskingForm):
    """The fields of the filter."""

    keys = {
        "account": UserAuditLog._meta.get_field("user"),  # noqa: SLF001 - Django's API
        "by": UserAuditLog._meta.get_field("changed_by"),  # noqa: SLF001
    }
    lookups = {
        "account": "user_id__in",
        "by": "changed_by_id__in",
        "action": "action",
        "since": "created_at__gte",
        "until": "created_at__lte",
    }
    action = forms.ChoiceField(choices=[("", "All"), *AccountAction.choices], required=False, widget=Select)
    since = Moment("From (UTC)")
    until = Moment("To (UTC)")


class AccountEventFilter(AskingFilter):
    """The form beside the list of account events."""

    title = "account events"
    form_class = AccountEventForm
    time = "created_at"
