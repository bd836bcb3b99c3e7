"""Writes that SQL says: statements of every kind, through Django's cursor and psycopg's."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import connection

from tests.compliance.audit.matrix.paths import path
from tests.compliance.audit.matrix.subject import columns, delete, insert, typed, update

if TYPE_CHECKING:
    from typing import Any

    from tests.compliance.audit.matrix.subject import Subject


def run(statement: tuple[str, list[Any]]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(*statement)


def table(subject: Subject) -> str:
    return f'"{subject.model._meta.db_table}"'


def changing(subject: Subject, number: int = 1, which: str = "row") -> tuple[str, list[Any]]:
    return update(subject.changed(number, which), subject.change(number))


@path("raw() with UPDATE … RETURNING", "QuerySet.raw", updates=1)
def raw(subject: Subject) -> None:
    statement, values = changing(subject)
    list(subject.rows.raw(f"{statement} RETURNING *", values))


@path("cursor.execute() of INSERT", "Cursor.execute", creates=1)
def execute_insert(subject: Subject) -> None:
    run(insert(subject.new(2)))


@path("cursor.execute() of UPDATE", "Cursor.execute", updates=1)
def execute_update(subject: Subject) -> None:
    run(changing(subject))


@path("cursor.execute() of DELETE", "Cursor.execute", deletes=1, when=lambda subject: not subject.cascade)
def execute_delete(subject: Subject) -> None:
    run(delete(subject.spare))


@path("cursor.execute() of several statements", "Cursor.execute", creates=1, updates=1)
def execute_several(subject: Subject) -> None:
    with connection.cursor() as cursor:
        cursor.execute(typed(insert(subject.new(2))) + typed(changing(subject)))


@path("INSERT … ON CONFLICT DO UPDATE", "Cursor.execute", updates=1)
def on_conflict(subject: Subject) -> None:
    changed = subject.changed()
    statement, values = insert(changed)
    said = ", ".join(f'"{name}" = excluded."{name}"' for name in columns(changed, subject.change(1)))
    run((f"{statement} ON CONFLICT (id) DO UPDATE SET {said}", values))


@path("MERGE", "Cursor.execute", updates=1)
def merge(subject: Subject) -> None:
    said = columns(subject.changed(), subject.change(1))
    places = ", ".join(f'"{name}" = %s' for name in said)
    target = f"MERGE INTO {table(subject)} AS t USING (SELECT %s::bigint AS id) AS s ON t.id = s.id"
    run((f"{target} WHEN MATCHED THEN UPDATE SET {places}", [subject.row.pk, *said.values()]))


@path("WITH … UPDATE", "Cursor.execute", updates=1)
def with_update(subject: Subject) -> None:
    statement, values = changing(subject)
    run((f"WITH done AS ({statement} RETURNING id) SELECT count(*) FROM done", values))


@path("a DO block", "Cursor.execute", updates=1)
def do_block(subject: Subject) -> None:
    with connection.cursor() as cursor:
        cursor.execute(f"DO $do$ BEGIN {typed(changing(subject))} END $do$")


@path("callproc() of a function that writes", "Cursor.callproc", updates=1)
def callproc(subject: Subject) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE OR REPLACE FUNCTION matrix_touch() RETURNS void LANGUAGE sql AS $f$ {typed(changing(subject))} $f$"
        )
        cursor.callproc("matrix_touch")


@path("cursor.executemany()", "Cursor.executemany", updates=2)
def executemany(subject: Subject) -> None:
    statement, values = changing(subject)
    _, others = changing(subject, 2, "spare")
    with connection.cursor() as cursor:
        cursor.executemany(statement, [values, others])


@path("cursor.stream() of UPDATE … RETURNING", "Cursor.stream", updates=1)
def stream(subject: Subject) -> None:
    statement, values = changing(subject)
    with connection.cursor() as cursor:
        list(cursor.stream(f"{statement} RETURNING id", values))


@path("COPY … FROM STDIN", "Cursor.copy", creates=2)
def copy(subject: Subject) -> None:
    rows = [columns(subject.new(number)) for number in (2, 3)]
    names = ", ".join(f'"{name}"' for name in rows[0])
    with connection.cursor() as cursor, cursor.copy(f"COPY {table(subject)} ({names}) FROM STDIN") as copying:
        for row in rows:
            copying.write_row(list(row.values()))


@path("TRUNCATE", "Cursor.execute", refused=True)
def truncate(subject: Subject) -> None:
    run((f"TRUNCATE {table(subject)} CASCADE", []))
