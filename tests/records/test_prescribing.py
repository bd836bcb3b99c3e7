"""Prescribing: what is signed, by whom, against which allergy, and what may follow."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.utils import timezone

from compliance.errors import FieldsRefused, RuleBroken
from compliance.models import User
from records import errors
from records.discontinuing import discontinue
from records.models import Prescription
from records.prescribing import renew
from records.value_sets import StatusReason
from tests.people import may_do_everything

if TYPE_CHECKING:
    from patients.models import Allergy, Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db


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
        ordered(by=may_do_everything(User.objects.create_superuser("other@clinic.example")))


def test_nothing_is_prescribed_for_the_dead(ordered: Any, patient: Patient) -> None:
    patient.is_deceased = True
    patient.save()

    with pytest.raises(errors.PatientDeceased):
        ordered()


@pytest.mark.parametrize(
    ("order", "error", "sentence"),
    [
        ({"dea_schedule": "II", "refills_allowed": 1}, RuleBroken, "Schedule II allows no refill"),
        ({"dea_schedule": "III"}, RuleBroken, "has a last day, at most six months"),
        ({"dea_schedule": "V"}, RuleBroken, "no DEA registration that covers this schedule"),
        ({"quantity": 0}, RuleBroken, "above zero"),
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


@pytest.mark.parametrize("status", ["on-hold", "cancelled", "stopped", "entered-in-error"])
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


def test_an_allergy_that_was_found_since_stops_a_renewal(
    ordered: Any, clinician: User, request: pytest.FixtureRequest
) -> None:
    old = ordered()
    request.getfixturevalue("coded_allergy")

    with pytest.raises(errors.AllergyConflict):
        renew(old, by=clinician)
