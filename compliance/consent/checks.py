"""Checks that consents are obeyed as declared: rules.toml can be read, the database holds it, and each table asks."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.apps import apps
from django.core.checks import CheckMessage, Error, Tags, register
from django.db import DEFAULT_DB_ALIAS, connections

from compliance.consent import syncing
from compliance.consent.defaults import RulesError, defaults
from compliance.consent.subjects import is_consented
from sql_migrations import checks

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

# Of each table: whether both functions over its rows are there, whether one is, and whether each policy that shows rows
# asks. What may be changed is what may be read, so it is asked of both.
_TABLES = """
SELECT c.relname, lets IS NOT NULL AND decides IS NOT NULL, lets IS NOT NULL OR decides IS NOT NULL,
       NOT EXISTS (SELECT FROM pg_policy AS p
                    WHERE p.polrelid = c.oid AND p.polpermissive AND p.polcmd IN ('r', 'w', '*')
                      AND pg_get_expr(p.polqual, p.polrelid) NOT LIKE '%consent_lets(%')
  FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace,
       to_regprocedure(format('public.consent_lets(public.%I, bigint, text)', c.relname)) AS lets,
       to_regprocedure(format('public.consent_decision(public.%I, bigint, text, timestamptz)', c.relname)) AS decides
 WHERE n.nspname = 'public' AND c.relkind IN ('r', 'p')
 ORDER BY 1
"""


@register
def consent_rules(**_: object) -> list[CheckMessage]:
    """Check that rules.toml says what can be held. Without it nobody knows what holds without a consent."""
    try:
        defaults()
    except (RulesError, OSError) as error:
        hint = "Correct compliance/consent/rules.toml, then run: manage.py migrate"
        return [Error(str(error), hint=hint, id="compliance.E034")]
    return []


@register(Tags.database)
def consents_are_obeyed(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Check what the database does about consents. Only `manage.py check` asks, and the end of each migrate."""
    if not checks.strict():
        return []
    return [message for alias in databases or () if alias == DEFAULT_DB_ALIAS for message in findings(alias)]


def after_migrate(alias: str) -> Iterator[str]:
    """Say, at the end of a migrate, where consents are not obeyed."""
    if alias == DEFAULT_DB_ALIAS:
        yield from (f"{finding.msg} {finding.hint}" for finding in findings(alias))


def findings(alias: str) -> Iterator[CheckMessage]:
    """Compare the database with rules.toml and with the models, once the migration that decides is applied."""
    if not syncing.is_there(alias) or consent_rules():
        return
    yield from _drift(alias)
    yield from _tables(alias)


def _drift(alias: str) -> Iterator[CheckMessage]:
    held, wanted = syncing.standing(alias), set(defaults().rules)
    if held != wanted:
        yield Error(
            f"consent_rules is not what rules.toml says: {len(wanted - held)} rules are missing, and "
            f"{len(held - wanted)} stand there that it does not have.",
            hint="Write the rules into the database: manage.py migrate",
            id="compliance.E035",
        )


def _tables(alias: str) -> Iterator[CheckMessage]:
    declared = {model._meta.db_table for model in apps.get_models() if is_consented(model)}  # noqa: SLF001 - Django's API
    with connections[alias].cursor() as cursor:
        cursor.execute(_TABLES)
        rows = cursor.fetchall()
    for table, whole, partly, asks in rows:
        if table in declared and not whole:
            yield Error(
                f"{table}: the database does not know what of its rows a consent asks for, though its model is "
                "@consented.",
                hint=f"Put into a new file in sql_migrations/: SELECT consent_subject('{table}', 'FHIR type');",
                id="compliance.E036",
            )
        elif table in declared and not asks:
            yield Error(
                f"{table}: row-level security shows its rows without asking for consent.",
                hint=(
                    f"Put into a new file in sql_migrations/: SELECT end_access_guard('{table}'); and again, after "
                    f"consent_subject: SELECT access_guard('{table}', 'column with the patient''s key');"
                ),
                id="compliance.E037",
            )
        elif table not in declared and partly:
            yield Error(
                f"{table}: the database asks for consent, and its model is not @consented, so that lists do not.",
                hint="Declare it: @consented, from compliance.consent.subjects.",
                id="compliance.E038",
            )
