"""What a consent says, in sentences. They hold health information: for pages that only who may see the row is shown."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django.utils import timezone

from compliance.accounts.models import Role
from compliance.consent.value_sets import (
    ConsentDecision,
    ConsentLabel,
    ConsentStatus,
    GrantorKind,
    RepresentativeAuthority,
    ResourceType,
    WithdrawalChannel,
)
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

    from django.db.models import TextChoices

    from compliance.consent.consent_provision import ConsentProvision
    from compliance.consent.consent_record import ConsentRecord

DAYS_AHEAD = 30  # an end that is nearer is spoken of


def day(moment: datetime | None) -> str:
    """Say when something is, in UTC."""
    return "an unknown time" if moment is None else f"{timezone.localtime(moment):%Y-%m-%d %H:%M} UTC"


def one_after_another(names: Iterable[str]) -> str:
    """Join names as people do: a, b and c."""
    *others, last = [*names] or [""]
    return f"{', '.join(others)} and {last}" if others else last


def known_as(values: type[TextChoices], codes: Iterable[str]) -> str:
    """Name codes by their labels; one that is not known by itself."""
    return one_after_another(values(code).label if code in values.values else code for code in codes)


def in_words(consent: ConsentRecord) -> str:
    """Say what one version permits or denies: what for, of what, between whom, from when until when."""
    verb = "Permits" if consent.decision == ConsentDecision.PERMIT else "Denies"
    purposes = known_as(Purpose, consent.purposes) or "nothing yet, since no purpose is said"
    said = [f"{verb}: {purposes}", *_what(consent), *_between(consent)]
    if consent.encounter_id is not None:
        said.append(f"about visit {consent.encounter_id}" + (", paid for in full" if consent.self_paid else ""))
    return f"{'; '.join([*said, *_period(consent)])}."


def exception_in_words(exception: ConsentProvision) -> str:
    """Say what an exception permits after all, or denies."""
    verb = "permits" if exception.decision == ConsentDecision.PERMIT else "denies"
    said = [f"Exception {exception.number} {verb}: {known_as(Purpose, exception.purposes) or 'all of its purposes'}"]
    said += _what(exception)
    if exception.roles:
        said.append(f"for the role {known_as(Role, exception.roles)}")
    if exception.user_id is not None:
        said.append(f"for account {exception.user_id}")
    return f"{'; '.join(said)}."


def exceptions_in_words(consent: ConsentRecord) -> list[str]:
    """Say what the exceptions of a version permit or deny, in their order. What is prefetched is not read again."""
    in_order = sorted(consent.provisions.all(), key=lambda one: one.number)
    return [exception_in_words(one) for one in in_order]


def grantor_in_words(consent: ConsentRecord) -> str:
    """Say who gave it, and by what authority."""
    if consent.grantor_kind == GrantorKind.PATIENT:
        return "the patient"
    authority = known_as(RepresentativeAuthority, [consent.representative_authority or ""]).lower()
    return f"{consent.grantor_name}, for the patient ({authority})"


def how_it_stands(consent: ConsentRecord, newer: ConsentRecord | None = None, at: datetime | None = None) -> str:
    """Say whether a version holds; `newer` is the one that stands in its place."""
    at = at or timezone.now()
    if newer is not None:
        return f"superseded by version {newer.version_no}"
    match consent.status:
        case ConsentStatus.DRAFT:
            return "a draft, which permits and denies nothing yet"
        case ConsentStatus.INACTIVE:
            how = known_as(WithdrawalChannel, [consent.withdrawal_channel or ""]).lower()
            return f"withdrawn on {day(consent.recorded_at)} ({how})"
        case ConsentStatus.ACTIVE:
            return _active(consent, at)
    return consent.get_status_display().lower()


def ends_soon(consent: ConsentRecord, at: datetime) -> bool:
    """Say whether what holds ends within DAYS_AHEAD days."""
    holds = consent.status == ConsentStatus.ACTIVE and consent.ends_at is not None and consent.ends_at > at
    return holds and consent.ends_at is not None and (consent.ends_at - at).days < DAYS_AHEAD


def _active(consent: ConsentRecord, at: datetime) -> str:
    if consent.starts_at is not None and consent.starts_at > at:
        return f"holds from {day(consent.starts_at)} on"
    if consent.ends_at is not None and consent.ends_at <= at:
        return f"ended on {day(consent.ends_at)}"
    if consent.ends_at is not None and ends_soon(consent, at):
        days = (consent.ends_at - at).days
        left = "today or tomorrow" if days == 0 else f"in {days} day{'s' * (days > 1)}"
        return f"holds, and ends {left}, on {day(consent.ends_at)}"
    return "holds"


def _what(said: ConsentRecord | ConsentProvision) -> list[str]:
    parts = []
    if said.sensitivity_labels:
        parts.append(f"of {known_as(ConsentLabel, said.sensitivity_labels)}")
    if said.resource_types:
        parts.append(f"in {known_as(ResourceType, said.resource_types)}")
    if said.data_from or said.data_until:
        parts.append(f"of data from {said.data_from or 'the beginning'} to {said.data_until or 'any day'}")
    return parts


def _between(consent: ConsentRecord) -> list[str]:
    said = (("by", consent.disclosers), ("to", consent.recipients), ("through", consent.intermediaries))
    return [f"{word} {one_after_another(names)}" for word, names in said if names]


def _period(consent: ConsentRecord) -> list[str]:
    since = [f"from {day(consent.starts_at)}"] if consent.starts_at else []
    if consent.ends_at is not None:
        return [*since, f"until {day(consent.ends_at)}"]
    return [*since, f"until: {consent.expires_event}"] if consent.expires_event else since
