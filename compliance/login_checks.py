"""Checks that the application's database login can do what it must, and nothing that would undo what protects data."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS, connections
from psycopg import pq

from compliance import granting, rights
from compliance.granting import APP
from sql_migrations import checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

_PAGE = "See docs/database-logins.md."
# Owning a thing, such as a table or a function, is every right to it.
_POWERS = """
SELECT what FROM pg_roles AS r, pg_database AS d, LATERAL (VALUES
    ('is a superuser', r.rolsuper),
    ('has BYPASSRLS', r.rolbypassrls),
    ('has CREATEROLE', r.rolcreaterole),
    ('has CREATEDB', r.rolcreatedb),
    ('has REPLICATION', r.rolreplication),
    ('is a member of another role', EXISTS (SELECT FROM pg_auth_members WHERE member = r.oid)),
    ('owns something', EXISTS (SELECT FROM pg_shdepend
        WHERE refclassid = 'pg_authid'::regclass AND refobjid = r.oid AND deptype = 'o' AND dbid IN (0, d.oid))),
    ('may make things in the schema public', has_schema_privilege(r.oid, 'public', 'CREATE')),
    ('may make schemas', has_database_privilege(r.oid, d.oid, 'CREATE')),
    ('may make temporary tables and functions', has_database_privilege(r.oid, d.oid, 'TEMPORARY'))
) AS power (what, it_does)
 WHERE it_does AND r.rolname = %s AND d.datname = current_database()
"""
_SERVING = """
SELECT rolsuper, rolbypassrls, EXISTS (
    SELECT FROM pg_class WHERE relname = ANY (%s) AND pg_table_is_visible(oid) AND pg_has_role(r.oid, relowner, 'USAGE')
) FROM pg_roles AS r WHERE rolname = %s
"""


class Serving(NamedTuple):
    """What a login is to row-level security."""

    superuser: bool
    bypasses: bool
    owns: bool


@register(Tags.database)
def application_is_held_to_its_rights(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Check the login of the application. Only `manage.py check` asks."""
    if not checks.strict() or DEFAULT_DB_ALIAS not in (databases or ()):
        return []
    return [*findings(DEFAULT_DB_ALIAS), *serving(DEFAULT_DB_ALIAS)]


def findings(using: str) -> Iterator[CheckMessage]:
    """Compare what webqx_app may do with what is declared; nothing where there is no such login."""
    if granting.is_there(using):
        yield from _granted(using)
        yield from _powers(using)


def _granted(using: str) -> Iterator[CheckMessage]:
    for table, lacking, remedy in granting.gaps(using):
        yield Error(
            f"{table}: the application may not {_listed(lacking)}, which it must.",
            hint=f"Put into a new file in sql_migrations/: {remedy}",
            id="compliance.E040",
        )
    for table, everybody, beyond, remedy in granting.excesses(using):
        who = "everybody" if everybody else "the application"
        yield Error(
            f"{table}: {who} may {_listed(beyond)}, which no model declares.",
            hint=f"Put into a new file in sql_migrations/: {remedy} Or let its model declare it: APP_MAY.",
            id="compliance.E041",
        )


def _powers(using: str) -> Iterator[CheckMessage]:
    with connections[using].cursor() as cursor:
        cursor.execute(_POWERS, [APP])
        for (power,) in cursor.fetchall():
            yield Error(
                f"The database login {APP} {power}: it must not.",
                hint=f"Take that away as a superuser, as docs/make-logins.sql does. {_PAGE}",
                id="compliance.E042",
            )


def serving(using: str) -> Iterator[CheckMessage]:
    """Say when row-level security does not bind whoever serves: an error in production, else a warning."""
    login = settings.SERVING_DATABASE["USER"] or _default_user()
    tables = [model._meta.db_table for model in rights.models()]  # noqa: SLF001 - Django's API
    with connections[using].cursor() as cursor:
        cursor.execute(_SERVING, [tables, login])
        row = cursor.fetchone()
    if row is None or not any(found := Serving(*row)):
        return
    why = "is a superuser" if found.superuser else "has BYPASSRLS" if found.bypasses else "owns the tables"
    kind, id_ = (Error, "compliance.E043") if settings.PRODUCTION else (CheckWarning, "compliance.W043")
    yield kind(
        f"The database login that serves {why}: row-level security does not bind it.",
        hint=f"Name {APP} in DATABASE_URL, and the owner in DATABASE_OWNER_URL. {_PAGE}",
        id=id_,
    )


def after_migrate(using: str) -> Iterator[str]:
    """Say at the end of a migrate which rights the migrations left out, or granted too many of."""
    if using == DEFAULT_DB_ALIAS and granting.is_there(using):
        yield from (f"{finding.msg} {finding.hint}" for finding in _granted(using))


def _default_user() -> str:
    """Give the user that libpq takes where a URL names none."""
    said = [option.val for option in pq.Conninfo.get_defaults() if option.keyword == b"user"]
    return said[0].decode() if said and said[0] else ""


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
