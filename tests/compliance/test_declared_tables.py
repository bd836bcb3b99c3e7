"""What the models say of their tables is what the catalogue says, whichever kind of migration made the table."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from compliance.rules import HeldInSql
from tests.compliance.breaks import ROWS

pytestmark = pytest.mark.django_db
# Every model of ours with a table of its own; the migration engine's history has tests of its own.
OURS = {"compliance", "patients", "providers", "appointments", "records"}
MODELS = [model for model in apps.get_models() if model._meta.app_label in OURS]
each_model = pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.db_table)
COLUMNS = """
    SELECT attname, replace(format_type(atttypid, atttypmod), 'character varying', 'varchar'), NOT attnotnull,
           atthasdef OR attidentity <> '', col_description(attrelid, attnum)
    FROM pg_attribute WHERE attrelid = %s::regclass AND attnum > 0 AND NOT attisdropped
"""


def columns(table: str) -> dict[str, tuple[str, bool, bool, str]]:
    with connection.cursor() as cursor:
        cursor.execute(COLUMNS, [table])
        return {name: facts for name, *facts in cursor.fetchall()}


def type_of(field: models.Field) -> str:
    """Return a column's type as format_type writes it."""
    declared = (field.db_type(connection) or "").replace(", ", ",")
    return "time without time zone" if declared == "time" else declared


def test_the_tables_have_their_names() -> None:
    assert {model._meta.db_table for model in MODELS} >= {
        *("users", "user_audit_log", "patients", "insurance_info", "allergies", "providers", "provider_availability"),
        *("locations", "appointments", "encounters", "medical_records", "prescriptions", "care_relationships"),
    }


@each_model
def test_every_column_is_as_its_field_declares_it(model: type[models.Model]) -> None:
    declared = {
        field.column: [
            type_of(field),
            field.null,
            field.primary_key or field.has_db_default(),
            field.db_comment,
        ]
        for field in model._meta.concrete_fields
    }

    assert columns(model._meta.db_table) == declared


@each_model
def test_every_table_and_column_says_what_it_holds(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT obj_description(%s::regclass)", [model._meta.db_table])
        assert cursor.fetchone() == (model._meta.db_table_comment,)
    assert all([model._meta.db_table_comment, *(field.db_comment for field in model._meta.concrete_fields)])


@each_model
def test_every_declared_rule_and_index_stands_in_the_catalogue(model: type[models.Model]) -> None:
    with connection.cursor() as cursor:
        standing = connection.introspection.get_constraints(cursor, model._meta.db_table)

    # Those that SQL files hold may be triggers: test_rules_complete.py looks for them.
    rules = [rule for rule in model._meta.constraints if not isinstance(rule, HeldInSql)]
    assert {rule.name for rule in [*rules, *model._meta.indexes]} <= set(standing)


@each_model
def test_every_time_has_its_zone_and_every_key_64_bits(model: type[models.Model]) -> None:
    types = {name: facts[0] for name, facts in columns(model._meta.db_table).items()}

    assert "timestamp without time zone" not in types.values()
    assert types["id"] == "bigint"


@pytest.mark.parametrize("table", ROWS)
def test_no_row_names_a_person(request: pytest.FixtureRequest, table: str) -> None:
    row: models.Model = request.getfixturevalue(ROWS[table])

    assert str(row) == f"{row._meta.verbose_name} {row.pk}"
