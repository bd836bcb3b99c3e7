"""Lists and pages that show what the access policy lets an account see, and say that something is withheld."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

from django.contrib import messages
from django.contrib.auth import get_permission_codename
from django.core.exceptions import PermissionDenied
from django.db.models import Model
from django.http import HttpResponseRedirect
from django.urls import reverse

from compliance.access import require, visible_to
from compliance.access.rights import rights_in, viewing
from compliance.audit import recording
from compliance.audit.denials import LARGEST_KEY
from compliance.audit.subjects import about_hidden
from compliance.screens.choosing import for_whom
from compliance.screens.fieldsets import stripped
from compliance.screens.reading import RecordingModelAdmin

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.db.models import QuerySet
    from django.http import HttpRequest, HttpResponse

    from compliance.access.rights import Rights

Row = TypeVar("Row", bound=Model)
LONGEST_KEY = 255  # characters that the trail has room for
WITHHELD = "Your role does not show you everything that is kept here."


class ReachingModelAdmin(RecordingModelAdmin[Row]):
    """Every query begins with the rows within reach; every question for a row is asked about its patient.

    Columns that the policy does not show to whoever asks are left out of lists, filters, searches and forms. What is
    left out of the form of a new row keeps its default.
    """

    # The columns that `label` tells of, references by the label of what they point to.
    labelled_by: Sequence[str] = ()

    def get_queryset(self, request: HttpRequest) -> QuerySet[Row]:
        """Keep the rows within reach: of lists, choices, pages, histories and actions alike."""
        account: Any = request.user
        return visible_to(super().get_queryset(request), account)

    def has_module_permission(self, request: HttpRequest) -> bool:
        """Show an entry of the menu for what may be opened."""
        return self.has_view_permission(request) or self.has_add_permission(request)

    def has_view_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self._may("view", request, obj) or self._may("change", request, obj)

    def has_add_permission(self, request: HttpRequest, obj: Model | None = None) -> bool:
        return self._may("add", request)

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return self._may("change", request, obj)

    def _may(self, verb: str, request: HttpRequest, row: Row | None = None) -> bool:
        return rights_in(request).may(self._permission(verb), row if isinstance(row, self.model) else None)

    def _permission(self, verb: str) -> str:
        return f"{self.opts.app_label}.{get_permission_codename(verb, self.opts)}"

    def save_model(self, request: HttpRequest, obj: Row, form: Any, change: bool) -> None:
        """Ask also about the patient that was typed in, who need not be the one whose page it is."""
        account: Any = request.user
        require(account, self._permission("change" if change else "add"), obj)
        super().save_model(request, obj, form, change)

    def hidden(self, request: HttpRequest) -> frozenset[str]:
        """Name the columns that are not shown to whoever asks."""
        return rights_in(request).hidden(self.model)

    def get_list_display(self, request: HttpRequest) -> list[Any]:
        rights, hidden = rights_in(request), self.hidden(request)
        columns = super().get_list_display(request)
        return [for_whom(one, rights) for one in columns if _name(one) not in hidden]

    def get_list_filter(self, request: HttpRequest) -> list[Any]:
        hidden = self.hidden(request)
        return [one for one in super().get_list_filter(request) if _name(one) not in hidden]

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        """Leave out what is not shown; a row has its key, if nothing else, for Django to offer a search at all."""
        everything = super().get_search_fields(request)
        shown = [one for one in everything if _column(one) not in self.hidden(request)]
        return shown or ["pk"] * bool(everything)

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest) -> bool:
        """Refuse to filter, in a URL, by what is not shown: whether a row is found tells what stands in it.

        So it does of rows of another table that point to it, such as sessions to an account.
        """
        column = _column(lookup)
        if column in self.hidden(request):
            return False
        rows: Any = {one.name: one.related_model for one in self.opts.get_fields() if one.is_relation}
        own = {one.name for one in self.opts.fields}
        if column in rows.keys() - own and not rights_in(request).may(viewing(rows[column])):
            return False
        return super().lookup_allowed(lookup, value, request)

    def get_fieldsets(self, request: HttpRequest, obj: Row | None = None) -> Any:
        return stripped(super().get_fieldsets(request, obj), self.hidden(request))

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Show, and do not offer, a reference to what whoever asks may not look up."""
        rights = rights_in(request)
        fixed = [
            one.name
            for one in self.opts.fields
            if one.is_relation and one.editable and not _may_choose(self, rights, one.related_model)
        ]
        return [*super().get_readonly_fields(request, obj), *fixed]

    def label(self, row: Row) -> str:
        """Name a row for who may see it. Overridden where that takes PHI, which __str__ must not have."""
        return str(row)

    def withheld(self, request: HttpRequest) -> str:
        """Say that there is more than is shown, or may be: neither what, nor how much."""
        return WITHHELD if rights_in(request).withholds(self.model) else ""

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        """Refuse who may see no row of these, before it is said whether there is this one."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return super().history_view(request, object_id, extra_context)

    def render_change_form(  # type: ignore[override] # what is passed on is not named again
        self, request: HttpRequest, context: dict[str, Any], **kwargs: Any
    ) -> HttpResponse:
        return super().render_change_form(request, {**context, "withheld": self.withheld(request)}, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Record what was asked for, and answer alike whether there is no such row or it is out of reach."""
        asked = object_id.replace("\0", "")[:LONGEST_KEY]
        hidden = about_hidden(opts.db_table, int(asked)) if asked.isdecimal() and int(asked) <= LARGEST_KEY else {}
        reason = "a row that is not there, or not within reach"
        recording.denied(reason, table_name=opts.db_table, object_pk=asked, **hidden)
        name = opts.verbose_name
        messages.warning(request, f"There is no {name} of this number, or your role does not show it to you.")
        return HttpResponseRedirect(reverse("admin:index"))


def _may_choose(screen: ReachingModelAdmin[Any], rights: Rights, model: Any) -> bool:
    """Say whether rows of a model may be looked up; what has no screen is offered as Django does."""
    known: Any = screen.admin_site._registry.get(model)  # noqa: SLF001 - there is no other way to ask
    return not isinstance(known, ReachingModelAdmin) or rights.may(known._permission("view"))  # noqa: SLF001


def _name(shown: Any) -> str:
    """Name the column that a column or a filter of a list is about."""
    if isinstance(shown, (tuple, list)):
        shown = shown[0]
    return _column(shown) if isinstance(shown, str) else str(getattr(shown, "parameter_name", "") or shown.__name__)


def _column(lookup: str) -> str:
    return lookup.lstrip("^=@-").partition("__")[0]
