"""The patient: a person who receives care, in the words of FHIR R4 Patient and US Core."""

from __future__ import annotations

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import OpClass
from django.db import models
from django.db.models import F, Q
from django.db.models.functions import Upper

from compliance import phi
from compliance.audit.registry import audited
from compliance.clinical import ClinicalModel, row_facts
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, one_of, rule, said, some_of
from compliance.validators import json_object
from patients.queries import PatientQuerySet
from patients.validators import TELEPHONE, ZIP_CODE, birth_date, social_security_number
from patients.value_sets import AdministrativeGender, BirthSex, ContactRelationship, Ethnicity, MaritalStatus, Race


@audited(patient="id")
@consented
class Patient(ClinicalModel):
    """A person who receives care, known by the record number that one authority gave.

    A second record of the same person is merged: it points to the one that survives, keeps its own rows, and can be
    taken apart again.
    """

    Gender = AdministrativeGender

    mrn = models.CharField(
        "medical record number",
        max_length=64,
        db_comment=phi.identifier(Identifier.MRN, "Medical record number, as its authority writes it.", sealed=True),
    )
    assigning_authority = models.CharField(
        max_length=200,
        db_comment=phi.none("Who gave the record number: a facility's OID, URI or name."),
    )
    family_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Family name.", sealed=True),
    )
    given_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "First given name.", sealed=True),
    )
    middle_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Further given names.", sealed=True),
    )
    name_suffix = models.CharField(
        max_length=20,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "What follows the name, such as Jr. or III.", sealed=True),
    )
    previous_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Family name that was used before.", sealed=True),
    )
    preferred_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Name that the patient goes by.", sealed=True),
    )
    birth_date = models.DateField(
        validators=[birth_date],
        db_comment=phi.identifier(Identifier.DATES, "Date of birth.", sealed=True),
    )
    administrative_gender = models.CharField(
        max_length=7,
        choices=AdministrativeGender.choices,
        db_comment=phi.clinical("Gender for administrative purposes; not birth sex, not gender identity."),
    )
    birth_sex = models.CharField(
        max_length=3,
        choices=BirthSex.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Sex on the birth certificate, as US Core codes it."),
    )
    pronouns = models.CharField(
        max_length=40, null=True, blank=True, db_comment=phi.clinical("Pronouns, as the patient says them.")
    )
    race_codes = ArrayField(
        models.CharField(max_length=6, choices=Race.choices),
        blank=True,
        default=list,
        db_default=[],
        verbose_name="race",
        db_comment=phi.clinical("Race: OMB categories, as many as apply."),
    )
    ethnicity_code = models.CharField(
        "ethnicity",
        max_length=6,
        choices=Ethnicity.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Ethnicity: an OMB category."),
    )
    marital_status = models.CharField(
        max_length=3,
        choices=MaritalStatus.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Marital status, as HL7 codes it."),
    )
    language = models.CharField(
        max_length=35,
        null=True,
        blank=True,
        db_comment=phi.clinical("Preferred language, a BCP-47 tag such as es or zh-Hant."),
    )
    interpreter_needed = models.BooleanField(
        default=False, db_default=False, db_comment=phi.clinical("Whether visits need an interpreter.")
    )
    ssn = models.CharField(
        "social security number",
        max_length=11,
        null=True,
        blank=True,
        validators=[social_security_number],
        db_comment=phi.identifier(Identifier.SSN, "Social security number, as 123-45-6789.", sealed=True),
    )
    phone = models.CharField(
        max_length=32,
        null=True,
        blank=True,
        validators=[TELEPHONE],
        db_comment=phi.identifier(Identifier.TELEPHONE, "Telephone number at home.", sealed=True),
    )
    mobile_phone = models.CharField(
        max_length=32,
        null=True,
        blank=True,
        validators=[TELEPHONE],
        db_comment=phi.identifier(Identifier.TELEPHONE, "Mobile telephone number.", sealed=True),
    )
    email = models.EmailField(
        "e-mail address",
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.EMAIL, "E-mail address.", sealed=True),
    )
    address_line = models.CharField(
        max_length=300,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.GEOGRAPHIC, "Street and number.", sealed=True),
    )
    city = models.CharField(
        max_length=100,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.GEOGRAPHIC, "City or town.", sealed=True),
    )
    state = models.CharField(
        max_length=2, null=True, blank=True, db_comment=phi.clinical("State, the USPS two-letter code.")
    )
    postal_code = models.CharField(
        "ZIP code",
        max_length=10,
        null=True,
        blank=True,
        validators=[ZIP_CODE],
        db_comment=phi.identifier(Identifier.GEOGRAPHIC, "ZIP or ZIP+4 code.", sealed=True),
    )
    confidential_contact = models.JSONField(
        null=True,
        blank=True,
        validators=[json_object],
        db_comment=phi.identifier(
            Identifier.OTHER,
            "How the patient asked to be reached instead (45 CFR 164.522(b)): an object of text, such as "
            '{"phone": …, "address": …, "note": …}.',
            sealed=True,
        ),
    )
    contact_name = models.CharField(
        max_length=200,
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.NAMES, "Whom to call in an emergency.", sealed=True),
    )
    contact_phone = models.CharField(
        max_length=32,
        null=True,
        blank=True,
        validators=[TELEPHONE],
        db_comment=phi.identifier(Identifier.TELEPHONE, "Telephone number of that contact.", sealed=True),
    )
    contact_relationship = models.CharField(
        max_length=1,
        choices=ContactRelationship.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("What that contact is to the patient: HL7 v2 table 0131."),
    )
    is_deceased = models.BooleanField(
        "deceased", default=False, db_default=False, db_comment=phi.clinical("Whether the patient has died.")
    )
    deceased_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "When the patient died; NULL when not known."),
    )
    is_vip = models.BooleanField(
        "watched",
        default=False,
        db_default=False,
        db_comment=phi.clinical("Whether every look at this chart is reviewed: a person whom the curious look up."),
    )
    general_practitioner = models.ForeignKey(
        "providers.Provider",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="patients",
        db_comment=phi.none("Who cares for the patient in general."),
    )
    user = models.OneToOneField(
        settings.AUTH_USER_MODEL,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="patient",
        error_messages={"unique": "This account is another patient's."},
        db_comment=phi.none("The patient's own account; NULL for one who has none."),
    )
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        editable=False,
        related_name="merged_from",
        db_comment=phi.none("The record of the same person that goes on in this one's place."),
    )
    merged_at = models.DateTimeField(
        null=True, blank=True, editable=False, db_comment=phi.none("When this record was merged into that one.")
    )

    objects = PatientQuerySet.as_manager()

    class Meta:
        db_table = "patients"
        db_table_comment = "People who receive care. Never deleted; a second record of one person is merged."
        permissions = [
            ("merge_patient", "Can merge and unmerge patients"),
            ("locate_patient", "Can locate patients who are not in care"),
        ]
        indexes = [
            # What Django's istartswith compares; text_pattern_ops serves LIKE in any locale.
            models.Index(
                OpClass(Upper("family_name"), name="text_pattern_ops"), "birth_date", name="patients_name_birth_date"
            ),
            models.Index(fields=["phone"], name="patients_phone", condition=Q(phone__isnull=False)),
            models.Index(
                fields=["mobile_phone"], name="patients_mobile_phone", condition=Q(mobile_phone__isnull=False)
            ),
            # The day comes first: it is known exactly. Names that begin alike stand beside each other within it.
            models.Index(
                "birth_date", OpClass(Upper("family_name"), name="text_pattern_ops"), name="patients_birth_date"
            ),
        ]
        constraints = [
            # The number comes first: it is what people search by.
            models.UniqueConstraint(
                fields=["mrn", "assigning_authority"],
                name="patients_mrn_once_per_authority",
                violation_error_message="This authority has given this record number to another patient.",
            ),
            models.UniqueConstraint(
                fields=["ssn"],
                name="patients_ssn_once",
                violation_error_message="Another patient has this social security number.",
            ),
            # us-core-6 of US Core's Patient profile
            rule(
                Q(family_name__isnull=False) | Q(given_name__isnull=False),
                name="patients_name_given",
                message="A family name or a given name is needed.",
            ),
            said("assigning_authority", "pronouns", name="patients_text_not_empty"),
            one_of("administrative_gender", AdministrativeGender, name="patients_gender_known"),
            one_of("birth_sex", BirthSex, name="patients_birth_sex_known"),
            some_of("race_codes", Race, name="patients_race_known", what="race"),
            one_of("ethnicity_code", Ethnicity, name="patients_ethnicity_known", what="ethnicity"),
            one_of("marital_status", MaritalStatus, name="patients_marital_status_known"),
            one_of("contact_relationship", ContactRelationship, name="patients_contact_relationship_known"),
            rule(
                Q(language__regex=r"^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$"),
                name="patients_language_form",
                message="A language is a BCP-47 tag, such as es or zh-Hant.",
            ),
            rule(
                Q(state__regex=r"^[A-Z]{2}$"),
                name="patients_state_form",
                message="A state is two capital letters, such as CA.",
            ),
            rule(
                Q(contact_name__isnull=False) | Q(contact_phone__isnull=True, contact_relationship__isnull=True),
                name="patients_contact_named",
                message="A contact needs a name.",
            ),
            rule(
                Q(deceased_at__isnull=True) | Q(is_deceased=True),
                name="patients_death_marked",
                message="A patient who has a time of death is marked as deceased.",
            ),
            rule(
                ~Q(merged_into=F("id")),
                name="patients_not_merged_into_itself",
                message="A patient cannot be merged into the same record.",
            ),
            rule(
                Q(merged_into__isnull=True, merged_at__isnull=True)
                | Q(merged_into__isnull=False, merged_at__isnull=False),
                name="patients_merge_has_its_time",
                message="A merged record has the time of its merge, and no other record has one.",
            ),
            in_calendar(moments=["deceased_at", "merged_at"], name="patients_calendar"),
            held_in_sql(
                "patients_merged_into_a_survivor",
                "That record has itself been merged into another: merge into the one that survives.",
            ),
            *row_facts("patients"),
        ]
