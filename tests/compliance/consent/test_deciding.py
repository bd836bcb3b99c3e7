"""The decision: what cannot be asked or found out is a no, and one question is one statement."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from compliance.audit.context import acting
from compliance.consent.deciding import Basis, about, decide
from compliance.models import User
from tests.logins import as_app

if TYPE_CHECKING:
    from django.db.models import Model
    from pytest_django import DjangoAssertNumQueries

    from patients.models import Patient
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("asked", "why"),
    [
        (("FUN", [], None), "The purpose is not known"),
        (("treat", [], None), "The purpose is not known"),
        (("", [], None), "The purpose is not known"),
        (("TREAT", ["SHY"], None), "A label is not known"),
        (("TREAT", ["*"], None), "A label is not known"),
        (("TREAT", [], datetime(2026, 3, 8, 2, 30)), "The moment has no time zone"),  # noqa: DTZ001 - on purpose
    ],
)
def test_what_cannot_be_asked_is_denied_in_a_sentence(
    record: Any, physician: User, asked: tuple[str, list[str], datetime | None], why: str
) -> None:
    purpose, labels, at = asked
    decision = decide(record.patient, physician, purpose, labels, at)

    assert (decision.permits, decision.basis) == (False, Basis.ERROR)
    assert decision.why.startswith(f"Denied, since it could not be decided. {why}")
    if not labels:
        row = about(record, physician, purpose, at)
        assert row is not None
        assert row.why == decision.why


@pytest.mark.parametrize("nobody", [None, User()])
def test_nobody_is_denied(patient: Patient, record: Model, nobody: User | None) -> None:
    for decision in (decide(patient, nobody, "TREAT"), about(record, nobody, "TREAT")):
        assert decision is not None
        assert (decision.permits, decision.basis) == (False, Basis.ERROR)
        assert "Nobody is said to act." in decision.why


@pytest.mark.parametrize("table", ["consent_rules", "consent_effects", "break_glass_grants", "users"])
def test_an_error_in_postgresql_denies(patient: Patient, physician: User, restricts: Gives, table: str) -> None:
    restricts(sensitivity_labels=["HIV"], exceptions=[{"decision": "permit", "roles": ["nurse"]}])
    assert decide(patient, physician, "TREAT").permits
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"ALTER TABLE {table} RENAME TO gone")

    decision = decide(patient, physician, "TREAT", ["HIV"])

    assert (decision.permits, decision.basis) == (False, Basis.ERROR)
    assert decision.why.endswith("PostgreSQL refused the question (ProgrammingError).")


def test_a_decision_is_one_statement_however_many_consents_and_labels_there_are(
    patient: Patient, physician: User, gives: Gives, restricts: Gives, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for label in ("HIV", "SUD"):
        restricts(sensitivity_labels=[label])
    gives(exceptions=[{"decision": "deny", "roles": ["nurse"]}])

    with acting(physician), as_app(), django_assert_num_queries(1):
        assert not decide(patient, physician, "TREAT", ["SUD", "HIV", "STD"]).permits


def test_a_row_is_decided_about_as_the_database_has_it(record: Model, physician: User, restricts: Gives) -> None:
    type(record)._default_manager.filter(pk=record.pk).update(sensitivity=["HIV"])  # `record` still says nothing of it
    refusal = restricts(sensitivity_labels=["HIV"])

    decision = about(record, physician, "TREAT")

    assert decision is not None
    assert (decision.permits, decision.label, decision.consent) == (False, "HIV", refusal.pk)
    assert about(type(record)(pk=0), physician, "TREAT") is None
    assert about(physician, physician, "TREAT") is None


def test_a_purpose_without_a_rule_is_denied(patient: Patient, physician: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consent_rules SET ends_at = now() WHERE purpose = 'PUBHLTH'")

    decision = decide(patient, physician, "PUBHLTH")

    assert (decision.permits, decision.why) == (False, "No rule and no consent permits this purpose.")


def test_no_goes_before_yes_where_two_consents_contradict_each_other(
    patient: Patient, physician: User, gives: Gives, restricts: Gives
) -> None:
    yes = gives(consent_type="treatment", purposes=["TREAT"], sensitivity_labels=["HIV"])
    assert decide(patient, physician, "TREAT", ["HIV"]).consent == yes.pk

    no = restricts(sensitivity_labels=["HIV"])

    assert decide(patient, physician, "TREAT", ["HIV"]).consent == no.pk
    assert decide(patient, physician, "TREAT", ["HIV"]).permits is False


def test_the_future_is_decided_by_what_is_known_now(patient: Patient, physician: User, restricts: Gives) -> None:
    tomorrow = timezone.now() + timedelta(days=1)
    restricts(starts_at=tomorrow)

    assert decide(patient, physician, "TREAT").permits
    assert not decide(patient, physician, "TREAT", at=tomorrow).permits
