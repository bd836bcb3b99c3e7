"""django-auditlog's own commands change or remove entries. Here the trail is evidence, and they are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NoReturn

from django.core.management.base import BaseCommand, CommandError

if TYPE_CHECKING:
    from argparse import ArgumentParser


class RefusedCommand(BaseCommand):
    """Takes whatever words its original takes, and does nothing. `refusal` says why, and what to do instead."""

    refusal = ""
    requires_system_checks = []

    def run_from_argv(self, argv: list[str]) -> None:
        """Leave the words aside: a refusal should not depend on how it was asked."""
        super().run_from_argv(argv[:2])

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Declare none."""

    def handle(self, *_args: Any, **_options: Any) -> NoReturn:
        """Refuse."""
        raise CommandError(self.refusal)
