"""The value sets of consent. The database holds each of them as a CHECK."""

from __future__ import annotations

from django.db import models

from compliance.clinical import Sensitivity
from compliance.purposes import Purpose

PART_2 = "42CFRPart2"
# Stands for whatever has no label that a rule or a consent names.
ANY_LABEL = "*"


class ConsentType(models.TextChoices):
    """What kind of yes or no it is."""

    AUTHORIZATION = "hipaa_authorization", "Authorization to use or disclose"
    TPO = "tpo", "Treatment, payment and operations"
    PART2_TPO = "part2_tpo", "Part 2: all future treatment, payment and operations"
    PART2_SPECIFIC = "part2_specific", "Part 2: a specific disclosure"
    PART2_LEGAL = "part2_legal", "Part 2: legal proceedings against the patient"
    SUD_COUNSELING = "sud_counseling_notes", "Part 2: counseling notes"
    PSYCHOTHERAPY = "psychotherapy_notes", "Psychotherapy notes"
    RESEARCH = "research", "Research"
    TREATMENT = "treatment", "Treatment"
    MARKETING = "marketing", "Marketing"
    RESTRICTION = "restriction", "Restriction that the patient asked for"
    DIRECTORY_OPTOUT = "directory_optout", "Out of the facility directory"
    HIE_OPTIN = "hie_optin", "Health information exchange"
    TELEHEALTH = "telehealth", "Telehealth"
    CONFIDENTIAL_COMM = "confidential_comm", "Confidential communications"


_T = ConsentType
# Where it is written what such a consent needs, and that it has to be kept to.
CITATIONS: dict[ConsentType, str] = {
    _T.AUTHORIZATION: "45 CFR 164.508(a)(1)",
    _T.TPO: "45 CFR 164.506(b)",
    _T.PART2_TPO: "42 CFR 2.31(a), 2.33(a)",
    _T.PART2_SPECIFIC: "42 CFR 2.31(a), 2.33(a)",
    _T.PART2_LEGAL: "42 CFR 2.31(d)",
    _T.SUD_COUNSELING: "42 CFR 2.31(b)",
    _T.PSYCHOTHERAPY: "45 CFR 164.508(a)(2)",
    _T.RESEARCH: "45 CFR 164.508(a)(1), (b)(3)(i)",
    _T.TREATMENT: "45 CFR 164.506(b)",
    _T.MARKETING: "45 CFR 164.508(a)(3)",
    _T.RESTRICTION: "45 CFR 164.522(a)",
    _T.DIRECTORY_OPTOUT: "45 CFR 164.510(a)(2)",
    _T.HIE_OPTIN: "45 CFR 164.506(b)",
    _T.TELEHEALTH: "45 CFR 164.506(b)",
    _T.CONFIDENTIAL_COMM: "45 CFR 164.522(b)",
}
# Each has all elements of 45 CFR 164.508(c) before it holds, or of 42 CFR 2.31, which asks for the same and more.
AUTHORIZATIONS = (
    _T.AUTHORIZATION,
    _T.PART2_TPO,
    _T.PART2_SPECIFIC,
    _T.PART2_LEGAL,
    _T.SUD_COUNSELING,
    _T.PSYCHOTHERAPY,
    _T.RESEARCH,
    _T.MARKETING,
)
OF_PART_2 = (_T.PART2_TPO, _T.PART2_SPECIFIC, _T.PART2_LEGAL, _T.SUD_COUNSELING)
# What nothing else permits: 45 CFR 164.508(a). The trigger hold_consent_provisions names the same.
BY_AUTHORIZATION = (Purpose.HRESCH, Purpose.HMARKT, Purpose.FAMRQT, Purpose.HLEGAL)
# What these say is no: a yes of such a kind would mean nothing.
REFUSALS = (_T.RESTRICTION, _T.DIRECTORY_OPTOUT)


class ConsentStatus(models.TextChoices):
    """FHIR R5 consent-state-codes, without `unknown`: what is not known to hold does not hold."""

    DRAFT = "draft", "Draft"
    ACTIVE = "active", "Active"
    INACTIVE = "inactive", "Withdrawn or ended"
    NOT_DONE = "not-done", "Declined"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


