"""What changed from one version of a consent to another."""

from __future__ import annotations

from datetime import date, datetime
from itertools import zip_longest
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.fields import ArrayField
from django.utils.text import capfirst

from compliance.consent.consent_record import ConsentRecord
from compliance.consent.wording import day, exceptions_in_words

if TYPE_CHECKING:
    from django.db.models import Field

# What each version has of its own, or all of them share.
_APART = {"id", "uid", "consent_uid", "version_no", "supersedes", "recorded_at", "recorded_by", "patient"}
NOTHING = "-"


class Change(NamedTuple):
    """One field, or one exception, as it was and as it is. "-" stands for nothing."""

    what: str
    before: str
    after: str


def compare(before: ConsentRecord, after: ConsentRecord) -> list[Change]:
    """Give what differs between two versions, in the order of the form. Reads the exceptions of both."""
    fields = [field for field in ConsentRecord._meta.concrete_fields if field.name not in _APART]  # noqa: SLF001
    found = [Change(capfirst(str(field.verbose_name)), _said(before, field), _said(after, field)) for field in fields]
    of_each = [exceptions_in_words(version) for version in (before, after)]
    found += [
        Change(f"Exception {number}", was, now)
        for number, (was, now) in enumerate(zip_longest(*of_each, fillvalue=NOTHING), 1)
    ]
    return [one for one in found if one.before != one.after]


def _said(consent: ConsentRecord, field: Field[Any, Any]) -> str:
    value = getattr(consent, field.attname)
    if isinstance(field, ArrayField):
        labels = dict(field.base_field.flatchoices)
        return ", ".join(str(labels.get(one, one)) for one in value) or NOTHING
    if isinstance(value, datetime):
        return day(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if value in {None, ""}:
        return NOTHING
    if field.is_relation:
        return f"number {value}"
    return value.isoformat() if isinstance(value, date) else str(dict(field.flatchoices).get(value, value))
