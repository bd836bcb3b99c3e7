"""How FHIR says what the value sets of consent say. The way out and the way in read the same tables."""

from __future__ import annotations

from compliance.consent.value_sets import (
    AUTHORIZATIONS,
    OF_PART_2,
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
_ECFR = "https://www.ecfr.gov/current"
# By what law there is such a consent, where it is the law of all states.
_POLICIES = {
    **dict.fromkeys(AUTHORIZATIONS, f"{_ECFR}/title-45/section-164.508"),
    **dict.fromkeys(OF_PART_2, f"{_ECFR}/title-42/section-2.31"),
    **dict.fromkeys((_T.TPO, _T.TREATMENT), f"{_ECFR}/title-45/section-164.506"),
    **dict.fromkeys((_T.RESTRICTION, _T.CONFIDENTIAL_COMM), f"{_ECFR}/title-45/section-164.522"),
    _T.DIRECTORY_OPTOUT: f"{_ECFR}/title-45/section-164.510",
}
_A = RepresentativeAuthority
# HL7's code for an authority, where it has one.
ROLE_CODES: dict[str, str] = {_A.PARENT: "PRN", _A.GUARDIAN: "GUARD", _A.POWER_OF_ATTORNEY: "HPOWATT"}


def scope(kind: ConsentType) -> str:
    """Give the code of FHIR's consent scope."""
    return _SCOPES.get(kind, "patient-privacy")


def category(kind: ConsentType) -> str:
    """Give LOINC's code for the document: a release of information, or any other consent."""
    return _RELEASE if kind in AUTHORIZATIONS else _CONSENT


def policy(kind: ConsentType) -> str | None:
    """Give the address of the regulation."""
    return _POLICIES.get(kind)
