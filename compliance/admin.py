"""The base of every ModelAdmin. Screens look; they do not decide, and they delete nothing."""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from django.contrib import admin, messages
from django.contrib.admin.checks import ModelAdminChecks
from django.contrib.admin.utils import flatten_fieldsets
from django.contrib.admin.views.main import SEARCH_VAR
from django.contrib.postgres.fields import ArrayField
from django.db import DataError, IntegrityError, ProgrammingError, models
from django.db.models import Q
from django.forms import MultipleChoiceField
from django.http import HttpResponse, HttpResponseRedirect
from django.utils.text import capfirst

from compliance.access.rights import rights_in
from compliance.audit.errors import NotRecorded
from compliance.errors import ComplianceError, OutOfSight
from compliance.rules import broken_by, is_out_of_sight
from compliance.screens import searching
from compliance.screens.choosing import ChoiceSelect, for_whom, label_for, linked
from compliance.screens.fieldsets import replaced, without
from compliance.screens.forms import ExplainingForm, IndentedJSONField, VersionedForm
from compliance.screens.lists import ChangeList
from compliance.screens.pages import Paginator
from compliance.screens.reaching import ReachingModelAdmin

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.models import QuerySet
    from django.forms import CheckboxSelectMultiple
    from django.http import HttpRequest
else:
    from unfold.widgets import UnfoldAdminCheckboxSelectMultipleWidget as CheckboxSelectMultiple


Row = TypeVar("Row", bound=models.Model)
NUL = "\0"  # a character that no row can have, so that a search leaves it out
_REFUSALS = (ComplianceError, IntegrityError, DataError, ProgrammingError)


def _sentence(refusal: ComplianceError | IntegrityError | DataError | ProgrammingError) -> ComplianceError:
    if isinstance(refusal, NotRecorded):
        raise refusal  # there is no page to show it on
    if isinstance(refusal, ProgrammingError):
        if not is_out_of_sight(refusal):
            raise refusal
        return OutOfSight()
    return refusal if isinstance(refusal, ComplianceError) else broken_by(refusal)


