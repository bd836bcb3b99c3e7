"""`manage.py sql_migrations …`: look at, try, prove and import raw SQL migrations."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.exceptions import CircularDependencyError, InconsistentMigrationHistory

from sql_migrations import explain, mishaps
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.subcommands import adopt, import_, new, plan, replay, rollback, status, verify
from sql_migrations.subcommands.console import Console

SUBCOMMANDS = {
    "status": status,
    "plan": plan,
    "new": new,
    "import": import_,
    "replay": replay,
    "rollback": rollback,
    "verify": verify,
    "adopt": adopt,
}


class Command(BaseCommand):
    """Parses the words and hands them to the module of the subcommand."""

    help = "Raw SQL migrations beside the ORM's: status, plan, new, import, replay, rollback, verify, adopt."
    # What the checks look at is what these subcommands report, in more words.
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        """Declare one parser for each subcommand."""
        subparsers = parser.add_subparsers(dest="subcommand", required=True, metavar="SUBCOMMAND")
        for name, module in SUBCOMMANDS.items():
            described = (module.__doc__ or "").strip()
            subparser = subparsers.add_parser(name, help=described, description=described)
            module.arguments(subparser)

    def handle(self, *, subcommand: str, as_json: bool = False, **options: Any) -> None:
        """Run the subcommand and leave with its exit code."""
        streams = {name: options[name] for name in ("stdout", "stderr") if options.get(name)}
        console = Console(self.stdout, self.stderr, as_json, streams)
        # With a URL of its own, a subcommand works as another role than Django does.
        alias = options.get("database", DEFAULT_DB_ALIAS)
        role = connections[alias].settings_dict["USER"] if alias in connections.settings else ""
        try:
            with mishaps.in_words(role):
                code = _run(subcommand, console, options)
        except SqlMigrationsError as refused:
            console.document({"error": str(refused), "kind": type(refused).__name__})
            raise
        if code:
            sys.exit(code)


def _run(subcommand: str, console: Console, options: dict[str, Any]) -> int:
    """Run a subcommand. What Django says of a graph that it cannot order is said with the files and lines to blame."""
    try:
        code: int = SUBCOMMANDS[subcommand].run(console, **options)
    except (CircularDependencyError, InconsistentMigrationHistory) as error:
        raise explain.graph_error(error) from error
    return code
