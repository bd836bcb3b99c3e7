"""Run the statements of a file: in one transaction with the rows that record them, or alone where that is impossible.

The statements travel as one message (more only around COPY data), so that a file costs two round trips; which one
failed is known from the results that came before it.
"""

from __future__ import annotations

import re
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from psycopg.pq import TransactionStatus

from sql_migrations.errors import BadTransaction, SqlMigrationsError, StatementFailed, locate
from sql_migrations.lock import HOLD_TRANSACTION
from sql_migrations.places import end_of, offset_of
from sql_migrations.session import ServerError, ServerGone, Session
from sql_migrations.syntax.units import Unit, chunks

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from sql_migrations.statements import Script, Statement
    from sql_migrations.syntax.units import Chunk
    from sql_migrations.waiting import Patience

# A file that becomes another role must not lose the right to record itself; LOCAL, since it goes on in that role.
_CHANGES_ROLE = re.compile(r"\b(role|authorization)\b|set_config", re.IGNORECASE)
AS_RUNNER = ("SET LOCAL session_authorization TO DEFAULT", "SET LOCAL role TO DEFAULT")


@dataclass(frozen=True, slots=True)
class Outcome:
    """What running statements came to; `notices` are what the server said meanwhile."""

    statements: int
    milliseconds: int
    notices: list[str]


def run_in_transaction(
    session: Session,
    script: Script,
    unit: Unit,
    *,
    tail: Callable[[Outcome], Sequence[str]],
    patience: Patience,
) -> Outcome:
    """Run a unit and the statements that record it in one transaction: both are there afterwards, or neither.

    `tail` builds the recording statements once the outcome is known. Raises StatementFailed with nothing applied.
    A lock that is not had in time is waited for outside the transaction and tried again.
    """
    return patience.retry(lambda: _attempt(session, script, unit, tail, patience))


def _attempt(
    session: Session, script: Script, unit: Unit, tail: Callable[[Outcome], Sequence[str]], patience: Patience
) -> Outcome:
    session.notices.clear()
    started = time.monotonic()
    try:
        _send(session, script, unit, patience)
        if session.connection.pgconn.transaction_status != TransactionStatus.INTRANS:
            raise BadTransaction("its statements ended the transaction that they run in.", file=script.file)
        patience.still_locked()  # else another run may be at the same file
        milliseconds = round((time.monotonic() - started) * 1000)
        outcome = Outcome(len(unit.statements), milliseconds, list(session.notices))
        _commit(session, script, unit, tail(outcome))
    except ServerGone:
        raise
    except BaseException:
        with suppress(ServerGone):
            session.run("ROLLBACK")
        raise
    return outcome


def _send(session: Session, script: Script, unit: Unit, patience: Patience) -> None:
    prefix = f"{unit.begin};\n"
    count = 1
    if "lock_timeout" not in script.text:
        prefix += f"SET LOCAL lock_timeout = {patience.lock_timeout_ms};\n"
        count += 1
    pending = None
    for chunk in chunks(script, unit):
        if pending is not None:
            _send_chunk(session, script, pending, prefix, count)
            prefix, count = "", 0
        pending = chunk
    # The lock comes with the last statements and not with the first, before which SET TRANSACTION must be possible.
    if pending is None:
        session.run(prefix + HOLD_TRANSACTION)
    else:
        _send_chunk(session, script, pending, prefix, count, suffix=f"\n;{HOLD_TRANSACTION}")


def _send_chunk(session: Session, script: Script, chunk: Chunk, prefix: str, count: int, *, suffix: str = "") -> None:
    try:
        results = session.run(prefix + chunk.sql + suffix, chunk.data) - bool(suffix)
    except ServerError as error:
        raise statement_failed(script, chunk, error, prefix=len(prefix), before=count) from None
    if results != count + len(chunk.statements):
        raise SqlMigrationsError(
            f"{script.file}: {len(chunk.statements)} statements gave {results - count} results. Nothing was applied."
        )


def _commit(session: Session, script: Script, unit: Unit, tail: Sequence[str]) -> None:
    undo_role = AS_RUNNER if _CHANGES_ROLE.search(script.text) else ()
    # Deferred constraints speak here, before the rows that record the file, so that an error is not blamed on those.
    checks = "SET CONSTRAINTS ALL IMMEDIATE"
    try:
        session.run("; ".join((checks, *undo_role, *tail, "COMMIT")))
    except ServerError as error:
        last = end_of(script, unit.statements)
        where = "at the end of the transaction: " if error.index == 0 else "recording the file: "
        raise _failed(script, last, error, said=where + error.message) from None


def run_alone(session: Session, script: Script, unit: Unit) -> Outcome:
    """Run a unit outside any transaction block, as what it holds demands. Raises StatementFailed."""
    session.notices.clear()
    started = time.monotonic()
    for chunk in chunks(script, unit):
        try:
            session.run(chunk.sql, chunk.data)
        except ServerError as error:
            raise statement_failed(script, chunk, error) from None
    milliseconds = round((time.monotonic() - started) * 1000)
    return Outcome(len(unit.statements), milliseconds, list(session.notices))


def statement_failed(
    script: Script, chunk: Chunk, error: ServerError, *, prefix: int = 0, before: int = 0
) -> StatementFailed:
    """Turn a server error into one that names the place in the file: PostgreSQL's own, else the statement's start."""
    statement = _culprit(chunk, error.index - before)
    offset = offset_of(script, statement, error) if statement else chunk.offset
    if error.position is not None and error.position > prefix:
        offset = chunk.offset + error.position - 1 - prefix
    return _failed(script, offset, error)


def _culprit(chunk: Chunk, index: int) -> Statement | None:
    return chunk.statements[index] if 0 <= index < len(chunk.statements) else None


def _failed(script: Script, offset: int, error: ServerError, said: str = "") -> StatementFailed:
    told = (("DETAIL", error.detail), ("HINT", error.hint), ("CONTEXT", error.context))
    return StatementFailed(
        said or error.message,
        file=script.file,
        sqlstate=error.sqlstate,
        place=locate(script.text, offset),
        told=tuple(f"{label}: {text}" for label, text in told if text),
    )
