"""Files that cannot run in one transaction: statement by statement, with a journal that a later run resumes from.

A unit that can run in a transaction commits together with its journal row. For any other (CREATE INDEX CONCURRENTLY,
VACUUM …) the row says "in flight" before it and "done" after it; a resume finds out from the catalogue what became of
the one that was in flight when the process died, or else names it and asks.
"""

from __future__ import annotations

import hashlib
import json
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations import probe
from sql_migrations.errors import NotResumable, StatementFailed, locate
from sql_migrations.execute import AS_RUNNER, Outcome, run_alone, run_in_transaction
from sql_migrations.lock import HOLD_SESSION, RELEASE_SESSION
from sql_migrations.mishaps import Interrupted
from sql_migrations.session import ServerError, ServerGone, literal
from sql_migrations.statements import tokens
from sql_migrations.syntax.blocks import is_setting
from sql_migrations.syntax.units import Unit, settings, temp_objects

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sql_migrations.session import Session
    from sql_migrations.statements import Script
    from sql_migrations.waiting import Patience

Answer = Literal["done", "again"]
# Only PostgreSQL can tell of these that they need to be outside a transaction block: a procedure that commits.
_ONLY_ALONE = frozenset({"25001", "2D000"})
# The journal's row that stands for the start of a file, before its first unit.
_OPENING = -1
# CREATE INDEX CONCURRENTLY waits for every older transaction of the database, so it gets a longer patience.
_CONCURRENT_LOCK_TIMEOUT_MS = 300_000


