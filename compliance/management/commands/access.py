"""`manage.py access …`: who may see whom."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.access.subcommands import policy, review
from compliance.commanding import on_migrated_database
from compliance.errors import ComplianceError
from sql_migrations.subcommands.console import Console

SUBCOMMANDS = {
    "policy": policy,
    "review": review,
}


class Command(BaseCommand):
    """Parses the words and hands them to the module of the subcommand."""

    help = f"Who may see whom: {', '.join(SUBCOMMANDS)}."

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one parser for each subcommand."""
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in SUBCOMMANDS.items():
            described = (module.__doc__ or "").strip()
            module.arguments(subparsers.add_parser(name, help=described, description=described))

    def handle(self, *, subcommand: str, as_json: bool = False, **options: Any) -> None:
        """Run the subcommand and leave with its exit code."""
        console = Console(self.stdout, self.stderr, as_json)
        try:
            with on_migrated_database():
                code = SUBCOMMANDS[subcommand].run(console, **options)
        except ComplianceError as refused:
            console.document({"error": str(refused), "kind": type(refused).__name__})
            raise CommandError(str(refused)) from refused
        except OSError as error:
            raise CommandError(f"{error.filename or 'The output'} cannot be written: {error.strerror}.") from error
        if code:
            sys.exit(code)
