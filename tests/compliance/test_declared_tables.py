"""What the models say of their tables is what the catalogue says, whichever kind of migration made the table."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.db import connection, models

from appointments.models import Appointment
from compliance.models import User, UserAuditLog
from patients.models import InsuranceInfo, Patient
from providers.models import Provider
from records.models import MedicalRecord, Prescription

pytestmark = pytest.mark.django_db
MODELS = [User, UserAuditLog, Patient, InsuranceInfo, Provider, Appointment, MedicalRecord, Prescription]
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


def test_the_tables_have_their_names() -> None:
    assert [model._meta.db_table for model in MODELS] == [
        *("users", "user_audit_log", "patients", "insurance_info", "providers", "appointments"),
        *("medical_records", "prescriptions"),
    ]


@each_model
def test_every_column_is_as_its_field_declares_it(model: type[models.Model]) -> None:
    declared = {
        field.column: [
            (field.db_type(connection) or "").replace(", ", ","),
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

    declared = {rule.name for rule in [*model._meta.constraints, *model._meta.indexes]}
    assert declared <= set(standing)


@each_model
def test_every_time_has_its_zone_and_every_key_64_bits(model: type[models.Model]) -> None:
    types = {name: facts[0] for name, facts in columns(model._meta.db_table).items()}

    assert "timestamp without time zone" not in types.values()
    assert types["id"] == "bigint"


def test_no_row_names_a_person(
    administrator: User,
    insurance: InsuranceInfo,
    prescription: Prescription,
) -> None:
    rows = [row for model in MODELS for row in model._default_manager.all()]

    assert {type(row) for row in rows} == set(MODELS) - {UserAuditLog}
    assert [str(row) for row in rows] == [
        f"{'user' if isinstance(row, User) else row._meta.verbose_name} {row.pk}" for row in rows
    ]


def test_the_domain_has_no_model_that_these_tests_leave_out() -> None:
    ours = {"compliance", "patients", "providers", "appointments", "records"}

    assert {model for model in apps.get_models() if model._meta.app_label in ours} == set(MODELS)
