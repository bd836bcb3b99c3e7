"""Stop a prescription, or hold it for a while."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import keep
from compliance.retrying import retried
from records.errors import WrongStatus
from records.prescription import Prescription
from records.value_sets import PRESCRIPTION_TRANSITIONS, MedicationRequestStatus, StatusReason

if TYPE_CHECKING:
    from compliance.models import User

PERMISSION = "records.discontinue_prescription"


@retried
@transaction.atomic
def discontinue(prescription: Prescription, *, by: User, reason: StatusReason) -> Prescription:
    """Stop a prescription for good, and return it as it is now. Raises WrongStatus, FieldsRefused and AccessDenied."""
    require(by, PERMISSION, prescription)
    locked = _lock_for(prescription, MedicationRequestStatus.STOPPED)
    locked.status_reason, locked.ended_at = reason, timezone.now()
    keep(locked, "status", "status_reason", "ended_at")
    return locked


@retried
@transaction.atomic
def hold(prescription: Prescription, *, by: User, reason: StatusReason) -> Prescription:
    """Stop a prescription for a while; return it as it is now. Raises WrongStatus, FieldsRefused and AccessDenied."""
    require(by, PERMISSION, prescription)
    locked = _lock_for(prescription, MedicationRequestStatus.ON_HOLD)
    locked.status_reason = reason
    keep(locked, "status", "status_reason")
    return locked


@retried
@transaction.atomic
def resume(prescription: Prescription, *, by: User) -> Prescription:
    """Let a prescription that was held go on, and return it as it is now. Raises WrongStatus and AccessDenied."""
    require(by, PERMISSION, prescription)
    locked = _lock_for(prescription, MedicationRequestStatus.ACTIVE)
    locked.status_reason = None
    keep(locked, "status", "status_reason")
    return locked


def _lock_for(prescription: Prescription, status: MedicationRequestStatus) -> Prescription:
    """Lock a prescription that is to get a status, and return it as it is now. Raises WrongStatus if it cannot."""
    locked = Prescription.objects.select_for_update(no_key=True).get(pk=prescription.pk)
    old = MedicationRequestStatus(locked.status)
    # What is not signed does not take effect; that is for `prescribe` alone.
    if status not in PRESCRIPTION_TRANSITIONS[old] or locked.signed_at is None:
        raise WrongStatus(old, status)
    locked.status = status
    return locked