_S = ConsentStatus
# What the next version may be. The trigger consent_records_hold_versions says the same, and is the one that decides.
NEXT: dict[ConsentStatus, tuple[ConsentStatus, ...]] = {
    _S.DRAFT: (_S.DRAFT, _S.ACTIVE, _S.NOT_DONE, _S.ENTERED_IN_ERROR),
    _S.ACTIVE: (_S.ACTIVE, _S.INACTIVE, _S.ENTERED_IN_ERROR),
    _S.INACTIVE: (),
    _S.NOT_DONE: (),
    _S.ENTERED_IN_ERROR: (),
}


class ConsentDecision(models.TextChoices):
    """FHIR consent-provision-type."""

    PERMIT = "permit", "Permit"
    DENY = "deny", "Deny"

    @property
    def opposite(self) -> ConsentDecision:
        """What an exception to it says."""
        return ConsentDecision.DENY if self is ConsentDecision.PERMIT else ConsentDecision.PERMIT


class ConsentLabel(models.TextChoices):
    """What a consent may name apart: HL7 ActCode sensitivity, and the law that protects records of Part 2 programs."""

    ETH = Sensitivity.ETH.value, Sensitivity.ETH.label
    SUD = Sensitivity.SUD.value, Sensitivity.SUD.label
    SDV = Sensitivity.SDV.value, Sensitivity.SDV.label
    PSY = Sensitivity.PSY.value, Sensitivity.PSY.label
    PSYTHPN = Sensitivity.PSYTHPN.value, Sensitivity.PSYTHPN.label
    HIV = Sensitivity.HIV.value, Sensitivity.HIV.label
    STD = Sensitivity.STD.value, Sensitivity.STD.label
    SICKLE = Sensitivity.SICKLE.value, Sensitivity.SICKLE.label
    GDIS = Sensitivity.GDIS.value, Sensitivity.GDIS.label
    SEX = Sensitivity.SEX.value, Sensitivity.SEX.label
    PART_2 = PART_2, "Record of a Part 2 program"


class ResourceType(models.TextChoices):
    """FHIR resource types of what a chart holds: one for each of its tables."""

    PATIENT = "Patient", "Who the patient is, and how to reach them"
    COVERAGE = "Coverage", "Insurance"
    ALLERGY = "AllergyIntolerance", "Allergies"
    APPOINTMENT = "Appointment", "Appointments"
    ENCOUNTER = "Encounter", "Visits"
    DOCUMENT = "DocumentReference", "Medical records"
    MEDICATION_REQUEST = "MedicationRequest", "Prescriptions"


class GrantorKind(models.TextChoices):
    """Who said it."""

    PATIENT = "patient", "The patient"
    REPRESENTATIVE = "representative", "A personal representative"


class RepresentativeAuthority(models.TextChoices):
    """By what a personal representative may act: 45 CFR 164.502(g)."""

    PARENT = "parent", "Parent of a minor"
    GUARDIAN = "guardian", "Guardian"
    POWER_OF_ATTORNEY = "power_of_attorney", "Health care power of attorney"
    COURT_ORDER = "court_order", "Court order"
    EXECUTOR = "executor", "Executor or administrator of the estate"
    NEXT_OF_KIN = "next_of_kin", "Next of kin, where the law says so"


class Statement(models.TextChoices):
    """What a person must have been told before they sign: 45 CFR 164.508(c)(2)."""

    REVOCATION = "revocation", "The right to revoke in writing, and how"
    CONDITIONING = "conditioning", "Whether treatment or payment depends on it"
    REDISCLOSURE = "redisclosure", "That who receives it may pass it on"


class SignatureMethod(models.TextChoices):
    """How it was signed."""

    INK = "ink", "On paper"
    ELECTRONIC = "electronic", "Electronically"
    VERBAL = "verbal", "Spoken, and written down by a witness"


class WithdrawalChannel(models.TextChoices):
    """How a withdrawal came. An authorization is revoked in writing: 45 CFR 164.508(b)(5)."""

    LETTER = "letter", "Letter or form"
    ELECTRONIC = "electronic", "Electronic message or portal"
    IN_PERSON = "in_person", "In person, written down and signed"
    VERBAL = "verbal", "Spoken"


IN_WRITING = (WithdrawalChannel.LETTER, WithdrawalChannel.ELECTRONIC, WithdrawalChannel.IN_PERSON)
