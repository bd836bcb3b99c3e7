"""The screens from which staff find a patient who is not in their care and, in an emergency, open the chart.

What is typed and what is found travels by POST only. The chart to open comes from what was found: the page carries a
signed note of it, so that nobody can ask for charts by counting, nor learn which numbers there are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import messages
from django.core import signing
from django.core.exceptions import PermissionDenied
from django.http import HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.views.decorators.debug import sensitive_post_parameters

from compliance.access.break_glass import LONGEST_MINUTES, may_break_glass, open_chart
from compliance.accounts import stepping_up
from compliance.admin import ClinicalAdmin
from compliance.audit.errors import NotRecorded
from compliance.errors import ComplianceError
from compliance.screens.asking import account, action
from patients.locating import Located, locate
from patients.models import Patient

if TYPE_CHECKING:
    from django.forms import PasswordInput, Select, Textarea, TextInput
    from django.http import HttpRequest, HttpResponse
    from django.urls import URLPattern

    from compliance.accounts.stepping_up import Proof
else:
    from unfold.widgets import UnfoldAdminPasswordWidget as PasswordInput
    from unfold.widgets import UnfoldAdminSelectWidget as Select
    from unfold.widgets import UnfoldAdminTextareaWidget as Textarea
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput

FOUND_FOR = 15 * 60  # seconds for which a chart can be opened from what was found
MINUTES = (15, 30, 60, 120, LONGEST_MINUTES)
_SALT = "patients.finding"


class Sought(forms.Form):
    """By what a patient is found."""

    mrn = forms.CharField(
        label="Record number", max_length=64, required=False, widget=TextInput(attrs={"autocomplete": "off"})
    )
    family_name = forms.CharField(
        label="Or the beginning of the family name",
        max_length=200,
        required=False,
        widget=TextInput(attrs={"autocomplete": "off"}),
    )
    birth_date = forms.DateField(
        label="Together with the birth date", required=False, widget=TextInput(attrs={"type": "date"})
    )


class Emergency(forms.Form):
    """Why, for how long, and who says so."""

    reason = forms.CharField(
        label="Why must this chart be opened now?",
        max_length=2000,
        widget=Textarea(attrs={"rows": 3}),
        help_text="A few words, at least three. Whoever reviews this reads them.",
    )
    minutes = forms.TypedChoiceField(
        label="For how long",
        choices=[(one, f"{one} minutes") for one in MINUTES],
        coerce=int,
        initial=60,
        widget=Select,
    )
    password = forms.CharField(
        label="Your password", strip=False, widget=PasswordInput(attrs={"autocomplete": "current-password"})
    )
    token = forms.CharField(
        label="Token of your authenticator app, or a recovery code",
        max_length=100,
        widget=TextInput(attrs={"autocomplete": "one-time-code"}),
    )

    def __init__(self, data: Any, *, proof: Proof | None) -> None:
        """Ask for no more than is needed: who has just shown who they are is not asked again."""
        super().__init__(data)
        if proof is not None or not stepping_up.asks_for_token():
            del self.fields["token"]
        if proof is not None:
            del self.fields["password"]


class FindingAdmin(ClinicalAdmin[Patient]):
    """Adds the two screens to that of patients, and leads there from a chart that is not shown."""

    actions_list = ("locate",)

    @action(description="Find any patient", permissions=["patients.locate_patient"], icon="person_search")
    def locate(self, request: HttpRequest) -> HttpResponse:
        """Ask by what to find, and show whom that means."""
        asked = request.method == "POST"
        form, found = Sought(request.POST if asked else None), None
        if asked and form.is_valid():
            try:
                found = locate(by=account(request), **form.cleaned_data)
            except NotRecorded:
                raise
            except ComplianceError as refusal:
                form.add_error(None, str(refusal))
        rows = [(one, signing.dumps(_note(request, one), salt=_SALT)) for one in found or ()]
        shown = {"form": form, "asked": found is not None, "rows": rows}
        return self._page(request, "patients/locate.html", "Find any patient", **shown)

    def get_urls(self) -> list[URLPattern]:
        view = self.admin_site.admin_view(sensitive_post_parameters()(self.emergency_view))
        return [path("emergency/", view, name="patients_patient_emergency"), *super().get_urls()]

    def emergency_view(self, request: HttpRequest) -> HttpResponse:
        """Ask why, and open the chart of a patient who was found."""
        if not may_break_glass(account(request)):
            raise PermissionDenied
        if (patient := _noted(request)) is None:
            messages.warning(request, "Find the patient first.")
            return HttpResponseRedirect(_locator())
        proof = stepping_up.recent(request)
        form = Emergency(request.POST if "reason" in request.POST else None, proof=proof)
        if form.is_valid():
            try:
                return self._open(request, patient[0], form.cleaned_data, proof)
            except NotRecorded:
                raise
            except ComplianceError as refusal:
                form.add_error(None, str(refusal))
        shown = {"form": form, "name": patient[1], "located": request.POST["located"]}
        return self._page(request, "patients/emergency.html", "Open in an emergency", **shown)

    def _open(self, request: HttpRequest, key: int, said: dict[str, Any], proof: Proof | None) -> HttpResponse:
        who = account(request)
        if proof is None:
            proof = stepping_up.prove(who, password=said["password"], token=said.get("token", ""), request=request)
            stepping_up.remember(request, proof)
        grant = open_chart(Patient(pk=key), by=who, reason=said["reason"], minutes=said["minutes"], proof=proof)
        messages.warning(
            request,
            f"The chart is open to you until {grant.ends_at:%H:%M} UTC. What you do is reviewed. Close it when you are "
            "done.",
        )
        return HttpResponseRedirect(reverse("admin:patients_patient_change", args=[grant.patient_id]))

    def _page(self, request: HttpRequest, template: str, title: str, **shown: Any) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "opts": self.opts, "title": title, **shown}
        context["may_break_glass"] = may_break_glass(account(request))
        return TemplateResponse(request, template, context)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """Lead to where a patient is found. Whether there is such a record is not told, nor to be seen from this."""
        answer: Any = super()._get_obj_does_not_exist_redirect(request, opts, object_id)
        if not request.user.has_perm("patients.locate_patient"):
            return answer  # type: ignore[no-any-return]
        if may_break_glass(account(request)):
            messages.info(request, "Something may be withheld. Find the patient here; in an emergency, open the chart.")
        return HttpResponseRedirect(_locator())


def _locator() -> str:
    return reverse("admin:patients_patient_locate")


def _note(request: HttpRequest, found: Located) -> list[Any]:
    return [request.user.pk, found.pk, f"{found.name}, born {found.birth_date}, MRN {found.mrn}"]


def _noted(request: HttpRequest) -> tuple[int, str] | None:
    """Read from the page who was found, by the same account and not long ago."""
    try:
        user, key, name = signing.loads(request.POST.get("located", ""), salt=_SALT, max_age=FOUND_FOR)
    except signing.BadSignature:
        return None
    return (key, name) if user == request.user.pk else None
