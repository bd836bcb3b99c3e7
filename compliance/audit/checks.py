"""Checks that what must be audited is audited: by the model, by the database, and with room for what is to come."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

from django.core.checks import ERROR, CheckMessage, Error, Tags, register
from django.core.checks import Warning as CheckWarning
from django.db import DEFAULT_DB_ALIAS, connections

from compliance import domain, phi, rights
from compliance.audit import partitions
from compliance.audit.models import EventType, Outcome
from compliance.audit.recording import record
from compliance.audit.registry import DECLARED, Declaration, declarations
from compliance.phi import Phi
from sql_migrations import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.apps import AppConfig
    from django.db.models import Model

# An array in a trigger's arguments is text: {a,b}. unnest() reads it as PostgreSQL does.
_TRIGGERS = """
SELECT c.relname, t.tgenabled = 'A', a.arguments[1], a.arguments[3], a.arguments[4]::text[]
  FROM pg_trigger AS t JOIN pg_class AS c ON c.oid = t.tgrelid,
       LATERAL (SELECT string_to_array(encode(t.tgargs, 'escape'), '\\000') AS arguments) AS a
 WHERE t.tgname = 'zz_audit_row' AND pg_table_is_visible(c.oid)
"""
_TABLES = "SELECT relname FROM pg_class WHERE relkind = 'r' AND pg_table_is_visible(oid) AND relname = ANY (%s)"


class Trigger(NamedTuple):
    """The audit trigger of a table, as the catalogue has it."""

    table: str
    always: bool
    label: str
    patient: str
    clear: list[str]


@register
def health_information_is_audited(app_configs: Iterable[AppConfig] | None = None, **_: object) -> list[CheckMessage]:
    """Check that each model that holds health information says whose it is, by @audited. The trails hold themselves.

    What only the database writes follows from rows that are audited.
    """
    return [
        Error(
            f"{model._meta.label} holds health information and is not audited.",  # noqa: SLF001
            hint='Declare it: @audited(patient="patient_id"), from compliance.audit.registry.',
            obj=model,
            id="compliance.E020",
        )
        for model in domain.models(app_configs)
        if model not in DECLARED and model._meta.managed and _holds_phi(model) and rights.needed(model)  # noqa: SLF001
    ]


def _holds_phi(model: type[Model]) -> bool:
    classes = (phi.of(field) for field in model._meta.concrete_fields)  # noqa: SLF001
    return any(found is not None and found.phi is not Phi.NONE for found in classes)


@register
def statements_can_carry_who_acts(**_: object) -> list[CheckMessage]:
    """Check that no connection binds parameters in the server, where a message holds one statement only."""
    return [
        Error(
            f"DATABASES[{alias!r}] binds parameters in the server: its statements cannot carry who acts.",
            hint="Take server_side_binding out of its OPTIONS.",
            id="compliance.E023",
        )
        for alias in connections
        if connections[alias].settings_dict["OPTIONS"].get("server_side_binding")
    ]


@register(Tags.database)
def tables_are_audited(databases: Sequence[str] | None = None, **_: object) -> list[CheckMessage]:
    """Check the audit triggers of the tables, and that the trail has room. Only `manage.py check` asks."""
    if not checks.strict():
        return []
    return [message for alias in databases or () if alias == DEFAULT_DB_ALIAS for message in findings(alias)]


def findings(alias: str) -> Iterator[CheckMessage]:
    """Compare the audit triggers of the tables that exist with what the models declare."""
    declared = declarations()
    with connections[alias].cursor() as cursor:
        cursor.execute(_TABLES, [[model._meta.db_table for model in declared]])  # noqa: SLF001
        tables = {table for (table,) in cursor.fetchall()}
        cursor.execute(_TRIGGERS)
        triggers = {row[0]: Trigger(*row) for row in cursor.fetchall()}
    for model, declaration in declared.items():
        if model._meta.db_table in tables:  # noqa: SLF001
            yield from _trigger(model, declaration, triggers.get(model._meta.db_table))  # noqa: SLF001
    yield from _room(alias)


def after_migrate(alias: str) -> Iterator[str]:
    """Say, at the end of a migrate, which tables leave no trace of their changes; and put it on record."""
    if alias != DEFAULT_DB_ALIAS or not partitions.is_there(alias):
        return
    for finding in findings(alias):
        if finding.level >= ERROR:
            table = finding.obj._meta.db_table  # noqa: SLF001
            record(
                EventType.CONFIG_CHANGE,
                outcome=Outcome.SERIOUS_FAILURE,
                outcome_reason="not audited as declared, after a migrate",
                table_name=table,
            )
            yield f"{finding.msg} {finding.hint}"


def _trigger(model: type[Model], declaration: Declaration, found: Trigger | None) -> Iterator[CheckMessage]:
    table = model._meta.db_table  # noqa: SLF001
    if found is None:
        problem = f"{table} has no audit trigger: its changes leave no trace."
    elif not found.always:
        problem = f"{table}: the audit trigger does not fire always; it was disabled, or can be."
    elif (found.label, found.patient) != (model._meta.label_lower, declaration.patient):  # noqa: SLF001
        problem = f"{table}: the audit trigger says {found.label} and {found.patient or 'no patient'}."
    elif wrong := sorted(set(found.clear) - _clear(model, declaration)):
        problem = f"{table}: the audit trigger shows in clear what the model does not: {', '.join(wrong)}."
    else:
        return
    yield Error(
        problem,
        hint=f"Put into a new file in sql_migrations/: {_remedy(model, declaration)}",
        obj=model,
        id="compliance.E021",
    )


def _clear(model: type[Model], declaration: Declaration) -> set[str]:
    fields = model._meta.concrete_fields  # noqa: SLF001
    known = {field.column: phi.of(field) for field in fields}
    clear = {str(name) for name, found in known.items() if found is not None and found.phi is Phi.NONE}
    return (clear | set(declaration.clear)) - set(declaration.masked)


def _remedy(model: type[Model], declaration: Declaration) -> str:
    patient = f", '{declaration.patient}'" if declaration.patient else ""
    masked = f", masked => '{{{', '.join(declaration.masked)}}}'" if declaration.masked else ""
    clear = f", also_clear => '{{{', '.join(declaration.clear)}}}'" if declaration.clear else ""
    return f"SELECT audit_table('{model._meta.db_table}', '{model._meta.label_lower}'{patient}{clear}{masked});"  # noqa: SLF001


def _room(alias: str) -> Iterator[CheckMessage]:
    """The default partition takes what no month takes. While it holds rows the trail is slower and hard to archive."""
    with connections[alias].cursor() as cursor:
        cursor.execute("SELECT to_regclass('audit_partitions.audit_logs_default') IS NOT NULL")
        if not cursor.fetchone()[0]:
            return
        cursor.execute("SELECT EXISTS (SELECT FROM audit_partitions.audit_logs_default)")
        if cursor.fetchone()[0]:
            yield CheckWarning(
                "audit_logs: entries stand in the default partition, since their month was not made in time.",
                hint="Make months ahead: manage.py audit partitions. See docs/audit.md for moving those entries.",
                id="compliance.W022",
            )
