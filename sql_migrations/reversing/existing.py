"""Ask PostgreSQL, before a file runs, which of the objects it may create are there already. Pure: gives SQL only.

The answer is what the history proves: a table that `IF NOT EXISTS` skipped must never be dropped by a way back.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations.syntax.nodes import QualifiedName, literal
from sql_migrations.syntax.objects import ROUTINES, Created

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

# What cannot be asked about counts as there before: it is then never dropped.
_UNKNOWN = "true"
_TAKES_OVER = frozenset({"index", "constraint"})


def must_ask(objects: Sequence[Created]) -> bool:
    """Tell whether the query is worth its round trip: it is not for a file that only makes things anew."""
    new = {found.name for found in objects if found.kind == "table" and not found.conditional}
    return any(_is_asked(found) and found.on not in new for found in objects)


def existing_query(objects: Sequence[Created]) -> str:
    """Give one SELECT that returns one boolean[]: for each object, in order, whether it exists already.

    An index or constraint that would take over those of existing partitions counts as there before: dropping it would
    drop theirs. A statement without IF NOT EXISTS or OR REPLACE fails on what exists, so its answer is false. Runs in
    the session that runs the file, right before it, since unqualified names follow the search_path.
    """
    answers = ", ".join(_existed(found) if _is_asked(found) else "false" for found in objects)
    return f"SELECT ARRAY[{answers}]::boolean[]"


def _is_asked(found: Created) -> bool:
    return found.conditional or found.replaces or (found.kind in _TAKES_OVER and bool(found.name.name))


def _existed(found: Created) -> str:
    if found.temporary:
        return "false"
    questions = [_lookup(found)] if found.conditional or found.replaces else []
    questions += [_has_partitions(found.on)] if found.kind in _TAKES_OVER else []
    return f"({' OR '.join(questions)})"


def _lookup(found: Created) -> str:
    if found.kind in ROUTINES:
        return _routine(found)
    lookup = _LOOKUPS.get(found.kind)
    return lookup(found) if lookup is not None else _UNKNOWN


def _has_partitions(table: QualifiedName | None) -> str:
    partitioned = _exists("pg_class", f"oid = {_regclass(table)} AND relkind = 'p'")
    return f"({partitioned} AND {_exists('pg_inherits', f'inhparent = {_regclass(table)}')})"


def _name(value: str) -> str:
    """Write a catalogue name; the cast cuts it at 63 bytes as PostgreSQL cuts the identifier."""
    return f"{literal(value)}::name"


def _namespace(schema: str | None) -> str:
    """Find where CREATE puts a name: IF NOT EXISTS looks into that schema only, not along the search path."""
    name = "current_schema()" if schema is None else _name(schema)
    return f"(SELECT oid FROM pg_catalog.pg_namespace WHERE nspname = {name})"


def _regclass(name: QualifiedName | None) -> str:
    return f"pg_catalog.to_regclass({literal(name.sql if name else '')})"


def _exists(catalogue: str, condition: str) -> str:
    return f"EXISTS (SELECT FROM pg_catalog.{catalogue} WHERE {condition})"


def _in_schema(catalogue: str, prefix: str) -> Callable[[Created], str]:
    def lookup(found: Created) -> str:
        condition = f"{prefix}name = {_name(found.name.name)} AND {prefix}namespace = {_namespace(found.name.schema)}"
        return _exists(catalogue, condition)

    return lookup


def _global(catalogue: str, column: str) -> Callable[[Created], str]:
    return lambda found: _exists(catalogue, f"{column} = {_name(found.name.name)}")


def _on_table(catalogue: str, table: str, column: str, extra: str = "") -> Callable[[Created], str]:
    def lookup(found: Created) -> str:
        condition = f"{table} = {_regclass(found.on)} AND {column} = {_name(found.name.name)}{extra}"
        return _exists(catalogue, condition)

    return lookup


def _index(found: Created) -> str:
    """Look in the table's schema, where any relation of that name makes IF NOT EXISTS skip the index."""
    if not found.name.name:
        return _UNKNOWN
    table = f"(SELECT relnamespace FROM pg_catalog.pg_class WHERE oid = {_regclass(found.on)})"
    namespace = f"coalesce({table}, {_namespace(found.name.schema)})"
    return _exists("pg_class", f"relname = {_name(found.name.name)} AND relnamespace = {namespace}")


def _enum_value(found: Created) -> str:
    kind = f"pg_catalog.to_regtype({literal(found.on.sql if found.on else '')})"
    return _exists("pg_enum", f"enumtypid = {kind} AND enumlabel = {_name(found.name.name)}")


def _routine(found: Created) -> str:
    """Compare argument types one by one: to_regprocedure fails on a type that the file has yet to create."""
    if any(one.endswith("%TYPE") for one in found.arguments):
        return _UNKNOWN
    oids = [f"coalesce(pg_catalog.to_regtype({literal(one)})::oid, 0)::text" for one in found.arguments]
    arguments = " || ' ' || ".join(oids) or "''"
    condition = (
        f"proname = {_name(found.name.name)} AND pronamespace = {_namespace(found.name.schema)} "
        f"AND proargtypes::text = {arguments}"
    )
    return _exists("pg_proc", condition)


_RELATION = _in_schema("pg_class", "rel")
_LOOKUPS: dict[str, Callable[[Created], str]] = {
    "table": _RELATION,
    "foreign table": _RELATION,
    "view": _RELATION,
    "materialized view": _RELATION,
    "sequence": _RELATION,
    "index": _index,
    "statistics": _in_schema("pg_statistic_ext", "stx"),
    "collation": _in_schema("pg_collation", "coll"),
    "schema": _global("pg_namespace", "nspname"),
    "extension": _global("pg_extension", "extname"),
    "server": _global("pg_foreign_server", "srvname"),
    "language": _global("pg_language", "lanname"),
    "column": _on_table("pg_attribute", "attrelid", "attname", " AND NOT attisdropped"),
    "constraint": _on_table("pg_constraint", "conrelid", "conname"),
    "trigger": _on_table("pg_trigger", "tgrelid", "tgname", " AND NOT tgisinternal"),
    "rule": _on_table("pg_rewrite", "ev_class", "rulename"),
    "enum value": _enum_value,
}
