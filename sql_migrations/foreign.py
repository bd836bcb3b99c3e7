"""A folder on its own, of any tool, into any database: same transactions, history and errors, without the ORM.

That is how a team tries its old folder before it imports it. Nothing but the history's own tables is added to the
database, and `django_migrations` is never touched.
"""

from __future__ import annotations

from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import psycopg

from sql_migrations import importers
from sql_migrations.errors import SqlFileError, SqlMigrationsError
from sql_migrations.history import History
from sql_migrations.lock import deploy_lock, still_held
from sql_migrations.preflight import Refused
from sql_migrations.session import Session
from sql_migrations.status import UNAPPLIED, FileStatus, compare
from sql_migrations.waiting import Observer, Patience, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from sql_migrations.files import SqlFile
    from sql_migrations.importers import Import
    from sql_migrations.runner import Runner


@dataclass
class ForeignRun:
    """A foreign folder and a session on its database."""

    folder: Import
    session: Session
    history: History
    patience: Patience
    note: Callable[[str], None]
    warn: Callable[[str], None] = nothing

    def statuses(self) -> list[FileStatus]:
        """Compare the folder with the history in the database."""
        standings = self.history.standings()
        applied = {name for name, standing in standings.items() if standing.applied}
        half_applied = self.history.half_applied_in_words()
        return compare(self.folder.files, applied, standings, self.history.failures(), half_applied, ordered=False)

    def refuse_problems(self, *, allow: str = "") -> None:
        """Raise Refused when a file was edited, renamed or lost, or sorts before an applied one."""
        problems = [found.explanation for found in self.statuses() if found.blocking and found.name != allow]
        problems += self._texts()
        if problems:
            raise Refused(problems)

    def _texts(self) -> list[str]:
        from sql_migrations import contents  # noqa: PLC0415 -- the parser costs 0.2 s, which `status` saves

        problems = []
        pending = {found.name for found in self.statuses() if found.state in UNAPPLIED}
        for file in self.folder.files:
            if file.name in pending:
                try:
                    contents.check_forwards(file)
                except SqlFileError as problem:
                    problems.append(str(problem))
                self._look_back(file)
        return problems

    def _look_back(self, file: SqlFile) -> None:
        """Warn of a rollback that cannot run: in old folders nobody ever ran some of them. Forwards needs none."""
        from sql_migrations import contents  # noqa: PLC0415 -- as above

        try:
            contents.check_backwards(file)
        except SqlFileError as problem:
            self.warn(f"WARNING: {file.name} has no way back: {problem}")

    def pending(self, to: str | None = None) -> list[SqlFile]:
        """Return the files to apply, in their order, up to and including `to`."""
        standings = self.history.standings()
        files = list(self.folder.files)
        if to is not None:
            files = files[: self.position(to) + 1]
        return [file for file in files if file.name not in standings or not standings[file.name].applied]

    def pending_file(self, name: str) -> SqlFile:
        """Return one file that is to be applied whatever its place. Raises SqlMigrationsError when it is applied."""
        file = self.folder.files[self.position(name)]
        standing = self.history.standings().get(file.name)
        if standing is not None and standing.applied:
            raise SqlMigrationsError(f"{file.label} is applied already. See: manage.py sql_migrations status --dir …")
        return file

    def applied_after(self, to: str | None) -> list[SqlFile]:
        """Return the applied files that come after `to` (None: all), newest first."""
        standings = self.history.standings()
        first = 0 if to is None else self.position(to) + 1
        files = [file for file in self.folder.files[first:] if file.name in standings and standings[file.name].applied]
        return files[::-1]

    def position(self, name: str) -> int:
        """Return a file's place in the order. Raises SqlMigrationsError for a name that is not there."""
        for number, file in enumerate(self.folder.files):
            if name in {file.name, file.path.name}:
                return number
        raise SqlMigrationsError(f"there is no file {name} in {self.folder.path}.")

    def runner(self) -> Runner:
        """Build the runner, creating the history's tables if they are missing."""
        from sql_migrations.ledgers import NoLedger  # noqa: PLC0415
        from sql_migrations.runner import Runner  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

        self.history.ensure_schema()
        return Runner(
            self.session, self.history, NoLedger(), fresh=self.fresh, patience=self.patience, report=self.note
        )

    def fresh(self) -> None:
        """Put the session back to where it began."""
        self.session.reset()


@contextmanager
def opened(
    directory: Path,
    url: str,
    *,
    say: Callable[[str], None],
    note: Callable[[str], None] | None = None,
    layout: str | None = None,
    changing: bool,
) -> Iterator[ForeignRun]:
    """Open a folder and a database; with `changing`, hold the deploy lock meanwhile."""
    folder = importers.read(directory, layout=layout)
    for warning in folder.warnings:
        say(f"WARNING: {warning}")
    params = _params(url)
    with _connected(params) as connection:
        session, patience = Session(connection), Patience(report=say)
        with deploy_lock(params, say, work=connection) if changing else nullcontext() as lock:
            if lock is not None:
                patience.still_locked = partial(still_held, lock)
                session.on_wait = Observer(lock, connection.info.backend_pid, patience).look
            # The history is looked at once the lock is held: who held it before may have just made it.
            yield ForeignRun(folder, session, History(session), patience, note or say, say)


def _params(url: str) -> dict[str, object]:
    try:
        return {"connect_timeout": 5, **psycopg.conninfo.conninfo_to_dict(url), "client_encoding": "utf8"}
    except psycopg.ProgrammingError:
        # The parser's own message shows the URL, with the password in it.
        raise SqlMigrationsError(
            "--database is not a PostgreSQL URL. Write postgresql://user:password@host:5432/name"
        ) from None


@contextmanager
def _connected(params: dict[str, object]) -> Iterator[psycopg.Connection]:
    try:
        connection = psycopg.connect(**params, autocommit=True)  # type: ignore[arg-type]
    except psycopg.OperationalError as error:
        raise SqlMigrationsError(f"cannot connect to --database: {' '.join(str(error).split())}") from None
    with connection:
        yield connection
