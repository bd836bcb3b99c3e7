"""What a view refused: recorded once, for every view of the project, with the row that was asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.contrib.admin.utils import unquote

from compliance.audit.recording import denied
from compliance.audit.subjects import about

if TYPE_CHECKING:
    from django.http import HttpRequest


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
    key = match.kwargs.get("object_id")
    row = shown_by.get_object(request, unquote(key)) if key is not None else None
    return {"table_name": shown_by.opts.db_table} if row is None else about(row)
