"""Import SQL migrations of another tool: checked, renamed into the convention in their order, with their way back."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.db.migrations.loader import MigrationLoader

from sql_migrations.graph import sql_dir
from sql_migrations.importers import LAYOUTS
from sql_migrations.subcommands.console import OK, Console, add_json

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("paths", nargs="+", type=Path, metavar="PATH", help="A folder, or SQL files of one folder.")
    parser.add_argument("--layout", choices=sorted(LAYOUTS), help="The folder's layout, if it is not recognised.")
    parser.add_argument("--dry-run", action="store_true", help="Say what would be written, and write nothing.")
    add_json(parser)


def run(console: Console, *, paths: list[Path], layout: str | None, dry_run: bool, **_: Any) -> int:
    """Exit code 0: imported; 1: refused, with every problem of every file, and nothing written."""
    from sql_migrations import importing  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

    loader = MigrationLoader(None, ignore_no_migrations=True)
    report = importing.import_files(paths, sql_dir(), loader=loader, layout=layout, dry_run=dry_run)
    for warning in report.warnings:
        console.aside(f"WARNING: {warning}")
    for written in report.written:
        console.line(f"{written.source} -> {written.name}")
    console.line(f"{len(report.written)} files {'would be' if dry_run else 'were'} imported ({report.layout} layout).")
    console.document(
        {
            "layout": report.layout,
            "dry_run": dry_run,
            "files": [{"source": str(one.source), "name": one.name} for one in report.written],
            "warnings": list(report.warnings),
        }
    )
    return OK
