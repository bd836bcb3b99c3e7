"""The pages about consents beside the usual ones: all of a patient, two versions compared, the form on paper."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils import timezone

from compliance.access.rights import rights_in
from compliance.admin import ClinicalAdmin
from compliance.audit import recording
from compliance.audit.errors import NotRecorded
from compliance.audit.models import EventType
from compliance.audit.subjects import about, with_other_records
from compliance.consent import giving, verifying
from compliance.consent.comparing import compare
from compliance.consent.consent_forms import Document
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.glance import narrower, now_of, told_once
from compliance.consent.grantors import confidential_under, who_may_give
from compliance.consent.printing import sheet
from compliance.consent.timeline import Entry, entries
from compliance.consent.value_sets import ConsentDecision, ConsentType
from compliance.consent.versions import exceptions_of
from compliance.consent.wording import ends_soon, grantor_in_words, how_it_stands, in_words
from compliance.errors import ComplianceError
from compliance.screens.asking import account, action
from compliance.screens.choosing import label_as

if TYPE_CHECKING:
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

VIEW = "compliance.view_consentrecord"
LONGEST = 200  # versions on one page


class ConsentPages(ClinicalAdmin[ConsentRecord]):
    """Adds the pages; each records what it shows before it does."""

    actions_list = ("blank",)

    @property
    def patients(self) -> Any:
        """The page of patients, which shows those within reach."""
        model: Any = ConsentRecord._meta.get_field("patient").related_model  # noqa: SLF001 - Django's API
        return self.admin_site.get_model_admin(model)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(self.of_view)
        return [path("of/<path:object_id>/", view, name="compliance_consentrecord_of"), *super().get_urls()]

    def of_view(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what holds of a patient, and how it came about."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if (patient := self.patients.get_object(request, object_id)) is None:
            answer: Any = self.patients._get_obj_does_not_exist_redirect(  # noqa: SLF001 - the house's own
                request, self.patients.opts, object_id
            )
            return answer  # type: ignore[no-any-return]
        everything = self.get_queryset(request).filter(patient__in=with_other_records([patient.pk]))
        shown = everything.select_related("recorded_by").prefetch_related("provisions").order_by("-pk")
        versions = list(shown[: LONGEST + 1])
        recording.listed(ConsentRecord, versions, patients=[patient.pk])
        now, rights = timezone.now(), rights_in(request)
        superseded = {one.supersedes_id for one in versions}
        everywhere, standing = told_once(now_of(patient.pk))
        add, who = reverse("admin:compliance_consentrecord_add"), {"patient": patient.pk}
        restriction = {"consent_type": ConsentType.RESTRICTION.value, "decision": ConsentDecision.DENY.value}
        context = {
            "patient": patient,
            "name": label_as(rights, patient),
            "give": f"{add}?{urlencode(who)}",
            "restrict": f"{add}?{urlencode({**who, **restriction})}",
            "may_give": rights.may(giving.GIVE),
            "may_restrict": rights.may(giving.RESTRICT),
            "types": ConsentType.choices,
            "grantors": who_may_give(patient) if self._shows_age(request) else [],
            "everywhere": everywhere,
            "standing": standing,
            "narrower": narrower(everything),
            "soon": [one for one in versions if one.pk not in superseded and ends_soon(one, now)],
            "timeline": [self._told_of(request, one, patient) for one in entries(versions[:LONGEST])],
            "longest": LONGEST if len(versions) > LONGEST else None,
        }
        return self._page(request, "compliance/consent_of.html", "Consents", **context)

    @action(description="All consents of the patient", permissions=[VIEW], icon="fact_check")
    def consents(self, request: HttpRequest, object_id: str) -> HttpResponse:
        patient = self._asked_for(request, object_id).patient_id
        return HttpResponseRedirect(reverse("admin:compliance_consentrecord_of", args=[patient]))

    @action(description="Compare versions", permissions=[VIEW], icon="difference")
    def compare(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what is different from the version before, or from the one whose number the URL has."""
        row = self._asked_for(request, object_id)
        of_it = self.get_queryset(request).filter(consent_uid=row.consent_uid).order_by("version_no")
        versions = {one.version_no: one for one in of_it.prefetch_related("provisions")}
        asked = request.GET.get("with", "")
        other = versions.get(int(asked)) if asked.isascii() and asked.isdecimal() and len(asked) < 10 else None  # noqa: PLR2004 - digits of an int
        before, after = sorted(
            (other or versions.get(row.version_no - 1) or row, versions[row.version_no]), key=lambda one: one.version_no
        )
        for one in {before, after}:
            recording.read(one)
        context = {
            "row": row,
            "before": before,
            "after": after,
            "versions": list(versions.values()),
            "changes": compare(versions[before.version_no], after),
        }
        return self._page(request, "compliance/consent_compare.html", "Versions compared", **context)

    @action(description="Printed form", permissions=[VIEW], icon="print")
    def printed(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Show what was recorded as the form that is signed."""
        row = self._asked_for(request, object_id)
        recording.record(EventType.PRINT, **about(row))
        patient = self.patients.get_object(request, str(row.patient_id))
        shown = {
            "name": label_as(rights_in(request), patient) if patient is not None else "",
            "stands": how_it_stands(row, self.newer(row)),
            "given_by": grantor_in_words(row),
            "confidential": self._confidential(request, row, patient),
        }
        return self._form(request, ConsentType(row.consent_type), row, **shown)

    @action(description="Print an empty form", permissions=[VIEW], icon="print")
    def blank(self, request: HttpRequest) -> HttpResponse:
        """Show the form of a type with lines to fill in; for a patient, with the name on it."""
        kind, name = request.GET.get("type", ""), ""
        if (key := request.GET.get("patient")) and (patient := self.patients.get_object(request, key)) is not None:
            recording.record(EventType.PRINT, **about(patient))
            name = label_as(rights_in(request), patient)
        known = ConsentType(kind) if kind in ConsentType.values else ConsentType.AUTHORIZATION
        return self._form(request, known, name=name, types=ConsentType.choices, chosen=known, key=key)

    @action(description="Signed document", permissions=[VIEW], icon="attach_file")
    def document(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Record the digest of the signed document, or tell whether a document is the one."""
        row = self._asked_for(request, object_id)
        form = Document(request.POST or None, request.FILES or None)
        if form.is_valid():
            try:
                return self._handled(request, row, form.cleaned_data)
            except NotRecorded:
                raise
            except ComplianceError as refusal:
                form.add_error("document", str(refusal))
        recording.read(row)
        shown = {"row": row, "form": form, "may_give": rights_in(request).may(giving.GIVE)}
        return self._page(request, "compliance/consent_document.html", "Signed document", **shown)

    @action(description="Revise", permissions=[giving.GIVE], icon="edit")
    def revise(self, request: HttpRequest, object_id: str) -> HttpResponse:
        """Lead to the form of a version that follows."""
        row = self._asked_for(request, object_id)
        query = urlencode({"supersedes": row.pk})
        return HttpResponseRedirect(f"{reverse('admin:compliance_consentrecord_add')}?{query}")

    def before(self, request: HttpRequest) -> ConsentRecord | None:
        """Give the version that what is typed in is to follow; None for a first one."""
        if (key := request.GET.get("supersedes")) is None:
            return None
        if not hasattr(request, "version_before"):
            request.version_before = self._asked_for(request, key)  # type: ignore[attr-defined]
        found: ConsentRecord = request.version_before  # type: ignore[attr-defined]
        return found

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Begin with what the version before says."""
        if (before := self.before(request)) is None:
            return dict(super().get_changeform_initial_data(request))
        said = {field.name: getattr(before, field.attname) for field in self.opts.concrete_fields}
        return {**said, "visit": before.encounter_id}

    def get_formset_kwargs(self, request: HttpRequest, obj: Any, inline: Any, prefix: str) -> dict[str, Any]:
        kwargs: dict[str, Any] = super().get_formset_kwargs(request, obj, inline, prefix)
        before = self.before(request) if obj.pk is None else None
        if before is not None and request.method == "GET":
            kwargs["initial"] = exceptions_of(before)
        return kwargs

    def newer(self, row: ConsentRecord) -> ConsentRecord | None:
        """Give the version that stands in a row's place."""
        return getattr(row, "superseded_by", None)

    def told(self, request: HttpRequest, row: ConsentRecord | None, form: Any) -> dict[str, Any]:
        """Give what the page of a version says above it: who may give it; or what came after, and who may see it."""
        before = None if row is not None else self.before(request)
        known = row or before
        key = known.patient_id if known is not None else form["patient"].value() if "patient" in form.fields else None
        patient = self.patients.get_object(request, str(key)) if key and str(key).isdecimal() else None
        grantors = patient is not None and row is None and self._shows_age(request)
        return {
            "grantors": who_may_give(patient) if grantors else [],
            "confidential": self._confidential(request, row, patient) if row is not None else "",
            "newer": self.newer(row) if row is not None else None,
            "version_before": before,
            "before_in_words": in_words(before) if before is not None else "",
        }

    def _handled(self, request: HttpRequest, row: ConsentRecord, said: dict[str, Any]) -> HttpResponse:
        if "attach" not in request.POST:
            verifying.compare_document(row, said["document"])
            messages.success(request, "This is the document that was recorded: its SHA-256 is the same.")
        elif said["confirmed"]:
            reference = said["reference"] or row.document_reference
            row = verifying.attach_document(row, said["document"], by=account(request), reference=reference)
            messages.success(request, "The digest of the document is recorded.")
        else:
            messages.warning(request, "Nothing is recorded yet. Confirm that this is the document that was signed.")
            return HttpResponseRedirect(request.path)
        return HttpResponseRedirect(reverse("admin:compliance_consentrecord_change", args=[row.pk]))

    def _told_of(self, request: HttpRequest, entry: Entry, patient: Any) -> tuple[Entry, str, str]:
        by = label_as(rights_in(request), entry.version.recorded_by)
        return entry, self._confidential(request, entry.version, patient), by

    def _asked_for(self, request: HttpRequest, key: str) -> ConsentRecord:
        if (row := self.get_object(request, key)) is None:
            raise Http404
        return row

    def _shows_age(self, request: HttpRequest) -> bool:
        return "birth_date" not in rights_in(request).hidden(self.patients.model)

    def _confidential(self, request: HttpRequest, row: ConsentRecord, patient: Any) -> str:
        return confidential_under(row, patient.birth_date) if patient is not None and self._shows_age(request) else ""

    def _form(
        self, request: HttpRequest, kind: ConsentType, row: ConsentRecord | None = None, **shown: Any
    ) -> HttpResponse:
        context = {"sheet": sheet(kind, row), "row": row, "opts": self.opts, **shown}
        return TemplateResponse(request, "compliance/consent_form.html", context)

    def _page(self, request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **shown}
        return TemplateResponse(request, template, context)
