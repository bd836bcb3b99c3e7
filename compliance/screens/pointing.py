"""Which fields a rule is about, so that a form can say it where it is to be put right."""

from __future__ import annotations

from typing import Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.db.models import BaseConstraint, CheckConstraint, F, Q, UniqueConstraint


def fields_of(rule: BaseConstraint) -> set[str]:
    """Name the fields that a rule compares. A rule that is held in SQL names none."""
    if isinstance(rule, CheckConstraint):
        condition: Any = rule.condition
        return condition.referenced_base_fields if isinstance(condition, Q) else _named_in(condition)
    if isinstance(rule, UniqueConstraint):
        return {*rule.fields, *(name for one in rule.expressions for name in _named_in(one))}
    if isinstance(rule, ExclusionConstraint):
        return {name for one, _ in rule.expressions for name in _named_in(one)}
    return set()


def _named_in(expression: Any) -> set[str]:
    if isinstance(expression, str):
        return {expression}
    parts: Any = expression.flatten() if hasattr(expression, "flatten") else [expression]
    return {str(part.name) for part in parts if isinstance(part, F)}  # type: ignore[attr-defined]
