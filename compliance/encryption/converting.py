"""Encrypting a column that has values already, or making one plain again: beside it, batch by batch, and then the swap.

The new column fills up while people work. A trigger forgets what they change meanwhile. At the end the table is locked,
the rest is converted, and the new column takes the other's name and rules. Stopped anywhere before that, it can go on
where it was; nothing has changed for anybody until the swap.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.db.models import CheckConstraint

from compliance.encryption import cells, columns, quiet
from compliance.encryption.errors import ColumnInUse, NotComparable
from compliance.encryption.quiet import Work
from compliance.encryption.sealed_field import SealedField

if TYPE_CHECKING:
    from uuid import UUID

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.models import Model

_DEPENDENT = """
    SELECT DISTINCT coalesce(c.conname, i.relname)::text
    FROM pg_depend AS d
    JOIN pg_attribute AS a ON a.attrelid = d.refobjid AND a.attnum = d.refobjsubid
    LEFT JOIN pg_constraint AS c ON d.classid = 'pg_constraint'::regclass AND c.oid = d.objid AND c.contype <> 'n'
    LEFT JOIN pg_class AS i ON d.classid = 'pg_class'::regclass AND i.oid = d.objid AND i.relkind = 'i'
    WHERE d.refclassid = 'pg_class'::regclass AND d.refobjid = %s::regclass AND a.attname = %s
        AND (c.oid IS NOT NULL OR i.oid IS NOT NULL)
"""


def convert(
    editor: BaseDatabaseSchemaEditor, before: type[Model], after: type[Model], name: str, *, batch: int = quiet.BATCH
) -> None:
    """Give a column the type and the values of the field as it is afterwards. Raises ColumnInUse.

    `before` and `after` are the model as it was, and as it will be.
    """
    old: Any = before._meta.get_field(name)  # noqa: SLF001 - Django's API
    new: Any = after._meta.get_field(name)  # noqa: SLF001
    rules = _rules_to_renew(editor, after, new)
    made = f"{new.column}_converted"
    table, column, filled, trigger = map(
        editor.quote_name,
        (after._meta.db_table, new.column, made, f"forget_{made}"),  # noqa: SLF001
    )
    editor.execute(f"ALTER TABLE {table} ADD COLUMN IF NOT EXISTS {filled} {new.db_type(editor.connection)}")
    editor.execute(
        f"CREATE OR REPLACE TRIGGER {trigger} BEFORE UPDATE ON {table} FOR EACH ROW "
        f"WHEN (OLD.{column} IS DISTINCT FROM NEW.{column}) EXECUTE FUNCTION forget_converted('{made}')"
    )
    work = _work(editor, after, old, new, filled)
    quiet.write(editor.connection, work, batch=batch, title=f"Converting {after._meta.db_table}.{new.column}")  # noqa: SLF001
    with transaction.atomic(using=editor.connection.alias):
        editor.execute(f"LOCK TABLE {table} IN ACCESS EXCLUSIVE MODE")
        editor.execute(f"DROP TRIGGER {trigger} ON {table}")
        with quiet.triggers_at_rest(editor.connection, table):
            quiet.one_batch(editor.connection, work, None)
        editor.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
        editor.execute(f"ALTER TABLE {table} RENAME COLUMN {filled} TO {column}")
        _finish(editor, after, new)
        for rule in rules:
            editor.add_constraint(after, rule)


def fill_index(editor: BaseDatabaseSchemaEditor, model: type[Model], name: str, *, batch: int = quiet.BATCH) -> None:
    """Make the blind indexes of the rows that have none yet."""
    index: Any = model._meta.get_field(name)  # noqa: SLF001

    def made(*sealed: bytes) -> bytes | None:
        values = [field.opened(cell) for field, cell in zip(index.source, sealed, strict=True)]
        return next(iter(index.of_value(values[0] if len(values) == 1 else values)), None)

    columns = [editor.quote_name(field.column) for field in index.source]
    target = editor.quote_name(index.column)
    missing = " AND ".join([f"{target} IS NULL", *(f"{column} IS NOT NULL" for column in columns)])
    work = Work(**_table(editor, model), reads=columns, where=missing, target=target, type="bytea", make=made)
    quiet.write(editor.connection, work, batch=batch, title=f"Indexing {index.place}")


def _work(editor: BaseDatabaseSchemaEditor, model: type[Model], old: Any, new: Any, filled: str) -> Work:
    """Say how a value of the old field becomes one of the new."""
    connection = editor.connection

    def made(uid: UUID, value: Any) -> Any:
        for converter in old.get_db_converters(connection):
            value = converter(value, None, connection)
        if isinstance(new, SealedField):
            return cells.seal(new.place, uid, new.encode(value)).sealed
        return new.get_db_prep_save(value, connection)

    column, uid = editor.quote_name(old.column), editor.quote_name("uid")
    return Work(
        **_table(editor, model),
        reads=[uid, column],
        where=f"{column} IS NOT NULL AND {filled} IS NULL",
        target=filled,
        type=new.db_type(connection).partition("(")[0],
        make=made,
    )


def _table(editor: BaseDatabaseSchemaEditor, model: type[Model]) -> dict[str, str]:
    key: Any = model._meta.pk  # noqa: SLF001
    return {
        "table": editor.quote_name(model._meta.db_table),  # noqa: SLF001
        "key": editor.quote_name(key.column),
        "key_type": key.rel_db_type(editor.connection),
    }


def _finish(editor: BaseDatabaseSchemaEditor, model: type[Model], field: Any) -> None:
    """Give the new column what belongs to it beside its type."""
    table, column = editor.quote_name(model._meta.db_table), editor.quote_name(field.column)  # noqa: SLF001
    if field.has_db_default():
        default, params = editor.db_default_sql(field)
        editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET DEFAULT {default}", params)
    if not field.null:
        editor.execute(f"ALTER TABLE {table} ALTER COLUMN {column} SET NOT NULL")
    if field.db_comment:
        editor.execute(f"COMMENT ON COLUMN {table}.{column} IS {editor.quote_value(field.db_comment)}")


def _reads_value(editor: BaseDatabaseSchemaEditor, model: type[Model], rule: CheckConstraint) -> bool:
    """Tell whether a rule asks for more of an encrypted column than whether there is a value."""
    try:
        return columns.marked(str(rule.create_sql(model, editor))) is not None
    except NotComparable:
        return True


def _rules_to_renew(editor: BaseDatabaseSchemaEditor, model: type[Model], field: Any) -> list[CheckConstraint]:
    """List the CHECKs that go with the old column, and come back on the new. Raises ColumnInUse for anything else."""
    with editor.connection.cursor() as cursor:
        cursor.execute(_DEPENDENT, [editor.quote_name(model._meta.db_table), field.column])  # noqa: SLF001
        found = {name for (name,) in cursor.fetchall()}
    checks = {rule.name: rule for rule in model._meta.constraints if isinstance(rule, CheckConstraint)}  # noqa: SLF001
    renewed = [checks[name] for name in sorted(found & checks.keys())]
    reading = {rule.name for rule in renewed if _reads_value(editor, model, rule)}
    own = {f"the index or the UNIQUE of {field.name} itself"} if field.unique or field.db_index else set()
    if in_the_way := sorted((found - checks.keys()) | reading | own):
        raise ColumnInUse(f"{model._meta.db_table}.{field.column}", in_the_way)  # noqa: SLF001
    return renewed
