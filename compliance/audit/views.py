"""Views of one's own that show what is audited."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from compliance.audit import recording

if TYPE_CHECKING:
    from django.http import HttpResponse
    from django.views.generic.base import TemplateResponseMixin as View
else:
    View = object


class RecordsReads(View):
    """Put before Django's DetailView, UpdateView or ListView: records what it shows, before it shows it.

    A page of one row leaves a read, a list one query with the patients of the page that is shown. Raises NotRecorded,
    which AuditMiddleware answers. `searched` is overridden by a list that is searched.
    """

    model: Any

    def searched(self) -> str:
        """Say what the list was searched for; the trail keeps a digest of it."""
        return ""

    def render_to_response(self, context: dict[str, Any], **response_kwargs: Any) -> HttpResponse:
        """Record first. A query set keeps the rows that it gives here, so the page shows the same ones."""
        if (rows := context.get("object_list")) is not None:
            recording.listed(self.model or rows.model, rows, searched=self.searched())
        if (row := context.get("object")) is not None:
            recording.read(row)
        return super().render_to_response(context, **response_kwargs)
