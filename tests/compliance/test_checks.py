"""What `manage.py check` refuses of a model that holds health information."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from django.contrib.postgres.constraints import ExclusionConstraint
from django.core import checks as django_checks
from django.db import models
from django.db.models import F, Func, Q
from django.db.models.functions import Upper
from django.test.utils import isolate_apps

from compliance import checks, phi
from compliance.clinical import ClinicalModel
from compliance.phi import Identifier
from compliance.rules import rule

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.apps.registry import Apps


@pytest.fixture
def alone() -> Iterator[Apps]:
    """The app `patients` without its models; a test puts in its own."""
    with isolate_apps("patients") as isolated:
        yield isolated


def found(alone: Apps) -> list[tuple[str | None, str]]:
    return [(one.id, str(one.msg)) for one in checks.health_information(app_configs=alone.get_app_configs())]


def test_a_field_without_a_class_is_refused_with_what_to_write(alone: Apps) -> None:
    class Referral(ClinicalModel):
        reason = models.TextField(db_comment="Why.")

        class Meta:
            app_label = "patients"

    (refused,) = checks.health_information(app_configs=alone.get_app_configs())

    assert (refused.id, refused.msg) == ("compliance.E001", "patients.Referral.reason has no PHI class.")
    assert "phi.clinical(" in str(refused.hint)


def test_a_class_that_is_not_known_is_none(alone: Apps) -> None:
    class Referral(ClinicalModel):
        reason = models.TextField(db_comment="Why. [PHI: secret]")

        class Meta:
            app_label = "patients"

    assert found(alone) == [("compliance.E001", "patients.Referral.reason has no PHI class.")]


def test_a_model_that_is_no_table_of_care_is_looked_at_beside_one_that_is(alone: Apps) -> None:
    class Plain(models.Model):  # noqa: DJ008 - it has no rows
        id = models.BigAutoField(primary_key=True)

        class Meta:
            app_label = "patients"

    assert found(alone) == []

    class Referral(ClinicalModel):
        class Meta:
            app_label = "patients"

    assert found(alone) == [("compliance.E001", "patients.Plain.id has no PHI class.")]


def test_a_class_without_words_is_refused(alone: Apps) -> None:
    class Referral(ClinicalModel):
        reason = models.TextField(db_comment=phi.sensitive(""))
        other = models.TextField(db_comment=phi.sensitive(" ."))

        class Meta:
            app_label = "patients"

    assert found(alone) == [
        ("compliance.E002", "patients.Referral.reason does not say in words what it holds."),
        ("compliance.E002", "patients.Referral.other does not say in words what it holds."),
    ]


@pytest.mark.parametrize(
    "condition",
    [
        Q(code__regex="^[0-9]+$"),
        ~Q(place="") | Q(code=""),
        Q(place__lte=F("code")),
        Q(place__in=["a", F("code")]),
        Func("code", function="npi_is_valid", output_field=models.BooleanField()),
        Q(Func(Upper("code"), function="npi_is_valid", output_field=models.BooleanField())),
    ],
    ids=["lookup", "inside or", "the other side", "in a list", "function", "function in a function"],
)
def test_a_rule_that_reads_what_will_be_encrypted_is_refused(alone: Apps, condition: Q) -> None:
    class Referral(ClinicalModel):
        code = models.TextField(db_comment=phi.identifier(Identifier.OTHER, "A code.", sealed=True))
        place = models.TextField(db_comment=phi.clinical("Where."))

        class Meta:
            app_label = "patients"
            constraints = [rule(condition, name="referrals_code_form", message="No code.")]

    assert found(alone) == [
        (
            "compliance.E003",
            "referrals_code_form reads the value of patients.Referral.code, which is to be encrypted.",
        )
    ]


def test_an_exclusion_reads_values_and_so_does_the_condition_of_a_unique_rule(alone: Apps) -> None:
    class Referral(ClinicalModel):
        code = models.TextField(db_comment=phi.sensitive("A code."))

        class Meta:
            app_label = "patients"
            constraints = [
                ExclusionConstraint(name="by_name", expressions=[("code", "=")]),
                ExclusionConstraint(name="by_expression", expressions=[(Upper("code"), "=")]),
                models.UniqueConstraint(fields=["code"], condition=Q(code__gt="a"), name="some_of_them"),
            ]

    assert [message.split()[0] for _, message in found(alone)] == ["by_name", "by_expression", "some_of_them"]


def test_a_rule_may_ask_whether_there_is_a_value_and_whether_it_is_the_only_one(alone: Apps) -> None:
    class Referral(ClinicalModel):
        code = models.TextField(null=True, db_comment=phi.sensitive("A code."))
        place = models.TextField(db_comment=phi.clinical("Where."))

        class Meta:
            app_label = "patients"
            constraints = [
                rule(Q(code__isnull=False) | Q(place="here"), name="code_or_place", message="Say one."),
                models.UniqueConstraint(fields=["code"], condition=Q(code__isnull=False), name="code_once"),
            ]

    assert found(alone) == []


def test_the_models_of_this_project_pass() -> None:
    assert checks.health_information in django_checks.registry.registry.get_checks()
    assert checks.health_information() == []
