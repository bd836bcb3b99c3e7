"""Checks of what the database holds against what models declare: `manage.py check --database default`.

Only that command runs them. `migrate` checks too before it begins, and may be about to repair what is found. A table
that does not exist yet is not looked at.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.core.checks import CheckMessage, Error, Tags, register
from django.db import connections

from compliance import domain, phi
from compliance.clinical import ClinicalModel
from compliance.dictionary import catalogue
from compliance.rules import HeldInSql
from sql_migrations import checks

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from django.apps import AppConfig
    from django.db.models import Model

    from compliance.dictionary.catalogue import Catalogue

ROW_FACTS = "zz_keep_row_facts"


@register(Tags.database)
def tables_as_declared(
    app_configs: Iterable[AppConfig] | None = None, databases: Sequence[str] | None = None, **_: object
) -> list[CheckMessage]:
    """Check the foreign keys, triggers, rules and comments that SQL files bring, which Django cannot know of."""
    if not checks.strict():
        return []
    models = domain.models(app_configs)
    return [message for alias in databases or () for message in findings(models, alias)]


def findings(models: Sequence[type[Model]], alias: str) -> Iterator[CheckMessage]:
    """Compare the tables of models, those that exist, with what the models declare."""
    found = catalogue.read(connections[alias], [model._meta.db_table for model in models])  # noqa: SLF001
    for model in models:
        if model._meta.db_table in found.comments:  # noqa: SLF001
            if issubclass(model, ClinicalModel):
                yield from _foreign_keys(model, found)
                yield from _row_facts(model, found)
            yield from _rules_in_sql(model, found)
            yield from _classes(model, found)


def _foreign_keys(model: type[Model], found: Catalogue) -> Iterator[CheckMessage]:
    table = model._meta.db_table  # noqa: SLF001
    for key in found.constraints:
        if key.table == table and key.kind == "f" and not key.restricts:
            yield Error(
                f"{table}: the foreign key {key.name} does not restrict deletes.",
                hint=f"Put into a new file in sql_migrations/: SELECT restrict_deletes('{table}');",
                obj=model,
                id="compliance.E010",
            )


def _row_facts(model: type[Model], found: Catalogue) -> Iterator[CheckMessage]:
    table = model._meta.db_table  # noqa: SLF001
    if not any(trigger.table == table and trigger.name == ROW_FACTS for trigger in found.triggers):
        yield Error(
            f"{table} lacks the trigger {ROW_FACTS}: nothing keeps its version and times.",
            hint=(
                f"Put into a new file in sql_migrations/: CREATE TRIGGER {ROW_FACTS} BEFORE INSERT OR UPDATE ON "
                f"{table} FOR EACH ROW EXECUTE FUNCTION keep_row_facts();"
            ),
            obj=model,
            id="compliance.E011",
        )


def _rules_in_sql(model: type[Model], found: Catalogue) -> Iterator[CheckMessage]:
    table = model._meta.db_table  # noqa: SLF001
    standing = {row.name for row in found.constraints if row.table == table}
    triggers = [row for row in found.triggers if row.table == table]
    for rule in model._meta.constraints:  # noqa: SLF001
        if not isinstance(rule, HeldInSql) or rule.name in standing:
            continue
        if not any(trigger.holds(rule.name) for trigger in triggers):
            yield Error(
                f"{table}: no constraint and no trigger holds {rule.name}, which the model declares.",
                hint=(
                    "Put into a new file in sql_migrations/ a constraint of that name, or a trigger whose function "
                    f"raises check_violation with CONSTRAINT = '{rule.name}'."
                ),
                obj=model,
                id="compliance.E012",
            )


def _classes(model: type[Model], found: Catalogue) -> Iterator[CheckMessage]:
    table = model._meta.db_table  # noqa: SLF001
    comments = {row.name: row.comment for row in found.columns if row.table == table}
    for field in model._meta.concrete_fields:  # noqa: SLF001
        comment = comments.get(field.column or "")
        if comment is not None and (classified := phi.in_comment(comment)) != phi.of(field):
            text = (field.db_comment or "").replace("'", "''")
            comment_on = f"COMMENT ON COLUMN {table}.{field.column} IS '{text}';"
            yield Error(
                f"{table}.{field.column}: the PHI class in its comment is: {classified or 'missing'}; the model "
                f"declares: {phi.of(field) or 'nothing'}.",
                hint=f"Make the migration, or, where a SQL file made the table, put into a new file: {comment_on}",
                obj=model,
                id="compliance.E013",
            )
