"""What the trail should say, found without it: the audited tables before and after, compared column by column."""

from __future__ import annotations

import contextlib
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, NamedTuple

from django.apps import apps
from django.db import connection, transaction

from compliance import phi
from compliance.audit.registry import DECLARED
from compliance.phi import Phi

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from django.db.models import Model

    from tests.compliance.audit.matrix.paths import Path
    from tests.compliance.audit.matrix.subject import Subject

State = "dict[tuple[str, str], dict[str, str | None]]"


class Seen(NamedTuple):
    """One change of one row, as an entry of the trail has it, but for whose it is."""

    table: str
    key: str
    event: str
    label: str | None  # of the content type; a table that Django makes by itself has none
    patient: str | None
    version: str | None
    uid: str | None
    changes: Mapping[str, list[str]]


class Named(NamedTuple):
    """Whom an entry names."""

    actor: int | None
    attributed: bool
    captured_by: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a write did to the tables, what the trail says of it, and whom it names."""

    done: list[Seen]
    said: list[Seen]
    named: set[Named]

    @property
    def counted(self) -> Counter[str]:
        """Count what was done, by event."""
        return Counter(one.event for one in self.done)


def audited() -> dict[str, type[Model]]:
    """Find the tables with an audit trigger in the catalogue, whatever the models say."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = tgrelid "
            "WHERE tgname = 'zz_audit_row' AND relkind = 'r' ORDER BY relname"
        )
        found = {table for (table,) in cursor.fetchall()}
    models = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    return {table: models[table] for table in sorted(found | {model._meta.db_table for model in DECLARED})}


def observed(write: Callable[[], object]) -> Outcome:
    """Run a write and tell what it did, and what the trail says."""
    tables = audited()
    before, mark = _state(tables), _mark()
    write()
    after = _state(tables)
    said, named = _entries(mark)
    return Outcome(sorted(_difference(tables, before, after), key=repr), sorted(said, key=repr), named)


class _Undo(Exception):
    pass


@contextlib.contextmanager
def undone() -> Iterator[None]:
    """Roll back what a `with` wrote."""
    with contextlib.suppress(_Undo), transaction.atomic():
        yield
        raise _Undo


def tried(path: Path, subject: Subject) -> Outcome:
    """Prepare and walk a path."""
    if path.given:
        path.given(subject)
    return observed(lambda: path.write(subject))


def _state(tables: Mapping[str, type[Model]]) -> State:
    """Read every row of the audited tables, each value as text."""
    rows = " UNION ALL ".join(
        f"SELECT '{table}', {_key(model)}, (SELECT jsonb_object_agg(key, value) FROM jsonb_each_text(to_jsonb(t))) "
        f'FROM "{table}" AS t'
        for table, model in tables.items()
    )
    with connection.cursor() as cursor:
        cursor.execute(rows)
        return {(table, key): _loaded(row) for table, key, row in cursor.fetchall()}


def _key(model: type[Model]) -> str:
    """Write the key as the trail does: the columns of it, as text, with commas between."""
    columns = getattr(model._meta.pk, "fields", None) or [model._meta.pk]
    return f"concat_ws(',', {', '.join(str(column.column) for column in columns)})"


def _loaded(value: Any) -> Any:
    import json  # noqa: PLC0415 - Django hands jsonb out as text

    return json.loads(value) if isinstance(value, str) else value


def _difference(tables: Mapping[str, type[Model]], before: State, after: State) -> Iterator[Seen]:
    for table, key in before.keys() | after.keys():
        was, becomes = before.get((table, key)), after.get((table, key))
        if was != becomes:
            model = tables[table]
            yield _change(model, _clear(model), key, was, becomes)


def _change(
    model: type[Model], clear: set[str], key: str, was: dict[str, Any] | None, becomes: dict[str, Any] | None
) -> Seen:
    event = "create" if was is None else "delete" if becomes is None else "update"
    present, old, new = becomes or was or {}, was or {}, becomes or {}
    changes = {
        name: [_shown(name in clear, old.get(name)), _shown(name in clear, new.get(name))]
        for name in present
        if old.get(name) != new.get(name)
    }
    patient = DECLARED[model].patient if model in DECLARED else ""
    label = None if model._meta.auto_created else model._meta.label_lower
    return Seen(
        *(model._meta.db_table, key, event, label),
        *(present.get(patient), present.get("version"), present.get("uid"), changes),
    )


def _clear(model: type[Model]) -> set[str]:
    """Name the columns that may be shown: those of class none, but for what the model masks; all of Django's own."""
    if model not in DECLARED:
        return {str(field.column) for field in model._meta.concrete_fields}
    classes = {str(field.column): phi.of(field) for field in model._meta.concrete_fields}
    shown = {name for name, found in classes.items() if found is not None and found.phi is Phi.NONE}
    return (shown | set(DECLARED[model].clear)) - set(DECLARED[model].masked)


def _shown(clear: bool, value: str | None) -> str:
    return "None" if value is None else value if clear else "***"


def _mark() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(id), 0) FROM audit_logs")
        return int(cursor.fetchone()[0])


def _entries(mark: int) -> tuple[list[Seen], set[Named]]:
    """Read the entries about rows since then. Reads, logins and the like are another matter."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT a.table_name, object_pk, event_type, app_label || '.' || model, patient_id::text,
                object_version::text, object_uid::text, changes, actor_id, attributed, captured_by
            FROM audit_logs AS a LEFT JOIN django_content_type AS c ON c.id = content_type_id
            WHERE a.id > %s AND event_type IN ('create', 'update', 'delete', 'truncate')
            """,
            [mark],
        )
        rows = cursor.fetchall()
    return [Seen(*row[:7], _loaded(row[7]) or {}) for row in rows], {Named(*row[8:]) for row in rows}
