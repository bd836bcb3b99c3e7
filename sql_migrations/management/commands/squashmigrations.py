"""`manage.py squashmigrations`: Django's own, for the ORM's migrations only."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import squashmigrations as django_squashmigrations

from sql_migrations.graph import APP


class Command(django_squashmigrations.Command):
    """Squashes ORM migrations; to Django a SQL file is a migration without content, which would squash to nothing."""

    def handle(self, **options: Any) -> None:
        """Run Django's command, unless it is asked to squash SQL files."""
        if options["app_label"] == APP:
            raise CommandError("SQL files cannot be squashed: what they do would be lost. They stay as they are.")
        super().handle(**options)
