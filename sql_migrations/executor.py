"""Django's MigrationExecutor, with every node recorded inside the transaction that carries it out.

Django records an ORM migration that has deferred SQL after its COMMIT, and takes every record away after the COMMIT:
killed in between, the next run stumbles over what is already there, or no longer. Here the record joins the
transaction, forwards and backwards, for ORM and SQL nodes alike.
"""

from __future__ import annotations

from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

from django.conf import settings
from django.db.migrations.executor import MigrationExecutor
from django.db.migrations.recorder import MigrationRecorder
from django.db.utils import Error
from django.utils.functional import cached_property
from django.utils.module_loading import import_string

from sql_migrations import mishaps
from sql_migrations.errors import SqlMigrationsError, StatementFailed
from sql_migrations.graph import APP, SqlMigration
from sql_migrations.loader import Loader
from sql_migrations.lock import HOLD_TRANSACTION
from sql_migrations.waiting import RETRYABLE

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from contextlib import AbstractContextManager

    from django.db.backends.base.base import BaseDatabaseWrapper
    from django.db.migrations import Migration
    from django.db.migrations.state import ProjectState

    from sql_migrations.runner import Runner
    from sql_migrations.waiting import Patience

Plan = list[tuple["Migration", bool]]


class NotFakeable(SqlMigrationsError):
    """`--fake` would record a SQL file without looking whether the database has what it does."""


