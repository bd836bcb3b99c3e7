"""A guarded run over Django's connection: the deploy lock, the history, the preflight, and what is looked at after."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, Literal

from django.conf import settings
from django.utils.module_loading import import_string

from sql_migrations import preflight
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.executor import Executor
from sql_migrations.graph import SqlMigration
from sql_migrations.history import History
from sql_migrations.history_rows import Entry
from sql_migrations.lock import deploy_lock, still_held
from sql_migrations.mishaps import reaching
from sql_migrations.session import Session
from sql_migrations.waiting import Observer, Patience

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper

    from sql_migrations.executor import Plan
    from sql_migrations.files import SqlFile
    from sql_migrations.journal import Answer
    from sql_migrations.runner import Runner
    from sql_migrations.statements import Script


@dataclass
class Deploy:
    """One run of migrations. `say` shows a sentence at once; `note` may keep it until a line in progress is done."""

    connection: BaseDatabaseWrapper
    session: Session
    history: History
    patience: Patience
    say: Callable[[str], None]
    note: Callable[[str], None]
    consent: bool = False
    only: Literal["", "forwards", "backwards"] = ""
    on_start: Callable[[int], None] = lambda _: None
    answers: dict[str, Answer] = field(default_factory=dict)
    scripts: dict[SqlFile, Script] = field(default_factory=dict)

    def executor(self, progress_callback: Callable[..., Any] | None = None, *, allow: str = "") -> Executor:
        """Build the executor, after the preflight. Raises preflight.Refused. `allow` names a file out of order."""
        executor = self.unchecked_executor(progress_callback)
        self.scripts = preflight.check(
            executor.loader, self.history.standings(), self.history.half_applied_in_words(), self.say, allow=allow
        )
        return executor

    def unchecked_executor(self, progress_callback: Callable[..., Any] | None = None) -> Executor:
        """Build an executor without preflight, for what looks at a database or mends its record."""
        executor = Executor(
            self.connection,
            progress_callback,
            runner=lambda: self.runner(executor),
            patience=self.patience,
            before=self._before,
        )
        return executor

    def runner(self, executor: Executor) -> Runner:
        """Build the runner of SQL files, once one is to be run."""
        from sql_migrations.ledgers import DjangoLedger  # noqa: PLC0415
        from sql_migrations.plan import plan_hash  # noqa: PLC0415 -- needed only when something is applied
        from sql_migrations.runner import Runner  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

        executor.recorder.ensure_schema()
        self.history.ensure_schema()
        self.history.plan_hash = plan_hash(executor)
        return Runner(
            self.session,
            self.history,
            DjangoLedger(self.session),
            fresh=self.fresh,
            patience=self.patience,
            report=self.note,
            answers=self.answers,
            scripts=self.scripts,
        )

    def fresh(self) -> None:
        """Put the session back to where it began: no setting, role or temporary table of the last file remains."""
        self.session.reset()
        # What Django does to a new connection: after DISCARD ALL this one is as good as new.
        self.connection._configure_connection(self.connection.connection)  # type: ignore[attr-defined]  # noqa: SLF001

    def _before(self, executor: Executor, plan: Plan) -> None:
        """Refuse a direction that was not asked for; before going back over SQL files, show how far, and ask."""
        backwards = plan[0][1]
        if backwards and self.only == "forwards":
            raise SqlMigrationsError(
                "it is applied, and later ones too. To go back: manage.py sql_migrations rollback --to NAME"
            )
        if not backwards and self.only == "backwards":
            raise SqlMigrationsError(
                "it is not applied, so there is nothing to go back to. To apply it: "
                "manage.py sql_migrations replay --to NAME"
            )
        if backwards and any(isinstance(node, SqlMigration) for node, _ in plan):
            self._ask(executor, plan)
        self.on_start(len(plan))

    def _ask(self, executor: Executor, plan: Plan) -> None:
        from sql_migrations import blast  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

        radius = blast.radius(executor, plan)
        for line in radius.lines:
            self.say(line)
        if not self.consent:
            raise blast.NeedsConsent(radius)

    def finish(self) -> None:
        """After the last node: name what was left half made, and record the run with the schema's fingerprint."""
        from sql_migrations import catalogue  # noqa: PLC0415 -- needed only when something was applied

        self.fresh()
        for index in invalid_indexes(self.session):
            self.say(f"WARNING: the index {index} is INVALID and not used. Drop it and create it again.")
        if self.history.exists:
            self.history.ensure_schema()  # reads the chain's head, which a run without SQL files had no use for
            lines = catalogue.describe(self.session)
            self.history.append(Entry("run", "", fingerprint=catalogue.fingerprint(lines)))


def invalid_indexes(session: Session) -> list[str]:
    """Return the indexes that a failed CREATE INDEX CONCURRENTLY left behind."""
    rows = session.rows(
        "SELECT i.indexrelid::pg_catalog.regclass::text FROM pg_catalog.pg_index AS i WHERE NOT i.indisvalid "
        "AND NOT EXISTS (SELECT FROM pg_catalog.pg_class AS c WHERE c.oid = i.indexrelid AND c.relkind = 'I') "
        "ORDER BY 1"
    )
    return [name or "" for (name,) in rows]


class LeftWrong(SqlMigrationsError):
    """Everything is applied, and the database is not as it must be."""


def postflight(database: str) -> None:
    """Ask what the project says is wrong with a database that everything is applied to. Raises LeftWrong."""
    path = getattr(settings, "SQL_MIGRATIONS_POSTFLIGHT", "")
    if path and (problems := list(import_string(path)(database))):
        raise LeftWrong("\n  ".join(["everything is applied, but:", *problems]))


@contextmanager
def guarded(
    connection: BaseDatabaseWrapper,
    *,
    say: Callable[[str], None],
    note: Callable[[str], None] | None = None,
    consent: bool = False,
) -> Iterator[Deploy]:
    """Hold the deploy lock and yield a Deploy that may change the database."""
    if connection.in_atomic_block:
        raise SqlMigrationsError(
            "migrations commit node by node, so they cannot run inside a transaction.atomic block."
        )
    with reaching():
        connection.ensure_connection()
    work = connection.connection
    with (
        deploy_lock(connection.get_connection_params(), say, work=work) as lock,
        _opened(connection, say, note, consent) as deploy,
    ):
        deploy.patience.look = Observer(lock, work.info.backend_pid, deploy.patience).look
        deploy.patience.still_locked = partial(still_held, lock)
        deploy.session.on_wait = deploy.patience.look
        yield deploy


@contextmanager
def looking(connection: BaseDatabaseWrapper, *, say: Callable[[str], None]) -> Iterator[Deploy]:
    """Yield a Deploy that only looks: no lock is taken and nothing is created."""
    with _opened(connection, say, None, consent=False) as deploy:
        yield deploy


@contextmanager
def _opened(
    connection: BaseDatabaseWrapper,
    say: Callable[[str], None],
    note: Callable[[str], None] | None,
    consent: bool,
) -> Iterator[Deploy]:
    with reaching():
        connection.ensure_connection()
    session = Session(connection.connection)
    history = History(session, app_version=getattr(settings, "SQL_MIGRATIONS_APP_VERSION", ""))
    patience = Patience(
        lock_timeout_ms=getattr(settings, "SQL_MIGRATIONS_LOCK_TIMEOUT_MS", Patience.lock_timeout_ms),
        attempts=getattr(settings, "SQL_MIGRATIONS_LOCK_ATTEMPTS", Patience.attempts),
        report=say,
    )
    try:
        yield Deploy(connection, session, history, patience, say, note or say, consent)
    finally:
        session.close()
