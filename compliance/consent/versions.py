"""How a version follows another: all is copied but what changes, exceptions too. What stands is not touched."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING, Any

from django.db import transaction

from compliance.consent.consent_provision import ConsentProvision
from compliance.consent.consent_record import ConsentRecord
from compliance.consent.errors import ConsentChanged, ConsentOver
from compliance.consent.value_sets import NEXT, ConsentStatus
from compliance.errors import RuleBroken
from compliance.keeping import check_fields
from compliance.rules import explained

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from compliance.accounts.models import User

# What a version has of its own. The rest is the consent's.
_OWN = {"id", "uid", "version_no", "supersedes", "recorded_at", "recorded_by", "verified_by", "verified_at"}
# Whether there is such a visit of the patient, PostgreSQL says: whoever records the consent may not be shown visits.
_LOOKED_AT = [field.name for field in ConsentRecord._meta.concrete_fields if field.name != "encounter"]  # noqa: SLF001
_FOLLOWED = {"consent_records_supersedes_id_key", "consent_records_version_once"}
_OF_PROVISION = {"id", "consent", "patient", "number"}


def exceptions_of(consent: ConsentRecord) -> list[dict[str, Any]]:
    """Give the exceptions of a version as facts, in their order: what `write` takes."""
    return [_facts(one, _OF_PROVISION) for one in consent.provisions.order_by("number")]


def successor(consent: ConsentRecord, **changes: Any) -> ConsentRecord:
    """Make the version that follows one, with its changes. It is not written yet.

    Raises ConsentChanged when something follows already, ConsentOver when nothing may.
    """
    if ConsentRecord.objects.filter(supersedes=consent).exists():
        raise ConsentChanged
    if not NEXT[ConsentStatus(consent.status)]:
        raise ConsentOver(consent.get_status_display().lower())
    facts = _facts(consent, _OWN)
    return ConsentRecord(**{**facts, **changes}, supersedes=consent, version_no=consent.version_no + 1)


@transaction.atomic
def write(consent: ConsentRecord, exceptions: Iterable[Mapping[str, Any]], *, by: User) -> ConsentRecord:
    """Write a version together with its exceptions. Raises FieldsRefused, RuleBroken or ConsentChanged."""
    consent.uid, consent.recorded_by = uuid.uuid4(), by
    check_fields(consent, *_LOOKED_AT)
    _save(consent)
    for number, facts in enumerate(exceptions, 1):
        provision = ConsentProvision(consent=consent, patient_id=consent.patient_id, number=number, **facts)
        check_fields(provision)
        with explained():
            provision.save(force_insert=True)
    consent.refresh_from_db(fields=["recorded_at"])
    return consent


def _save(consent: ConsentRecord) -> None:
    try:
        with explained():
            consent.save(force_insert=True)
    except RuleBroken as refused:
        # Of two that follow one version at once, `successor` can see neither.
        if refused.rule in _FOLLOWED:
            raise ConsentChanged from None
        raise


def _facts(row: ConsentRecord | ConsentProvision, without: set[str]) -> dict[str, Any]:
    fields = row._meta.concrete_fields  # noqa: SLF001 - Django's API
    return {field.attname: getattr(row, field.attname) for field in fields if field.name not in without}
