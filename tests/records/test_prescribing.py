"""Prescribing: what is signed, by whom, against which allergy, and what may follow."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from compliance.errors import AccessDenied, FieldsRefused, RuleBroken
from compliance.models import User
from records import errors
from records.discontinuing import discontinue, hold, resume
from records.models import Prescription
from records.prescribing import prescribe, renew
from records.value_sets import PRESCRIPTION_TRANSITIONS, StatusReason

if TYPE_CHECKING:
    from collections.abc import Callable

    from patients.models import Allergy, Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db
AMOXICILLIN = "723"
RXNORM = "http://www.nlm.nih.gov/research/umls/rxnorm"


@pytest.fixture
def clinician(administrator: User, provider: Provider) -> User:
    provider.user = administrator
    provider.license_number, provider.license_state = "MD-1", "NY"
    provider.license_expires_on = timezone.localdate()
    provider.save()
    return administrator


@pytest.fixture
def registered(provider: Provider, clinician: User) -> Provider:
    """The prescriber, with a DEA registration that ends today."""
    provider.dea_number, provider.dea_expires_on = "AB1234563", timezone.localdate()
    provider.dea_schedules = ["II", "III"]
    provider.save()
    return provider


@pytest.fixture
def ordered(patient: Patient, clinician: User) -> Any:
    """Prescribe amoxicillin, or what is said instead."""

    def order(**other: Any) -> Prescription:
        given = {"drug_name": "Amoxicillin", "rxcui": AMOXICILLIN, "sig": "One three times a day", "quantity": 21}
        given |= {"quantity_unit": "capsule", "days_supply": 7, "by": clinician, **other}
        return prescribe(given.pop("patient", patient), **given)

    return order


@pytest.fixture
def coded_allergy(allergy: Allergy) -> Allergy:
    allergy.code_system, allergy.code = RXNORM, AMOXICILLIN
    allergy.save()
    return allergy


def test_a_prescription_is_signed_and_active_at_once(ordered: Any, provider: Provider) -> None:
    before = timezone.now()
    ordered(sensitivity=["STD"])

    stored = Prescription.objects.get()
    assert (stored.status, stored.prescriber, stored.authored_on) == ("active", provider, timezone.localdate())
    assert stored.sensitivity == ["STD"]
    assert stored.signed_at is not None
    assert before <= stored.signed_at <= timezone.now()


@pytest.mark.parametrize("expired", [True, False])
def test_without_a_licence_in_force_nothing_is_prescribed(ordered: Any, provider: Provider, expired: bool) -> None:
    provider.license_expires_on = timezone.localdate() - timedelta(days=1) if expired else None
    provider.save()

    with pytest.raises(errors.LicenceNotInForce, match="no state licence on file that is in force today"):
        ordered()


def test_an_account_without_a_provider_prescribes_nothing(ordered: Any) -> None:
    with pytest.raises(errors.NotAProvider):
        ordered(by=User.objects.create_superuser("other@clinic.example"))


def test_nothing_is_prescribed_for_the_dead(ordered: Any, patient: Patient) -> None:
    patient.is_deceased = True
    patient.save()

    with pytest.raises(errors.PatientDeceased):
        ordered()


@pytest.mark.parametrize(
    ("order", "error", "sentence"),
    [
        ({"dea_schedule": "II", "refills_allowed": 1}, RuleBroken, "Schedule II allows no refill"),
        ({"dea_schedule": "III"}, RuleBroken, "has a last day, six months"),
        ({"dea_schedule": "V"}, RuleBroken, "no DEA registration that covers this schedule"),
        ({"quantity": 0}, RuleBroken, "above nothing"),
        ({"sig": ""}, FieldsRefused, "sig: This field cannot be blank"),
    ],
)
@pytest.mark.usefixtures("registered")
def test_what_breaks_a_rule_is_said_in_a_sentence(
    ordered: Any, order: dict[str, Any], error: type[Exception], sentence: str
) -> None:
    with pytest.raises(error, match=sentence):
        ordered(**order)
    assert not Prescription.objects.exists()


def test_a_registration_must_hold_on_the_day(ordered: Any, registered: Provider) -> None:
    ordered(dea_schedule="II")
    registered.dea_expires_on = timezone.localdate() - timedelta(days=1)
    registered.save()

    with pytest.raises(RuleBroken, match="no DEA registration"):
        ordered(dea_schedule="II")


def test_an_allergy_to_the_same_medication_is_a_conflict_unless_it_is_confirmed(
    ordered: Any, coded_allergy: Allergy
) -> None:
    with pytest.raises(errors.AllergyConflict, match="active allergy") as conflict:
        ordered()
    assert conflict.value.allergies == (coded_allergy,)
    assert ordered(despite_allergy=True).status == "active"
    ordered(rxcui="1191")
    ordered(rxcui=None)


@pytest.mark.parametrize(
    "changes",
    [
        {"clinical_status": "resolved"},
        {"verification_status": "refuted"},
        {"clinical_status": None, "verification_status": "entered-in-error"},
    ],
)
def test_an_allergy_that_is_none_any_more_is_no_conflict(
    ordered: Any, coded_allergy: Allergy, changes: dict[str, Any]
) -> None:
    for name, value in changes.items():
        setattr(coded_allergy, name, value)
    coded_allergy.save()

    ordered()


def test_the_allergy_in_a_merged_record_counts(ordered: Any, coded_allergy: Allergy, patient: Patient) -> None:
    survivor = type(patient).objects.get()
    survivor.pk, survivor._state.adding = None, True
    survivor.uid, survivor.mrn = type(patient)().uid, "A-1002"
    survivor.save()
    patient.merged_into, patient.merged_at = survivor, timezone.now()
    patient.save()

    with pytest.raises(errors.AllergyConflict):
        ordered(patient=survivor)
    with pytest.raises(RuleBroken, match="use the one that goes on"):
        ordered(despite_allergy=True)


def test_a_renewal_says_what_the_old_one_said(ordered: Any, clinician: User) -> None:
    old = ordered(strength="500 mg", valid_until=timezone.localdate(), confidentiality="R")

    new = renew(old, by=clinician, quantity=42)
    assert (new.prior_prescription, new.status, new.quantity) == (old, "active", 42)
    assert (new.drug_name, new.strength, new.confidentiality) == ("Amoxicillin", "500 mg", "R")
    assert new.valid_until is None
    old.refresh_from_db()
    assert old.status == "active"


def test_a_prescription_is_renewed_once_while_the_renewal_is_in_force(ordered: Any, clinician: User) -> None:
    old = ordered()
    first = renew(old, by=clinician)

    with pytest.raises(errors.AlreadyRenewed, match="renew that one"):
        renew(old, by=clinician)
    renew(first, by=clinician)
    discontinue(first, by=clinician, reason=StatusReason.DUPLICATE)
    renew(old, by=clinician)


@pytest.mark.parametrize("status", ["on-hold", "cancelled", "stopped", "entered-in-error", "unknown"])
def test_only_what_is_active_or_completed_is_renewed(ordered: Any, clinician: User, status: str) -> None:
    old = ordered()
    Prescription.objects.filter(pk=old.pk).update(status=status)

    with pytest.raises(errors.NotRenewable, match="is not renewed, only an active or completed one"):
        renew(old, by=clinician)


def test_what_is_completed_is_renewed(ordered: Any, clinician: User) -> None:
    old = ordered()
    Prescription.objects.filter(pk=old.pk).update(status="completed")

    assert renew(old, by=clinician).status == "active"


@pytest.mark.usefixtures("registered")
def test_schedule_two_is_prescribed_anew_not_renewed(ordered: Any, clinician: User) -> None:
    with pytest.raises(errors.ScheduleTwoNotRenewed, match="21 CFR 1306.12"):  # noqa: RUF043 - a full stop
        renew(ordered(dea_schedule="II"), by=clinician)


def test_an_allergy_that_was_found_since_stops_a_renewal(ordered: Any, clinician: User, allergy: Allergy) -> None:
    old = ordered()
    allergy.code_system, allergy.code = RXNORM, AMOXICILLIN
    allergy.save()

    with pytest.raises(errors.AllergyConflict):
        renew(old, by=clinician)


def test_a_prescription_is_held_resumed_and_stopped(ordered: Any, clinician: User) -> None:
    order = ordered()

    held = hold(order, by=clinician, reason=StatusReason.SURGERY)
    assert (held.status, held.status_reason, held.ended_at) == ("on-hold", "surg", None)
    resumed = resume(order, by=clinician)
    assert (resumed.status, resumed.status_reason) == ("active", None)
    stopped = discontinue(order, by=clinician, reason=StatusReason.ALLERGY)
    assert (stopped.status, stopped.status_reason) == ("stopped", "salg")
    assert stopped.ended_at is not None


@pytest.mark.parametrize(
    ("status", "verb", "sentence"),
    [
        ("stopped", discontinue, "already in the status: stopped"),
        ("completed", discontinue, "cannot go from the status “completed” to “stopped”"),
        ("stopped", hold, "cannot go from the status “stopped” to “on hold”"),
        ("stopped", resume, "cannot go from the status “stopped” to “active”"),
        ("active", resume, "already in the status: active"),
    ],
)
def test_a_step_that_does_not_follow_is_refused_in_words(
    ordered: Any, clinician: User, status: str, verb: Callable[..., Any], sentence: str
) -> None:
    order = ordered()
    Prescription.objects.filter(pk=order.pk).update(status=status)

    with pytest.raises(errors.WrongStatus, match=sentence):
        verb(order, by=clinician, **({} if verb is resume else {"reason": StatusReason.ALLERGY}))


def test_a_draft_does_not_become_active_by_being_resumed(prescription: Prescription, administrator: User) -> None:
    with pytest.raises(errors.WrongStatus, match="from the status “draft” to “active”"):
        resume(prescription, by=administrator)


def test_every_status_says_what_may_follow_it() -> None:
    assert set(PRESCRIPTION_TRANSITIONS) == set(Prescription.Status)
    assert all(old not in after for old, after in PRESCRIPTION_TRANSITIONS.items())


@pytest.mark.parametrize(
    ("verb", "permission"),
    [
        (lambda row, by: prescribe(row.patient, by=by, drug_name="Amoxicillin"), "prescribe_prescription"),
        (renew, "prescribe_prescription"),
        (lambda row, by: discontinue(row, by=by, reason=StatusReason.ALLERGY), "discontinue_prescription"),
        (lambda row, by: hold(row, by=by, reason=StatusReason.ALLERGY), "discontinue_prescription"),
        (resume, "discontinue_prescription"),
    ],
)
def test_each_step_needs_its_permission(prescription: Prescription, verb: Callable[..., Any], permission: str) -> None:
    with pytest.raises(AccessDenied, match=permission):
        verb(prescription, by=User.objects.create_user("desk@clinic.example"))
