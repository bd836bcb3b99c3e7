"""Those who give care, in the words of FHIR R4 Practitioner and PractitionerRole."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from compliance.clinical import ClinicalModel, rule


class Provider(ClinicalModel):
    """A practitioner, known by the National Provider Identifier."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="provider",
        db_comment="The provider's own account; NULL for one who does not log in.",
    )
    npi = models.CharField("NPI", max_length=10, unique=True, db_comment="National Provider Identifier, ten digits.")
    family_name = models.CharField(max_length=200, db_comment="Family name.")
    given_name = models.CharField(max_length=200, db_comment="First given name.")
    credentials = models.CharField(
        max_length=60, blank=True, default="", db_default="", db_comment="Degrees and titles, such as MD or DNP."
    )
    taxonomy_code = models.CharField(
        max_length=10,
        blank=True,
        default="",
        db_default="",
        db_comment="NUCC provider taxonomy code, such as 207R00000X.",
    )
    specialty = models.CharField(
        max_length=120, blank=True, default="", db_default="", db_comment="Specialty, in words."
    )
    department = models.CharField(
        max_length=120, blank=True, default="", db_default="", db_comment="Department, in words."
    )
    license_number = models.CharField(
        max_length=40, blank=True, default="", db_default="", db_comment="Number of the state licence."
    )
    license_state = models.CharField(
        max_length=2,
        blank=True,
        default="",
        db_default="",
        db_comment="State of the licence, the USPS two-letter code.",
    )
    license_expires_on = models.DateField(null=True, blank=True, db_comment="Last day of the licence.")
    accepting_patients = models.BooleanField(
        default=True, db_default=True, db_comment="Whether new patients may be booked."
    )
    active_from = models.DateField(db_comment="First day on which the provider may give care here.")
    active_to = models.DateField(null=True, blank=True, db_comment="Last such day; NULL while it is open.")

    class Meta:
        db_table = "providers"
        db_table_comment = "Practitioners. Never deleted: records name them."
        constraints = [
            rule(
                Q(npi__regex=r"^[12][0-9]{9}$"),
                name="providers_npi_form",
                message="An NPI is ten digits and begins with 1 or 2.",
            ),
            rule(
                ~Q(family_name="") & ~Q(given_name=""),
                name="providers_name_given",
                message="A family name and a given name are needed.",
            ),
            rule(
                Q(taxonomy_code="") | Q(taxonomy_code__regex=r"^[0-9A-Z]{9}X$"),
                name="providers_taxonomy_form",
                message="A taxonomy code is nine digits or capital letters and an X.",
            ),
            rule(
                Q(license_number="", license_state="")
                | (~Q(license_number="") & Q(license_state__regex=r"^[A-Z]{2}$")),
                name="providers_license_whole",
                message="A licence needs its number and its state, two capital letters.",
            ),
            models.UniqueConstraint(
                fields=["license_state", "license_number"],
                condition=~Q(license_number=""),
                name="providers_license_once",
                violation_error_message="Another provider has this licence.",
            ),
            rule(
                Q(active_to__isnull=True) | Q(active_to__gte=F("active_from")),
                name="providers_active_forwards",
                message="The last day lies before the first.",
            ),
        ]
