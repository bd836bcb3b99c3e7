"""All CHECKs of a model in one question to PostgreSQL, since Django asks for each of them with three statements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from django.core.exceptions import ValidationError
from django.db.models import CheckConstraint, Q

from compliance.encryption.rules import HeldOnCells

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import BaseConstraint, Model


def at_once(rules: Sequence[BaseConstraint]) -> list[Any]:
    """Put one question in the place of a model's CHECKs, for Model.get_constraints."""
    checks = [rule for rule in rules if isinstance(rule, CheckConstraint) and not isinstance(rule, HeldOnCells)]
    return [AllChecks(checks), *(rule for rule in rules if not isinstance(rule, CheckConstraint))]


@dataclass(frozen=True, slots=True)
class AllChecks:
    """The CHECKs of a model, validated together; one by one only to find out which of them refuses."""

    checks: Sequence[CheckConstraint]

    def validate(
        self, model: type[Model], instance: Model, exclude: set[str] | None = None, using: str = "default"
    ) -> None:
        # As CheckConstraint.validate does it: a rule about a field that is left out is not asked.
        values = instance._get_field_expression_map(meta=model._meta, exclude=exclude)  # type: ignore[attr-defined]  # noqa: SLF001
        asked = [check for check in self.checks if _fields(check, instance) <= values.keys()]
        if not asked or Q(*(check.condition for check in asked)).check(values, using=using):
            return
        refused = []
        for check in asked:
            try:
                check.validate(model, instance, exclude, using)
            except ValidationError as error:
                refused.append(error)
        raise ValidationError(refused)


def _fields(check: CheckConstraint, instance: Model) -> set[str]:
    return {reference[0] for reference in instance._get_expr_references(check.condition)}  # type: ignore[attr-defined]  # noqa: SLF001
