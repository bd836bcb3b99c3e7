"""What is typed in about consents: the form of a new version, its exceptions, and the questions of the buttons."""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib.postgres.fields import ArrayField
from django.db.models import TextChoices

from compliance.access.rights import rights_in, viewing
from compliance.accounts.models import User
from compliance.consent.consent_provision import ConsentProvision
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.value_sets import ConsentStatus, WithdrawalChannel
from compliance.screens.asking import Question
from compliance.screens.forms import ExplainingForm

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.admin import StackedInline
    from django.contrib.admin.widgets import AdminSplitDateTime as SplitDateTime
    from django.forms import CheckboxInput, FileInput, NumberInput, RadioSelect, Select, Textarea, TextInput
    from django.http import HttpRequest

    Stacked = StackedInline[ConsentProvision, ConsentRecord]
else:
    from unfold.admin import StackedInline as Stacked
    from unfold.widgets import UnfoldAdminFileFieldWidget as FileInput
    from unfold.widgets import UnfoldAdminIntegerFieldWidget as NumberInput
    from unfold.widgets import UnfoldAdminRadioSelectWidget as RadioSelect
    from unfold.widgets import UnfoldAdminSelectWidget as Select
    from unfold.widgets import UnfoldAdminSplitDateTimeWidget as SplitDateTime
    from unfold.widgets import UnfoldAdminTextareaWidget as Textarea
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput
    from unfold.widgets import UnfoldBooleanWidget as CheckboxInput

WHAT = ("purposes", "sensitivity_labels", "resource_types", ("data_from", "data_until"))
EXCEPTION = (*WHAT, "roles", "user")
WHO = ("grantor_kind", "grantor_name", "representative_authority")
SIGNATURE = (
    "statements_shown",
    "signed_at",
    "signature_method",
    "witness",
    ("form_version", "document_reference"),
)
FIELDSETS: tuple[Any, ...] = (
    ("What", {"fields": (*WHAT, "encounter", "self_paid", "information_description")}),
    ("Between whom", {"fields": ("disclosers", "recipients", "intermediaries")}),
    ("Until when", {"fields": ("starts_at", "ends_at", "expires_event")}),
    ("Given by", {"fields": WHO}),
    ("Signature", {"fields": SIGNATURE}),
)
HELP = {
    "sensitivity_labels": "None for all that has no rule of its own. Psychotherapy notes and Part 2 records are named.",
    "resource_types": "None for all parts of the chart.",
    "starts_at": "UTC. Empty for now. Nothing holds before it is recorded.",
    "ends_at": "UTC. It holds up to, not including, this moment.",
    "expires_event": "In words, where no day ends it: end of the research study.",
    "grantor_name": "Of a representative only.",
    "statements_shown": "What the signer was told. The printed form says all of it.",
    "signed_at": "UTC.",
    "encounter": "The one visit that this is about, if it is about one.",
}


class Step(TextChoices):
    """What becomes of what is typed in."""

    GIVE = "give", "It was said or signed, and holds"
    DRAFT = "draft", "It is a draft to be signed, and holds nothing yet"


class LinesField(forms.CharField):
    """Names, one a line."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**{**options, "widget": Textarea(attrs={"rows": 2}), "help_text": "One a line."})

    def prepare_value(self, value: Any) -> Any:
        return "\n".join(value) if isinstance(value, list) else value

    def clean(self, value: Any) -> Any:
        return [one.strip() for one in str(super().clean(value)).splitlines() if one.strip()]


class ConsentForm(ExplainingForm):
    """A version of a consent, which the capabilities write: the first one, or one that follows."""

    visit = forms.IntegerField(
        required=False, min_value=1, widget=NumberInput, help_text="Its number, if this is about one visit."
    )
    step = forms.ChoiceField(choices=Step.choices, initial=Step.GIVE, widget=RadioSelect, label="Record it as")

    def clean(self) -> dict[str, Any] | None:
        """Let the rules look at what it would be."""
        cleaned = super().clean()
        given = self.cleaned_data.get("step") != Step.DRAFT
        self.instance.status = ConsentStatus.ACTIVE if given else ConsentStatus.DRAFT  # type: ignore[attr-defined]
        return cleaned

    def facts(self) -> dict[str, Any]:
        """Give what was typed in as a capability takes it. A beginning that is left open is now."""
        known = {field.name for field in ConsentRecord._meta.concrete_fields}  # noqa: SLF001 - Django's API
        facts = {name: value for name, value in self.cleaned_data.items() if name in known}
        if "encounter" not in self.fields:  # whoever may not look visits up types the number of one
            facts["encounter_id"] = self.cleaned_data.get("visit")
        return {name: value for name, value in facts.items() if name != "starts_at" or value is not None}


class ExceptionForm(ExplainingForm):
    """An exception. That it says the opposite of its consent is not asked."""

    def facts(self) -> dict[str, Any]:
        return {name: value for name, value in self.cleaned_data.items() if name not in {"id", "consent", "DELETE"}}


class ExceptionInline(Stacked):
    """The exceptions of a version: shown with it, and typed in with a new one."""

    model = ConsentProvision
    form: Any = ExceptionForm
    verbose_name_plural = "exceptions"
    ordering = ("number",)
    extra = 0
    max_num = 20
    fields = EXCEPTION

    def get_formset(self, request: HttpRequest, obj: Any = None, **kwargs: Any) -> Any:
        shown_by: Any = self.admin_site.get_model_admin(ConsentRecord)
        if obj is None and (before := shown_by.before(request)) is not None:
            kwargs["extra"] = before.provisions.count()
        return super().get_formset(request, obj, **kwargs)

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Ask for a field as the page of the consent does."""
        shown_by: Any = self.admin_site.get_model_admin(ConsentRecord)
        return shown_by.formfield_for_dbfield(db_field, request, **kwargs)

    def get_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Ask for an account only who may look one up."""
        if obj is not None:
            return ("decision", *EXCEPTION)
        accounts = rights_in(request).may(viewing(User))
        return EXCEPTION if accounts else tuple(name for name in EXCEPTION if name != "user")

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        shown_by: Any = self.admin_site.get_model_admin(ConsentRecord)
        return obj is None and shown_by.has_add_permission(request)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


class Withdrawal(Question):
    """How and when a withdrawal came."""

    channel = forms.ChoiceField(label="How it came", choices=WithdrawalChannel.choices, widget=Select)
    received_at = forms.SplitDateTimeField(
        label="When it came (UTC)",
        required=False,
        widget=SplitDateTime,
        help_text="Empty for now. It bites from the moment on in which it is recorded.",
    )


class Document(forms.Form):
    """The signed document, of which the digest is kept and nothing else."""

    document = forms.FileField(
        label="Signed document", widget=FileInput, help_text="It is read for its SHA-256, and not kept here."
    )
    reference = forms.CharField(
        label="Where it is kept",
        max_length=300,
        required=False,
        widget=TextInput,
        help_text="Such as an archive's number.",
    )
    confirmed = forms.BooleanField(label="This is the document that was signed", required=False, widget=CheckboxInput)


def asked_for(field: Any) -> forms.Field | None:
    """Give the form field of names that somebody types; None for any other column."""
    if isinstance(field, ArrayField) and not field.base_field.choices:
        return LinesField(required=False, label=str(field.verbose_name).capitalize())
    return None


def digest(*typed: Mapping[str, Any] | str) -> str:
    """Give a digest of what was typed in, so that what is confirmed is what was shown."""
    told = [
        sorted((name, str(value)) for name, value in one.items()) if not isinstance(one, str) else one for one in typed
    ]
    return hashlib.sha256(repr(told).encode()).hexdigest()
