"""Prescribe a medication, and renew a prescription. Both sign it: from then on it stands as it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypedDict, Unpack

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.codes import CodeSystem
from compliance.keeping import keep, refuse_others
from compliance.retrying import retried
from patients.models import Allergy, Patient
from providers.models import Provider
from providers.value_sets import DeaSchedule
from records.authorship import provider_of
from records.errors import (
    AllergyConflict,
    AlreadyRenewed,
    LicenceNotInForce,
    NotRenewable,
    PatientDeceased,
    ScheduleTwoNotRenewed,
)
from records.prescription import Prescription
from records.value_sets import MedicationRequestStatus

if TYPE_CHECKING:
    from datetime import date
    from decimal import Decimal

    from appointments.models import Encounter
    from compliance.models import User
    from records.medical_record import MedicalRecord

PERMISSION = "records.prescribe_prescription"
RENEWABLE = (MedicationRequestStatus.ACTIVE, MedicationRequestStatus.COMPLETED)
IN_FORCE = (MedicationRequestStatus.ACTIVE, MedicationRequestStatus.ON_HOLD)


class Terms(TypedDict, total=False):
    """What a renewal may change: the fields of the model of these names."""

    sig: str
    quantity: Decimal | int
    quantity_unit: str
    days_supply: int | None
    refills_allowed: int
    substitution_allowed: bool
    priority: str
    pharmacy_ncpdp: str | None
    earliest_fill_on: date | None
    valid_until: date | None


class Order(Terms, total=False):
    """What a prescription can say beside the medication's name, directions and quantity."""

    rxcui: str | None
    ndc11: str | None
    strength: str | None
    dose_form: str | None
    route: str | None
    dea_schedule: str | None
    indication_system: str | None
    indication_code: str | None
    confidentiality: str
    sensitivity: list[str]


# The days of dispensing are of one issue, and are said anew.
CARRIED = (
    "drug_name",
    *(name for name in (Order.__annotations__) if name not in {"earliest_fill_on", "valid_until"}),
)


@retried
@transaction.atomic
def prescribe(
    patient: Patient,
    *,
    by: User,
    drug_name: str,
    encounter: Encounter | None = None,
    medical_record: MedicalRecord | None = None,
    despite_allergy: bool = False,
    **order: Unpack[Order],
) -> Prescription:
    """Sign a prescription as of today, and return it. Its prescriber is the provider of the account.

    Raises AllergyConflict when the chart has an active allergy to the same RxNorm code, unless `despite_allergy`; only
    that code is compared: an allergy to an ingredient is not found by the code of a product. Raises NotAProvider,
    LicenceNotInForce, PatientDeceased, RuleBroken (such as for the DEA registration), FieldsRefused and AccessDenied.
    """
    require(by, PERMISSION, patient)
    refuse_others(order, Order.__annotations__)
    new = Prescription(
        patient=patient,
        prescriber=provider_of(by),
        drug_name=drug_name,
        encounter=encounter,
        medical_record=medical_record,
        **order,
    )
    _lock_and_check(new, despite_allergy=despite_allergy)
    return _signed(new)


@retried
@transaction.atomic
def renew(
    prescription: Prescription, *, by: User, despite_allergy: bool = False, **terms: Unpack[Terms]
) -> Prescription:
    """Sign a prescription for the same medication, and return it. The old one stays as it is.

    Its terms are those of the old one but for what is given; the days of dispensing are not taken over. Raises what
    `prescribe` does, and NotRenewable, AlreadyRenewed and ScheduleTwoNotRenewed.
    """
    require(by, PERMISSION, prescription)
    refuse_others(terms, Terms.__annotations__)
    carried = {name: getattr(prescription, name) for name in CARRIED}
    new = Prescription(
        patient=prescription.patient,
        prescriber=provider_of(by),
        prior_prescription=prescription,
        **{**carried, **terms},
    )
    _lock_and_check(new, despite_allergy=despite_allergy)
    old = Prescription.objects.select_for_update(no_key=True).get(pk=prescription.pk)
    if old.dea_schedule == DeaSchedule.II:
        raise ScheduleTwoNotRenewed
    if old.status not in RENEWABLE:
        raise NotRenewable(MedicationRequestStatus(old.status))
    if old.renewals.filter(status__in=IN_FORCE).exists():
        raise AlreadyRenewed
    return _signed(new)


def _lock_and_check(new: Prescription, *, despite_allergy: bool) -> None:
    """Lock the prescriber, whose licence counts, and the patient: nobody records an allergy meanwhile."""
    prescriber = Provider.objects.select_for_update(no_key=True).get(pk=new.prescriber_id)
    patient = Patient.objects.select_for_update(no_key=True).get(pk=new.patient_id)
    if prescriber.license_expires_on is None or prescriber.license_expires_on < timezone.localdate():
        raise LicenceNotInForce
    if patient.is_deceased:
        raise PatientDeceased
    if new.rxcui and not despite_allergy and (found := _allergies(patient, new.rxcui)):
        raise AllergyConflict(found)


def _allergies(patient: Patient, rxcui: str) -> list[Allergy]:
    """Return the active allergies to an RxNorm concept, in all records of the patient's person."""
    said = Allergy.objects.filter(
        patient__in=Patient.objects.same_person_as(patient),
        code_system=CodeSystem.RXNORM,
        code=rxcui,
        clinical_status=Allergy.ClinicalStatus.ACTIVE,
    )
    return list(said.exclude(verification_status=Allergy.VerificationStatus.REFUTED))


def _signed(new: Prescription) -> Prescription:
    new.status, new.signed_at = MedicationRequestStatus.ACTIVE, timezone.now()
    # 21 CFR 1306.05(a): dated as of the day on which it is signed.
    new.authored_on = timezone.localdate()
    keep(new)
    return new
