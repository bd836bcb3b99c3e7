"""Say of every SQL file whether it is applied, pending, edited, renamed, missing, out of order or failed."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

from sql_migrations import status
from sql_migrations.graph import APP, folder
from sql_migrations.subcommands.console import (
    FOUND,
    OK,
    REFUSED,
    Console,
    add_json,
    add_place,
    foreign_run,
    project_run,
)

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sql_migrations.status import FileStatus


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    add_place(parser)
    add_json(parser)


def run(console: Console, *, directory: Any, database: str, layout: str | None, **_: Any) -> int:
    """Exit code 0: up to date; 3: files are pending; 1: something must be mended first."""
    problems: list[str] = []
    if directory is not None:
        with foreign_run(console, directory, database, layout, changing=False) as opened:
            found = opened.statuses()
    else:
        with project_run(console, database, changing=False) as opened_project:
            loader = opened_project.unchecked_executor().loader
            applied = {name for app, name in loader.applied_migrations if app == APP}
            history = opened_project.history
            found = status.compare(
                folder().files, applied, history.standings(), history.failures(), history.half_applied_in_words()
            )
            problems = [str(problem) for problem in folder().problems]
    _report(console, found, problems)
    if problems or any(one.blocking for one in found):
        return REFUSED
    return FOUND if any(one.state != "applied" for one in found) else OK


def _report(console: Console, found: list[FileStatus], problems: list[str]) -> None:
    width = max((len(one.state) for one in found), default=0)
    for one in found:
        console.line(f"{one.state:<{width}}  {one.name}")
        if one.explanation:
            console.line(f"{'':<{width}}    {one.explanation}")
    for problem in problems:
        console.line(f"problem: {problem}")
    counts = Counter(one.state for one in found)
    console.line(", ".join(f"{count} {state}" for state, count in counts.items()) or "There are no SQL files.")
    console.document(
        {
            "files": [{"name": one.name, "state": one.state, "explanation": one.explanation} for one in found],
            "counts": dict(counts),
            "problems": problems,
        }
    )
