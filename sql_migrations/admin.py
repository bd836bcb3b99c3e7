"""The history of SQL files on screen: looked at, never changed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.contrib import admin

from sql_migrations.models import SqlMigrationHistory

if TYPE_CHECKING:
    # unfold carries no types; its ModelAdmin derives from this one.
    from django.contrib.admin import ModelAdmin
    from django.http import HttpRequest
else:
    from unfold.admin import ModelAdmin


@admin.register(SqlMigrationHistory)
class SqlMigrationHistoryAdmin(ModelAdmin[SqlMigrationHistory]):
    """What was applied, rolled back, adopted or failed. The table refuses changes; so does this."""

    list_display = ("at", "event", "name", "statements", "milliseconds", "db_role")
    list_filter = ("event",)
    search_fields = ("name", "sha256")
    show_full_result_count = False

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: SqlMigrationHistory | None = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: SqlMigrationHistory | None = None) -> bool:
        return False