class Executor(MigrationExecutor):
    """Runs one plan made of ORM migrations and SQL files. `runner` makes the file runner when one is needed."""

    def __init__(
        self,
        connection: BaseDatabaseWrapper,
        progress_callback: Callable[..., Any] | None = None,
        *,
        runner: Callable[[], Runner],
        patience: Patience,
        before: Callable[[Executor, Plan], None],
    ) -> None:
        # Not super().__init__(), which would read all migrations with Django's own loader first.
        self.connection, self.progress_callback = connection, progress_callback
        self.loader, self.recorder = Loader(connection), MigrationRecorder(connection)
        self._make_runner, self._patience, self._before = runner, patience, before
        self.changed = self._after_file = False
        around = getattr(settings, "SQL_MIGRATIONS_AROUND", "")
        self._around: Callable[[str], AbstractContextManager[Mapping[str, str]]]
        self._around = import_string(around) if around else lambda _: nullcontext({})
        self._settings: Mapping[str, str] = {}

    @cached_property
    def runner(self) -> Runner:
        """The runner of SQL files, made at the first one: a run with none never loads the parser."""
        return self._make_runner()

    def migration_plan(
        self, targets: Sequence[tuple[str, str | None]] | set[tuple[str, str]], clean_start: bool = False
    ) -> Plan:
        """Plan as Django does, but for the SQL files' own leaf, which comes last.

        So a file that is added later only extends the plan: wherever its edges lead, all of that is planned already.
        """
        return super().migration_plan(sorted(targets, key=lambda target: target[0] == APP), clean_start)

    def migrate(
        self,
        targets: Any,
        plan: Sequence[tuple[Migration, bool]] | None = None,
        state: ProjectState | None = None,
        fake: bool = False,
        fake_initial: bool = False,
    ) -> ProjectState:
        """Refuse to fake SQL files, then do as Django does."""
        files = [node.file.label for node, _ in plan or [] if isinstance(node, SqlMigration)]
        if fake and files:
            raise NotFakeable(
                f"--fake would record {files[0]} as done without looking. To record what a database already has: "
                "manage.py sql_migrations adopt --to NAME"
            )
        if plan:
            self._before(self, list(plan))
        self.changed = bool(plan)
        state = super().migrate(targets, plan, state, fake, fake_initial)
        self._reset_session()
        return state

    def check_replacements(self) -> None:
        """Record squashed migrations as Django does, in a session without the last file's settings.

        Without any, the record of what is applied need not be read once more.
        """
        self._reset_session()
        if self.loader.replacements:
            super().check_replacements()

    def _reset_session(self) -> None:
        """Let no setting of a SQL file reach what comes after it. Before the next file its runner does the same."""
        if self._after_file:
            self._after_file = False
            self.runner.fresh()

    def apply_migration(
        self, state: ProjectState, migration: Migration, fake: bool = False, fake_initial: bool = False
    ) -> ProjectState:
        """Apply one node and its record in one transaction."""
        with self._around(str(migration)) as self._settings:
            return self._apply_node(state, migration, fake, fake_initial)

    def _apply_node(self, state: ProjectState, migration: Migration, fake: bool, fake_initial: bool) -> ProjectState:
        if isinstance(migration, SqlMigration):
            self._progress("apply_start", migration, fake)
            self._after_file = True
            self.runner.apply(migration.file, self._settings)
            state = migration.mutate_state(state, preserve=False)
            self._progress("apply_success", migration, fake)
            return state
        self._reset_session()
        if fake_initial and not fake:
            fake, state = self.detect_soft_applied(state, migration)
        if fake or not migration.atomic:
            return super().apply_migration(state, migration, fake=fake)
        self._progress("apply_start", migration, fake)
        state = self._with_patience(migration, state, self._apply)
        self._progress("apply_success", migration, fake)
        return state

    def unapply_migration(self, state: ProjectState, migration: Migration, fake: bool = False) -> ProjectState:
        """Take one node and its record back in one transaction."""
        with self._around(str(migration)) as self._settings:
            return self._unapply_node(state, migration, fake)

    def _unapply_node(self, state: ProjectState, migration: Migration, fake: bool) -> ProjectState:
        if isinstance(migration, SqlMigration):
            self._progress("unapply_start", migration, fake)
            self._after_file = True
            self.runner.rollback(migration.file, self._settings)
            self._progress("unapply_success", migration, fake)
            return state
        self._reset_session()
        if fake or not migration.atomic:
            return super().unapply_migration(state, migration, fake=fake)
        self._progress("unapply_start", migration, fake)
        state = self._with_patience(migration, state, self._unapply)
        self._progress("unapply_success", migration, fake)
        return state

    def _apply(self, state: ProjectState, migration: Migration) -> ProjectState:
        with self.connection.schema_editor(atomic=True) as editor:
            self._limit_lock_waits()
            state = migration.apply(state, editor)
            _run_deferred(editor)
            for app_label, name in migration.replaces or [(migration.app_label, migration.name)]:
                self.recorder.record_applied(app_label, name)
            self._hold_until_committed()
        return state

    def _unapply(self, state: ProjectState, migration: Migration) -> ProjectState:
        with self.connection.schema_editor(atomic=True) as editor:
            self._limit_lock_waits()
            state = migration.unapply(state, editor)
            _run_deferred(editor)
            for app_label, name in [*migration.replaces, (migration.app_label, migration.name)]:
                self.recorder.record_unapplied(app_label, name)
            self._hold_until_committed()
        return state

    def _limit_lock_waits(self) -> None:
        with self.connection.cursor() as cursor:
            cursor.execute(f"SET LOCAL lock_timeout = {self._patience.lock_timeout_ms}")

    def _hold_until_committed(self) -> None:
        """Should this process be killed in the COMMIT, let the next run wait until PostgreSQL is through with it."""
        with self.connection.cursor() as cursor:
            cursor.execute(HOLD_TRANSACTION)

    def _with_patience(
        self,
        migration: Migration,
        state: ProjectState,
        run: Callable[[ProjectState, Migration], ProjectState],
    ) -> ProjectState:
        """Run a node; when a lock is not had in time, step out and try again, from the state before the node."""
        states = iter([state])

        def attempt() -> ProjectState:
            key = (migration.app_label, migration.name)
            before = next(states, None) or self.loader.project_state(key, at_end=False)
            try:
                return run(before, migration)
            except Error as error:
                told = _lock_not_had(error, migration) or mishaps.sentence(error, node=str(migration))
                if told is None:
                    raise
                raise told from error

        with self._patience.watching():
            return self._patience.retry(attempt)

    def _progress(self, action: str, migration: Migration, fake: bool) -> None:
        if self.progress_callback:
            self.progress_callback(action, migration, fake)


def _lock_not_had(error: Error, migration: Migration) -> StatementFailed | None:
    sqlstate = getattr(error.__cause__, "sqlstate", None)
    if sqlstate not in RETRYABLE:
        return None
    return StatementFailed(str(error).splitlines()[0], file=str(migration), sqlstate=sqlstate)


def _run_deferred(editor: Any) -> None:
    """Run what Django would run on leaving the editor, so that the record comes after it in the same transaction."""
    while editor.deferred_sql:
        editor.execute(editor.deferred_sql.pop(0), None)
