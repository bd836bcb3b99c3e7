"""Who may give a consent for whom: adults for themselves, representatives within their authority, minors for some."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django.core.exceptions import ObjectDoesNotExist
from django.utils import timezone

from compliance.consent.consent_record import ConsentRecord
from compliance.consent.defaults import defaults
from compliance.consent.errors import RepresentativeNeeded, RepresentativeRefused, UnfitPatient
from compliance.consent.value_sets import ConsentLabel, GrantorKind, RepresentativeAuthority
from compliance.consent.wording import known_as

if TYPE_CHECKING:
    from datetime import date

_A = RepresentativeAuthority
_FOR_THE_DEAD = {_A.EXECUTOR, _A.NEXT_OF_KIN, _A.COURT_ORDER}


def patient_of(key: int) -> Any:
    """Read the patient as the database has it now. Raises UnfitPatient."""
    model: Any = ConsentRecord._meta.get_field("patient").related_model  # noqa: SLF001 - Django's API
    try:
        return model.objects.get(pk=key)
    except ObjectDoesNotExist:
        raise UnfitPatient from None


def check_grantor(consent: ConsentRecord, patient: Any) -> None:
    """Refuse who may not give this. Raises RepresentativeNeeded or RepresentativeRefused.

    PostgreSQL cannot hold it: a birth date will be encrypted. Sources: 45 CFR 164.502(g)(2) to (5).
    """
    age = age_on(patient.birth_date, timezone.localdate())
    if consent.grantor_kind == GrantorKind.PATIENT:
        _by_patient(consent, age, dead=patient.is_deceased)
    else:
        _by_representative(consent, age, dead=patient.is_deceased)


def age_on(birth_date: date, day: date) -> int:
    """Give an age in whole years. Who was born on 29 February has a birthday on 1 March in other years."""
    return day.year - birth_date.year - ((day.month, day.day) < (birth_date.month, birth_date.day))


def who_may_give(patient: Any) -> list[str]:
    """Say in sentences who gives a consent for this patient, for who takes it down."""
    age = age_on(patient.birth_date, timezone.localdate())
    if patient.is_deceased:
        return ["The patient has died: an executor, next of kin or a court speaks for them (45 CFR 164.502(g)(4))."]
    if age >= defaults().majority:
        return [
            "The patient is of age. Who speaks for them has a power of attorney, is their guardian, or has an order."
        ]
    alone = [one for one in defaults().minors if age >= one.from_age]
    who = "a parent, a guardian or a court gives consents for them (45 CFR 164.502(g)(3))."
    return [f"The patient is a minor ({age}): {who}"] + [
        f"About {known_as(ConsentLabel, one.labels)} they decide alone, and a parent does not: {one.citation}."
        for one in alone
    ]


def confidential_under(consent: ConsentRecord, birth_date: date) -> str:
    """Cite what makes a consent that a minor gave alone theirs to keep from a parent; empty for any other consent."""
    age = age_on(birth_date, timezone.localdate(consent.recorded_at))
    if consent.grantor_kind != GrantorKind.PATIENT or age >= defaults().majority:
        return ""
    rules = (defaults().decides_alone(label, age) for label in consent.sensitivity_labels)
    return "; ".join(dict.fromkeys(one.citation for one in rules if one is not None))


def _by_patient(consent: ConsentRecord, age: int, *, dead: bool) -> None:
    if dead:
        raise RepresentativeNeeded("The patient has died.")
    if age >= defaults().majority:
        return
    labels = consent.sensitivity_labels
    if not labels or not all(defaults().decides_alone(label, age) for label in labels):
        raise RepresentativeNeeded("The patient is a minor, who does not decide about all of this alone.")


def _by_representative(consent: ConsentRecord, age: int, *, dead: bool) -> None:
    authority = consent.representative_authority
    if dead and authority not in _FOR_THE_DEAD:
        raise RepresentativeRefused(
            "The patient has died: an executor, next of kin or a court speaks for them, and no other authority lasts."
        )
    if not dead and authority in {_A.EXECUTOR, _A.NEXT_OF_KIN}:
        raise RepresentativeRefused("The patient is alive: an executor or next of kin does not speak for them.")
    if authority == _A.PARENT and age >= defaults().majority:
        raise RepresentativeRefused("The patient is of age: a parent does not speak for them any more.")
    for label in consent.sensitivity_labels:
        if authority == _A.PARENT and (own := defaults().decides_alone(label, age)) is not None:
            raise RepresentativeRefused(
                f"About {label} a patient of this age decides alone, and not a parent ({own.citation})."
            )
