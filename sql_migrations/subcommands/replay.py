"""Apply the SQL files that are pending, with the ORM migrations that they stand on."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from django.core.management import call_command

from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import APP, folder
from sql_migrations.history import JOURNAL
from sql_migrations.progress import progress
from sql_migrations.session import literal
from sql_migrations.subcommands import answers as answers_given
from sql_migrations.subcommands.console import (
    OK,
    Console,
    add_json,
    add_place,
    foreign_run,
    project_connection,
    project_run,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser
    from collections.abc import Iterator

    from sql_migrations.journal import Answer


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--to", metavar="NAME", help="The last file to apply; without it, all.")
    parser.add_argument(
        "--out-of-order",
        metavar="NAME",
        help="Apply this one file although a later one is applied, and record it.",
    )
    answers_given.add_in_flight(parser)
    parser.add_argument(
        "--restart",
        metavar="NAME",
        help="Run a half-applied file from its start. Undo by hand first what its steps left.",
    )
    add_place(parser)
    add_json(parser)


def run(console: Console, **options: Any) -> int:
    """Exit code 0: done, or nothing to do; 1: refused or failed."""
    answers = answers_given.read(options["in_flight"])
    if options["directory"] is not None:
        return _foreign(console, answers, **options)
    database = options["database"]
    with project_events(console, database):
        if options["restart"]:
            _restart_in_project(console, database, options["restart"])
        if options["out_of_order"]:
            _out_of_order(console, database, options["out_of_order"])
        else:
            with project_run(console, database, changing=False) as opened:
                answers_given.check(answers, opened.history)
            _project(console, database, options["to"], answers)
    return OK


def _project(console: Console, database: str, to: str | None, answers: dict[str, Answer]) -> None:
    names = [APP] if to is None else [APP, to.removesuffix(".sql")]
    call_command(
        "migrate",
        *names,
        database=database,
        answers=answers,
        only="forwards",
        verbosity=0 if console.as_json else 1,
        **console.streams,
    )


def _out_of_order(console: Console, database: str, name: str) -> None:
    name = name.removesuffix(".sql")
    with project_run(console, database, changing=True) as opened:
        executor = opened.executor(allow=name)
        file = next((file for file in folder().files if file.name == name), None)
        if file is None or (APP, name) in executor.loader.applied_migrations:
            raise SqlMigrationsError(f"{name} is not a pending SQL file. See: manage.py sql_migrations status")
        missing = [str(edge) for edge in file.header.depends if edge.key not in executor.loader.applied_migrations]
        if missing:
            raise SqlMigrationsError(f"{file.label} stands on {', '.join(missing)}, which is not applied yet.")
        executor.runner.apply(file)
        opened.finish()
        console.line(f"Applied {name}, out of order.")


def _restart_in_project(console: Console, database: str, name: str) -> None:
    with project_run(console, database, changing=True) as opened:
        opened.history.ensure_schema()
        _forget(console, opened, name)


def _forget(console: Console, opened: Any, name: str) -> None:
    name = name.removesuffix(".sql")
    rows = opened.session.rows(f"DELETE FROM {opened.history.journal} WHERE name = {literal(name)} RETURNING unit")
    if not rows:
        raise SqlMigrationsError(f"{name} is not half applied: there is nothing in {JOURNAL} to forget.")
    console.line(f"Forgot {len(rows)} steps of {name}; it starts anew.")


def _foreign(console: Console, answers: dict[str, Answer], **options: Any) -> int:
    place = options["directory"], options["database"], options["layout"]
    notes: list[str] = []
    with foreign_run(console, *place, changing=True, note=notes.append) as opened:
        out_of_order = (options["out_of_order"] or "").removesuffix(".sql")
        opened.refuse_problems(allow=out_of_order)
        files = [opened.pending_file(out_of_order)] if out_of_order else opened.pending(options["to"])
        runner = opened.runner()
        answers_given.check(answers, opened.history)
        runner.answers = answers
        if options["restart"]:
            _forget(console, opened, options["restart"])
        console.line(f"{opened.folder.layout} folder: {len(opened.folder.files)} files, {len(files)} to apply.")
        with progress(len(files), console.stdout, quiet=console.as_json) as step:
            for file in files:
                step.start(file.name)
                runner.apply(file)
                step.done(notes)
                notes.clear()
    if not files:
        console.line("Nothing to apply: every file is applied.")
    console.document({"layout": opened.folder.layout, "applied": [file.name for file in files]})
    return OK


@contextmanager
def project_events(console: Console, database: str) -> Iterator[None]:
    """Report, as JSON, the history rows that were appended meanwhile."""
    project_connection(database)
    if not console.as_json:
        yield
        return
    with project_run(console, database, changing=False) as opened:
        last = opened.history.last_id()
    yield
    with project_run(console, database, changing=False) as opened:
        console.document({"events": opened.history.events_after(last)})
