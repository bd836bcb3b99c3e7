"""What `migrate` makes sure of before it changes anything: names, order, hashes, edges, and the text of every file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations import status
from sql_migrations.errors import SqlFileError, SqlMigrationsError
from sql_migrations.graph import APP, folder

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from django.db.migrations.loader import MigrationLoader

    from sql_migrations.files import SqlFile
    from sql_migrations.history import Standing
    from sql_migrations.statements import Script

# Characters of SQL whose parse trees are kept until they are run. A tree takes some 27 bytes for each: 27 MB at most.
_KEPT = 1_000_000


class Refused(SqlMigrationsError):
    """The plan cannot be carried out as it stands. Every reason is listed; nothing was changed."""

    def __init__(self, problems: Sequence[str]) -> None:
        self.problems = tuple(problems)
        count = f" ({len(problems)} problems)" if len(problems) > 1 else ""
        super().__init__("\n".join((f"Nothing was changed{count}:", *(f"  {problem}" for problem in problems))))


def check(
    loader: MigrationLoader,
    standings: Mapping[str, Standing],
    half_applied: Mapping[str, str],
    warn: Callable[[str], None],
    *,
    allow: str = "",
) -> dict[SqlFile, Script]:
    """Raise Refused with every problem of the folder and of its pending files; tell `warn` what may pass.

    `allow` names a file that is about to be applied out of order. Returns the scripts of pending files, so that they
    need not be read again, as far as they are small together.
    """
    listed = folder()
    applied = {name for app, name in loader.applied_migrations if app == APP}
    problems = [str(problem) for problem in listed.problems]
    pending: list[SqlFile] = []
    by_name = {file.name: file for file in listed.files}
    for found in status.compare(listed.files, applied, standings, half_applied=half_applied):
        allowed = found.name == allow and found.state == "out of order"
        if found.blocking and not allowed:
            problems.append(found.explanation)
        elif found.explanation and found.state == "applied":
            warn(found.explanation)
        if allowed or (found.state in status.UNAPPLIED and found.name not in applied):
            pending.append(by_name[found.name])
    problems += _late_edges(loader, applied)
    read: dict[SqlFile, Script] = {}
    problems += _contents(pending, loader, warn, read) if pending else []
    if problems:
        raise Refused(problems)
    return read


def _late_edges(loader: MigrationLoader, applied: set[str]) -> list[str]:
    """An edge that was added to an applied file may only name what is applied too."""
    problems: list[str] = []
    for file in folder().files:
        if file.name in applied:
            problems += [
                f"{file.label}:{edge.line}: this file is applied, and {edge} is not. "
                "Take the line out, or write the change as a new file."
                for edge in file.header.depends
                if edge.key in loader.disk_migrations and edge.key not in loader.applied_migrations and edge.app != APP
            ]
    return problems


def _contents(
    pending: Sequence[SqlFile], loader: MigrationLoader, warn: Callable[[str], None], read: dict[SqlFile, Script]
) -> list[str]:
    from sql_migrations import contents  # noqa: PLC0415 -- the parser costs 0.2 s that a run with nothing to do saves

    plan, problems, room = contents.Plan(loader), list[str](), _KEPT
    for file in pending:
        try:
            script = contents.check(file)
            room -= len(script.text)
            if room >= 0:
                read[file] = script
            problems += plan.owner_conflicts(script)
            for line in plan.missing_edges(file, script):
                warn(f"{file.label} does not say what it stands on. Add the line: {line}")
        except SqlFileError as problem:
            problems.append(str(problem))
    return problems
