"""Who holds what, looked at again from time to time and signed (164.308(a)(4)(ii)(C), access is reviewed).

Accounts of patients, who reach their own chart and nothing else, are left out.
"""

from __future__ import annotations

import hashlib
import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any, NamedTuple

from django.contrib.postgres.aggregates import ArrayAgg
from django.db import transaction
from django.db.models import BigIntegerField, F, Func, Q
from django.utils import timezone

from compliance.access import require
from compliance.access.access_review import AccessReview
from compliance.access.errors import ReviewedMeanwhile
from compliance.access.policy import policy
from compliance.audit import context

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from compliance.accounts.models import User

CERTIFY = "compliance.certify_accessreview"
_RIGHTS = ("role", "besides", "superuser", "staff")


class Holder(NamedTuple):
    """What an account holds. `in_care` counts the care relationships that hold now; `last_login` is ISO 8601, UTC."""

    account: int
    email: str
    role: str
    besides: list[str]
    superuser: bool
    staff: bool
    last_login: str | None
    in_care: int

    def rights(self) -> tuple[Any, ...]:
        """Give what the account may do by, and not how it used it."""
        return (self.role, tuple(self.besides), self.superuser, self.staff)


class Change(NamedTuple):
    """What is different for one account: in words, from what was signed to what is."""

    account: int
    email: str
    what: str


def report() -> list[Holder]:
    """List the accounts that hold something now, by number. In one query."""
    from compliance.accounts.models import Role, User  # noqa: PLC0415 - models load before

    only_own_chart = Q(role=Role.PATIENT, is_staff=False, is_superuser=False, besides__isnull=True)
    rows = (
        User.objects.filter(is_active=True)
        .annotate(besides=ArrayAgg("groups__name", filter=Q(groups__isnull=False), order_by="groups__name"))
        .exclude(only_own_chart)
        .annotate(in_care=Func(F("pk"), function="access_open_care", output_field=BigIntegerField()))
        .order_by("pk")
    )
    return [
        Holder(
            row.pk,
            row.email,
            row.role,
            list(row.besides or ()),
            row.is_superuser,
            row.is_staff,
            row.last_login.isoformat(timespec="seconds") if row.last_login else None,
            row.in_care,
        )
        for row in rows
    ]


def signed(review: AccessReview | None) -> list[Holder]:
    """Give what was signed."""
    return [Holder(**one) for one in review.holders] if review is not None else []


def changes(before: Iterable[Holder], now: Iterable[Holder]) -> list[Change]:
    """Say what has changed in what accounts may do. Logins and care that came and went are none."""
    old, new = ({one.account: one for one in holders} for holders in (before, now))
    found = [
        Change(one.account, one.email, "holds access, and did not") for one in new.values() if one.account not in old
    ]
    found += [
        Change(one.account, one.email, "holds nothing any more") for one in old.values() if one.account not in new
    ]
    for account in old.keys() & new.keys():
        for name, was, is_now in zip(_RIGHTS, old[account].rights(), new[account].rights(), strict=True):
            if was != is_now:
                found.append(Change(account, new[account].email, f"{name}: {_word(was)}, now {_word(is_now)}"))
    return sorted(found)


def shown(holders: Sequence[Holder]) -> str:
    """Give a digest of the rights that a page shows, so that nobody signs what they have not seen."""
    return _digest([[one.account, *one.rights()] for one in holders])


@transaction.atomic
def certify(seen: str, *, by: User, note: str | None = None) -> AccessReview:
    """Sign that access is held rightly, as it is now. `seen` is `shown` of what the signer looked at.

    Raises ReviewedMeanwhile when it is not so any more.
    """
    require(by, CERTIFY)
    holders = report()
    if shown(holders) != seen:
        raise ReviewedMeanwhile
    content = [one._asdict() for one in holders]
    with context.acting(by):
        return AccessReview.objects.create(by=by, digest=_digest(content), holders=content, note=note or None)


def is_untouched(review: AccessReview) -> bool:
    """Say whether the digest of a review is that of what it lists."""
    return review.digest == _digest(review.holders)


def due(review: AccessReview | None) -> datetime | None:
    """Say until when access is to be reviewed again; None where it never was, and is overdue."""
    return None if review is None else review.at + timedelta(days=policy().recertify_days)


def is_overdue(review: AccessReview | None, at: datetime | None = None) -> bool:
    until = due(review)
    return until is None or until < (at or timezone.now())


def _digest(content: Any) -> str:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode()).hexdigest()


def _word(value: Any) -> str:
    if isinstance(value, tuple):
        return ", ".join(value) or "none"
    return {True: "yes", False: "no"}[value] if isinstance(value, bool) else str(value)
