"""Read tables and functions from the catalogue, printed alike by PostgreSQL 15 to 18 and by a restored dump."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import transaction

from sql_migrations.catalogue import SETTINGS

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from django.db.backends.base.base import BaseDatabaseWrapper

# A table that the search_path finds by its bare name, which is how Django names it.
_FOUND = "pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'p') AND c.relname = ANY (%s)"

TABLES = f"SELECT c.relname, coalesce(obj_description(c.oid, 'pg_class'), '') FROM pg_class AS c WHERE {_FOUND}"

COLUMNS = f"""
SELECT c.relname, a.attname, format_type(a.atttypid, a.atttypmod), NOT a.attnotnull,
       CASE a.attidentity WHEN '' THEN coalesce(pg_get_expr(d.adbin, d.adrelid, true), '') ELSE 'identity' END,
       coalesce(col_description(c.oid, a.attnum), '')
  FROM pg_attribute AS a JOIN pg_class AS c ON c.oid = a.attrelid
  LEFT JOIN pg_attrdef AS d ON d.adrelid = c.oid AND d.adnum = a.attnum
 WHERE {_FOUND} AND a.attnum > 0 AND NOT a.attisdropped
 ORDER BY c.relname, a.attname COLLATE "C"
"""

# Not NOT NULL, which has rows since PostgreSQL 18, nor constraint triggers, nor the copies that partitions have.
CONSTRAINTS = f"""
SELECT c.relname, k.conname, k.contype::text, pg_get_constraintdef(k.oid, true),
       ARRAY(SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY AS u (number, place)
               JOIN pg_attribute AS a ON a.attrelid = k.conrelid AND a.attnum = u.number ORDER BY place),
       coalesce(r.relname, ''),
       ARRAY(SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY AS u (number, place)
               JOIN pg_attribute AS a ON a.attrelid = k.confrelid AND a.attnum = u.number ORDER BY place),
       k.confdeltype = 'r', k.condeferrable
  FROM pg_constraint AS k JOIN pg_class AS c ON c.oid = k.conrelid LEFT JOIN pg_class AS r ON r.oid = k.confrelid
 WHERE {_FOUND} AND k.contype IN ('c', 'f', 'p', 'u', 'x') AND k.conparentid = 0
 ORDER BY c.relname, k.conname COLLATE "C"
"""

INDEXES = f"""
SELECT c.relname, x.relname, pg_get_indexdef(x.oid, 0, true)
  FROM pg_index AS i JOIN pg_class AS c ON c.oid = i.indrelid JOIN pg_class AS x ON x.oid = i.indexrelid
 WHERE {_FOUND}
   AND NOT EXISTS (SELECT FROM pg_constraint AS k WHERE k.conindid = x.oid AND k.contype IN ('p', 'u', 'x'))
 ORDER BY c.relname, x.relname COLLATE "C"
"""

TRIGGERS = f"""
SELECT c.relname, g.tgname, pg_get_triggerdef(g.oid, true), p.proname, p.prosrc,
       coalesce(obj_description(g.oid, 'pg_trigger'), obj_description(p.oid, 'pg_proc'), '')
  FROM pg_trigger AS g JOIN pg_class AS c ON c.oid = g.tgrelid JOIN pg_proc AS p ON p.oid = g.tgfoid
 WHERE {_FOUND} AND NOT g.tgisinternal AND g.tgparentid = 0
 ORDER BY c.relname, g.tgname COLLATE "C"
"""

# What an extension brought is its own affair, and so are the engine's.
FUNCTIONS = r"""
SELECT p.proname, pg_get_function_arguments(p.oid), pg_get_function_result(p.oid), l.lanname,
       CASE p.provolatile WHEN 'i' THEN 'immutable' WHEN 's' THEN 'stable' ELSE 'volatile' END,
       p.prosecdef, coalesce(array_to_string(p.proconfig, ', '), ''), coalesce(obj_description(p.oid, 'pg_proc'), '')
  FROM pg_proc AS p JOIN pg_namespace AS n ON n.oid = p.pronamespace JOIN pg_language AS l ON l.oid = p.prolang
 WHERE n.nspname !~ '^pg_' AND n.nspname <> 'information_schema' AND pg_function_is_visible(p.oid)
   AND p.proname NOT LIKE 'sql\_migration\_%'
   AND NOT EXISTS (SELECT FROM pg_depend AS e
                    WHERE e.classid = 'pg_proc'::regclass AND e.objid = p.oid AND e.deptype = 'e')
 ORDER BY p.proname COLLATE "C", 2
"""


class ColumnRow(NamedTuple):
    table: str
    name: str
    type: str
    nullable: bool
    default: str
    comment: str


class ConstraintRow(NamedTuple):
    """`kind` is pg_constraint's contype: check, foreign key, primary key, unique, exclusion by their first letters."""

    table: str
    name: str
    kind: str
    definition: str
    columns: list[str]
    referred_table: str
    referred: list[str]
    restricts: bool
    deferrable: bool


class IndexRow(NamedTuple):
    table: str
    name: str
    definition: str


class TriggerRow(NamedTuple):
    table: str
    name: str
    definition: str
    function: str
    source: str
    comment: str

    def holds(self, rule: str) -> bool:
        """Tell whether its function raises under that name, written whole or as what follows the table's name."""
        suffix = rule.removeprefix(self.table)
        return f"'{rule}'" in self.source or (suffix != rule and f"TG_TABLE_NAME || '{suffix}'" in self.source)


class FunctionRow(NamedTuple):
    name: str
    arguments: str
    result: str
    language: str
    volatility: str
    definer: bool
    settings: str
    comment: str


class Catalogue(NamedTuple):
    """What the catalogue says of some tables, by table, and of all functions."""

    comments: dict[str, str]
    columns: list[ColumnRow]
    constraints: list[ConstraintRow]
    indexes: list[IndexRow]
    triggers: list[TriggerRow]
    functions: list[FunctionRow]


def read(connection: BaseDatabaseWrapper, tables: Sequence[str]) -> Catalogue:
    """Read tables by their names, those that exist, with what hangs on them, and every function."""
    with _printing(connection), connection.cursor() as cursor:

        def rows(query: str) -> list[Any]:
            cursor.execute(query, None if query is FUNCTIONS else [list(tables)])
            return list(cursor.fetchall())

        return Catalogue(
            dict(rows(TABLES)),
            [ColumnRow(*row) for row in rows(COLUMNS)],
            [ConstraintRow(*row) for row in rows(CONSTRAINTS)],
            [IndexRow(*row) for row in rows(INDEXES)],
            [TriggerRow(*row) for row in rows(TRIGGERS)],
            [FunctionRow(*row) for row in rows(FUNCTIONS)],
        )


@contextmanager
def _printing(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """Print names and constants one way while a `with` lasts; the search_path stays, since names are found by it."""
    with transaction.atomic(using=connection.alias):
        with connection.cursor() as cursor:
            for name, value in SETTINGS.items():
                if name != "search_path":
                    cursor.execute("SELECT set_config(%s, %s, true)", [name, value])
        yield
        # Gives the settings back, also inside a transaction of somebody else's.
        transaction.set_rollback(True, using=connection.alias)
