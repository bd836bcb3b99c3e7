"""Writing rows in batches while other people work, with the triggers of the table at rest.

What a batch writes says nothing new about anybody: the same values in another form. So it makes no new versions and no
entries of the trail, and signed rows are among what it writes. The triggers rest inside the batch's transaction alone,
which nobody else writes in: whoever wants to waits for its end. Only the owner of the table may do so.
"""

from __future__ import annotations

import logging
import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

BATCH = 2000  # rows; about 50 ms, in which others wait for the table
_ENABLE = {"O": "ENABLE", "A": "ENABLE ALWAYS", "R": "ENABLE REPLICA"}

logger = logging.getLogger(__name__)


class Work(NamedTuple):
    """What is to be written: into which column, from which others, and of which rows.

    `make` gets what was read of a row, in the order of `reads`, and returns what to write, or None to leave the row.
    Names are quoted; `where` is SQL.
    """

    table: str
    key: str
    key_type: str
    reads: Sequence[str]
    where: str
    target: str
    type: str
    make: Callable[..., Any]


@contextmanager
def triggers_at_rest(connection: BaseDatabaseWrapper, table: str) -> Iterator[None]:
    """Run a transaction in which the table's own triggers do not fire, and nobody else writes into it."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        cursor.execute(f"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE")
        cursor.execute(
            "SELECT quote_ident(tgname), tgenabled FROM pg_trigger "
            "WHERE tgrelid = %s::regclass AND NOT tgisinternal AND tgenabled <> 'D'",
            [table],
        )
        found = [
            (name, _ENABLE[bytes(how).decode() if isinstance(how, bytes) else how]) for name, how in cursor.fetchall()
        ]
        for name, _ in found:
            cursor.execute(f"ALTER TABLE {table} DISABLE TRIGGER {name}")
        yield
        for name, how in found:
            cursor.execute(f"ALTER TABLE {table} {how} TRIGGER {name}")


def write(connection: BaseDatabaseWrapper, work: Work, *, batch: int, title: str) -> None:
    """Go through the table by its key, a transaction for each batch. What was done stays done if it stops."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {work.table} WHERE {work.where}")
        (total,) = cursor.fetchone() or (0,)
    with _progress(title, total) as advance:
        last = None
        while True:
            with triggers_at_rest(connection, work.table):
                last, count = one_batch(connection, work, batch, last)
            if last is None:
                return
            advance(count)


def one_batch(connection: BaseDatabaseWrapper, work: Work, batch: int | None, after: Any = None) -> tuple[Any, int]:
    """Write the rows behind a key; all that are left, if no number is given. Return the last key, None at the end."""
    reads = ", ".join([work.key, *work.reads])
    behind = "" if after is None else f"AND {work.key} > %s"
    params = [] if after is None else [after]
    limit = "" if batch is None else f"LIMIT {batch}"
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT {reads} FROM {work.table} WHERE ({work.where}) {behind} ORDER BY {work.key} {limit}", params
        )
        rows = cursor.fetchall()
        made = [(key, value) for key, *values in rows if (value := work.make(*values)) is not None]
        cursor.execute(
            f"UPDATE {work.table} SET {work.target} = new.value "
            f"FROM unnest(%s::{work.key_type}[], %s::{work.type}[]) AS new (key, value) WHERE {work.key} = new.key",
            [[key for key, _ in made], [value for _, value in made]],
        )
    return (rows[-1][0] if rows else None), len(rows)


@contextmanager
def _progress(title: str, total: int) -> Iterator[Callable[[int], None]]:
    """Show a bar on a terminal, and write to the log anywhere else."""
    done = 0
    columns = (BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), TextColumn("{task.description}", markup=False))
    with Progress(*columns, console=Console(stderr=True), disable=not sys.stderr.isatty(), transient=True) as bar:
        task = bar.add_task(title, total=total)

        def advance(count: int) -> None:
            nonlocal done
            done += count
            bar.update(task, advance=count)
            logger.info("%s: %s of %s rows", title, done, total)

        yield advance
