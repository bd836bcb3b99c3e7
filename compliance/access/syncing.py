"""Writes the policy into the database, as the difference to what stands there: rules, groups and their permissions."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.conf import settings
from django.contrib.auth.management import create_permissions
from django.contrib.auth.models import Group, Permission
from django.db import connections, transaction
from django.db.models import Q

from compliance.access.policy import Policy, Rule, policy
from compliance.access.rule import AccessRule
from compliance.audit.context import acting

if TYPE_CHECKING:
    from django.apps import AppConfig

_FIELDS = Rule._fields


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Sync at the end of each migrate, once there is something to sync with."""
    if is_there(using) and settings.ACCESS_POLICY_SYNC:
        for config in apps.get_app_configs():  # Django makes each app's after that app's own signal
            create_permissions(config, verbosity=0, using=using)
        sync(policy(), using=using)


def is_there(using: str) -> bool:
    """Say whether the rules are there, and what reads them; not so on the way back to zero."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('access_rules_of(bigint, text)') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def sync(wanted: Policy, *, using: str = "default") -> None:
    """Let the database hold this policy and no other. Each change of a rule or a permission leaves its entry."""
    with acting(source="migrate: policy.toml"), transaction.atomic(using=using):
        _rules(wanted, using)
        for role in wanted.roles.values():
            group, _ = Group.objects.using(using).get_or_create(name=role.name)
            group.permissions.set(_permissions(role.permissions(), using))


def standing(using: str = "default") -> set[Rule]:
    """Give the rules that the database holds."""
    return {Rule(*row) for row in AccessRule.objects.using(using).values_list(*_FIELDS)}


def _rules(wanted: Policy, using: str) -> None:
    there, rules = standing(using), wanted.rules()
    for rule in sorted(there - rules):
        AccessRule.objects.using(using).filter(
            role=rule.role, purpose=rule.purpose, permission=rule.permission
        ).delete()
    AccessRule.objects.using(using).bulk_create(AccessRule(**rule._asdict()) for rule in sorted(rules - there))


def _permissions(names: set[str], using: str) -> list[Permission]:
    named = Q(pk__in=[])
    for name in names:
        app, codename = name.split(".")
        named |= Q(content_type__app_label=app, codename=codename)
    return list(Permission.objects.using(using).filter(named))
