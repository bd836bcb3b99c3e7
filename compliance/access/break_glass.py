"""Breaking the glass: in an emergency somebody opens the chart of a patient who is not in their care.

It is opened by name, with a reason, for one person and for a while, by whoever has just shown who they are. The grant
is the account's, not the session's: an emergency moves from one screen to the next, and every entry of the trail says
which session it was. access_patients() in PostgreSQL counts an open grant as care; when its time is over, the next
statement sees nothing more.
"""

from __future__ import annotations

import re
from datetime import timedelta
from typing import TYPE_CHECKING

from django.db import connection, transaction

from compliance.access import permits, require
from compliance.access.break_glass_grant import LONGEST, BreakGlassGrant
from compliance.access.errors import (
    BreakGlassRefused,
    InCareAlready,
    NoEmergencyAccess,
    NoSuchPatient,
    NotYours,
    OpenAlready,
    OverAlready,
    ProofNeeded,
    ReasonNeeded,
    TooLong,
)
from compliance.access.holders import roles_of
from compliance.access.notifying import notify
from compliance.access.policy import policy
from compliance.accounts.events import broke_glass
from compliance.accounts.models import Role
from compliance.accounts.stepping_up import FRESH
from compliance.audit import context, recording
from compliance.keeping import check_fields, keep
from compliance.retrying import retried
from compliance.rules import explained

if TYPE_CHECKING:
    from datetime import datetime

    from django.db.models import Model

    from compliance.accounts.models import User
    from compliance.accounts.stepping_up import Proof

OPEN = "compliance.open_breakglassgrant"
LONGEST_MINUTES = int(LONGEST.total_seconds()) // 60
# A reason says something when it has so many different words of two letters or more.
WORDS = 3
_WORD = re.compile(r"\w{2,}")


def open_chart(patient: Model, *, by: User, reason: str, minutes: int, proof: Proof) -> BreakGlassGrant:
    """Open the chart of a person for so many minutes, and tell whoever watches over it.

    `patient` is any record of the person, of which only the key need be known; the grant is for the one that goes on,
    and opens them all. Raises AccessDenied, a BreakGlassRefused or RuleBroken. What is refused is in the trail.
    """
    with context.acting(by):
        try:
            return _open(patient, by=by, reason=reason, minutes=minutes, proof=proof)
        except BreakGlassRefused as refusal:
            # After the rollback, so that nothing is held meanwhile.
            table = patient._meta.db_table  # noqa: SLF001 - Django's API
            recording.denied(str(refusal), table_name=table, object_pk=str(patient.pk), patient_id=patient.pk)
            raise


@retried
@transaction.atomic
def _open(patient: Model, *, by: User, reason: str, minutes: int, proof: Proof) -> BreakGlassGrant:
    require(by, OPEN)
    if not may_break_glass(by):
        raise NoEmergencyAccess
    now = _now()
    # The clock of the server may go before or after that of the application.
    if proof.user_id != by.pk or not now - FRESH <= (proved_at := min(proof.at, now)):
        raise ProofNeeded
    if len({word.lower() for word in _WORD.findall(reason)}) < WORDS:
        raise ReasonNeeded
    if not 1 <= minutes <= LONGEST_MINUTES:
        raise TooLong(LONGEST_MINUTES)
    if not (person := person_of(patient)):
        raise NoSuchPatient
    _refuse_needless(type(patient)(pk=person[0]), person, by, now)
    grant = BreakGlassGrant(
        patient_id=person[0],
        user=by,
        reason=reason,
        opened_at=now,
        ends_at=now + timedelta(minutes=minutes),
        proved_at=proved_at,
    )
    # Not the patient: whether there is one, who may not see them cannot ask. records_of_person() has told.
    check_fields(grant, "user", "reason", "opened_at", "ends_at", "proved_at")
    with explained():
        grant.save()
    broke_glass("open", grant, by=by, minutes=minutes, told=len(notify(grant)))
    return grant


@retried
@transaction.atomic
def close(grant: BreakGlassGrant, *, by: User) -> BreakGlassGrant:
    """Close a chart before its time is over: one's own, or, for whoever reviews, another's. Raises OverAlready."""
    require(by, "compliance.close_breakglassgrant")
    with context.acting(by):
        locked = BreakGlassGrant.objects.select_for_update().get(pk=grant.pk)
        if locked.user_id != by.pk and not permits(by, "compliance.review_breakglassgrant"):
            raise NotYours("emergency")
        if locked.over_at <= (now := _now()):
            raise OverAlready(locked.over_at)
        locked.closed_at = now
        keep(locked, "closed_at")
        broke_glass("close", locked, by=by)
    return locked


def may_break_glass(user: User) -> bool:
    """Tell whether the policy lets one of the account's roles break the glass. A service's account never may."""
    if user.role == Role.SERVICE or not user.has_perm(OPEN):
        return False
    return any(role.break_glass for role in map(policy().role, roles_of(user)) if role is not None)


def person_of(patient: Model) -> list[int]:
    """Give the keys of all records of a person, the one that goes on first; none when there is no such record."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT records_of_person(%s)", [patient.pk])
        return [key for (key,) in cursor.fetchall()]


def _refuse_needless(patient: Model, person: list[int], user: User, now: datetime) -> None:
    """Refuse to open what is open. Of two at the same moment, break_glass_grants_one_at_a_time refuses the second."""
    open_now = BreakGlassGrant.objects.open_at(now).filter(patient_id__in=person, user=user).first()
    if open_now is not None:
        raise OpenAlready(open_now.ends_at)
    meta = patient._meta  # noqa: SLF001 - Django's API
    if permits(user, f"{meta.app_label}.view_{meta.model_name}", patient):
        raise InCareAlready


def _now() -> datetime:
    """Ask PostgreSQL's clock, by which a chart is open or not."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        found: datetime = cursor.fetchone()[0]
    return found
