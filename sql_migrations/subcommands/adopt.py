"""Record as applied what an existing database already has, after comparing it with what the files build."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.subcommands.console import OK, Console, add_json, project_run

if TYPE_CHECKING:
    from argparse import ArgumentParser


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--to", metavar="NAME", help="The last migration that the database has: a SQL file, or app.name.")
    what.add_argument(
        "--accept-edit", metavar="NAME", help="Record an applied file's present text as what was applied."
    )
    parser.add_argument("--database", default="default", metavar="ALIAS", help="A name in DATABASES.")
    add_json(parser)


def run(console: Console, *, to: str | None, accept_edit: str | None, database: str, **_: Any) -> int:
    """Exit code 0: recorded, or nothing to record; 1: the database differs, and how."""
    from sql_migrations import adopt  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

    with project_run(console, database, changing=True) as opened:
        executor = opened.unchecked_executor()
        console.line("Building the plan from zero on a throwaway server, to compare …")
        if to is not None:
            recorded = adopt.adopt(opened, executor, to)
        else:
            adopt.accept_edit(opened, executor, accept_edit or "")
            recorded = [accept_edit or ""]
    for label in recorded:
        console.line(f"Recorded {label}")
    if not recorded:
        console.line("Nothing to record: all of it is recorded.")
    console.document({"recorded": recorded})
    return OK
