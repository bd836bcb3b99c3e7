"""Forms that say what the database refuses, at the field that it is about, and keep what was typed."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib.admin.utils import display_for_field
from django.core.exceptions import NON_FIELD_ERRORS, ValidationError
from django.db.models import ForeignKey
from django.forms.fields import InvalidJSONInput

from compliance.rules import declared
from compliance.screens.choosing import label_as
from compliance.screens.pointing import fields_of

if TYPE_CHECKING:
    from django.db.models import BaseConstraint, Model

    from compliance.access.rights import Rights
    from compliance.errors import ComplianceError

    ModelForm = forms.ModelForm[Model]
else:
    ModelForm = forms.ModelForm

# A sentence about more fields than these is said once, at the top.
_AT_MOST = 3


class ExplainingForm(ModelForm):
    """Shows each broken rule at its fields, also one that only the database knew of."""

    # What refused the first attempt to save what is typed here; the ModelAdmin sets it for the second look.
    refusal: ClassVar[ComplianceError | None] = None
    # Those of whoever looks at the form; the ModelAdmin says them too.
    rights: ClassVar[Rights | None] = None

    def _post_clean(self) -> None:
        super()._post_clean()  # type: ignore[misc]
        if self.refusal is not None:
            self.say(str(self.refusal), declared(getattr(self.refusal, "rule", "")))

    def _update_errors(self, errors: ValidationError) -> None:
        """Take up what the model's validation found. Django gives a broken rule as its sentence, without its name."""
        sentences = [one for error in errors.error_dict.pop(NON_FIELD_ERRORS, []) for one in error.messages]
        super()._update_errors(errors)  # type: ignore[misc]
        rules = {str(rule.violation_error_message): rule for rule in self.instance._meta.constraints}  # noqa: SLF001
        for sentence in sentences:
            self.say(sentence, rules.get(sentence))

    def say(self, sentence: str, rule: BaseConstraint | None) -> None:
        """Show a sentence at the fields that the rule is about, or at the top."""
        about = [name for name in self.fields if rule is not None and name in fields_of(rule)]
        for name in about if 0 < len(about) <= _AT_MOST else [NON_FIELD_ERRORS]:
            self.add_error(name, sentence)


class VersionedForm(ExplainingForm):
    """Carries the version that it shows, and refuses to write over a later one.

    Of two people who change a row, the second is shown what the first wrote, field by field. The form then carries the
    new version: who saves again has seen it.
    """

    instance: Any
    shown_version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk and "shown_version" in self.fields:
            self.initial["shown_version"] = self.instance.version

    def clean(self) -> dict[str, Any] | None:
        cleaned = super().clean()
        now = self.instance.version if self.instance.pk else None
        if "shown_version" in self.fields and now != self.cleaned_data.get("shown_version"):
            self._show_conflict(now)
        return cleaned

    def _show_conflict(self, now: int | None) -> None:
        rule = declared(f"{self.instance._meta.db_table}_changed_meanwhile")  # noqa: SLF001 - Django's API
        if rule is not None:
            self.add_error(None, str(rule.violation_error_message))
        for name in self.changed_data:
            if name != "shown_version":
                self.add_error(name, f"It now says: {self._standing(name)}")
        data: Any = self.data.copy()  # type: ignore[attr-defined]
        data[self.add_prefix("shown_version")] = str(now)
        self.data = data

    def _standing(self, name: str) -> str:
        field: Any = self.instance._meta.get_field(name)  # noqa: SLF001 - Django's API
        if isinstance(field, ForeignKey):
            standing = getattr(self.instance, name)
            return label_as(self.rights, standing) if self.rights is not None else str(standing or "-")
        value = getattr(self.instance, name)
        if isinstance(value, list):
            return ", ".join(value) or "-"
        return str(display_for_field(value, field, "-"))


class IndentedJSONField(forms.JSONField):
    """Shows an object over several lines, as it is read and typed."""

    def prepare_value(self, value: Any) -> Any:
        if value is None or isinstance(value, InvalidJSONInput):
            return value
        return json.dumps(value, ensure_ascii=False, indent=2, cls=self.encoder)
