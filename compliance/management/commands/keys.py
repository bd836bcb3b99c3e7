"""`manage.py keys …`: make, list and rotate the keys that seal what is sensitive."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from compliance.encryption.subcommands import add, create, destroy, disable, enable, promote, rewrap, status
from compliance.errors import ComplianceError
from sql_migrations.subcommands.console import Console

SUBCOMMANDS = {
    "status": status,
    "create": create,
    "add": add,
    "promote": promote,
    "disable": disable,
    "enable": enable,
    "destroy": destroy,
    "rewrap": rewrap,
}


class Command(BaseCommand):
    """Parses the words and hands them to the module of the subcommand."""

    help = f"Encryption keys: {', '.join(SUBCOMMANDS)}."

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
            code = SUBCOMMANDS[subcommand].run(console, **options)
        except ComplianceError as refused:
            console.document({"error": str(refused), "kind": type(refused).__name__})
            raise CommandError(str(refused)) from refused
        if code:
            sys.exit(code)
