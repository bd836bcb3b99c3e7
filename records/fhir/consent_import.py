"""Record a FHIR Consent for a patient, by the same steps as one that is typed in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction

from appointments.models import Encounter
from compliance.access import require, visible_to
from compliance.audit import context, recording
from compliance.audit.models import EventType
from compliance.audit.subjects import about
from compliance.consent.giving import GIVE, RESTRICT, decline, draft, give
from compliance.consent.value_sets import ConsentStatus, ConsentType
from compliance.errors import FieldsRefused
from compliance.models import ConsentRecord, User
from compliance.retrying import retried
from records.fhir import consent_codes as codes
from records.fhir import systems
from records.fhir.consent_reading import read
from records.fhir.errors import ImportRefused

if TYPE_CHECKING:
    from patients.models import Patient
    from records.fhir.consent_provision_reading import Account, Visit
    from records.fhir.consent_reading import Said
    from records.fhir.elements import Element

# Where a field comes from that may be too long for its column.
_PATHS = {
    "grantor_name": "Consent.contained[0].name[0].text",
    "witness": "Consent.extension(signature).extension(witness).valueString",
    "expires_event": "Consent.extension(expires-event).valueString",
    "document_reference": "Consent.sourceAttachment.extension(document-reference).valueString",
    "form_version": "Consent.sourceAttachment.title",
    **dict.fromkeys(("disclosers", "recipients", "intermediaries"), "Consent.provision.actor"),
}


@retried
@transaction.atomic
def import_consent(resource: Element, patient: Patient, *, by: User) -> ConsentRecord:
    """Record what a Consent says of this patient: as given, as a draft, or as declined.

    Raises ImportRefused with the path of all that it says and the schema does not hold, and what `give` raises.
    """
    said = read(resource)
    require(by, RESTRICT if said.kind == ConsentType.RESTRICTION else GIVE, ConsentRecord(patient_id=patient.pk))
    with context.acting(by):
        facts, exceptions = _found(said, patient, by)
        consent = _record(said, patient, by, {**facts, "exceptions": exceptions})
        recording.record(EventType.IMPORT, additional_data={"format": "FHIR R4"}, **about(consent))
    return consent


def _record(said: Said, patient: Patient, by: User, facts: dict[str, Any]) -> ConsentRecord:
    written = give if said.status == ConsentStatus.ACTIVE else draft
    try:
        consent = written(patient, by=by, consent_type=said.kind, decision=said.decision, **facts)
    except FieldsRefused as refused:
        raise ImportRefused(
            [(_PATHS.get(name, f"Consent ({name})"), " ".join(why)) for name, why in refused.fields.items()]
        ) from None
    return decline(consent, by=by) if said.status == ConsentStatus.NOT_DONE else consent


def _found(said: Said, patient: Patient, by: User) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Find whom and what the resource refers to. Raises ImportRefused."""
    problems = said.patient.place.problems
    if not _is_of(said, patient):
        said.patient.place.refuse("It is not the patient for whom it was to be recorded, by uid or by record number.")
    if _is_there(said, patient):
        problems.append(("Consent.identifier", "This consent is recorded already: record a new version of it instead."))
    facts = {name: value for name, value in said.facts.items() if value is not None}
    if said.provision.visit is not None:
        facts["encounter"] = _visit(said.provision.visit, patient, by)
    exceptions = [
        {**one.facts, **({} if one.account is None else {"user": _account(one.account)})}
        for one in said.provision.exceptions
    ]
    if problems:
        raise ImportRefused(problems)
    return facts, exceptions


def _is_of(said: Said, patient: Patient) -> bool:
    """Say whether the resource is about this patient: by the uid here, by the record number, or by both."""
    named, number = said.patient.reference, said.patient.identifier
    by_uid = named in (f"urn:uuid:{patient.uid}", f"Patient/{patient.uid}")
    by_number = number == (systems.of_authority(patient.assigning_authority), patient.mrn)
    return (by_uid or named is None) and (by_number or number is None) and (by_uid or by_number)


def _is_there(said: Said, patient: Patient) -> bool:
    own = [one.value for one in said.identifiers if one.system == codes.CONSENT]
    # As text: what stands in a resource need not be a uid.
    there = ConsentRecord.objects.filter(patient=patient).values_list("consent_uid", flat=True)
    return bool(own) and not {str(uid) for uid in there}.isdisjoint(own)


def _visit(visit: Visit, patient: Patient, by: User) -> Encounter | None:
    rows = Encounter.objects.filter(uid=visit.uid, patient=patient) if visit.uid else Encounter.objects.none()
    found = visible_to(rows, by).first()
    if found is None:
        visit.place.lacks("reference", "This patient has no such visit, or it is not shown to you.")
    return found


def _account(account: Account) -> User | None:
    """Find an account by its provider; or by its number together with its name, since others count from 1 too."""
    found = None
    if account.provider is not None:
        found = User.objects.filter(provider__uid=account.provider).first()
    elif account.number is not None and account.name and account.number.isdecimal() and account.number.isascii():
        found = User.objects.filter(pk=account.number).first()
        if found is not None and found.get_full_name() != account.name:
            found = None
    if found is None:
        account.place.refuse("There is no such account: it is named by its provider, or by its number and its name.")
    return found
