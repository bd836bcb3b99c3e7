"""System checks of what models declare about health information."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.constraints import ExclusionConstraint
from django.core.checks import CheckMessage, Error, register
from django.db.models import F, Q
from django.db.models.lookups import IsNull

from compliance import domain, phi
from compliance.encryption.rules import Cells

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.apps import AppConfig
    from django.db.models import BaseConstraint, Model


@register
def health_information(app_configs: Iterable[AppConfig] | None = None, **_: object) -> list[CheckMessage]:
    """Check that every column says what it holds, and that no rule reads what PostgreSQL will not be able to read."""
    found: list[CheckMessage] = []
    for model in domain.models(app_configs):
        found += _fields(model)
        found += _rules(model)
    return found


def _fields(model: type[Model]) -> Iterator[CheckMessage]:
    for field in model._meta.local_concrete_fields:  # noqa: SLF001 - Django's API
        comment = field.db_comment or ""
        if phi.of(field) is None:
            yield Error(
                f"{field} has no PHI class.",
                hint=(
                    "Say what it holds in its comment: db_comment=phi.none(…), phi.identifier(Identifier.…, …), "
                    "phi.clinical(…) or phi.sensitive(…)."
                ),
                obj=field,
                id="compliance.E001",
            )
        elif not phi.description(comment).strip(" ."):
            yield Error(
                f"{field} does not say in words what it holds.",
                hint="Write a sentence: db_comment=phi.clinical('Whether the patient has died.').",
                obj=field,
                id="compliance.E002",
            )


def _rules(model: type[Model]) -> Iterator[CheckMessage]:
    fields = model._meta.concrete_fields  # noqa: SLF001
    classes = {field.name: phi.of(field) for field in fields}
    sealed = {name for name, classification in classes.items() if classification and classification.sealed}
    for constraint in model._meta.constraints:  # noqa: SLF001
        for name in sorted(set(_read_by(constraint)) & sealed):
            yield Error(
                f"{constraint.name} reads the value of {model._meta.label}.{name}, which is to be encrypted.",  # noqa: SLF001
                hint="A rule may ask whether there is one (isnull). Move the rest to a validator of the field.",
                obj=model,
                id="compliance.E003",
            )


def _read_by(constraint: BaseConstraint) -> Iterator[str]:
    """Name the fields whose values a constraint reads. A UNIQUE only compares them, which a blind index can too."""
    if isinstance(constraint, ExclusionConstraint):
        for expression, _operator in constraint.expressions:
            yield from _values(F(expression) if isinstance(expression, str) else expression)
    yield from _values(getattr(constraint, "condition", None))


def _values(node: Any) -> Iterator[str]:
    """Name the fields that a condition or an expression reads, but for those of which it sees no value."""
    if isinstance(node, F):
        name: str = getattr(node, "name")  # noqa: B009 - django-stubs lack it
        yield name.partition("__")[0]
    for inner in _inside(node):
        yield from _values(inner)


def _inside(node: Any) -> Iterable[Any]:
    """List what a condition or an expression is made of."""
    match node:
        case Q():
            lookups = [_asked(*child) if isinstance(child, tuple) else [child] for child in node.children]
            return chain.from_iterable(lookups)
        case IsNull() | Cells():
            return []
        case list() | tuple() | set():
            return node
    return node.get_source_expressions() if hasattr(node, "get_source_expressions") else []


def _asked(path: str, value: Any) -> list[Any]:
    """List what a lookup such as `starts_at__gte=F("ends_at")` reads."""
    name, _, lookup = path.partition("__")
    return [value] if lookup == "isnull" else [F(name), value]
