"""Who pays for a patient's care: attached at the desk, confirmed with the payer, ended when it ends."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.keeping import keep, refuse_others, typed_in
from compliance.retrying import retried
from patients.errors import ConfirmedLater, EndedEarlier, NotInForce
from patients.models import InsuranceInfo

if TYPE_CHECKING:
    from datetime import date, datetime

    from compliance.models import User
    from patients.models import Patient


@retried
@transaction.atomic
def attach(patient: Patient, *, by: User, **facts: Any) -> InsuranceInfo:
    """Write down how a patient's care is paid; `facts` are fields of InsuranceInfo.

    The database holds the rest: one active payer for each place in the order at a time, and no new rows for a record
    that has been merged. Raises FieldsRefused or RuleBroken.
    """
    require(by, "patients.add_insuranceinfo", patient)
    refuse_others(facts, typed_in(InsuranceInfo))
    coverage = InsuranceInfo(**facts, patient=patient)
    keep(coverage)
    return coverage


@retried
@transaction.atomic
def verify(insurance: InsuranceInfo, *, by: User, at: datetime | None = None) -> InsuranceInfo:
    """Write down that the payer confirmed a coverage at a moment; now, when none is given.

    Raises NotInForce or ConfirmedLater.
    """
    require(by, "patients.verify_insuranceinfo", insurance)
    locked = _active(insurance)
    now = timezone.now()
    at = at or now
    if at > now or (locked.verified_at is not None and at < locked.verified_at):
        raise ConfirmedLater
    locked.verified_at, locked.verified_by = at, by
    keep(locked, "verified_at", "verified_by")
    return locked


@retried
@transaction.atomic
def end(insurance: InsuranceInfo, *, by: User, last_day: date) -> InsuranceInfo:
    """Let a coverage end with a day, so that another may have its place in the order from the next one on.

    Raises NotInForce, EndedEarlier, or RuleBroken when the coverage begins later than that.
    """
    require(by, "patients.change_insuranceinfo", insurance)
    locked = _active(insurance)
    if locked.period_end is not None and locked.period_end < last_day:
        raise EndedEarlier
    locked.period_end = last_day
    keep(locked, "period_end")
    return locked


def _active(insurance: InsuranceInfo) -> InsuranceInfo:
    locked = InsuranceInfo.objects.select_for_update().get(pk=insurance.pk)
    if locked.status != InsuranceInfo.Status.ACTIVE:
        raise NotInForce(locked.get_status_display().lower())
    return locked
