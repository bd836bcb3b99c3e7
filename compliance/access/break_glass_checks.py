"""Says that nobody would be told of an emergency: `manage.py check --database default`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import connections

from compliance.access.notice import Notice
from compliance.access.notifying import REVIEW, holders
from sql_migrations import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.apps import AppConfig


@register(Tags.database)
def somebody_reviews_emergencies(
    app_configs: Iterable[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: object
) -> list[CheckMessage]:
    """Check that an account may review emergencies. Without one the administrators are told, who cannot review."""
    if not checks.strict() or "default" not in (databases or ()):
        return []
    if Notice._meta.db_table not in connections["default"].introspection.table_names():  # noqa: SLF001 - Django's API
        return []
    if holders(REVIEW).exists():
        return []
    return [
        CheckWarning(
            "No active account may review what is opened in an emergency.",
            hint="Give somebody the role of a compliance officer; until then the administrators are told.",
            id="compliance.W050",
        )
    ]