@dataclass
class Journal:
    """One run of one script in units. `name` keys its rows in `table`, which is empty once the script is through."""

    session: Session
    table: str
    name: str
    script: Script
    units: tuple[Unit, ...]
    patience: Patience
    report: Callable[[str], None]

    def created_as_of_the_start(self, created: list[Any]) -> list[Any]:
        """Keep what the file is about to create, and return what was kept when it first began.

        Asked again by a resume, PostgreSQL would find the file's own objects and say that they were there before.
        """
        name = literal(self.name)
        rows = self.session.rows(f"SELECT created FROM {self.table} WHERE name = {name} AND unit = {_OPENING}")
        if rows:
            kept: list[Any] = json.loads(rows[0][0] or "[]")
            return kept
        self.session.run(
            f"INSERT INTO {self.table} (name, unit, line, tokens_sha256, state, created) "
            f"VALUES ({name}, {_OPENING}, 0, '', 'done', {literal(json.dumps(created))})"
        )
        return created

    def run(
        self, tail: Callable[[Outcome], Sequence[str]], *, answer: Answer | None, resumed: Callable[[int], None]
    ) -> Outcome:
        """Run, or resume, and record with `tail` when all is done. Raises StatementFailed; what was done stays done."""
        self.session.run(HOLD_SESSION)
        try:
            return self._run(tail, answer, resumed)
        finally:
            with suppress(ServerError, ServerGone):
                self.session.run(RELEASE_SESSION)

    def _run(
        self,
        tail: Callable[[Outcome], Sequence[str]],
        answer: Answer | None,
        resumed: Callable[[int], None],
    ) -> Outcome:
        rows = self._load()
        start = self._first_open(rows)
        if rows:
            self._refuse_lost_temporaries(start)
            self.report(f"{self.script.file}: resuming; {start} of {len(self.units)} steps were done before.")
            resumed(start)
        if "lock_timeout" not in self.script.text:
            self.session.run(f"SET lock_timeout = {_CONCURRENT_LOCK_TIMEOUT_MS}")
        self._replay_settings(start)
        notices: list[str] = []
        milliseconds = 0
        for number in range(start, len(self.units)):
            try:
                outcome = self._step(number, in_flight=rows.get(number) is not None, answer=answer)
            except KeyboardInterrupt:
                raise Interrupted(self._stands(number)) from None
            notices += outcome.notices
            milliseconds += outcome.milliseconds
        whole = Outcome(sum(len(unit.statements) for unit in self.units), milliseconds, notices)
        return self._record(whole, tail)

    def _stands(self, done: int) -> str:
        return f"{done} of {len(self.units)} steps of {self.script.file} are applied; the next run goes on from there."

    def _record(self, whole: Outcome, tail: Callable[[Outcome], Sequence[str]]) -> Outcome:
        clear = f"DELETE FROM {self.table} WHERE name = {literal(self.name)}"
        run_in_transaction(
            self.session,
            self.script,
            Unit((), "BEGIN READ WRITE"),
            tail=lambda _: [clear, *tail(whole)],
            patience=self.patience,
        )
        return whole

    def _load(self) -> dict[int, tuple[str, str]]:
        rows = self.session.rows(
            f"SELECT unit, state, tokens_sha256 FROM {self.table} WHERE name = {literal(self.name)} AND unit >= 0 "
            "ORDER BY unit"
        )
        return {int(unit or 0): (state or "", tokens_hash or "") for unit, state, tokens_hash in rows}

    def _first_open(self, rows: dict[int, tuple[str, str]]) -> int:
        """Return the number of the first unit that is not done, after checking that those that are were not edited."""
        start = 0
        for number, (state, tokens_hash) in rows.items():
            if number >= len(self.units) or self._tokens(number) != tokens_hash:
                raise self._refusal(
                    min(number, len(self.units) - 1),
                    "this step of a half-applied file was edited after it had run. Put its text back; "
                    "only steps that have not run yet may change.",
                )
            start = number + 1 if state == "done" else number
        return start

    def _refuse_lost_temporaries(self, start: int) -> None:
        if start >= len(self.units):
            return
        lost = temp_objects(self.script, self.units[start].statements[0].first)
        if lost:
            raise self._refusal(
                start,
                f"the file stopped before this step, and the temporary {', '.join(sorted(lost))} that it had made "
                "went with its session. Undo by hand what the steps above left, then start it anew: "
                f"manage.py sql_migrations replay --restart {self.name}",
            )

    def _replay_settings(self, start: int) -> None:
        if start < len(self.units):
            for statement in settings(self.script, self.units[start].statements[0].first):
                run_alone(self.session, self.script, Unit((statement,), None))

    def _step(self, number: int, *, in_flight: bool, answer: Answer | None) -> Outcome:
        unit = self.units[number]
        if unit.begin is None:
            if all(is_setting(statement) for statement in unit.statements):
                return run_alone(self.session, self.script, unit)
            return self._alone(number, in_flight=in_flight, answer=answer)
        if in_flight:  # it turned out, in the run before, that it could only run alone
            return self._alone(number, in_flight=True, answer=answer)
        try:
            return run_in_transaction(
                self.session, self.script, unit, tail=lambda _: [self._mark(number, "done")], patience=self.patience
            )
        except StatementFailed as failure:
            if failure.sqlstate in _ONLY_ALONE and len(unit.statements) == 1:
                return self._alone(number, in_flight=False, answer=None)
            raise

    def _alone(self, number: int, *, in_flight: bool, answer: Answer | None) -> Outcome:
        unit = self.units[number]
        if self._became(number, in_flight=in_flight, answer=answer) == "done":
            self._note(number, "done")
            return Outcome(len(unit.statements), 0, [])
        self.patience.still_locked()
        self._note(number, "in flight")
        try:
            outcome = run_alone(self.session, self.script, unit)
        except StatementFailed:
            # PostgreSQL has answered: nothing is in flight any more, and the author may mend the statement.
            if probe.can_tell(unit.statements[0]):
                self._forget(number)
            raise
        self._note(number, "done")
        return outcome

    def _forget(self, number: int) -> None:
        self._write(f"DELETE FROM {self.table} WHERE name = {literal(self.name)} AND unit = {number}")

    def _became(self, number: int, *, in_flight: bool, answer: Answer | None) -> Answer:
        """Find out whether a statement outside a transaction has taken effect, healing what it left half made."""
        statement = self.units[number].statements[0]
        if in_flight and answer is not None:
            return answer
        found = probe.look(self.session, statement, in_flight=in_flight)
        for heal in found.heal:
            self.report(f"{self.script.file}:{self._line(number)}: {heal.why}: {heal.sql}")
            self.session.run(heal.sql)
        if found.verdict == "unknown":
            raise self._refusal(
                number,
                "this statement was running when the last run stopped, and the catalogue does not show whether it took "
                f"effect. Look, then say so: manage.py sql_migrations {self._command} --in-flight "
                f"{self.name.removesuffix('.down')}=done (or =again)",
            )
        return found.verdict

    def _note(self, number: int, state: Literal["in flight", "done"]) -> None:
        """Write a mark in a transaction of its own, in whatever role and mode the file has put the session."""
        self._write(self._mark(number, state))

    def _write(self, statement: str) -> None:
        self.session.run("; ".join(("BEGIN READ WRITE", *AS_RUNNER, statement, "COMMIT")))

    def _mark(self, number: int, state: Literal["in flight", "done"]) -> str:
        values = (
            f"{literal(self.name)}, {number}, {self._line(number)}, {literal(self._tokens(number))}, {literal(state)}"
        )
        return (
            f"INSERT INTO {self.table} (name, unit, line, tokens_sha256, state) VALUES ({values}) "
            "ON CONFLICT (name, unit) DO UPDATE "
            "SET state = excluded.state, tokens_sha256 = excluded.tokens_sha256, line = excluded.line"
        )

    @property
    def _command(self) -> str:
        return "rollback --to NAME --yes" if self.name.endswith(".down") else "replay"

    def _line(self, number: int) -> int:
        return locate(self.script.text, self.units[number].statements[0].first)[0]

    def _tokens(self, number: int) -> str:
        text = "\0".join(token for s in self.units[number].statements for token in tokens(self.script.sql(s)))
        return hashlib.sha256(text.encode()).hexdigest()

    def _refusal(self, number: int, problem: str) -> NotResumable:
        offset = self.units[number].statements[0].first
        return NotResumable.at(problem, file=self.script.file, text=self.script.text, offset=offset)
