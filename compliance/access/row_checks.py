"""Checks that the database holds the policy: its rules are policy.toml's, and row-level security guards each chart."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

from compliance.access import syncing
from compliance.access.policy import policy
from compliance.audit.registry import DECLARED
from sql_migrations import checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# What a policy must ask before it shows or takes a row.
_POLICIES = """
SELECT c.relname, c.relrowsecurity, coalesce(array_agg(p.polcmd::text) FILTER (
           WHERE p.polpermissive
             AND pg_get_expr(coalesce(p.polqual, p.polwithcheck), p.polrelid) LIKE '%%access_whom(%%'
       ), '{}')
  FROM pg_class AS c LEFT JOIN pg_policy AS p ON p.polrelid = c.oid
 WHERE c.relname = ANY (%s) AND pg_table_is_visible(c.oid) AND c.relkind IN ('r', 'p')
 GROUP BY 1, 2 ORDER BY 1
"""
# SELECT, INSERT and UPDATE, as pg_policy names them. Nothing of a chart is deleted.
_COMMANDS = {"r", "a", "w"}
# A view reads as its owner, past row-level security, unless it says otherwise; a materialized one always does.
_VIEWS = """
SELECT DISTINCT v.oid::regclass::text, v.relkind = 'm'
  FROM pg_class AS v
  JOIN pg_rewrite AS r ON r.ev_class = v.oid
  JOIN pg_depend AS d ON d.classid = 'pg_rewrite'::regclass AND d.objid = r.oid
  JOIN pg_class AS t ON d.refclassid = 'pg_class'::regclass AND t.oid = d.refobjid AND t.relrowsecurity
 WHERE v.relkind IN ('v', 'm')
   AND NOT coalesce('security_invoker' = ANY (SELECT option_name FROM pg_options_to_table(v.reloptions)
                                               WHERE lower(option_value) IN ('true', 'on', '1', 'yes')), false)
 ORDER BY 1
"""


@register(Tags.database)
def charts_are_guarded(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Check what row-level security rests on. Only `manage.py check` asks, and the end of each migrate."""
    if not checks.strict():
        return []
    return [message for alias in databases or () if alias == DEFAULT_DB_ALIAS for message in findings(alias)]


def after_migrate(alias: str) -> Iterator[str]:
    """Say, at the end of a migrate, what is not guarded."""
    if alias == DEFAULT_DB_ALIAS:
        yield from (f"{finding.msg} {finding.hint}" for finding in findings(alias))


def findings(alias: str) -> Iterator[CheckMessage]:
    """Compare the database with what the models and policy.toml say, once the migration that guards is applied."""
    if not syncing.is_there(alias):
        return
    yield from _drift(alias)
    yield from _tables(alias)
    yield from _views(alias)


def _drift(alias: str) -> Iterator[CheckMessage]:
    known, wanted = syncing.standing(alias), policy().rules()
    if settings.ACCESS_POLICY_SYNC and known != wanted:
        yield Error(
            f"access_rules is not what policy.toml says: {len(wanted - known)} rules are missing, and "
            f"{len(known - wanted)} stand there that it does not have.",
            hint="Write the policy into the database: manage.py migrate",
            id="compliance.E031",
        )


def _tables(alias: str) -> Iterator[CheckMessage]:
    columns = {model._meta.db_table: found.patient for model, found in DECLARED.items() if found.patient}  # noqa: SLF001
    with connections[alias].cursor() as cursor:
        cursor.execute(_POLICIES, [list(columns)])
        rows = cursor.fetchall()
    for table, enabled, commands in rows:
        if not enabled or not set(commands) >= _COMMANDS:
            yield Error(
                f"{table} is not guarded by row-level security: the application shows its rows to whoever asks.",
                hint=f"Put into a new file in sql_migrations/: SELECT access_guard('{table}', '{columns[table]}');",
                id="compliance.E032",
            )


def _views(alias: str) -> Iterator[CheckMessage]:
    with connections[alias].cursor() as cursor:
        cursor.execute(_VIEWS)
        rows = cursor.fetchall()
    for view, materialized in rows:
        remedy = "Drop it" if materialized else f"ALTER VIEW {view} SET (security_invoker = true)"
        yield Error(
            f"{view} reads charts with its owner's rights, past row-level security.",
            hint=f"Put into a new file in sql_migrations/: {remedy}.",
            id="compliance.E033",
        )
