"""Prove that the database is what the files say: hashes, chain, order, and an equal rebuild from zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.progress import counted
from sql_migrations.subcommands.console import FOUND, OK, Console, add_json, add_place, foreign_run, project_run

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--no-rebuild", action="store_true", help="Check hashes, chain and order only.")
    add_place(parser)
    add_json(parser)


def run(console: Console, *, no_rebuild: bool, directory: Any, database: str, layout: str | None, **_: Any) -> int:
    """Exit code 0: all agree; 3: differences, each in a sentence; 1: it could not be checked."""
    from sql_migrations import verify  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

    if not no_rebuild:
        console.line("Building the applied migrations from zero on a throwaway server …")
    if directory is not None:
        with foreign_run(console, directory, database, layout, changing=False) as opened:
            findings = list(verify.foreign(opened, build=not no_rebuild))
    else:
        with project_run(console, database, changing=False) as opened_project:
            findings = list(verify.project(opened_project, opened_project.unchecked_executor(), build=not no_rebuild))
    for finding in findings:
        console.line(f"  {finding}")
    agreed = "hashes, chain and order" if no_rebuild else "hashes, chain, order and the rebuilt catalogue"
    console.line(f"{counted(len(findings), 'difference')}." if findings else f"Verified: {agreed} agree.")
    console.document({"verified": not findings, "findings": findings})
    return FOUND if findings else OK
