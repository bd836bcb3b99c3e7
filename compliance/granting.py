"""What PostgreSQL lets the application's login do, read from the catalogue and compared with what models declare."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.db import connections

from compliance import rights

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.apps import AppConfig

    from compliance.rights import Rights

APP = "webqx_app"  # docs/make-logins.sql makes it; on the built-in server, webqx/cluster.py
PUBLIC = "public"
RUNNERS = {"django_migrations", "sql_migration_history"}

# What the login itself was granted, and what everybody was. It is a member of no other role, which a check holds.
_HELD = """
SELECT schema, name, word, everybody FROM (
    SELECT c.relnamespace::regnamespace::text, c.relname, x.privilege_type, x.grantee
      FROM pg_class AS c, aclexplode(c.relacl) AS x WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f')
    UNION ALL
    SELECT c.relnamespace::regnamespace::text, c.relname, format('%%s (%%s)', x.privilege_type, a.attname), x.grantee
      FROM pg_class AS c JOIN pg_attribute AS a ON a.attrelid = c.oid AND NOT a.attisdropped, aclexplode(a.attacl) AS x
) AS granted (schema, name, word, grantee), LATERAL (SELECT grantee = 0) AS whose (everybody)
 WHERE grantee IN (0, to_regrole(%s)) AND schema !~ '^(pg_|information_schema$)'
 ORDER BY schema, name, word
"""
_TABLES = """
SELECT relname FROM pg_class
 WHERE relnamespace::regnamespace::text = 'public' AND relkind IN ('r', 'p') AND relname = ANY (%s)
"""


class Held(NamedTuple):
    """A right to a table, as rights.py writes it, and whether everybody has it."""

    schema: str
    table: str
    right: str
    everybody: bool

    def covers(self, right: str) -> bool:
        """Tell whether this right is that one, or that one of every column."""
        return right == self.right or right.startswith(f"{self.right} (")


class Gap(NamedTuple):
    """Rights to a table that the application lacks. The remedy is a statement."""

    table: str
    lacking: list[str]
    remedy: str


class Excess(NamedTuple):
    """Rights to a table that nobody declared, of the application or of everybody. The remedy is a statement."""

    table: str
    everybody: bool
    beyond: list[str]
    remedy: str


def is_there(using: str) -> bool:
    """Say whether there is such a login, and the function that grants; not so on the way back to zero."""
    return bool(_rows(using, "SELECT to_regrole(%s) IS NOT NULL AND to_regprocedure(%s) IS NOT NULL", _GRANTING)[0][0])


_GRANTING = [APP, "grant_application(text, regclass[])"]


def gaps(using: str) -> Iterator[Gap]:
    """Find the tables of models with which the application cannot do what it must."""
    found = held(using)
    for table, needed in _declared(using, rights.needed).items():
        of_table = [one for one in found if (one.schema, one.table) == (PUBLIC, table)]
        if lacking := sorted(right for right in needed if not any(one.covers(right) for one in of_table)):
            yield Gap(table, lacking, f"SELECT grant_application('{rights.in_words(needed)}', '{table}');")


def excesses(using: str) -> Iterator[Excess]:
    """Find what the application may do beyond what is declared; outside the schema public, and as everybody, all."""
    declared = _declared(using, rights.allowed)
    beyond: dict[tuple[str, bool], list[str]] = {}
    for one in held(using):
        allowed = declared.get(one.table, rights.ALL) if one.schema == PUBLIC else frozenset()
        if one.everybody or one.right not in allowed:
            table = one.table if one.schema == PUBLIC else f"{one.schema}.{one.table}"
            beyond.setdefault((table, one.everybody), []).append(one.right)
    for (table, everybody), found in beyond.items():
        whom = "PUBLIC" if everybody else APP
        yield Excess(table, everybody, found, f"REVOKE {', '.join(found)} ON {table} FROM {whom};")


def held(using: str) -> list[Held]:
    """Read every right to a table that the application has."""
    return [Held(*row) for row in _rows(using, _HELD, [APP])]


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Grant what no migration can: all, where the login was made later, and the tables that the runners make."""
    if is_there(using):
        nothing = all(one.everybody for one in held(using))
        with connections[using].cursor() as cursor:
            for gap in list(gaps(using)):
                if nothing or gap.table in RUNNERS:
                    cursor.execute(gap.remedy)


def _declared(using: str, of_model: Any) -> dict[str, Rights]:
    """Give the rights to each table that is there, by its name."""
    declared: dict[str, Rights] = {model._meta.db_table: of_model(model) for model in rights.models()}  # noqa: SLF001
    declared |= rights.WITHOUT_MODEL
    return {table: declared[table] for (table,) in _rows(using, _TABLES, [list(declared)])}


def _rows(using: str, query: str, values: list[Any]) -> list[Any]:
    with connections[using].cursor() as cursor:
        cursor.execute(query, values)
        return list(cursor.fetchall())
