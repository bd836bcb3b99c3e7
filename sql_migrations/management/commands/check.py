"""`manage.py check`: Django's own, strict about SQL files, so that continuous integration stops them before a merge."""

from __future__ import annotations

from typing import Any

from django.core.management.commands import check as django_check

from sql_migrations import checks


class Command(django_check.Command):
    """Checks the project; what a deploy lets pass with a warning is an error here."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command with the strict form of the checks of this app."""
        with checks.mode("strict"):
            super().handle(*args, **options)
