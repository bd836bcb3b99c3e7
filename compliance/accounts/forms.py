"""Making and changing an account on screen. A second account for one e-mail address is refused by the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance.accounts.models import User
from compliance.screens.forms import ExplainingForm

if TYPE_CHECKING:
    # unfold carries no types; its forms derive from these.
    from django.contrib.auth.forms import AdminUserCreationForm as UserCreationForm
    from django.contrib.auth.forms import UserChangeForm
else:
    from unfold.forms import UserChangeForm, UserCreationForm


class AccountCreationForm(ExplainingForm, UserCreationForm[User]):
    """A new account, with a password or with none."""

    class Meta:
        model = User
        fields = ("email", "role")


class AccountChangeForm(ExplainingForm, UserChangeForm[User]):
    """An account as it stands; its password is changed on a page of its own."""

    class Meta:
        model = User
        fields = (
            "email",
            "password",
            "role",
            "first_name",
            "last_name",
            "phone",
            "date_of_birth",
            "email_verified",
            "is_active",
            "is_staff",
            "is_superuser",
            "groups",
            "user_permissions",
        )
