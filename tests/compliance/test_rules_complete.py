"""The rules that the models declare, those in the catalogue, and those that the tests break are the same ones."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from compliance.clinical import ClinicalModel
from compliance.models import ConsentEffect, ConsentProvision, ConsentRecord, ConsentRule
from compliance.rules import HeldInSql, declared, sentence
from tests.compliance.breaks import BREAKS, ROWS
from tests.compliance.consent.breaks import ROWS as OF_CONSENTS

pytestmark = pytest.mark.django_db
DOMAIN = {"patients", "providers", "appointments", "records"}
# Those of consents are no clinical tables: what is written there is not changed any more.
CONSENTS: list[Any] = [ConsentRecord, ConsentProvision, ConsentEffect, ConsentRule]
MODELS = [model for model in apps.get_models() if issubclass(model, ClinicalModel)] + CONSENTS
TABLES = {model._meta.db_table: model for model in MODELS}
RULES = {rule.name: (rule, model) for model in MODELS for rule in model._meta.constraints}
BROKEN = {broken.rule for broken in BREAKS}
# A key that others refer to, and implied by the primary key; tables without a key that the application makes.
NEVER_BROKEN: dict[str, set[str]] = {"consent_provisions": set(), "consent_effects": set(), "consent_rules": set()}
each_table = pytest.mark.parametrize("table", TABLES)

# CHECK and EXCLUDE; UNIQUE, also one that is an index only, but for those that the primary key implies; foreign keys
# that Django cannot say, over more than one column.
STANDING = """
    SELECT conname FROM pg_constraint
    WHERE conrelid = %(table)s::regclass AND (contype IN ('c', 'x') OR contype = 'f' AND cardinality(conkey) > 1)
    UNION ALL
    SELECT c.relname FROM pg_index i JOIN pg_class c ON c.oid = i.indexrelid
    WHERE i.indrelid = %(table)s::regclass AND i.indisunique AND NOT EXISTS (
        SELECT FROM pg_constraint p
        WHERE p.conrelid = i.indrelid AND p.contype = 'p' AND p.conkey <@ i.indkey::int2[]
    )
"""
FUNCTIONS = """
    SELECT p.prosrc FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
    WHERE t.tgrelid = %s::regclass AND NOT t.tgisinternal
"""
# CONSTRAINT = 'name', or CONSTRAINT = TG_TABLE_NAME || '_suffix'.
RAISED = re.compile(r"\bCONSTRAINT = (TG_TABLE_NAME \|\| )?'(\w+)'")
CHOSEN = re.compile(r"\bTHEN '(\w+)'")  # of several, by a CASE


def standing(table: str) -> set[str]:
    with connection.cursor() as cursor:
        cursor.execute(STANDING, {"table": table})
        return {name for (name,) in cursor.fetchall()}


def raised(table: str) -> set[str]:
    """Return the rules that the triggers of a table name."""
    with connection.cursor() as cursor:
        cursor.execute(FUNCTIONS, [table])
        bodies = cursor.fetchall()
        found = [match for (body,) in bodies for match in RAISED.findall(body)]
        chosen = {name for (body,) in bodies for name in CHOSEN.findall(body) if name.startswith(f"{table}_")}
    return {(table if prefix else "") + name for prefix, name in found} | chosen


def test_every_model_of_the_domain_is_a_clinical_one_with_a_row_to_break() -> None:
    ours = {model for model in apps.get_models() if model._meta.app_label in DOMAIN}

    assert ours <= set(MODELS)
    assert set(ROWS) | set(OF_CONSENTS) == set(TABLES)


@each_table
def test_every_rule_in_the_catalogue_has_a_sentence_and_is_broken_by_a_test(table: str) -> None:
    names = standing(table) | raised(table)

    assert len(names) >= len(standing(table)) > 0
    assert {name for name in names if sentence(name) is None} == set()
    # A key that the application makes at random: no example says more than that of any UNIQUE.
    assert names - BROKEN == NEVER_BROKEN.get(table, {f"{table}_uid_key"})


@each_table
def test_every_declared_rule_stands_in_the_catalogue_or_is_named_by_a_trigger(table: str) -> None:
    rules = {rule.name: rule for rule in TABLES[table]._meta.constraints}
    in_catalogue, by_trigger = standing(table), raised(table)

    assert set(rules) <= in_catalogue | by_trigger
    assert by_trigger <= {name for name, rule in rules.items() if isinstance(rule, HeldInSql)}
    assert in_catalogue - set(rules) == {name for name in in_catalogue if name.endswith("_key")}


def test_every_declared_rule_is_broken_by_a_test_and_every_broken_one_is_declared() -> None:
    assert {name for name in BROKEN if sentence(name) is None} == set()
    assert set(RULES) - BROKEN == set()


def test_the_names_of_rules_are_unique_over_all_tables_and_no_longer_than_postgresql_keeps() -> None:
    names = [rule.name for model in apps.get_models() for rule in model._meta.constraints]

    assert len(names) == len(set(names))
    assert max(len(name.encode()) for name in names) <= 63


def test_a_rule_says_its_table_in_its_name_and_a_sentence_without_placeholders() -> None:
    for name, (rule, model) in RULES.items():
        assert name.startswith(model._meta.db_table)
        said = str(rule.violation_error_message)
        assert said != rule.default_violation_error_message
        assert re.fullmatch(r"[A-Z][^%{}]*\.", said), name


def test_a_rule_is_found_by_its_name_and_by_no_other() -> None:
    assert declared("patients_name_given") is RULES["patients_name_given"][0]
    assert declared("patients_name") is None
    assert sentence("patients_user_id_key") == "This account is another patient's."
    assert sentence("patients_uid_key") == "patient with this public identifier already exists."
    assert sentence("patients_mrn_key") is None
