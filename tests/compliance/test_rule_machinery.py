"""How PostgreSQL is set up to hold the rules: for every table, whoever writes and whatever they may see."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.apps import apps
from django.db import connection

from compliance import phi
from compliance.clinical import ClinicalModel

if TYPE_CHECKING:
    from django.db.models import Field

pytestmark = pytest.mark.django_db
MODELS = [model for model in apps.get_models() if issubclass(model, ClinicalModel)]
TABLES = [model._meta.db_table for model in MODELS]
each_table = pytest.mark.parametrize("table", TABLES)


def rows(query: str, *values: object) -> list[tuple[object, ...]]:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return cursor.fetchall()


def test_no_foreign_key_of_the_domain_deletes_or_empties_anything() -> None:
    keys = rows(
        "SELECT conname, confdeltype, confupdtype FROM pg_constraint WHERE contype = 'f' AND conrelid = ANY "
        "(%s::regclass[])",
        TABLES,
    )

    assert len(keys) > len(TABLES)
    assert {key for key in keys if key[1:] != ("r", "a")} == set()


FUNCTIONS = """
    SELECT DISTINCT p.proname, p.prosecdef, p.proconfig
    FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = ANY (%s::regclass[]) AND NOT t.tgisinternal
"""


def test_every_trigger_function_sees_all_rows_and_calls_nothing_that_a_session_put_in_its_way() -> None:
    functions = rows(FUNCTIONS, TABLES)

    assert "keep_row_facts" in {name for name, *_ in functions}
    for name, definer, settings in functions:
        (path,) = [one for one in settings or [] if one.startswith("search_path=")]
        assert definer, name
        assert path.startswith("search_path=pg_catalog,"), name
        assert path.endswith(" pg_temp"), name


CALLED = """
    SELECT c.conname, p.proname, p.provolatile FROM pg_constraint c
    JOIN pg_depend d ON d.classid = 'pg_constraint'::regclass AND d.objid = c.oid
        AND d.refclassid = 'pg_proc'::regclass
    JOIN pg_proc p ON p.oid = d.refobjid
    WHERE c.contype = 'c' AND c.conrelid = ANY (%s::regclass[])
"""


def test_every_function_that_a_check_calls_gives_the_same_answer_for_ever() -> None:
    called = rows(CALLED, TABLES)

    assert {"npi_is_valid", "code_is_valid", "within_six_months"} <= {name for _, name, _ in called}
    assert {call for call in called if call[2] != "i"} == set()


def triggers(name: str) -> set[str]:
    found = rows("SELECT tgrelid::regclass::text FROM pg_trigger WHERE tgname = %s AND tgenabled IN ('O', 'A')", name)
    return {str(table) for (table,) in found}


def test_every_clinical_table_keeps_its_version_and_times_and_does_so_last() -> None:
    assert triggers("zz_keep_row_facts") == set(TABLES)
    # Row triggers of one kind run in the order of their names.
    last = rows(
        'SELECT tgrelid::regclass::text, max(tgname::text COLLATE "C") FROM pg_trigger '
        "WHERE NOT tgisinternal AND tgtype & 3 = 3 AND tgrelid = ANY (%s::regclass[]) GROUP BY 1",
        TABLES,
    )
    assert {name for _, name in last} == {"zz_keep_row_facts"}


def test_every_table_of_a_chart_refuses_a_merged_patient() -> None:
    charts = {model._meta.db_table for model in MODELS if "patient_id" in {f.column for f in model._meta.fields}}

    assert len(charts) > 1
    assert triggers("refuse_merged_patient") == charts | {"consent_records"}


@each_table
@pytest.mark.parametrize("unreadable", ["infinity", "-infinity", "0001-12-31 BC", "10000-01-01"])
def test_a_date_that_python_cannot_read_is_refused_unless_the_column_will_be_encrypted(
    table: str, unreadable: str
) -> None:
    columns = times(table)
    check = rows(
        "SELECT pg_get_expr(conbin, conrelid) FROM pg_constraint WHERE conname = %s AND contype = 'c'",
        f"{table}_calendar",
    )

    assert len(check) == min(1, len(columns))
    for one in columns:
        values = ", ".join(
            f"{value(unreadable if name == one else None)}::{columns[name]} AS {name}" for name in columns
        )
        assert rows(f"SELECT {check[0][0]} FROM (SELECT {values}) AS made") == [(False,)], one


def value(text: str | None) -> str:
    return "NULL" if text is None else f"'{text}'"


def times(table: str) -> dict[str, str]:
    """Return the columns of dates and moments that people write and that will not be encrypted, with their types."""
    fields = next(model for model in MODELS if model._meta.db_table == table)._meta.concrete_fields
    kept = {"created_at", "updated_at"}
    return {
        field.column: str(field.db_type(connection))
        for field in fields
        if field.get_internal_type() in {"DateField", "DateTimeField"} and field.name not in kept and not sealed(field)
    }


def sealed(field: Field) -> bool:
    classification = phi.of(field)
    assert classification is not None
    return classification.sealed
