"""What holds of a patient now: every purpose and every kind of information, decided by one question to PostgreSQL."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

from django.db import connection
from django.db.models import Q
from django.utils import timezone

from compliance.consent.value_sets import ANY_LABEL, CITATIONS, ConsentLabel, ConsentStatus, ConsentType
from compliance.consent.wording import day, exceptions_in_words, in_words, known_as
from compliance.purposes import Purpose

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence
    from datetime import datetime

    from django.db.models import QuerySet

    from compliance.consent.consent_record import ConsentRecord

AS_A_WHOLE = "as the purpose as a whole"
# Nobody in particular is asked for: exceptions for an account or a role, and what only an author may, do not count.
_EVERYTHING = """
SELECT asked.purpose, kind.label, d.permits, d.rule_id, d.emergency, r.citation, r.reason,
       d.consent_id, d.provision_id, c.consent_type, c.starts_at, c.ends_at,
       (SELECT min(first.recorded_at) FROM consent_records AS first WHERE first.consent_uid = c.consent_uid)
  FROM unnest(%s::text[]) WITH ORDINALITY AS asked (purpose, at)
 CROSS JOIN unnest(%s::text[]) WITH ORDINALITY AS kind (label, at)
 CROSS JOIN LATERAL consent_decision(
       %s, NULL, asked.purpose, ARRAY[kind.label], NULL, NULL, NULL, NULL, statement_timestamp()
       ) AS d
  LEFT JOIN consent_rules AS r ON r.id = d.rule_id
  LEFT JOIN consent_records AS c ON c.id = d.consent_id
 ORDER BY asked.at, kind.at
"""


class _Found(NamedTuple):
    """A row of the question above."""

    purpose: str
    label: str
    permits: bool
    rule: int | None
    emergency: bool | None
    citation: str | None
    reason: str | None
    consent: int | None
    provision: int | None
    consent_type: str | None
    starts_at: datetime | None
    ends_at: datetime | None
    recorded_at: datetime | None

    @property
    def ground(self) -> tuple[object, ...]:
        """What decided it."""
        return self.permits, self.rule, self.consent, self.provision, self.emergency


@dataclass(frozen=True, slots=True)
class Line:
    """One decision in words: `what` it is about, `why` it is so, and the `reason` of the rule,
    or where it is written what such a consent is.

    `consent` is the key of the version that decided, None for a rule.
    """

    what: str
    why: str
    reason: str
    permits: bool
    consent: int | None


@dataclass(frozen=True, slots=True)
class Standing:
    """What holds for one purpose, and for which kinds of information something else does."""

    purpose: str
    general: Line
    labels: tuple[Line, ...]

    def lines(self) -> dict[str, str]:
        """Give each decision as a sentence, by what it is about."""
        of_labels = {f"{self.general.what}, {line.what}": line.why for line in self.labels}
        return {self.general.what: self.general.why, **of_labels}


def now_of(patient: int) -> list[Standing]:
    """Say what holds of a patient, by key, for each purpose. One question."""
    with connection.cursor() as cursor:
        cursor.execute(_EVERYTHING, [Purpose.values, [ANY_LABEL, *ConsentLabel.values], patient])
        rows = [_Found(*row) for row in cursor.fetchall()]
    return [_standing([row for row in rows if row.purpose == purpose]) for purpose in Purpose.values]


def told_once(standings: Sequence[Standing]) -> tuple[list[Line], list[Standing]]:
    """Take out what rules say of a kind of information for several purposes alike, to say it once."""
    seen = Counter(line for one in standings for line in one.labels if line.consent is None)
    alike = [line for line, times in seen.items() if times > 1]
    others = [replace(one, labels=tuple(line for line in one.labels if line not in alike)) for one in standings]
    return alike, others


def changes(before: Iterable[Standing], after: Iterable[Standing]) -> list[tuple[str, str, str]]:
    """Give what holds differently: what it is about, how it was, how it is."""
    was, becomes = ({what: why for one in all_of for what, why in one.lines().items()} for all_of in (before, after))
    return [
        (what, was.get(what, AS_A_WHOLE), becomes.get(what, AS_A_WHOLE))
        for what in {**was, **becomes}
        if was.get(what) != becomes.get(what)
    ]


def narrower(consents: QuerySet[ConsentRecord]) -> list[tuple[ConsentRecord, str]]:
    """Give what `now_of` cannot say, since it is about parts of the chart, a visit, days, a role, or begins later.

    `consents` are those of a patient. Two questions.
    """
    now = timezone.now()
    open_end = Q(ends_at__isnull=True) | Q(ends_at__gt=now)
    standing = consents.newest().filter(open_end, status=ConsentStatus.ACTIVE)  # type: ignore[attr-defined]
    found: list[tuple[ConsentRecord, str]] = []
    for one in standing.prefetch_related("provisions").order_by("pk"):
        later = one.starts_at is not None and one.starts_at > now
        if later or one.resource_types or one.data_from or one.data_until or one.encounter_id:
            found.append((one, in_words(one)))
        found += [(one, exception) for exception in exceptions_in_words(one)]
    return found


def _standing(rows: Sequence[_Found]) -> Standing:
    general, *labels = rows
    purpose = str(Purpose(general.purpose).label)
    lines = tuple(_line(one, known_as(ConsentLabel, [one.label])) for one in labels if one.ground != general.ground)
    # A rule that permits a kind as the purpose is permitted anyhow says nothing new.
    told = tuple(one for one in lines if one.consent is not None or one.permits != general.permits)
    return Standing(purpose, _line(general, purpose), told)


def _line(row: _Found, what: str) -> Line:
    citation = f" ({row.citation})" if row.citation and row.consent is None else ""
    reason = row.reason or ""
    if row.consent_type in ConsentType.values:
        reason = CITATIONS[ConsentType(row.consent_type)]
    return Line(what, f"{_why(row)}{citation}", reason, row.permits, row.consent)


def _why(row: _Found) -> str:
    if row.consent is not None:
        return _by_consent(row)
    if row.emergency:
        return "permitted, since an emergency goes before a refusal"
    if row.rule is None:
        return "no rule and no consent permits it, so denied"
    return "permitted without a consent" if row.permits else "no authorization, so denied"


def _by_consent(row: _Found) -> str:
    begun = max((one for one in (row.starts_at, row.recorded_at) if one is not None), default=None)
    verb = "permitted" if row.permits else "restricted" if row.consent_type == ConsentType.RESTRICTION else "refused"
    if row.provision is not None:
        verb = f"{'permitted' if row.permits else 'refused'} by an exception"
    until = f" until {day(row.ends_at)}" if row.ends_at is not None else ""
    return f"{verb} since {day(begun)}{until}"
