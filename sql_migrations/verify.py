"""Prove that the database is what the files say: hashes, chain, order, and a rebuild from zero that comes out equal."""

from __future__ import annotations

from typing import TYPE_CHECKING

import psycopg

from sql_migrations import catalogue, rebuild
from sql_migrations.graph import APP, folder
from sql_migrations.session import Session
from sql_migrations.status import FileStatus, compare

if TYPE_CHECKING:
    from collections.abc import Iterator

    from sql_migrations.deploy import Deploy
    from sql_migrations.executor import Executor
    from sql_migrations.foreign import ForeignRun


def project(run: Deploy, executor: Executor, *, build: bool) -> Iterator[str]:
    """Yield a sentence for everything that is not as the files and the history say."""
    applied = {name for app, name in executor.loader.applied_migrations if app == APP}
    yield from (str(problem) for problem in folder().problems)
    history = run.history
    yield from _of_files(
        compare(folder().files, applied, history.standings(), half_applied=history.half_applied_in_words())
    )
    if run.history.exists:
        yield from run.history.broken_links()
    if build:
        nodes = [key for key in executor.loader.applied_migrations if key in executor.loader.graph.nodes]
        run.fresh()
        yield from catalogue.differences(rebuild.rebuilt(nodes), catalogue.describe(run.session))


def foreign(run: ForeignRun, *, build: bool) -> Iterator[str]:
    """Do the same for a foreign folder, whose history says what is applied."""
    yield from _of_files(run.statuses())
    if run.history.exists:
        yield from run.history.broken_links()
    if not build:
        return
    standings = run.history.standings()
    applied = [file for file in run.folder.files if file.name in standings and standings[file.name].applied]
    with rebuild.scratch_url() as url, psycopg.connect(url, autocommit=True, client_encoding="utf8") as connection:
        from sql_migrations.foreign import ForeignRun  # noqa: PLC0415 -- it is the other half of a pair
        from sql_migrations.history import History  # noqa: PLC0415

        session = Session(connection)
        fresh = ForeignRun(run.folder, session, History(session), run.patience, lambda _: None)
        runner = fresh.runner()
        for file in applied:
            runner.apply(file)
        fresh.fresh()
        run.fresh()
        yield from catalogue.differences(catalogue.describe(session), catalogue.describe(run.session))


def _of_files(found: list[FileStatus]) -> Iterator[str]:
    yield from (
        f"{status.name}: {status.explanation}" for status in found if status.blocking or status.state == "half applied"
    )
