"""The months of the trail, made ahead, so that no entry ever lacks a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

from compliance.audit.errors import TrailMissing

if TYPE_CHECKING:
    from django.apps import AppConfig

MONTHS_AHEAD = 24
_LAST = """
SELECT max(replace(right(c.relname, 7), '_', '-'))
  FROM pg_inherits AS i JOIN pg_class AS c ON c.oid = i.inhrelid
 WHERE i.inhparent = 'audit_logs'::regclass AND c.relname ~ '^audit_logs_[0-9]{4}_[0-9]{2}$'
"""


def make_ahead(using: str = "default", months: int = MONTHS_AHEAD) -> int:
    """Make the months from this one on that are not there yet, and return how many were made. Raises TrailMissing."""
    if not is_there(using):
        raise TrailMissing
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s)", [months])
        return int(cursor.fetchone()[0])


def last(using: str = "default") -> str | None:
    """Return the last month that is there, as 2026-01; None without any."""
    with connections[using].cursor() as cursor:
        cursor.execute(_LAST)
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def is_there(using: str) -> bool:
    """Say whether the trail is there; it is not on the way to it, nor on the way back to zero."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('audit_make_partitions(integer)') IS NOT NULL")
        return bool(cursor.fetchone()[0])


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Make months ahead at the end of each migrate, once the trail is there."""
    if is_there(using):
        make_ahead(using)
