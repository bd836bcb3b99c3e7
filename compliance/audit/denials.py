"""What a view refused: recorded once, for every view of the project, with the row that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import unquote

from compliance.audit.recording import denied, or_refused
from compliance.audit.registry import DECLARED, Declaration
from compliance.audit.subjects import about, about_hidden

if TYPE_CHECKING:
    from django.http import HttpRequest


LARGEST_KEY = 2**63 - 1  # bigint


def refused(request: HttpRequest) -> None:
    """Record that a permission was missing. Raises NotRecorded."""
    match = request.resolver_match
    denied(f"No permission for {match.view_name if match else 'this page'}.", **_asked_for(request))


def _asked_for(request: HttpRequest) -> dict[str, Any]:
    """Find out which table or row of the admin it was about: of a chart that stayed closed, whose it is."""
    match = request.resolver_match
    shown_by = getattr(match.func, "model_admin", None) if match else None
    if match is None or shown_by is None:
        return {}
    table, key = shown_by.opts.db_table, unquote(match.kwargs.get("object_id") or "")
    if key.isdecimal() and DECLARED.get(shown_by.model, Declaration()).patient:
        return {"table_name": table, "object_pk": key, "object_repr": f"{table} {key}", **_whose(table, int(key))}
    row = shown_by.get_object(request, key) if key else None
    return {"table_name": table} if row is None else about(row)


def _whose(table: str, key: int) -> dict[str, Any]:
    """Ask whose a row is that is not shown to whoever asked for it."""
    if key > LARGEST_KEY:
        return {}
    with or_refused():
        return {"object_id": key, **about_hidden(table, key)}
