"""Accounts, groups and the account trail on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin, messages
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_static import admin as _static
from django_otp.plugins.otp_totp import admin as _totp

from compliance.access.policy import policy
from compliance.accounts import lockout, revoking, second_factor
from compliance.accounts.event_filter import AccountEventFilter, AccountEventForm
from compliance.accounts.forms import AccountChangeForm, AccountCreationForm
from compliance.accounts.granting import is_out_of_hands, refuse_escalation, settled_for
from compliance.accounts.models import User, UserAuditLog
from compliance.accounts.open_work import OpenWork
from compliance.accounts.sessions import AccountSession
from compliance.admin import ModelAdmin, ReadOnlyModelAdmin
from compliance.screens.asking import account, asks, timeline
from compliance.screens.choosing import named
from compliance.screens.fieldsets import stripped
from compliance.screens.filtering import AskedList, Chosen

if TYPE_CHECKING:
    from datetime import datetime

    from django.contrib.auth.forms import AdminPasswordChangeForm
    from django.forms import CheckboxSelectMultiple, Media
    from django.http import HttpRequest, HttpResponse
else:
    from unfold.forms import AdminPasswordChangeForm
    from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxSelectMultiple

admin.site.unregister(Group)
# django-otp's own screens show and take secrets. Here everybody sets up their own device.
admin.site.unregister((_static.StaticDevice, _totp.TOTPDevice))
RIGHTS = (
    "An account may do what its role, and the roles besides, may do by the policy. Nobody changes their own rights, "
    "and only a superuser makes one."
)


def _title(group: Group) -> str:
    known = policy().role(group.name)
    return known.title if known is not None else group.name


@admin.register(User)
class UserAdmin(DjangoUserAdmin[User], ModelAdmin[User]):
    """Accounts. An account that is not wanted any more is made inactive."""

    form = AccountChangeForm
    add_form = AccountCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("email", "role", "is_active", "is_staff", "last_login")
    list_filter = ("role", "is_active", "is_staff")
    search_fields = ("email__istartswith", "last_name__istartswith", "first_name__istartswith")
    ordering = ("-id",)
    readonly_fields = ("last_login", "created_at", "updated_at")
    fieldsets = (
        (None, {"fields": ("email", "password", "email_verified")}),
        ("Person", {"fields": ("first_name", "last_name", "phone", "date_of_birth")}),
        ("Rights", {"fields": ("role", "is_active", "is_staff", "is_superuser", "groups"), "description": RIGHTS}),
        ("Times", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = (
        (
            None,
            {
                "classes": ("wide",),
                "fields": ("email", "role", "is_staff", "usable_password", "password1", "password2"),
            },
        ),
    )

    filter_horizontal = ()
    change_form_outer_before_template = "compliance/open_work.html"
    actions_detail = (
        "trail",
        {"title": "Sign-in", "icon": "lock", "items": ["unlock", "end_sessions", "remove_second_factor"]},
    )

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """Leave a superuser's account to superusers."""
        foreign = isinstance(obj, User) and is_out_of_hands(obj, by=account(request))
        return not foreign and super().has_change_permission(request, obj)

    def get_fieldsets(self, request: HttpRequest, obj: User | None = None) -> Any:
        return stripped(super().get_fieldsets(request, obj), self.hidden(request))

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> Any:
        return [*super().get_readonly_fields(request, obj), *sorted(settled_for(obj, by=account(request)))]

    def formfield_for_manytomany(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Offer roles, and no other group: no other one gives anything."""
        if db_field.name == "groups":
            kwargs |= {"queryset": Group.objects.filter(name__in=policy().roles), "widget": CheckboxSelectMultiple()}
        field: Any = super().formfield_for_manytomany(db_field, request, **kwargs)
        if db_field.name == "groups" and field is not None:
            field.label, field.help_text = "Roles besides", "What the account is besides its role."
            field.label_from_instance = _title
        return field

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        refuse_escalation(obj, form.changed_data, by=account(request))
        super().save_model(request, obj, form, change)
        if change and "is_active" in form.changed_data and not obj.is_active:
            messages.warning(request, f"The account reaches nothing any more. {OpenWork.of(obj).left()}")

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], **kwargs: Any) -> HttpResponse:  # type: ignore[override] # what is passed on is not named again
        """Say what the account has open, before somebody deactivates it."""
        row: User | None = kwargs.get("obj")
        return super().render_change_form(
            request, {**context, "open_work": OpenWork.of(row).said() if row is not None else ""}, **kwargs
        )

    @timeline("Audit trail")
    def trail(self, row: User) -> dict[str, Any]:
        """Ask what the account did."""
        return {"actor": row.pk}

    @asks(
        "Unlock",
        permission=lockout.PERMISSION,
        question="After too many failed logins the account may try again at once.",
        icon="lock_open",
    )
    def unlock(self, request: HttpRequest, row: User) -> str:
        lockout.unlock(row, by=account(request))
        return "The account can log in again."

    @asks(
        "End all sessions",
        permission=revoking.PERMISSION,
        question="Wherever the account is logged in, it has to log in again.",
        icon="logout",
    )
    def end_sessions(self, request: HttpRequest, row: User) -> str:
        return f"Sessions ended: {revoking.revoke_all(row, by=account(request))}."

    @asks(
        "Remove second factor",
        permission=lockout.PERMISSION,
        question="For somebody who has lost the app and the recovery codes. Make sure that it is they who ask.",
        icon="phonelink_erase",
    )
    def remove_second_factor(self, request: HttpRequest, row: User) -> str:
        second_factor.remove(row, by=account(request))
        return "The second factor is removed, and the account's sessions are ended."

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's name
        """Record the look at the account, which the page names."""
        return self._recorded(super().user_change_password(request, id, form_url), "original")

    def label(self, row: User) -> str:
        return " ".join(filter(None, (row.get_full_name(), f"<{row.email}>")))


@admin.register(AccountSession)
class AccountSessionAdmin(ReadOnlyModelAdmin[AccountSession]):
    """Who is logged in, since when and from where. A session that is ended here ends at its next request."""

    list_display = ("id", named("user"), "since", "address", "seen_at", "ended_at", "ending")
    list_filter = ("ending",)
    list_select_related = ("user", "login")
    search_fields = ("user__email__istartswith",)
    ordering = ("-id",)
    fieldsets = (
        (None, {"fields": ("user", "since", "address", "browser")}),
        ("Course", {"fields": ("seen_at", "ended_at", "ending")}),
    )
    actions_row = ("end",)
    actions_detail = ("end",)

    @admin.display(description="since")
    def since(self, row: AccountSession) -> datetime:
        return row.login.created_at

    @admin.display(description="from")
    def address(self, row: AccountSession) -> str | None:
        return row.login.ip_address

    @admin.display(description="browser")
    def browser(self, row: AccountSession) -> str | None:
        return row.login.user_agent

    @asks("End session", permission=revoking.PERMISSION, question="It ends at its next request.", icon="logout")
    def end(self, request: HttpRequest, row: AccountSession) -> str:
        revoking.revoke(row, by=account(request))
        return "The session is ended."


@admin.register(Group)
class GroupAdmin(ReadOnlyModelAdmin[Group]):
    """Roles as Django's groups, with their permissions. migrate makes them from the policy."""

    list_display = ("name",)
    search_fields = ("name",)
    ordering = ("name",)
    fields = ("name", "permissions")


@admin.register(UserAuditLog)
class UserAuditLogAdmin(ReadOnlyModelAdmin[UserAuditLog]):
    """What happened to accounts, newest first: asked by account, by who did it, what and when."""

    list_display = ("created_at", "action", "user", "changed_by", "ip_address")
    list_filter = (AccountEventFilter,)
    list_filter_submit = True
    list_select_related = ("user", "changed_by")
    ordering = ("-created_at", "-id")
    sortable_by = ()

    @property
    def media(self) -> Media:
        """Add the scripts of the filters that offer accounts by typing."""
        return super().media + Chosen(AccountEventForm.keys["account"]).media

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[AskedList]:
        return AskedList
