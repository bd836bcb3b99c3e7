"""The months of the trail, made ahead, so that no entry ever lacks a place."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import connections

if TYPE_CHECKING:
    from django.apps import AppConfig

MONTHS_AHEAD = 24


def make_ahead(using: str = "default", months: int = MONTHS_AHEAD) -> int:
    """Make the months from this one on that are not there yet, and return how many were made."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT audit_make_partitions(%s)", [months])
        return int(cursor.fetchone()[0])


def after_migrate(sender: AppConfig, using: str, **_: Any) -> None:
    """Make months ahead at the end of each migrate; not while the trail is not there, as on the way back to zero."""
    with connections[using].cursor() as cursor:
        cursor.execute("SELECT to_regprocedure('audit_make_partitions(integer)') IS NOT NULL")
        there = cursor.fetchone()[0]
    if there:
        make_ahead(using)
