"""Apply one SQL file, or take it back, with its rows: the capability that everything else here calls."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from sql_migrations.errors import NotReversible, StatementFailed
from sql_migrations.execute import Outcome, run_in_transaction
from sql_migrations.history_rows import Entry
from sql_migrations.journal import Answer, Journal
from sql_migrations.reversing.existing import existing_query, must_ask
from sql_migrations.reversing.reverse import derive
from sql_migrations.session import ServerError, ServerGone, literal
from sql_migrations.statements import Script, parse
from sql_migrations.syntax.objects import created, from_json, proven
from sql_migrations.syntax.units import Plan, plan
from sql_migrations.syntax.uses import refuse_own_tables
from sql_migrations.waiting import Patience, nothing

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from sql_migrations.files import SqlFile
    from sql_migrations.header import Transaction
    from sql_migrations.history import History, Insert
    from sql_migrations.history_rows import Event
    from sql_migrations.ledgers import Ledger
    from sql_migrations.session import Session
    from sql_migrations.syntax.objects import Key

# PostgreSQL says that this cannot run in one transaction: active transaction (25001), COMMIT in a procedure (2D000),
# a new enum value used (55P04), ALTER TABLE with pending trigger events (55006). The parser cannot see all of them.
_NEEDS_STATEMENTS = frozenset({"25001", "2D000", "55P04", "55006"})
_NOT_ALLOWED = "42501"
# Not an object: the schema that unqualified names went to, kept among what a file created.
_PATH = "search path"
_MOST_NOTICES, _LONGEST_NOTICE = 100, 1000


@dataclass(frozen=True, slots=True)
class WayBack:
    """The script that undoes a file. `kept` says what was there before the file, and stays."""

    script: Script
    derived: bool
    kept: tuple[str, ...]

    @property
    def lines(self) -> list[str]:
        """What a person should see before it runs: every derived statement, and what stays."""
        statements = self.script.statements if self.derived else ()
        return [
            *(self.script.sql(statement) for statement in statements),
            *(f"-- {sentence}" for sentence in self.kept),
        ]


@dataclass(frozen=True, slots=True)
class _Job:
    """One direction of one file: the script to run and what to record of it."""

    event: Event
    file: SqlFile
    script: Script
    created: list[Any]

    @property
    def journal_name(self) -> str:
        return self.file.name if self.event == "apply" else f"{self.file.name}.down"


def _checked(file: SqlFile) -> Script:
    script = parse(file.text(), file=file.label)
    refuse_own_tables(script)
    return script


class Runner:
    """Runs files over one session. `fresh` puts the session back to where it began; it is called before each file.

    `scripts` are those that a preflight has parsed and checked already; each is let go of once it is run.
    """

    def __init__(
        self,
        session: Session,
        history: History,
        ledger: Ledger,
        *,
        fresh: Callable[[], None],
        patience: Patience | None = None,
        report: Callable[[str], None] = nothing,
        answers: Mapping[str, Answer] | None = None,
        scripts: dict[SqlFile, Script] | None = None,
    ) -> None:
        self.session, self.history, self.ledger, self.fresh = session, history, ledger, fresh
        self.patience = patience or Patience(report=report)
        self.report, self.answers = report, answers or {}
        self.scripts = scripts or {}

    def apply(self, file: SqlFile, settings: Mapping[str, str] | None = None) -> None:
        """Apply a file and record it. Raises a SqlFileError; then nothing of it is applied, or the journal says what.

        `settings` are PostgreSQL's, and hold in the session while the file runs.

        `answers` say, by file name, what became of the statement that was in flight when a journalled file stopped.
        """
        script = self.scripts.pop(file, None) or _checked(file)
        self._begin(settings)
        self._run(_Job("apply", file, script, self._will_create(script)), file.header.transaction)

    def rollback(self, file: SqlFile, settings: Mapping[str, str] | None = None) -> None:
        """Take a file back by its `.down.sql`, or by the derived reverse. Raises a SqlFileError; then it stands."""
        self._begin(settings)
        script = self.way_back(file).script
        self._run(_Job("rollback", file, script, []), "auto")

    def _begin(self, settings: Mapping[str, str] | None) -> None:
        self.fresh()
        if settings:
            each = (f"set_config({literal(name)}, {literal(value)}, false)" for name, value in settings.items())
            self.session.run(f"SELECT {', '.join(each)}")

    def way_back(self, file: SqlFile) -> WayBack:
        """Return what would undo a file: the author's text, else the reverse derived from what the history proves."""
        text = file.down_text()
        if text is not None:
            script = parse(text, file=file.down_label)
            refuse_own_tables(script)
            return WayBack(script, derived=False, kept=())
        recorded = [from_json(key) for key in self.history.created_by(file.name)]
        self._refuse_another_path(file, recorded)
        reverse = derive(parse(file.text(), file=file.label), recorded)
        text = "".join(f"{statement};\n" for statement in reverse.statements)
        script = parse(text, file=f"{file.label} (derived reverse)")
        return WayBack(script, derived=True, kept=tuple(reverse.kept))

    def _will_create(self, script: Script) -> list[Any]:
        """List what the file is about to create: not what is there already and would be skipped or replaced."""
        objects = created(script)
        existed = [False] * len(objects)
        if must_ask(objects):
            ((array,),) = self.session.rows(existing_query(objects))
            existed = [answer == "t" for answer in (array or "").strip("{}").split(",")]
        return [[_PATH, self._first_schema(), "", ""], *(list(key) for key in proven(objects, existed))]

    def _first_schema(self) -> str | None:
        return self.session.rows("SELECT current_schema()")[0][0]

    def _refuse_another_path(self, file: SqlFile, recorded: list[Key]) -> None:
        """Names without a schema mean what the search_path makes of them: it must be what it was at the apply."""
        then = next((key.schema for key in recorded if key.kind == _PATH), None)
        now = self._first_schema()
        if then is not None and then != now:
            raise NotReversible(
                f"it was applied where names without a schema go to {then}, and now they go to {now}. "
                f"Set the search_path as it was, or write {file.name}.down.sql.",
                file=file.label,
            )

    def _run(self, job: _Job, transaction: Transaction) -> None:
        how = plan(job.script, transaction=transaction)
        try:
            insert, notices = self._carry_out(job, how)
        except StatementFailed as failure:
            self._record_failure(job, failure)
            if failure.sqlstate == _NOT_ALLOWED:
                failure.advise(
                    f"The role {self.history.role} lacks that right: migrate as the owner of the schema, or grant it."
                )
            raise
        self.history.committed(insert)
        for notice in notices:
            self.report(f"{job.script.file}: {notice}")

    def _carry_out(self, job: _Job, how: Plan) -> tuple[Insert, list[str]]:
        if how.mode == "transaction" and not self._half_applied(job):
            recorded: list[Insert] = []
            try:
                outcome = run_in_transaction(
                    self.session,
                    job.script,
                    how.units[0],
                    tail=lambda outcome: self._tail(job, outcome, "transaction", recorded),
                    patience=self.patience,
                )
            except StatementFailed as failure:
                if failure.sqlstate not in _NEEDS_STATEMENTS:
                    raise
                if how.explicit:
                    failure.advise("This cannot run in one transaction: take out BEGIN and COMMIT, or split the file.")
                    raise
                self.report(f"{failure.problem}. It has no BEGIN, so it goes statement by statement, with a journal.")
            else:
                return recorded[-1], outcome.notices
        return self._journalled(job)

    def _journalled(self, job: _Job) -> tuple[Insert, list[str]]:
        recorded: list[Insert] = []
        journal = Journal(
            self.session,
            self.history.journal,
            job.journal_name,
            job.script,
            plan(job.script, transaction="none").units,
            self.patience,
            self.report,
        )
        job = replace(job, created=journal.created_as_of_the_start(job.created))
        outcome = journal.run(
            lambda outcome: self._tail(job, outcome, "journalled", recorded),
            answer=self.answers.get(job.file.name),
            resumed=lambda steps: self.history.append(self._entry("resume", job, statements=steps)),
        )
        return recorded[-1], outcome.notices

    def _half_applied(self, job: _Job) -> bool:
        """Say whether an earlier run left the file journalled, though it looks as if one transaction could hold it."""
        return job.journal_name in self.history.half_applied()

    def _tail(self, job: _Job, outcome: Outcome, mode: str, recorded: list[Insert]) -> list[str]:
        entry = self._entry(
            job.event,
            job,
            mode=mode,
            statements=outcome.statements,
            milliseconds=outcome.milliseconds,
            notices=[notice[:_LONGEST_NOTICE] for notice in outcome.notices[:_MOST_NOTICES]],
            created=job.created,
        )
        recorded.append(self.history.insert(entry))
        rows = self.ledger.applied if job.event == "apply" else self.ledger.unapplied
        return [*rows(job.file.name), recorded[-1].sql]

    def _entry(self, event: Event, job: _Job, **facts: Any) -> Entry:
        # The hash of the forwards text is what `status` compares later; a rollback has no use for one.
        tokens = job.script.tokens_sha256() if job.event == "apply" else ""
        return Entry(event, job.file.name, sha256=job.file.sha256, tokens_sha256=tokens, **facts)

    def _record_failure(self, job: _Job, failure: StatementFailed) -> None:
        with suppress(ServerGone, ServerError):
            self.fresh()
            self.history.append(self._entry("fail", job, error=failure.stored))
