"""Writes rules.toml into the database. A rule that is not so any more ends, so that the past can still be explained."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.postgres.functions import TransactionNow
from django.db import connections, transaction

from compliance.audit.context import acting
from compliance.consent.consent_rule import ConsentRule
from compliance.consent.defaults import Default, defaults

if TYPE_CHECKING:
    from django.apps import AppConfig

    from compliance.consent.defaults import Defaults

_FIELDS = Default._fields


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Sync at the end of each migrate, once there is something that reads the rules."""
    if is_there(using):
        sync(defaults(), using=using)


def is_there(using: str) -> bool:
    """Say whether the rules are there, and what reads them; not so on the way back to zero."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regproc('consent_default') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def sync(wanted: Defaults, *, using: str = "default") -> None:
    """Let the database hold these rules and no others from now on. Each change leaves its entry in the trail."""
    with acting(source="migrate: rules.toml"), transaction.atomic(using=using):
        there, rules = standing(using), set(wanted.rules)
        rows = ConsentRule.objects.using(using).filter(ends_at__isnull=True)
        for one in sorted(there - rules):
            rows.filter(purpose=one.purpose, label=one.label).update(ends_at=TransactionNow())
        ConsentRule.objects.using(using).bulk_create(
            ConsentRule(**one._asdict(), starts_at=TransactionNow()) for one in sorted(rules - there)
        )


def standing(using: str = "default") -> set[Default]:
    """Give the rules that the database holds now."""
    return {
        Default(*row) for row in ConsentRule.objects.using(using).filter(ends_at__isnull=True).values_list(*_FIELDS)
    }
