"""Logging in, making and changing an account on screen. A second account for one address is refused by the model."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.auth.forms import PasswordResetForm
from django.core.exceptions import ValidationError
from django.views.decorators.debug import sensitive_variables

from compliance.accounts.errors import StepUpRefused
from compliance.accounts.models import User
from compliance.screens.forms import ExplainingForm

if TYPE_CHECKING:
    # unfold carries no types; its forms derive from these.
    from django.contrib.admin.forms import AdminAuthenticationForm as AuthenticationForm
    from django.contrib.admin.forms import AdminPasswordChangeForm as AdminOwnPasswordChangeForm
    from django.contrib.auth.forms import AdminUserCreationForm as UserCreationForm
    from django.contrib.auth.forms import SetPasswordForm, UserChangeForm
    from django.forms import EmailInput, PasswordInput, TextInput
    from django.http import HttpRequest
else:
    from django.contrib.auth.forms import SetPasswordForm
    from unfold.forms import AdminOwnPasswordChangeForm, AuthenticationForm, UserChangeForm, UserCreationForm
    from unfold.widgets import UnfoldAdminEmailInputWidget as EmailInput
    from unfold.widgets import UnfoldAdminPasswordWidget as PasswordInput
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

TOKEN_ROOM = 40  # characters, more than a recovery code with spaces between
PASSWORD_ROOM = 4096  # as Django allows where one is set


class LoginForm(AuthenticationForm):
    """The login of the admin. A name or a password that no account can have is a failed login like any other."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in ("username", "password"):
            self.fields[name].validators = []


class TokenForm(forms.Form):
    """A token of the app, or a recovery code."""

    token = forms.CharField(
        label="Token",
        max_length=TOKEN_ROOM,
        help_text="Six digits that your authenticator app shows now, or one of your recovery codes.",
        widget=TextInput(attrs={"autocomplete": "one-time-code", "autofocus": True, "spellcheck": "false"}),
    )


class StepUpForm(TokenForm):
    """Password and token, to show again who sits at the screen."""

    field_order = ("password", "token")
    password = forms.CharField(
        label="Password",
        strip=False,
        max_length=PASSWORD_ROOM,
        widget=PasswordInput(attrs={"autocomplete": "current-password"}),
    )


class EnrolForm(StepUpForm):
    """Password, and the first token of an app that is set up. There are no recovery codes yet."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["token"].help_text = "Six digits that your authenticator app shows now."


class ResetForm(PasswordResetForm):
    """Asks for the address to which a mail goes, if an account has it."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].widget = EmailInput(attrs={"autocomplete": "email"})


class NewPasswordForm(SetPasswordForm):  # type: ignore[type-arg] # not generic when it runs
    """A new password, typed twice."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget = PasswordInput(attrs={"autocomplete": "new-password"})


class OwnPasswordForm(AdminOwnPasswordChangeForm):
    """One's own password. A wrong old one counts as a failed login: a screen left open is no place to guess it."""

    request: ClassVar[HttpRequest]

    @sensitive_variables("old_password")
    def clean_old_password(self) -> str:
        """Check the password as a login does, lockout and all."""
        from compliance.accounts.stepping_up import check_password  # noqa: PLC0415 - unfold loads forms before models

        old_password: str = self.cleaned_data["old_password"]
        try:
            check_password(self.user, old_password, self.request)
        except StepUpRefused:
            raise ValidationError(self.error_messages["password_incorrect"], code="password_incorrect") from None
        return old_password


class AccountCreationForm(ExplainingForm, UserCreationForm[User]):
    """A new account, with a password or with none."""

    class Meta:
        model = User
        fields = ("email", "role", "is_staff")


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
        )
