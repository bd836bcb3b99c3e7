"""A model's CHECKs are asked for at once, and say the same as one by one."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, models
from django.test.utils import CaptureQueriesContext

if TYPE_CHECKING:
    from patients.models import Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db


def sentences(error: pytest.ExceptionInfo[ValidationError]) -> list[str]:
    return sorted(error.value.messages)


def test_a_row_that_keeps_its_rules_costs_one_question_for_all_checks(patient: Patient) -> None:
    with CaptureQueriesContext(connection) as captured:
        patient.validate_constraints()

    asked = [query["sql"] for query in captured if "COALESCE" in query["sql"]]
    assert len(asked) == 1
    assert all(text in asked[0] for text in ("'Example Clinic'", "^[A-Z]{2}$", "'female'"))


def test_every_rule_that_is_broken_is_named_as_django_names_it(patient: Patient) -> None:
    patient.family_name, patient.given_name, patient.state, patient.language = None, None, "ca", "?"
    with pytest.raises(ValidationError) as at_once:
        patient.validate_constraints()
    with pytest.raises(ValidationError) as one_by_one:
        models.Model.validate_constraints(_as_django(patient))

    assert sentences(at_once) == sentences(one_by_one)
    assert len(sentences(at_once)) == 3


def test_a_rule_about_a_field_that_is_left_out_is_not_asked(patient: Patient) -> None:
    patient.state, patient.language = "ca", "?"
    with pytest.raises(ValidationError) as error:
        patient.validate_constraints(exclude={"state"})

    assert sentences(error) == ["A language is a BCP-47 tag, such as es or zh-Hant."]


def test_a_rule_that_calls_a_sql_function_is_asked_too(provider: Provider) -> None:
    provider.npi = "1234567890"
    with pytest.raises(ValidationError, match="This is no NPI"):
        provider.validate_constraints()


def _as_django(row: Patient) -> Patient:
    """Give the row back the constraints as Django's own Model lists them."""
    row.get_constraints = lambda: models.Model.get_constraints(row)  # type: ignore[method-assign]
    return row
