"""Take SQL files back, newest first, down to a name or to zero."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.management import call_command

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import APP
from sql_migrations.progress import counted
from sql_migrations.subcommands import answers as answers_given
from sql_migrations.subcommands.console import OK, Console, add_json, add_place, foreign_run, project_run
from sql_migrations.subcommands.replay import project_events

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sql_migrations.files import SqlFile
    from sql_migrations.runner import Runner


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--to", required=True, metavar="NAME|zero", help="The last file to keep, or zero to keep none.")
    answers_given.add_in_flight(parser)
    parser.add_argument("--yes", action="store_true", help="Go back. Without it, what would be undone is only listed.")
    add_place(parser)
    add_json(parser)


def run(
    console: Console,
    *,
    to: str,
    yes: bool,
    in_flight: str | None,
    directory: Any,
    database: str,
    layout: str | None,
    **_: Any,
) -> int:
    """Exit code 0: done, or nothing to do; 1: refused or failed."""
    answers = answers_given.read(in_flight)
    if directory is None:
        with project_run(console, database, changing=False) as project:
            answers_given.check(answers, project.history)
        with project_events(console, database):
            call_command(
                "migrate",
                APP,
                to.removesuffix(".sql"),
                database=database,
                answers=answers,
                yes=yes,
                only="backwards",
                verbosity=0 if console.as_json else 1,
                **console.streams,
            )
        return OK
    with foreign_run(console, directory, database, layout, changing=True) as opened:
        files = opened.applied_after(None if to == "zero" else to)
        runner = opened.runner()
        answers_given.check(answers, opened.history)
        runner.answers = answers
        _show(console, runner, files)
        if files and not yes:
            raise SqlMigrationsError(
                f"Nothing was changed. This would undo {counted(len(files), 'file')}, as listed above. "
                "If that is what you want, add --yes."
            )
        for file in files:
            runner.rollback(file)
            console.line(f"Rolled back {file.name}")
    if not files:
        console.line("Nothing to roll back.")
    console.document({"rolled_back": [file.name for file in files]})
    return OK


def _show(console: Console, runner: Runner, files: list[SqlFile]) -> None:
    """List what would be undone; for a derived reverse, the statements. Raises NotReversible before anything runs."""
    for file in files:
        back = runner.way_back(file)
        console.line(f"{file.name}: by {back.script.file}")
        for line in back.lines:
            console.line(f"    {line}")
