"""The value sets of patients, insurance and allergies. The database holds each of them as a CHECK."""

from __future__ import annotations

from django.db import models


class AdministrativeGender(models.TextChoices):
    """FHIR administrative-gender."""

    MALE = "male", "Male"
    FEMALE = "female", "Female"
    OTHER = "other", "Other"
    UNKNOWN = "unknown", "Unknown"


class BirthSex(models.TextChoices):
    """US Core birthsex."""

    FEMALE = "F", "Female"
    MALE = "M", "Male"
    UNKNOWN = "UNK", "Unknown"


class Race(models.TextChoices):
    """OMB race categories, with the two flavours of null that US Core takes."""

    AMERICAN_INDIAN = "1002-5", "American Indian or Alaska Native"
    ASIAN = "2028-9", "Asian"
    BLACK = "2054-5", "Black or African American"
    PACIFIC_ISLANDER = "2076-8", "Native Hawaiian or Other Pacific Islander"
    WHITE = "2106-3", "White"
    UNKNOWN = "UNK", "Unknown"
    NOT_ANSWERED = "ASKU", "Asked but no answer"


class Ethnicity(models.TextChoices):
    """OMB ethnicity categories, with the two flavours of null that US Core takes."""

    HISPANIC = "2135-2", "Hispanic or Latino"
    NOT_HISPANIC = "2186-5", "Not Hispanic or Latino"
    UNKNOWN = "UNK", "Unknown"
    NOT_ANSWERED = "ASKU", "Asked but no answer"


class MaritalStatus(models.TextChoices):
    """FHIR marital-status, which is HL7 v3 MaritalStatus and UNK."""

    ANNULLED = "A", "Annulled"
    DIVORCED = "D", "Divorced"
    INTERLOCUTORY = "I", "Interlocutory"
    LEGALLY_SEPARATED = "L", "Legally separated"
    MARRIED = "M", "Married"
    COMMON_LAW = "C", "Common law"
    POLYGAMOUS = "P", "Polygamous"
    DOMESTIC_PARTNER = "T", "Domestic partner"
    UNMARRIED = "U", "Unmarried"
    NEVER_MARRIED = "S", "Never married"
    WIDOWED = "W", "Widowed"
    UNKNOWN = "UNK", "Unknown"


class ContactRelationship(models.TextChoices):
    """HL7 v2 table 0131, the codes that FHIR uses for patient-contactrelationship."""

    EMERGENCY = "C", "Emergency contact"
    NEXT_OF_KIN = "N", "Next of kin"
    EMPLOYER = "E", "Employer"
    INSURANCE = "I", "Insurance company"
    STATE_AGENCY = "S", "State agency"
    FEDERAL_AGENCY = "F", "Federal agency"
    UNKNOWN = "U", "Unknown"


class CoverageKind(models.TextChoices):
    """FHIR R5 coverage-kind."""

    INSURANCE = "insurance", "Insurance"
    SELF_PAY = "self-pay", "Self-pay"
    OTHER = "other", "Other"


class CoverageStatus(models.TextChoices):
    """FHIR fm-status."""

    ACTIVE = "active", "Active"
    CANCELLED = "cancelled", "Cancelled"
    DRAFT = "draft", "Draft"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


class SubscriberRelationship(models.TextChoices):
    """FHIR subscriber-relationship: what the patient is to the subscriber."""

    SELF = "self", "Self"
    SPOUSE = "spouse", "Spouse"
    CHILD = "child", "Child"
    PARENT = "parent", "Parent"
    COMMON = "common", "Common law spouse"
    OTHER = "other", "Other"
    INJURED = "injured", "Injured party"
    NONE = "none", "None"


class AllergyType(models.TextChoices):
    """FHIR allergy-intolerance-type."""

    ALLERGY = "allergy", "Allergy"
    INTOLERANCE = "intolerance", "Intolerance"


class AllergyCategory(models.TextChoices):
    """FHIR allergy-intolerance-category."""

    FOOD = "food", "Food"
    MEDICATION = "medication", "Medication"
    ENVIRONMENT = "environment", "Environment"
    BIOLOGIC = "biologic", "Biologic"


class AllergyCriticality(models.TextChoices):
    """FHIR allergy-intolerance-criticality: how bad a future reaction may be."""

    LOW = "low", "Low"
    HIGH = "high", "High"
    UNABLE_TO_ASSESS = "unable-to-assess", "Unable to assess"


class AllergyClinicalStatus(models.TextChoices):
    """FHIR allergyintolerance-clinical."""

    ACTIVE = "active", "Active"
    INACTIVE = "inactive", "Inactive"
    RESOLVED = "resolved", "Resolved"


class AllergyVerificationStatus(models.TextChoices):
    """FHIR allergyintolerance-verification."""

    UNCONFIRMED = "unconfirmed", "Unconfirmed"
    PRESUMED = "presumed", "Presumed"
    CONFIRMED = "confirmed", "Confirmed"
    REFUTED = "refuted", "Refuted"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"


class ReactionSeverity(models.TextChoices):
    """FHIR reaction-event-severity."""

    MILD = "mild", "Mild"
    MODERATE = "moderate", "Moderate"
    SEVERE = "severe", "Severe"
