"""What an entry says was changed, so that a person can read it.

django-auditlog's own rendering crashes at JSON's null and where there is no content type.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from django.utils.html import format_html, format_html_join

if TYPE_CHECKING:
    from compliance.audit.models import AuditLog

MASKED, NOTHING = "***", "None"  # as audit_row() writes them


class Change(NamedTuple):
    """A column, what stood in it and what stands in it now. Of what is masked, only that it changed is known."""

    column: str
    old: str
    new: str


def changes(entry: AuditLog) -> list[Change]:
    """List the columns that an entry says were changed, by name."""
    said: Any = entry.changes
    if not isinstance(said, dict):
        return []
    return [Change(str(column), *_values(said[column])) for column in sorted(said)]


def table(entry: AuditLog) -> str:
    """Give the same as a table of a page."""
    if not (rows := changes(entry)):
        return "-"
    body = format_html_join("", "<tr><th>{}</th><td>{}</td><td>→</td><td>{}</td></tr>", rows)
    head = "<tr><th>Column</th><th>Before</th><th></th><th>After</th></tr>"
    return format_html('<table class="changes"><thead>' + head + "</thead><tbody>{}</tbody></table>", body)


def _values(pair: Any) -> tuple[str, str]:
    if not isinstance(pair, list) or len(pair) != len(("old", "new")):
        return "-", "-" if pair is None else str(pair)
    old, new = (NOTHING if value is None else str(value) for value in pair)
    if MASKED in {old, new}:
        was, becomes = (_masked(value) for value in (old, new))
        return was, "changed" if was == becomes else becomes
    return _shown(old), _shown(new)


def _masked(value: str) -> str:
    return "hidden" if value == MASKED else _shown(value)


def _shown(value: str) -> str:
    return "-" if value == NOTHING else value
