"""Those who give care, in the words of FHIR R4 Practitioner and PractitionerRole."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import Q
from django.db.models.functions import Least, Upper
from django.utils import timezone

from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.rules import in_calendar, in_order, passes, rule, said, some_of
from providers.value_sets import DeaSchedule

if TYPE_CHECKING:
    from datetime import date, timedelta


class ProviderQuerySet(AuditedQuerySet["Provider"]):
    """Providers in the words of a scheduler."""

    def active_on(self, day: date) -> Self:
        """Keep those who may give care here on that day."""
        return self.filter(Q(active_to__isnull=True) | Q(active_to__gte=day), active_from__lte=day)

    def expiring(self, within: timedelta) -> Self:
        """Keep those who work here and whose licence or DEA registration ends by then or has ended, soonest first."""
        today = timezone.localdate()
        soonest = Least("license_expires_on", "dea_expires_on")  # PostgreSQL's passes over NULL
        found = self.active_on(today).annotate(expires_on=soonest).filter(expires_on__lte=today + within)
        return found.order_by("expires_on", "pk")


@audited()
class Provider(ClinicalModel):
    """A practitioner, known by the National Provider Identifier."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="provider",
        error_messages={"unique": "This account is another provider's."},
        db_comment=phi.none("The provider's own account; NULL for one who does not log in."),
    )
    npi = models.CharField("NPI", max_length=10, db_comment=phi.none("National Provider Identifier, ten digits."))
    family_name = models.CharField(max_length=200, db_comment=phi.none("Family name."))
    given_name = models.CharField(max_length=200, db_comment=phi.none("First given name."))
    middle_name = models.CharField(max_length=200, null=True, blank=True, db_comment=phi.none("Further given names."))
    credentials = models.CharField(
        max_length=60, null=True, blank=True, db_comment=phi.none("Degrees and titles, such as MD or DNP.")
    )
    taxonomy_code = models.CharField(
        max_length=10,
        null=True,
        blank=True,
        db_comment=phi.none("NUCC provider taxonomy code, such as 207R00000X."),
    )
    specialty = models.CharField(max_length=120, null=True, blank=True, db_comment=phi.none("Specialty, in words."))
    department = models.CharField(max_length=120, null=True, blank=True, db_comment=phi.none("Department, in words."))
    phone = models.CharField(max_length=32, null=True, blank=True, db_comment=phi.none("Telephone number at work."))
    email = models.CharField(
        "e-mail address", max_length=254, null=True, blank=True, db_comment=phi.none("E-mail address at work.")
    )
    license_number = models.CharField(
        max_length=40, null=True, blank=True, db_comment=phi.none("Number of the state licence.")
    )
    license_state = models.CharField(
        max_length=2, null=True, blank=True, db_comment=phi.none("State of the licence, the USPS two-letter code.")
    )
    license_expires_on = models.DateField(null=True, blank=True, db_comment=phi.none("Last day of the licence."))
    dea_number = models.CharField(
        "DEA number",
        max_length=9,
        null=True,
        blank=True,
        db_comment=phi.none("Registration with the Drug Enforcement Administration, as AB1234563."),
    )
    dea_expires_on = models.DateField(
        "DEA expires on", null=True, blank=True, db_comment=phi.none("Last day of that registration.")
    )
    dea_schedules = ArrayField(
        models.CharField(max_length=3, choices=DeaSchedule.choices),
        blank=True,
        default=list,
        db_default=[],
        verbose_name="DEA schedules",
        db_comment=phi.none("The schedules that it covers."),
    )
    accepting_patients = models.BooleanField(
        default=True, db_default=True, db_comment=phi.none("Whether new patients may be booked.")
    )
    active_from = models.DateField(db_comment=phi.none("First day on which the provider may give care here."))
    active_to = models.DateField(null=True, blank=True, db_comment=phi.none("Last such day; NULL while it is open."))

    objects = ProviderQuerySet.as_manager()

    class Meta:
        db_table = "providers"
        db_table_comment = "Practitioners. Never deleted: records name them."
        permissions = [("credential_provider", "Can enter licences and DEA registrations")]
        indexes = [
            models.Index(OpClass(Upper("family_name"), name="text_pattern_ops"), name="providers_name"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["npi"], name="providers_npi_once", violation_error_message="Another provider has this NPI."
            ),
            passes(
                "npi_is_valid",
                "npi",
                name="providers_npi_valid",
                message="This is no NPI: it has ten digits, begins with 1 or 2, and its last digit checks the others.",
            ),
            said(
                *("family_name", "given_name", "middle_name", "credentials", "specialty", "department"),
                "phone",
                name="providers_text_not_empty",
            ),
            rule(
                Q(email__regex=r"^[^@\s]+@[^@\s]+$"),
                name="providers_email_form",
                message="An e-mail address has one @ and no spaces.",
            ),
            rule(
                Q(taxonomy_code__regex=r"^[0-9A-Z]{9}X$"),
                name="providers_taxonomy_form",
                message="A taxonomy code is nine digits or capital letters and an X.",
            ),
            rule(
                Q(license_number__isnull=True, license_state__isnull=True, license_expires_on__isnull=True)
                | (Q(license_number__isnull=False, license_state__isnull=False) & ~Q(license_number="")),
                name="providers_license_whole",
                message="A licence needs its number and its state.",
            ),
            rule(
                Q(license_state__regex=r"^[A-Z]{2}$"),
                name="providers_license_state_form",
                message="The state of a licence is two capital letters, such as CA.",
            ),
            models.UniqueConstraint(
                fields=["license_state", "license_number"],
                name="providers_license_once",
                violation_error_message="Another provider has this licence.",
            ),
            passes(
                "dea_is_valid",
                "dea_number",
                name="providers_dea_valid",
                message="This is no DEA number: two letters and seven digits, of which the last checks the others.",
            ),
            models.UniqueConstraint(
                fields=["dea_number"],
                name="providers_dea_once",
                violation_error_message="Another provider has this DEA number.",
            ),
            some_of("dea_schedules", DeaSchedule, name="providers_dea_schedules_known", what="DEA schedule"),
            rule(
                Q(dea_number__isnull=True, dea_expires_on__isnull=True, dea_schedules=[])
                | (Q(dea_number__isnull=False, dea_expires_on__isnull=False) & ~Q(dea_schedules=[])),
                name="providers_dea_whole",
                message="A DEA registration needs its number, its last day and its schedules.",
            ),
            in_order(
                "active_from",
                "active_to",
                name="providers_active_forwards",
                message="The last day lies before the first.",
            ),
            in_calendar(
                dates=["license_expires_on", "dea_expires_on", "active_from", "active_to"], name="providers_calendar"
            ),
            *row_facts("providers"),
        ]
