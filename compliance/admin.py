"""The base of every ModelAdmin. Screens look; they do not decide, and they delete nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

from django.db import models

if TYPE_CHECKING:
    # unfold carries no types; its ModelAdmin derives from this one.
    from django.contrib.admin import ModelAdmin as UnfoldModelAdmin
    from django.http import HttpRequest
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin

Row = TypeVar("Row", bound=models.Model)


class ModelAdmin(UnfoldModelAdmin[Row]):
    """Lists without counting the whole table, and without a way to delete: health records are kept."""

    show_full_result_count = False
    list_per_page = 50

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Refuse. What is wrong is marked so (entered in error, deactivated, cancelled), never taken out."""
        return False


class ReadOnlyModelAdmin(ModelAdmin[Row]):
    """Shows what something else writes."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


class ClinicalAdmin(ModelAdmin[Row]):
    """Shows a clinical row with the facts about itself that nobody types in."""

    readonly_fields = ("uid", "created_at", "updated_at")
    ordering = ("-id",)


# Rooms are not apps, so Django finds this module and not theirs; they derive from the classes above.
from compliance.accounts import admin as accounts_admin  # noqa: E402, F401
