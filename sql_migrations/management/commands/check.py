"""`manage.py check`: Django's own, strict about SQL files, so that continuous integration stops them before a merge."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import check as django_check
from django.db import DEFAULT_DB_ALIAS, connections

from sql_migrations import checks, mishaps


class Command(django_check.Command):
    """Checks the project; what a deploy lets pass with a warning is an error here."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command with the strict form of the checks of this app."""
        asked = options.get("databases") or [DEFAULT_DB_ALIAS]
        with checks.mode("strict"), mishaps.in_words(connections[asked[0]].settings_dict["USER"]):
            super().handle(*args, **options)
