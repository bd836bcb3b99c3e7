"""How FHIR says what the value sets of consent say. The way out and the way in read the same tables."""

from __future__ import annotations

import re

from compliance.consent.value_sets import (
    AUTHORIZATIONS,
    CITATIONS,
    ConsentDecision,
    ConsentStatus,
    ConsentType,
    RepresentativeAuthority,
)
from records.fhir import systems

CONSENT = systems.own_system("consent")
TYPE = systems.own_system("consent-type")
AUTHORITY = systems.own_system("representative-authority")
ACCOUNT_ROLE = systems.own_system("account-role")
ACCOUNT = systems.own_system("account")
ACTOR = systems.own_system("consent-actor")

STATUS = {
    ConsentStatus.DRAFT: "draft",
    ConsentStatus.ACTIVE: "active",
    ConsentStatus.INACTIVE: "inactive",
    ConsentStatus.NOT_DONE: "rejected",
    ConsentStatus.ENTERED_IN_ERROR: "entered-in-error",
}
# What the whole consent says is its base policy: R4 has no type in the first provision.
DECISION = {ConsentDecision.PERMIT: "OPTIN", ConsentDecision.DENY: "OPTOUT"}
# Consents of this project are about looking at data and passing them on, not about collecting or correcting them.
ACTIONS = ("access", "use", "disclose")
RECIPIENT, CUSTODIAN, INTERMEDIARY = "IRCP", "CST", "intermediary"

_T = ConsentType
_SCOPES = {_T.RESEARCH: "research", _T.TREATMENT: "treatment", _T.TELEHEALTH: "treatment"}
_RELEASE, _CONSENT = "64292-6", "59284-0"
CATEGORIES = (_RELEASE, _CONSENT)
# Title and section of the first regulation that a citation names, such as 45 CFR 164.508(a)(1).
_SECTION = re.compile(r"(\d+) CFR (\d+\.\d+)")
_A = RepresentativeAuthority
# HL7's code for an authority, where it has one.
ROLE_CODES: dict[str, str] = {_A.PARENT: "PRN", _A.GUARDIAN: "GUARD", _A.POWER_OF_ATTORNEY: "HPOWATT"}


def scope(kind: ConsentType) -> str:
    """Give the code of FHIR's consent scope."""
    return _SCOPES.get(kind, "patient-privacy")


def category(kind: ConsentType) -> str:
    """Give LOINC's code for the document: a release of information, or any other consent."""
    return _RELEASE if kind in AUTHORIZATIONS else _CONSENT


def policy(kind: ConsentType) -> str:
    """Give the address of the regulation that such a consent is written of in."""
    cited = _SECTION.match(CITATIONS[kind])
    if cited is None:
        raise ValueError(f"The citation of {kind} names no section of the CFR, such as 45 CFR 164.508.")
    return f"https://www.ecfr.gov/current/title-{cited[1]}/section-{cited[2]}"
