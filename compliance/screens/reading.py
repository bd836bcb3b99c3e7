"""Records what the pages of the admin show, before they show it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model
from django.forms import ModelChoiceField, ModelMultipleChoiceField

from compliance.audit import recording

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    # unfold carries no types; its ModelAdmin derives from this one.
    from django.contrib.admin import ModelAdmin as UnfoldModelAdmin
    from django.forms import ModelForm
    from django.http import HttpRequest, HttpResponse
else:
    from unfold.admin import ModelAdmin as UnfoldModelAdmin

Row = TypeVar("Row", bound=Model)


class RecordingModelAdmin(UnfoldModelAdmin[Row]):
    """Leaves an entry for each page of a row, and one for each list. NotRecorded goes up to AuditMiddleware."""

    def list_is_about(self, changelist: Any) -> Iterable[int]:
        """Give keys of patients whom a list is about, beside those whose rows it shows."""
        return ()

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Record a list; an action that ends in a redirect shows none."""
        answer: Any = super().changelist_view(request, extra_context)
        if (shown := (getattr(answer, "context_data", None) or {}).get("cl")) is not None:
            about = self.list_is_about(shown)
            recording.listed(self.model, shown.result_list, searched=shown.query, patients=about)
        return answer  # type: ignore[no-any-return]

    def render_change_form(  # type: ignore[override] # what is passed on is not named again
        self, request: HttpRequest, context: dict[str, Any], *, obj: Row | None = None, **kwargs: Any
    ) -> HttpResponse:
        """Record the row of a page, and the rows that are named where one chooses, when they are not the row's own.

        What was posted stands in `obj` already: another patient, maybe. The entry is about the row as it is kept.
        """
        for chosen in _chosen(context["adminform"].form):
            recording.read(chosen)
        if obj is not None:
            kept = obj if request.method == "GET" else self.get_object(request, str(obj.pk))
            recording.read(kept or obj)
        return super().render_change_form(request, context, obj=obj, **kwargs)

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Record a look at what became of a row."""
        return self._recorded(super().history_view(request, object_id, extra_context))

    def render_delete_form(self, request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
        """Record what is shown to who is asked whether to delete it."""
        recording.read(context["object"])
        return super().render_delete_form(request, context)

    def _recorded(self, answer: Any, name: str = "object") -> HttpResponse:
        """Record the row that stands under a name in what a page shows; a redirect shows none."""
        if (row := (getattr(answer, "context_data", None) or {}).get(name)) is not None:
            recording.read(row)
        return answer  # type: ignore[no-any-return]


def _chosen(form: ModelForm[Any]) -> Iterator[Model]:
    """Give the rows that a form names in its choices: those of ?patient=17, and those that were typed in."""
    for name, field in form.fields.items():
        if not isinstance(field, ModelChoiceField) or isinstance(field, ModelMultipleChoiceField):
            continue
        value = form[name].value()
        if value and not (form.instance.pk and str(value) == str(form.initial.get(name))):
            try:
                row = field.to_python(value)
            except ValidationError:
                continue
            if isinstance(row, Model):
                yield row
