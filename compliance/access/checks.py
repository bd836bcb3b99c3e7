"""Checks policy.toml against the models: a name that nothing has would give a right to nobody, or take it from all."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.checks import CheckMessage, Error, register

from compliance import phi
from compliance.access.policy import PolicyError, policy
from compliance.clinical import ClinicalModel
from compliance.phi import Phi

if TYPE_CHECKING:
    from collections.abc import Iterator

    from compliance.access.policy import Grant, Policy, Role

ID = "compliance.E030"
_ROW_FACTS = {field.name for field in ClinicalModel._meta.fields}  # noqa: SLF001 - seen by whoever sees the row
_HINT = "Correct compliance/access/policy.toml, then run: manage.py migrate"


@register
def access_policy(app_configs: Any = None, **_: object) -> list[CheckMessage]:
    """Check the policy that the project runs with."""
    try:
        known = policy()
    except PolicyError as error:
        return [Error(str(error), hint=_HINT, id=ID)]
    return [Error(f"policy.toml: {problem}", hint=_HINT, id=ID) for problem in problems(known)]


def problems(known: Policy) -> Iterator[str]:
    """Say what the policy names that does not exist, and what it leaves out."""
    from compliance.accounts.models import Role as AccountRole  # noqa: PLC0415 - models load with the app registry

    for name in sorted(set(AccountRole.values) - known.roles.keys()):
        yield f"role {name}: an account can have it, and nothing is said of it. Add a section [roles.{name}]."
    for role in known.roles.values():
        yield from _of_role(known, role)
    for label, groups in known.columns.items():
        yield from _of_columns(label, groups)


def _of_role(known: Policy, role: Role) -> Iterator[str]:
    for number, grant in enumerate(role.grants, 1):
        for problem in _of_grant(known, grant):
            yield f"role {role.name}, line {number} of may: {problem}"


def _of_grant(known: Policy, grant: Grant) -> Iterator[str]:
    for label in grant.models:
        if (model := _model(label)) is None:
            yield f"there is no model {label}."
            continue
        meta = model._meta  # noqa: SLF001 - Django's API
        name, own = meta.model_name, {codename for codename, _ in meta.permissions}
        there = own | {f"{verb}_{name}" for verb in meta.default_permissions}
        for verb in grant.verbs:
            if f"{verb}_{name}" not in there:
                yield f"{label} has no permission {verb}_{name}."
        if grant.columns is not None:
            for group in sorted(set(grant.columns) - known.columns.get(label, {}).keys()):
                yield f"{label} has no group of columns {group}."


def _of_columns(label: str, groups: Any) -> Iterator[str]:
    if (model := _model(label)) is None:
        yield f"columns of {label}: there is no such model."
        return
    fields = {field.name: field for field in (*model._meta.fields, *model._meta.many_to_many)}  # noqa: SLF001
    grouped = [name for names in groups.values() for name in names]
    for name in grouped:
        if name not in fields:
            yield f"columns of {label}: there is no field {name}."
        elif grouped.count(name) > 1:
            yield f"columns of {label}: {name} is in two groups."
    for name, field in fields.items():
        classification = phi.of(field) if hasattr(field, "db_comment") else None
        if classification and classification.phi != Phi.NONE and name not in {*grouped, *_ROW_FACTS}:
            yield f"columns of {label}: {name} is health information, and in no group."


def _model(label: str) -> Any:
    try:
        return apps.get_model(label)
    except (LookupError, ValueError):
        return None
