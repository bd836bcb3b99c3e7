"""`manage.py makemigrations`: Django's own, with a readable sentence where SQL files stand in its way."""

from __future__ import annotations

from typing import Any

from django.core.management.base import CommandError
from django.core.management.commands import makemigrations as django_makemigrations
from django.db.migrations.exceptions import CircularDependencyError, InconsistentMigrationHistory

from sql_migrations import explain
from sql_migrations.graph import APP


class Command(django_makemigrations.Command):
    """Makes ORM migrations; SQL files are written by hand or with `sql_migrations new`."""

    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command, and explain what in the folder of SQL files keeps it from running."""
        if APP in args:
            raise CommandError('the migrations of sql_migrations are its SQL files: sql_migrations new "description"')
        try:
            super().handle(*args, **options)
        except (CircularDependencyError, InconsistentMigrationHistory) as error:
            raise explain.graph_error(error) from error
