"""Reads Consent.provision, and the exceptions inside it, as what `give` takes."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from compliance.consent.value_sets import ConsentDecision, ConsentLabel, ResourceType
from compliance.models import User
from compliance.purposes import Purpose
from records.fhir import consent_codes as codes
from records.fhir import systems, values

if TYPE_CHECKING:
    import uuid

    from records.fhir.places import Place

_NAMES = {codes.CUSTODIAN: "disclosers", codes.RECIPIENT: "recipients", codes.INTERMEDIARY: "intermediaries"}
_NAMED_ROLES = {
    systems.PARTICIPATION: {codes.CUSTODIAN, codes.RECIPIENT},
    codes.ACTOR: {codes.INTERMEDIARY},
}
_ACCOUNT_ROLES = {codes.ACCOUNT_ROLE: set(User.Role.values), systems.PARTICIPATION: {codes.RECIPIENT}}


@dataclass(frozen=True, slots=True)
class Visit:
    """The visit that a consent is about, by its uid."""

    place: Place
    uid: uuid.UUID | None


@dataclass(frozen=True, slots=True)
class Account:
    """The account that an exception is about: of the provider with this uid, or with this number and name."""

    place: Place
    provider: uuid.UUID | None
    number: str | None
    name: str | None


@dataclass(frozen=True, slots=True)
class Excepted:
    """One exception: facts of ConsentProvision, and the account, which is still to be found."""

    facts: dict[str, Any]
    account: Account | None


@dataclass(frozen=True, slots=True)
class Provision:
    """All of it: facts of ConsentRecord, and what is still to be found."""

    facts: dict[str, Any]
    visit: Visit | None
    exceptions: list[Excepted]


def provision(place: Place) -> Provision:
    """Read the provision of the consent itself."""
    facts = {**_about(place), **_names(place)}
    if (during := place.one("period")) is not None:
        facts |= {"starts_at": values.start(during, "start"), "ends_at": values.end(during, "end")}
    _actions(place)
    return Provision(facts, _visit(place), [_exception(one) for one in place.each("provision")])


def _about(place: Place) -> dict[str, Any]:
    facts: dict[str, Any] = {
        "sensitivity_labels": _codes(place, "securityLabel", systems.ACT_CODE, ConsentLabel.values),
        "purposes": _codes(place, "purpose", systems.ACT_REASON, Purpose.values),
        "resource_types": _codes(place, "class", systems.RESOURCE_TYPES, ResourceType.values),
    }
    if (days := place.one("dataPeriod")) is not None:
        facts |= {"data_from": values.day(days, "start"), "data_until": values.day(days, "end")}
    return facts


def _codes(place: Place, name: str, system: str, known: list[str]) -> list[str]:
    found = [one.coding({system: known}) for one in place.each(name)]
    return [pair[1] for pair in found if pair is not None]


def _names(place: Place) -> dict[str, list[str]]:
    """Read the actors, whom a consent names in words: who discloses, to whom, and through whom."""
    found: dict[str, list[str]] = {field: [] for field in _NAMES.values()}
    for actor in place.each("actor"):
        role, who = _role(actor, _NAMED_ROLES), actor.one("reference")
        if who is None:
            actor.lacks("reference", "Say who it is, as its display.")
        elif (name := who.text("display")) is None:
            who.refuse("Who discloses or receives is a person or a class of persons in words: say it as display.")
        elif role is not None:
            found[_NAMES[role[1]]].append(name)
    return found


def _role(actor: Place, known: dict[str, set[str]]) -> tuple[str, str] | None:
    role = actor.one("role")
    found = role.concept(known) if role is not None else {}
    if len(found) == 1:
        return next(iter(found.items()))
    if role is None or not role.problems:
        actor.lacks("role", f"Say in one code what the actor does. There are, of {_listed(known)}.")
    return None


def _listed(known: dict[str, set[str]]) -> str:
    return "; ".join(f"{system}: {', '.join(sorted(names))}" for system, names in known.items())


def _actions(place: Place) -> None:
    found = [one.concept({systems.CONSENT_ACTION: codes.ACTIONS}) for one in place.each("action")]
    if {code for one in found for code in one.values()} != set(codes.ACTIONS):
        place.lacks(
            "action",
            f"A consent here is about {', '.join(codes.ACTIONS)} together, and about no other action. Without an "
            "action it would be about all that there are.",
        )


def _visit(place: Place) -> Visit | None:
    data = place.each("data")
    for other in data[1:]:
        other.refuse("A consent is about one visit at most. Record one consent for each.")
    if not data:
        return None
    if data[0].code("meaning", {"dependents"}) is None:
        data[0].lacks("meaning", "It is about a visit and what depends on it: dependents.")
    if (what := data[0].one("reference")) is None:
        data[0].lacks("reference", "Say which visit.")
        return None
    return Visit(what, values.uid(what, "reference", "Encounter"))


def _exception(place: Place) -> Excepted:
    decision = place.code("type", ConsentDecision.values)
    if decision is None:
        place.lacks("type", "An exception says permit or deny.")
    roles: list[str] = []
    accounts: list[Account] = []
    for actor in place.each("actor"):
        role, who = _role(actor, _ACCOUNT_ROLES), actor.one("reference")
        if who is None:
            actor.lacks("reference", "FHIR needs it.")
        elif role is not None and role[0] == codes.ACCOUNT_ROLE:
            roles.append(role[1])
            who.leave("type", "display")  # the role in words
        elif role is not None:
            accounts.append(_account(who))
    for other in accounts[1:]:
        other.place.refuse("An exception is about one account at most. Make one exception for each.")
    facts = {"decision": decision, "roles": roles, **_about(place)}
    return Excepted(facts, accounts[0] if accounts else None)


def _account(who: Place) -> Account:
    who.leave("type")
    number = None
    if (named := who.one("identifier")) is not None:
        if named.code("system", {codes.ACCOUNT}) is not None:
            number = named.text("value")
        return Account(who, None, number, who.text("display"))
    who.leave("display")
    return Account(who, values.uid(who, "reference", "Practitioner"), None, None)
