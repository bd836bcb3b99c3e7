"""Accounts, groups and the account trail on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.models import Group
from django_otp.plugins.otp_static import admin as _static
from django_otp.plugins.otp_totp import admin as _totp

from compliance.accounts.event_filter import AccountEventFilter, AccountEventForm
from compliance.accounts.forms import AccountChangeForm, AccountCreationForm
from compliance.accounts.models import User, UserAuditLog
from compliance.admin import ModelAdmin, ReadOnlyModelAdmin
from compliance.screens.asking import timeline
from compliance.screens.filtering import AskedList, Chosen

if TYPE_CHECKING:
    from django.contrib.auth.forms import AdminPasswordChangeForm
    from django.forms import Media
    from django.http import HttpRequest, HttpResponse
else:
    from unfold.forms import AdminPasswordChangeForm

admin.site.unregister(Group)
# django-otp's own screens show and take secrets. Here everybody sets up their own device.
admin.site.unregister((_static.StaticDevice, _totp.TOTPDevice))


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
        ("Rights", {"fields": ("role", "is_active", "is_staff", "is_superuser", "groups", "user_permissions")}),
        ("Times", {"fields": ("last_login", "created_at", "updated_at")}),
    )
    add_fieldsets = (
        (None, {"classes": ("wide",), "fields": ("email", "role", "usable_password", "password1", "password2")}),
    )

    actions_detail = ("trail",)

    @timeline("Audit trail")
    def trail(self, row: User) -> dict[str, Any]:
        """Ask what the account did."""
        return {"actor": row.pk}

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:  # noqa: A002 - Django's name
        """Record the look at the account, which the page names."""
        return self._recorded(super().user_change_password(request, id, form_url), "original")

    def label(self, row: User) -> str:
        return " ".join(filter(None, (row.get_full_name(), f"<{row.email}>")))


@admin.register(Group)
class GroupAdmin(DjangoGroupAdmin, ModelAdmin[Group]):
    """Groups of permissions. They are no record of anything, so they may be deleted, one by one."""

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        return obj is not None and request.user.has_perm("auth.delete_group")


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
