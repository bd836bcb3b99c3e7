"""Tells whoever watches over emergencies: a notice in each inbox, in the same transaction, and an e-mail after it.

The e-mail says who and when, with a link, and nothing of the patient. A mail server that fails stops no emergency: the
notice is there, and says that no e-mail went out.
"""

from __future__ import annotations

import logging
from functools import partial
from smtplib import SMTPException
from typing import TYPE_CHECKING

from django.conf import settings
from django.core.mail import EmailMessage, get_connection
from django.db import transaction
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from compliance.access import require
from compliance.access.errors import AcknowledgedAlready, NotYours
from compliance.access.notice import Notice
from compliance.access.policy import ADMINISTRATION
from compliance.access.rule import AccessRule
from compliance.accounts.events import broke_glass
from compliance.accounts.models import User
from compliance.audit import context
from compliance.keeping import keep
from compliance.retrying import retried

if TYPE_CHECKING:
    from collections.abc import Sequence

    from django.core.mail.backends.base import BaseEmailBackend
    from django.db.models import QuerySet

    from compliance.access.break_glass_grant import BreakGlassGrant

REVIEW, ACKNOWLEDGE = "compliance.review_breakglassgrant", "compliance.acknowledge_notice"
logger = logging.getLogger(__name__)


def holders(permission: str) -> QuerySet[User]:
    """Give the active accounts that have a permission, by the rules that the database holds."""
    roles = AccessRule.objects.filter(permission=permission).values("role")
    administers = Q(is_superuser=True) if roles.filter(role=ADMINISTRATION).exists() else Q()
    having = Q(role__in=roles) | Q(groups__name__in=roles) | administers
    return User.objects.filter(pk__in=User.objects.filter(having, is_active=True).values("pk")).order_by("pk")


def watchers(grant: BreakGlassGrant) -> list[User]:
    """Give whom to tell: everybody who may review it; when there is nobody, who may at least acknowledge a notice.

    The first are the compliance officers, the others the administrators. Nobody watches over themselves.
    """
    for permission in (REVIEW, ACKNOWLEDGE):
        if found := list(holders(permission).exclude(pk=grant.user_id)):
            return found
    logger.critical("A chart was opened in an emergency, and there is no account to tell of it: %s", grant)
    return []


def notify(grant: BreakGlassGrant) -> list[Notice]:
    """Put a notice into each inbox now, and send the e-mails once the surrounding transaction is committed."""
    notices = Notice.objects.bulk_create(Notice(recipient=one, grant=grant) for one in watchers(grant))
    transaction.on_commit(partial(send, [notice.pk for notice in notices]), robust=True)
    return notices


def send(keys: Sequence[int]) -> None:
    """Send the e-mails of notices that have none yet, and keep with each notice what became of it."""
    waiting = Notice.objects.filter(pk__in=keys, mailed_at__isnull=True).select_related("recipient", "grant__user")
    try:
        with get_connection() as server:
            for notice in waiting:
                _send_one(notice, server)
    except OSError as error:  # there is no server
        _failed(waiting, error)


def _send_one(notice: Notice, server: BaseEmailBackend) -> None:
    mine = Notice.objects.filter(pk=notice.pk)
    try:
        EmailMessage(
            "A chart was opened in an emergency", _text(notice), to=[notice.recipient.email], connection=server
        ).send()
    except SMTPException as error:  # the server takes none for this address; others follow
        _failed(mine, error)
    else:
        mine.update(mailed_at=timezone.now(), mail_problem=None)


def _failed(notices: QuerySet[Notice], error: OSError) -> None:
    logger.error("No e-mail about an emergency went out: %s", type(error).__name__)
    notices.update(mail_problem=type(error).__name__)


def _text(notice: Notice) -> str:
    opened_by = notice.grant.user
    page = reverse("admin:compliance_notice_change", args=[notice.pk])
    return (
        f"{opened_by.get_full_name() or 'Somebody'} <{opened_by.email}> opened the chart of a patient who is not in "
        f"their care, on {notice.grant.opened_at:%Y-%m-%d at %H:%M} UTC.\n\n"
        f"Look at it and acknowledge it: {settings.SITE_URL}{page}\n"
    )


@retried
@transaction.atomic
def acknowledge(notice: Notice, *, by: User) -> Notice:
    """Let the recipient of a notice say that they have seen it. Raises NotYours or AcknowledgedAlready."""
    require(by, ACKNOWLEDGE)
    with context.acting(by):
        locked = Notice.objects.select_for_update(of=("self",)).select_related("grant").get(pk=notice.pk)
        if locked.recipient_id != by.pk:
            raise NotYours("notice")
        if locked.acknowledged_at is not None:
            raise AcknowledgedAlready(locked.acknowledged_at)
        locked.acknowledged_at = timezone.now()
        keep(locked, "acknowledged_at")
        broke_glass("acknowledge", locked.grant, by=by)
    return locked
