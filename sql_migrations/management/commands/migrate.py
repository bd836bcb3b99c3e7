"""`manage.py migrate`: Django's own, with SQL files in its plan and a guard around it."""

from __future__ import annotations

from contextlib import ExitStack
from typing import TYPE_CHECKING, Any

from django.core.management.base import CommandError, CommandParser, no_translations
from django.core.management.commands import migrate as django_migrate
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.migrations.exceptions import CircularDependencyError, InconsistentMigrationHistory
from django.db.migrations.executor import MigrationExecutor
from django.db.utils import Error

from sql_migrations import checks, deploy, explain, mishaps
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import APP
from sql_migrations.progress import progress

if TYPE_CHECKING:
    from django.db.migrations import Migration

    from sql_migrations.executor import Executor
    from sql_migrations.progress import Step


class Command(django_migrate.Command):
    """Applies ORM migrations and SQL files in one plan, one run at a time, recording each in its own transaction."""

    # For `sql_migrations replay`: what became of a statement in flight, and in which direction it is meant to go.
    stealth_options = ("answers", "only")

    def add_arguments(self, parser: CommandParser) -> None:
        """Add to Django's arguments the consent that going back asks for."""
        super().add_arguments(parser)
        parser.add_argument(
            "--yes",
            action="store_true",
            help="Agree to undoing SQL files, after having seen what that undoes and which tables go.",
        )

    def check(self, *args: Any, **kwargs: Any) -> None:
        """Run the system checks, but for those of this app: the preflight looks at the same, and at more."""
        alias = (kwargs.get("databases") or [DEFAULT_DB_ALIAS])[0]
        with mishaps.reaching():  # some of Django's checks ask the server for its version
            connections[alias].ensure_connection()
        with checks.mode("silent"):
            super().check(*args, **kwargs)

    @no_translations
    def handle(self, *args: Any, **options: Any) -> None:
        """Run Django's command between preflight and postflight, under the deploy lock unless it only looks."""
        self.verbosity = options["verbosity"]
        self._line_open, self._notes = False, list[str]()
        self._bar: Step | None = None
        if options["prune"] and options["app_label"] == APP:
            raise CommandError(
                "--prune would forget that SQL files were applied. Bring the missing files back, or see: "
                "manage.py sql_migrations status"
            )
        with mishaps.in_words(connections[options["database"]].settings_dict["USER"]):
            self._guarded(*args, **options)

    def _guarded(self, *args: Any, **options: Any) -> None:
        connection = connections[options["database"]]
        connection.prepare_database()
        if options["plan"] or options["check_unapplied"]:
            with deploy.looking(connection, say=self._say) as run:
                self._handle(run, *args, **options)
            return
        with deploy.guarded(connection, say=self._say, note=self._note, consent=options["yes"]) as run:
            run.answers = options.get("answers") or {}
            run.only = options.get("only") or ""
            with ExitStack() as screen:
                run.on_start = lambda total: self._show_bar(screen, total)
                changed = self._handle(run, *args, **options)
            if changed:
                run.finish()
        if not options["app_label"]:
            deploy.postflight(options["database"])

    def _show_bar(self, screen: ExitStack, total: int) -> None:
        """On a terminal, show a bar below the lines."""
        if total and self.verbosity >= 1 and self.stdout.isatty():
            self._bar = screen.enter_context(progress(total, self.stdout))

    def _handle(self, run: deploy.Deploy, *args: Any, **options: Any) -> bool:
        """Let Django's command run with our executor, and say whether anything was changed."""
        made: list[Executor] = []

        def executor(_connection: object, callback: Any) -> Executor:
            made.append(run.executor(callback))
            return made[-1]

        # Django's command names its executor as a global of its module and offers no other place to put one in.
        django_migrate.MigrationExecutor = executor  # type: ignore[attr-defined]
        try:
            super().handle(*args, **options)
        except (SqlMigrationsError, Error):
            self._end_line(" FAILED")
            raise
        except KeyboardInterrupt:
            self._end_line("")
            raise
        except (CircularDependencyError, InconsistentMigrationHistory) as error:
            raise explain.graph_error(error) from error
        finally:
            django_migrate.MigrationExecutor = MigrationExecutor  # type: ignore[attr-defined]
        return bool(made and made[0].changed)

    def migration_progress_callback(self, action: str, migration: Migration | None = None, fake: bool = False) -> None:
        """Show Django's lines; what PostgreSQL said meanwhile comes below the line that it belongs to."""
        if self._bar is not None and migration is not None:
            if action.endswith("_start"):
                self._bar.start(str(migration))
            else:
                self._bar.done(self._notes)
                self._notes.clear()
            return
        super().migration_progress_callback(action, migration, fake)
        self._line_open = action.endswith("_start")
        if not self._line_open:
            self._flush_notes()

    def _say(self, sentence: str) -> None:
        self._end_line("")
        self.stdout.flush()  # in a log both streams are one, and what came first stands first
        self.stderr.write(sentence)

    def _note(self, sentence: str) -> None:
        self._notes.append(sentence)
        if not self._line_open and self._bar is None:
            self._flush_notes()

    def _end_line(self, ending: str) -> None:
        if self._line_open and self.verbosity >= 1:
            self.stdout.write(ending)
        self._line_open = False
        self._flush_notes()
        self.stdout.flush()

    def _flush_notes(self) -> None:
        while self._notes:
            note = self._notes.pop(0)
            if self.verbosity >= 1:
                self.stdout.write(f"    {note}")
