"""What a database holds, read without the engine's help: its catalogue and rows, and what is recorded of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import psycopg

# Everything but the records themselves, one line each. Sequences' values are left out: they do not roll back.
_CATALOGUE = r"""
WITH own AS (
    SELECT c.* FROM pg_class AS c WHERE c.relnamespace = 'public'::regnamespace
    AND c.relname !~ '^(django_migrations|sql_migration)'
    AND NOT EXISTS (SELECT FROM pg_index AS i WHERE i.indexrelid = c.oid
                    AND i.indrelid::regclass::text ~ '^(django_migrations|sql_migration)')
)
SELECT format('relation %s %s %s', relkind, relname, obj_description(oid, 'pg_class')) FROM own
UNION ALL
SELECT format('column %s.%s %s %s %s %s', own.relname, a.attname, format_type(a.atttypid, a.atttypmod),
              a.attnotnull, a.attidentity, pg_get_expr(d.adbin, d.adrelid))
FROM own JOIN pg_attribute AS a ON a.attrelid = own.oid AND a.attnum > 0 AND NOT a.attisdropped
LEFT JOIN pg_attrdef AS d ON d.adrelid = a.attrelid AND d.adnum = a.attnum WHERE own.relkind = 'r'
UNION ALL
SELECT format('index %s valid %s', pg_get_indexdef(i.indexrelid), i.indisvalid)
FROM own JOIN pg_index AS i ON i.indexrelid = own.oid
UNION ALL
SELECT format('constraint %s %s %s', own.relname, k.conname, pg_get_constraintdef(k.oid))
FROM own JOIN pg_constraint AS k ON k.conrelid = own.oid
UNION ALL
SELECT format('enum %s %s %s', t.typname, e.enumlabel, row_number() OVER (PARTITION BY t.oid ORDER BY e.enumsortorder))
FROM pg_type AS t JOIN pg_enum AS e ON e.enumtypid = t.oid
UNION ALL
SELECT 'function ' || pg_get_functiondef(p.oid) FROM pg_proc AS p WHERE p.pronamespace = 'public'::regnamespace
AND p.proname !~ '^sql_migration'
ORDER BY 1
"""


@dataclass(frozen=True, slots=True)
class Recorded:
    """The records: Django's rows, the SQL files that the history has applied, and the journal's rows as they lie."""

    nodes: frozenset[tuple[str, str]]
    files: frozenset[str]
    journal: tuple[tuple[str, int, str], ...]


def catalogue(connection: psycopg.Connection) -> list[str]:
    """Describe all that nodes made, and the rows in it."""
    lines = [line for (line,) in connection.execute(_CATALOGUE).fetchall()]
    tables = [line.split()[2] for line in lines if line.startswith("relation r ")]
    rows = (f"SELECT format('row of %s: %s', '{table}', t) FROM {table} AS t" for table in tables)
    if tables:
        lines += [line for (line,) in connection.execute(" UNION ALL ".join(rows) + " ORDER BY 1").fetchall()]
    return lines


def recorded(connection: psycopg.Connection) -> Recorded:
    """Read the records; a table that is not there yet has no rows."""
    nodes = _rows(connection, "django_migrations", "SELECT app, name FROM django_migrations")
    events = _rows(
        connection,
        "sql_migration_history",
        "SELECT DISTINCT ON (name) name, event FROM sql_migration_history "
        "WHERE event IN ('apply', 'rollback') ORDER BY name, id DESC",
    )
    journal = _rows(
        connection, "sql_migration_journal", "SELECT name, unit, state FROM sql_migration_journal ORDER BY name, unit"
    )
    applied = frozenset(name for name, event in events if event == "apply")
    return Recorded(frozenset(nodes), applied, tuple(journal))


def forget(connection: psycopg.Connection) -> None:
    """Drop the records of a database without nodes, which leaves it as empty as a new one."""
    connection.execute(
        "DROP TABLE IF EXISTS django_migrations, sql_migration_history, sql_migration_journal;"
        "DROP FUNCTION IF EXISTS sql_migration_history_append_only"
    )


def _rows(connection: psycopg.Connection, table: str, query: str) -> list[tuple]:
    if connection.execute("SELECT to_regclass(%s)", [table]).fetchone() == (None,):
        return []
    return connection.execute(query).fetchall()  # type: ignore[arg-type]
