"""A patient takes back what they said. It bites in the next statement, and changes nothing of what was done before."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.db import transaction
from django.utils import timezone

from compliance.access import require
from compliance.audit import context
from compliance.consent.value_sets import ConsentStatus
from compliance.consent.versions import exceptions_of, successor, write
from compliance.retrying import retried

if TYPE_CHECKING:
    from datetime import datetime

    from compliance.accounts.models import User
    from compliance.consent.consent_record import ConsentRecord
    from compliance.consent.value_sets import WithdrawalChannel


@retried
@transaction.atomic
def withdraw(
    consent: ConsentRecord, *, by: User, channel: WithdrawalChannel, received_at: datetime | None = None
) -> ConsentRecord:
    """End a consent or a restriction now. `received_at` says when the withdrawal came, now if it is not given.

    An authorization is revoked in writing (45 CFR 164.508(b)(5)). Raises ConsentChanged when somebody was quicker,
    ConsentOver, or RuleBroken.
    """
    require(by, "compliance.withdraw_consentrecord", consent)
    with context.acting(by):
        ended = successor(
            consent,
            status=ConsentStatus.INACTIVE,
            withdrawal_channel=channel,
            withdrawal_received_at=received_at or timezone.now(),
        )
        return write(ended, exceptions_of(consent), by=by)
