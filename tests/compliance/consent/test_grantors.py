"""Who gives a consent for whom: by age on the day, by authority, and for the dead."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any

import pytest

from compliance.consent import grantors
from compliance.consent.errors import RepresentativeNeeded, RepresentativeRefused
from compliance.consent.grantors import age_on, check_grantor
from compliance.models import ConsentRecord

TODAY = date(2026, 3, 1)


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 3, 2), date(2026, 3, 1), 17),
        (date(2008, 3, 1), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 28), 19),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2026, 3, 1), date(2026, 3, 1), 0),
        (date(2025, 12, 31), date(2026, 1, 1), 0),
    ],
)
def test_an_age_is_in_whole_years_and_of_29_february_a_year_older_on_1_march(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


@pytest.fixture(autouse=True)
def _on_that_day(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(grantors.timezone, "localdate", lambda: TODAY)


def checked(born: date, *, dead: bool = False, labels: list[str] | None = None, authority: str | None = None) -> None:
    facts: dict[str, Any] = {"sensitivity_labels": labels or []}
    if authority:
        facts |= {"grantor_kind": "representative", "grantor_name": "Tib", "representative_authority": authority}
    check_grantor(ConsentRecord(**facts), SimpleNamespace(birth_date=born, is_deceased=dead))


ADULT, TEN, TWELVE, FIFTEEN, SIXTEEN = (date(year, 3, 1) for year in (2008, 2016, 2014, 2011, 2010))
EVE_OF_18, EVE_OF_12 = date(2008, 3, 2), date(2014, 3, 2)


@pytest.mark.parametrize(
    ("born", "labels", "authority"),
    [
        (ADULT, [], None),
        (ADULT, ["HIV"], None),
        (ADULT, [], "guardian"),
        (ADULT, [], "power_of_attorney"),
        (ADULT, [], "court_order"),
        (EVE_OF_18, [], "parent"),
        (TEN, ["HIV"], "parent"),
        (EVE_OF_12, ["HIV"], "parent"),
        (TWELVE, ["HIV"], None),
        (TWELVE, ["HIV", "42CFRPart2"], None),
        (SIXTEEN, ["PSYTHPN", "HIV"], None),
        (FIFTEEN, ["PSYTHPN"], "parent"),
        (TWELVE, ["HIV"], "guardian"),
        (TEN, [], "court_order"),
    ],
)
def test_who_may_give_it_gives_it(born: date, labels: list[str], authority: str | None) -> None:
    checked(born, labels=labels, authority=authority)


@pytest.mark.parametrize(
    ("born", "labels"),
    [
        (EVE_OF_18, []),
        (TEN, ["HIV"]),
        (EVE_OF_12, ["HIV"]),
        (TWELVE, ["HIV", "GDIS"]),
        (FIFTEEN, ["HIV", "PSY"]),
        (SIXTEEN, []),
    ],
)
def test_a_minor_does_not_decide_alone_about_what_the_rules_do_not_name(born: date, labels: list[str]) -> None:
    with pytest.raises(RepresentativeNeeded) as refused:
        checked(born, labels=labels)

    assert str(refused.value) == (
        "The patient is a minor, who does not decide about all of this alone. Record who gave it for the patient, and "
        "by what authority."
    )


@pytest.mark.parametrize(
    ("born", "labels", "authority", "sentence"),
    [
        (ADULT, [], "parent", "The patient is of age: a parent does not speak for them any more."),
        (ADULT, [], "executor", "The patient is alive: an executor or next of kin does not speak for them."),
        (TEN, [], "next_of_kin", "The patient is alive: an executor or next of kin does not speak for them."),
        (
            TWELVE,
            ["HIV"],
            "parent",
            "About HIV a patient of this age decides alone, and not a parent (45 CFR 164.502(g)(3)(i); state law).",
        ),
        (
            SIXTEEN,
            ["GDIS", "PSY"],
            "parent",
            "About PSY a patient of this age decides alone, and not a parent (45 CFR 164.502(g)(3)(i); state law).",
        ),
    ],
)
def test_a_representative_beyond_their_authority_is_refused_in_a_sentence(
    born: date, labels: list[str], authority: str, sentence: str
) -> None:
    with pytest.raises(RepresentativeRefused) as refused:
        checked(born, labels=labels, authority=authority)

    assert str(refused.value) == sentence


@pytest.mark.parametrize("authority", ["executor", "next_of_kin", "court_order"])
def test_for_the_dead_speaks_an_executor_next_of_kin_or_a_court(authority: str) -> None:
    checked(ADULT, dead=True, authority=authority)


@pytest.mark.parametrize("authority", ["parent", "guardian", "power_of_attorney"])
def test_no_other_authority_outlasts_the_patient(authority: str) -> None:
    with pytest.raises(RepresentativeRefused, match="The patient has died: an executor, next of kin or a court speaks"):
        checked(ADULT, dead=True, authority=authority)


@pytest.mark.parametrize("born", [ADULT, TEN])
def test_the_dead_give_nothing_themselves(born: date) -> None:
    with pytest.raises(RepresentativeNeeded, match=r"^The patient has died\. Record who gave it"):
        checked(born, dead=True, labels=["HIV"])