class ModelAdmin(ReachingModelAdmin[Row]):
    """Lists without counting the whole table, and without a way to delete: health records are kept.

    What is shown is recorded first.
    What the database or a capability refuses is shown as its sentence: on the form, with all that was typed, or as a
    message over the list.
    """

    # unfold's asks the database which permissions there are; `manage.py check` must do without one.
    checks_class: ClassVar[Any] = ModelAdminChecks
    form: Any = ExplainingForm
    paginator = Paginator
    show_full_result_count = False
    show_facets = admin.ShowFacets.NEVER  # facets count every value of every filter
    list_per_page = 50
    warn_unsaved_form = True
    change_form_before_template = "compliance/withheld.html"

    def offered(self, rows: QuerySet[Row]) -> QuerySet[Row]:
        """Keep the rows that may be chosen where another row refers to one."""
        return rows

    def has_delete_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        """Refuse. What is wrong is marked so (entered in error, deactivated, cancelled), never taken out."""
        return False

    def get_changelist(self, request: HttpRequest, **kwargs: Any) -> type[ChangeList]:
        return ChangeList

    def get_autocomplete_fields(self, request: HttpRequest) -> list[str]:
        """Offer every reference by typing: no table is small enough for a dropdown for ever."""
        return [field.name for field in self.opts.fields if field.is_relation and field.editable]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if self.admin_site.is_registered(db_field.related_model):
            shown_by: Any = self.admin_site.get_model_admin(db_field.related_model)
            kwargs["widget"] = ChoiceSelect(db_field, self.admin_site, using=kwargs.get("using"))
            kwargs["queryset"] = shown_by.get_queryset(request).select_related(*shown_by.list_select_related or ())
        field: Any = super().formfield_for_foreignkey(db_field, request, **kwargs)
        if field is not None:
            field.label_from_instance = label_for(request, db_field.related_model)
        return field

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        if isinstance(db_field, ArrayField) and db_field.base_field.choices:
            return MultipleChoiceField(
                choices=db_field.base_field.choices,
                required=not db_field.blank,
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                widget=CheckboxSelectMultiple(),
            )
        if isinstance(db_field, models.JSONField):
            kwargs["form_class"] = IndentedJSONField
        field: Any = super().formfield_for_dbfield(db_field, request, **kwargs)
        if isinstance(db_field, models.TextField) and db_field.null and field is not None:
            field.empty_value = None  # as Django does for a CharField that may be NULL
        return field

    # Without `change`, which stands in kwargs: UserAdmin's does not name it either.
    def get_form(self, request: HttpRequest, obj: Row | None = None, **kwargs: Any) -> Any:  # type: ignore[override]
        form: Any = super().get_form(request, obj, **kwargs)
        form.refusal = getattr(request, "refusal", None)
        form.rights = rights_in(request)
        return form

    def changeform_view(
        self,
        request: HttpRequest,
        object_id: str | None = None,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> Any:
        """Show the form again, with the sentence, when saving is refused; by then everything is rolled back."""
        try:
            return super().changeform_view(request, object_id, form_url, extra_context)
        except _REFUSALS as refusal:
            if getattr(request, "refusal", None) is not None:
                raise
            request.refusal = _sentence(refusal)  # type: ignore[attr-defined]
            return super().changeform_view(request, object_id, form_url, extra_context)

    def changelist_view(self, request: HttpRequest, extra_context: dict[str, Any] | None = None) -> HttpResponse:
        """Take a search that was posted, and show what an action was refused for."""
        if request.method == "POST" and SEARCH_VAR in request.POST:
            query = request.GET.copy()
            query.pop(SEARCH_VAR, None)
            if term := request.POST[SEARCH_VAR].replace(NUL, "").strip():
                query[SEARCH_VAR] = searching.keep(request, term)
            return HttpResponseRedirect(f"{request.path}?{query.urlencode()}")
        try:
            return super().changelist_view(request, extra_context)
        except _REFUSALS as refusal:
            if request.method != "POST" and not request.GET:
                raise
            messages.error(request, str(_sentence(refusal)))
            # A page that is itself refused would be so again, for ever: then the list as a whole.
            return HttpResponseRedirect(request.get_full_path() if request.method == "POST" else request.path)

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        found: tuple[QuerySet[Row], bool] = super().get_search_results(request, queryset, search_term.replace(NUL, ""))
        return found

    def get_unfold_action(self, action: str) -> Any:
        """Let a row's or a page's own action be refused with a message."""
        found: Any = super().get_unfold_action(action)  # type: ignore[misc]
        found.method = _explained(found.method)
        return found


def _explained(action: Callable[..., Any]) -> Callable[..., Any]:
    @functools.wraps(action)
    def explained(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        try:
            return action(request, *args, **kwargs)
        except _REFUSALS as refusal:
            if args and isinstance(args[0], models.Model):
                raise  # a button below the form: the form shows it
            messages.error(request, str(_sentence(refusal)))
            return HttpResponse(headers={"HX-Redirect": request.headers.get("HX-Current-URL", "/")})

    return explained


class ReadOnlyModelAdmin(ModelAdmin[Row]):
    """Shows what something else writes."""

    def has_add_permission(self, request: HttpRequest, obj: models.Model | None = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        return False


class ClinicalAdmin(ModelAdmin[Row]):
    """Shows a clinical row with the facts about itself that nobody types in, and refuses to lose a change."""

    form: Any = VersionedForm
    change_form_before_template = "compliance/shown_version.html"
    ordering = ("-id",)
    sortable_by: ClassVar[Any] = ()  # a sort that no index serves reads the whole table
    # A row is found as these of its references are found, beside its own search_fields.
    found_through: Sequence[str] = ()
    facts: Sequence[str] = ()  # what is shown and not typed in
    settled: Sequence[str] = ()  # what is typed in for a new row only; afterwards a capability changes it
    row_facts = ("uid", "version", "created_at", "updated_at")

    def is_closed(self, row: Row) -> bool:
        """Tell whether nobody may change the row any more."""
        return False

    def has_change_permission(self, request: HttpRequest, obj: Row | None = None) -> bool:
        closed = isinstance(obj, self.model) and self.is_closed(obj)
        return not closed and super().has_change_permission(request, obj)

    def get_readonly_fields(self, request: HttpRequest, obj: Row | None = None) -> Any:
        settled = self.settled if obj is not None else ()
        fixed = [*super().get_readonly_fields(request, obj), *self.facts, *settled, *self.row_facts]
        return [self._shown(request, name) for name in fixed]

    def get_fieldsets(self, request: HttpRequest, obj: Row | None = None) -> Any:
        """Add the row's own facts, which a new row does not have yet, and link what the references point to."""
        fieldsets: Any = super().get_fieldsets(request, obj)
        if obj is None:
            return without(fieldsets, self.facts)
        row = ("Row", {"fields": self.row_facts, "classes": ["collapse"]})
        fieldsets = [*fieldsets, row]
        fixed = (
            self.get_readonly_fields(request, obj)
            if self.has_change_permission(request, obj)
            else [self._shown(request, name) for name in flatten_fieldsets(fieldsets)]
        )
        return replaced(fieldsets, {getattr(one, "__name__", one): one for one in fixed})

    def _shown(self, request: HttpRequest, name: str) -> Any:
        if callable(getattr(self, name, None)):
            return name  # a fact that the screen works out
        return for_whom(linked(name), rights_in(request)) if self.opts.get_field(name).is_relation else name

    def get_search_fields(self, request: HttpRequest) -> list[str]:
        return [*super().get_search_fields(request), *self.found_through]

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Row], search_term: str
    ) -> tuple[QuerySet[Row], bool]:
        """Find rows by the whole of what is typed, each way by an index of its own, and none by a join.

        OR over two tables makes PostgreSQL read both; a union of keys does not.
        """
        if not (term := search_term.replace(NUL, "").strip()):
            return queryset, False
        mine = self.get_queryset(request).order_by()
        ways = [mine.filter(self.matches(term, self.get_search_fields(request))).values("pk")]
        for name in self.found_through:
            field: Any = self.opts.get_field(name)
            other: Any = self.admin_site.get_model_admin(field.related_model)
            found, _ = other.get_search_results(request, other.get_queryset(request).order_by(), term)
            ways.append(mine.filter(Q((f"{name}__in", found.values("pk")))).values("pk"))
        return queryset.filter(pk__in=ways[0].union(*ways[1:], all=True) if ways[1:] else ways[0]), False

    def matches(self, term: str, lookups: Sequence[str]) -> Q:
        """Say which rows of this table a search term means: by each of the lookups that are shown to who searches."""
        mine = [name for name in lookups if name in self.search_fields]
        return functools.reduce(Q.__or__, (Q((name, term)) for name in mine), Q(pk__in=[]))


# Rooms are not apps, so Django finds this module and not theirs; they derive from the classes above.
from compliance.access import admin as access_admin  # noqa: E402, F401
from compliance.access import break_glass_admin, review_admin, rule_admin  # noqa: E402, F401
from compliance.accounts import admin as accounts_admin  # noqa: E402, F401
from compliance.audit import admin as audit_admin  # noqa: E402, F401
from compliance.consent import consent_admin, consent_rule_admin  # noqa: E402, F401
