"""Permissions come from roles. An account has no others: the policy is all that a privacy officer need read."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from asgiref.sync import sync_to_async
from django.contrib.auth.backends import ModelBackend
from django.db.models import Q

from compliance.access.holders import own_roles

if TYPE_CHECKING:
    from django.contrib.auth.models import AnonymousUser, Permission
    from django.db.models import Model, QuerySet

    from compliance.accounts.models import User


class RoleBackend(ModelBackend):
    """Logs in as Django does; what is permitted, the groups say that are named like the account's roles."""

    def _get_group_permissions(self, user_obj: User) -> QuerySet[Permission]:
        from django.contrib.auth.models import Permission  # noqa: PLC0415 - models load before

        # Those of roles_of(), in one question.
        return Permission.objects.filter(Q(group__name__in=own_roles(user_obj)) | Q(group__user=user_obj))

    def get_user_permissions(self, user_obj: User | AnonymousUser, obj: Model | None = None) -> set[str]:
        """Give none: a right that one account has by itself stands in no policy."""
        return set()

    def get_group_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Give those of the account's roles, also to a superuser. They are asked for once for an object."""
        if not user_obj.is_active or user_obj.is_anonymous:
            return set()
        if not hasattr(user_obj, "_role_permissions"):
            found = self._get_group_permissions(user_obj).values_list("content_type__app_label", "codename")
            user_obj._role_permissions = {f"{app}.{codename}" for app, codename in found.order_by()}  # noqa: SLF001
        return user_obj._role_permissions  # type: ignore[no-any-return]  # noqa: SLF001

    def get_all_permissions(self, user_obj: Any, obj: Model | None = None) -> set[str]:
        """Give the same: there are no others."""
        return self.get_group_permissions(user_obj, obj)

    def has_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        """Say whether one of the roles has the permission; for a row, `compliance.access.permits` says more."""
        return perm in self.get_all_permissions(user_obj)

    async def ahas_perm(self, user_obj: Any, perm: str, obj: Model | None = None) -> bool:
        return await sync_to_async(self.has_perm)(user_obj, perm, obj)

    async def ahas_module_perms(self, user_obj: Any, app_label: str) -> bool:
        return await sync_to_async(self.has_module_perms)(user_obj, app_label)
