import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.core.validators
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import compliance.rules
import compliance.validators
import patients.validators


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sql_migrations", "20240117_100000_check_codes"),
        ("providers", "0001_initial"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Patient",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key, for joins only. [PHI: none]", primary_key=True, serialize=False
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database. [PHI: identifier, other unique identifiers]",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        db_comment="Counts the changes of the row, from 1; kept by the database. [PHI: none]",
                        db_default=1,
                        editable=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When the row was made; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_comment="When the row was last changed; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "mrn",
                    models.CharField(
                        db_comment="Medical record number, as its authority writes it. [PHI: identifier, medical record numbers; to be encrypted]",
                        max_length=64,
                        verbose_name="medical record number",
                    ),
                ),
                (
                    "assigning_authority",
                    models.CharField(
                        db_comment="Who gave the record number: a facility's OID, URI or name. [PHI: none]",
                        max_length=200,
                    ),
                ),
                (
                    "family_name",
                    models.CharField(
                        blank=True,
                        db_comment="Family name. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "given_name",
                    models.CharField(
                        blank=True,
                        db_comment="First given name. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "middle_name",
                    models.CharField(
                        blank=True,
                        db_comment="Further given names. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "name_suffix",
                    models.CharField(
                        blank=True,
                        db_comment="What follows the name, such as Jr. or III. [PHI: identifier, names; to be encrypted]",
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "previous_name",
                    models.CharField(
                        blank=True,
                        db_comment="Family name that was used before. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "preferred_name",
                    models.CharField(
                        blank=True,
                        db_comment="Name that the patient goes by. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "birth_date",
                    models.DateField(
                        db_comment="Date of birth. [PHI: identifier, dates; to be encrypted]",
                        validators=[patients.validators.birth_date],
                    ),
                ),
                (
                    "administrative_gender",
                    models.CharField(
                        choices=[("male", "Male"), ("female", "Female"), ("other", "Other"), ("unknown", "Unknown")],
                        db_comment="Gender for administrative purposes; not birth sex, not gender identity. [PHI: clinical]",
                        max_length=7,
                    ),
                ),
                (
                    "birth_sex",
                    models.CharField(
                        blank=True,
                        choices=[("F", "Female"), ("M", "Male"), ("UNK", "Unknown")],
                        db_comment="Sex on the birth certificate, as US Core codes it. [PHI: clinical]",
                        max_length=3,
                        null=True,
                    ),
                ),
                (
                    "pronouns",
                    models.CharField(
                        blank=True,
                        db_comment="Pronouns, as the patient says them. [PHI: clinical]",
                        max_length=40,
                        null=True,
                    ),
                ),
                (
                    "race_codes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("1002-5", "American Indian or Alaska Native"),
                                ("2028-9", "Asian"),
                                ("2054-5", "Black or African American"),
                                ("2076-8", "Native Hawaiian or Other Pacific Islander"),
                                ("2106-3", "White"),
                                ("UNK", "Unknown"),
                                ("ASKU", "Asked but no answer"),
                            ],
                            max_length=6,
                        ),
                        blank=True,
                        db_comment="Race: OMB categories, as many as apply. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="race",
                    ),
                ),
                (
                    "ethnicity_code",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("2135-2", "Hispanic or Latino"),
                            ("2186-5", "Not Hispanic or Latino"),
                            ("UNK", "Unknown"),
                            ("ASKU", "Asked but no answer"),
                        ],
                        db_comment="Ethnicity: an OMB category. [PHI: clinical]",
                        max_length=6,
                        null=True,
                        verbose_name="ethnicity",
                    ),
                ),
                (
                    "marital_status",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("A", "Annulled"),
                            ("D", "Divorced"),
                            ("I", "Interlocutory"),
                            ("L", "Legally separated"),
                            ("M", "Married"),
                            ("C", "Common law"),
                            ("P", "Polygamous"),
                            ("T", "Domestic partner"),
                            ("U", "Unmarried"),
                            ("S", "Never married"),
                            ("W", "Widowed"),
                            ("UNK", "Unknown"),
                        ],
                        db_comment="Marital status, as HL7 codes it. [PHI: clinical]",
                        max_length=3,
                        null=True,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        db_comment="Preferred language, a BCP-47 tag such as es or zh-Hant. [PHI: clinical]",
                        max_length=35,
                        null=True,
                    ),
                ),
                (
                    "interpreter_needed",
                    models.BooleanField(
                        db_comment="Whether visits need an interpreter. [PHI: clinical]",
                        db_default=False,
                        default=False,
                    ),
                ),
                (
                    "ssn",
                    models.CharField(
                        blank=True,
                        db_comment="Social security number, as 123-45-6789. [PHI: identifier, social security numbers; to be encrypted]",
                        max_length=11,
                        null=True,
                        validators=[patients.validators.social_security_number],
                        verbose_name="social security number",
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True,
                        db_comment="Telephone number at home. [PHI: identifier, telephone numbers; to be encrypted]",
                        max_length=32,
                        null=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A\\+?[0-9][0-9 ().x-]{5,30}\\Z",
                                "A telephone number has digits, spaces, dots, brackets, hyphens and x.",
                            )
                        ],
                    ),
                ),
                (
                    "mobile_phone",
                    models.CharField(
                        blank=True,
                        db_comment="Mobile telephone number. [PHI: identifier, telephone numbers; to be encrypted]",
                        max_length=32,
                        null=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A\\+?[0-9][0-9 ().x-]{5,30}\\Z",
                                "A telephone number has digits, spaces, dots, brackets, hyphens and x.",
                            )
                        ],
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        db_comment="E-mail address. [PHI: identifier, e-mail addresses; to be encrypted]",
                        max_length=254,
                        null=True,
                        verbose_name="e-mail address",
                    ),
                ),
                (
                    "address_line",
                    models.CharField(
                        blank=True,
                        db_comment="Street and number. [PHI: identifier, geographic subdivisions; to be encrypted]",
                        max_length=300,
                        null=True,
                    ),
                ),
                (
                    "city",
                    models.CharField(
                        blank=True,
                        db_comment="City or town. [PHI: identifier, geographic subdivisions; to be encrypted]",
                        max_length=100,
                        null=True,
                    ),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        db_comment="State, the USPS two-letter code. [PHI: clinical]",
                        max_length=2,
                        null=True,
                    ),
                ),
                (
                    "postal_code",
                    models.CharField(
                        blank=True,
                        db_comment="ZIP or ZIP+4 code. [PHI: identifier, geographic subdivisions; to be encrypted]",
                        max_length=10,
                        null=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A[0-9]{5}(-[0-9]{4})?\\Z", "A ZIP code is five digits, or nine as in 12345-6789."
                            )
                        ],
                        verbose_name="ZIP code",
                    ),
                ),
                (
                    "confidential_contact",
                    models.JSONField(
                        blank=True,
                        db_comment='How the patient asked to be reached instead (45 CFR 164.522(b)): an object of text, such as {"phone": …, "address": …, "note": …}. [PHI: identifier, other unique identifiers; to be encrypted]',
                        null=True,
                        validators=[compliance.validators.json_object],
                    ),
                ),
                (
                    "contact_name",
                    models.CharField(
                        blank=True,
                        db_comment="Whom to call in an emergency. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "contact_phone",
                    models.CharField(
                        blank=True,
                        db_comment="Telephone number of that contact. [PHI: identifier, telephone numbers; to be encrypted]",
                        max_length=32,
                        null=True,
                        validators=[
                            django.core.validators.RegexValidator(
                                "\\A\\+?[0-9][0-9 ().x-]{5,30}\\Z",
                                "A telephone number has digits, spaces, dots, brackets, hyphens and x.",
                            )
                        ],
                    ),
                ),
                (
                    "contact_relationship",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("C", "Emergency contact"),
                            ("N", "Next of kin"),
                            ("E", "Employer"),
                            ("I", "Insurance company"),
                            ("S", "State agency"),
                            ("F", "Federal agency"),
                            ("U", "Unknown"),
                        ],
                        db_comment="What that contact is to the patient: HL7 v2 table 0131. [PHI: clinical]",
                        max_length=1,
                        null=True,
                    ),
                ),
                (
                    "is_deceased",
                    models.BooleanField(
                        db_comment="Whether the patient has died. [PHI: clinical]",
                        db_default=False,
                        default=False,
                        verbose_name="deceased",
                    ),
                ),
                (
                    "deceased_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When the patient died; NULL when not known. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "is_vip",
                    models.BooleanField(
                        db_comment="Whether every look at this chart is reviewed: a person whom the curious look up. [PHI: clinical]",
                        db_default=False,
                        default=False,
                        verbose_name="watched",
                    ),
                ),
                (
                    "merged_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When this record was merged into that one. [PHI: none]",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "general_practitioner",
                    models.ForeignKey(
                        blank=True,
                        db_comment="Who cares for the patient in general. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patients",
                        to="providers.provider",
                    ),
                ),
                (
                    "merged_into",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The record of the same person that goes on in this one's place. [PHI: none]",
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="merged_from",
                        to="patients.patient",
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        db_comment="The patient's own account; NULL for one who has none. [PHI: none]",
                        error_messages={"unique": "This account is another patient's."},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="patient",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "patients",
                "db_table_comment": "People who receive care. Never deleted; a second record of one person is merged.",
                "permissions": [
                    ("merge_patient", "Can merge and unmerge patients"),
                    ("locate_patient", "Can locate patients who are not in care"),
                ],
            },
        ),
        migrations.CreateModel(
            name="InsuranceInfo",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key, for joins only. [PHI: none]", primary_key=True, serialize=False
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database. [PHI: identifier, other unique identifiers]",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        db_comment="Counts the changes of the row, from 1; kept by the database. [PHI: none]",
                        db_default=1,
                        editable=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When the row was made; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_comment="When the row was last changed; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "kind",
                    models.CharField(
                        choices=[("insurance", "Insurance"), ("self-pay", "Self-pay"), ("other", "Other")],
                        db_comment="Insurance, self-pay or other. [PHI: clinical]",
                        db_default="insurance",
                        default="insurance",
                        max_length=9,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("cancelled", "Cancelled"),
                            ("draft", "Draft"),
                            ("entered-in-error", "Entered in error"),
                        ],
                        db_comment="Whether the coverage is in force. [PHI: clinical]",
                        db_default="active",
                        default="active",
                        max_length=16,
                    ),
                ),
                (
                    "payer_name",
                    models.CharField(blank=True, db_comment="Who pays. [PHI: clinical]", max_length=200, null=True),
                ),
                (
                    "payer_id",
                    models.CharField(
                        blank=True,
                        db_comment="The payer's identifier for electronic claims. [PHI: clinical]",
                        max_length=80,
                        null=True,
                        verbose_name="payer ID",
                    ),
                ),
                (
                    "plan_name",
                    models.CharField(
                        blank=True, db_comment="Name of the plan. [PHI: clinical]", max_length=200, null=True
                    ),
                ),
                (
                    "member_id",
                    models.CharField(
                        blank=True,
                        db_comment="The patient's member number. [PHI: identifier, health plan beneficiary numbers; to be encrypted]",
                        max_length=80,
                        null=True,
                        validators=[django.core.validators.MinLengthValidator(2)],
                        verbose_name="member ID",
                    ),
                ),
                (
                    "group_number",
                    models.CharField(
                        blank=True,
                        db_comment="Number of the group. [PHI: identifier, health plan beneficiary numbers; to be encrypted]",
                        max_length=80,
                        null=True,
                    ),
                ),
                (
                    "relationship",
                    models.CharField(
                        choices=[
                            ("self", "Self"),
                            ("spouse", "Spouse"),
                            ("child", "Child"),
                            ("parent", "Parent"),
                            ("common", "Common law spouse"),
                            ("other", "Other"),
                            ("injured", "Injured party"),
                            ("none", "None"),
                        ],
                        db_comment="What the patient is to the subscriber. [PHI: clinical]",
                        db_default="self",
                        default="self",
                        max_length=7,
                    ),
                ),
                (
                    "subscriber_id",
                    models.CharField(
                        blank=True,
                        db_comment="The subscriber's number, where it differs. [PHI: identifier, health plan beneficiary numbers; to be encrypted]",
                        max_length=80,
                        null=True,
                        verbose_name="subscriber ID",
                    ),
                ),
                (
                    "subscriber_name",
                    models.CharField(
                        blank=True,
                        db_comment="Who holds the policy, when it is not the patient. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "subscriber_birth_date",
                    models.DateField(
                        blank=True,
                        db_comment="The subscriber's date of birth. [PHI: identifier, dates; to be encrypted]",
                        null=True,
                        validators=[patients.validators.birth_date],
                    ),
                ),
                (
                    "coverage_order",
                    models.SmallIntegerField(
                        db_comment="Place in the order of payers; 1 pays first. [PHI: clinical]",
                        db_default=1,
                        default=1,
                    ),
                ),
                ("period_start", models.DateField(db_comment="First day of the coverage. [PHI: clinical]")),
                (
                    "period_end",
                    models.DateField(
                        blank=True,
                        db_comment="Last day of the coverage; NULL while it is open. [PHI: clinical]",
                        null=True,
                    ),
                ),
                (
                    "rx_bin",
                    models.CharField(
                        blank=True,
                        db_comment="Bank identification number of the pharmacy benefit. [PHI: clinical]",
                        max_length=8,
                        null=True,
                        verbose_name="BIN",
                    ),
                ),
                (
                    "rx_pcn",
                    models.CharField(
                        blank=True,
                        db_comment="Processor control number of the pharmacy benefit. [PHI: clinical]",
                        max_length=20,
                        null=True,
                        verbose_name="PCN",
                    ),
                ),
                (
                    "rx_group",
                    models.CharField(
                        blank=True,
                        db_comment="Group of the pharmacy benefit. [PHI: clinical]",
                        max_length=40,
                        null=True,
                        verbose_name="pharmacy group",
                    ),
                ),
                (
                    "copay",
                    models.DecimalField(
                        blank=True,
                        db_comment="Copayment of a visit, in US dollars. [PHI: clinical]",
                        decimal_places=2,
                        max_digits=8,
                        null=True,
                    ),
                ),
                (
                    "network",
                    models.CharField(
                        blank=True, db_comment="Name of the network. [PHI: clinical]", max_length=120, null=True
                    ),
                ),
                (
                    "self_pay_restriction",
                    models.BooleanField(
                        db_comment="Whether nothing is told to this payer about what the patient paid in full (45 CFR 164.522(a)(1)(vi)). [PHI: clinical]",
                        db_default=False,
                        default=False,
                    ),
                ),
                (
                    "verified_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When the payer last confirmed the coverage. [PHI: none]",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        db_comment="Who asked the payer. [PHI: none]",
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose care is paid (beneficiary). [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="coverages",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "verbose_name": "insurance",
                "verbose_name_plural": "insurance",
                "db_table": "insurance_info",
                "db_table_comment": "How patients' care is paid, payer by payer.",
                "permissions": [("verify_insuranceinfo", "Can confirm insurance with its payer")],
            },
        ),
        migrations.CreateModel(
            name="Allergy",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key, for joins only. [PHI: none]", primary_key=True, serialize=False
                    ),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database. [PHI: identifier, other unique identifiers]",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "version",
                    models.IntegerField(
                        db_comment="Counts the changes of the row, from 1; kept by the database. [PHI: none]",
                        db_default=1,
                        editable=False,
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When the row was made; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        db_comment="When the row was last changed; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "confidentiality",
                    models.CharField(
                        choices=[
                            ("U", "Unrestricted"),
                            ("L", "Low"),
                            ("M", "Moderate"),
                            ("N", "Normal"),
                            ("R", "Restricted"),
                            ("V", "Very restricted"),
                        ],
                        db_comment="How confidential it is: an HL7 Confidentiality code. [PHI: clinical]",
                        db_default="N",
                        default="N",
                        max_length=1,
                    ),
                ),
                (
                    "sensitivity",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("ETH", "Substance use"),
                                ("SUD", "Substance use disorder"),
                                ("SDV", "Sexual assault, abuse or domestic violence"),
                                ("PSY", "Psychiatry"),
                                ("PSYTHPN", "Psychotherapy note"),
                                ("HIV", "HIV or AIDS"),
                                ("STD", "Sexually transmitted disease"),
                                ("SICKLE", "Sickle cell"),
                                ("GDIS", "Genetic disease"),
                                ("SEX", "Sexuality and reproductive health"),
                            ],
                            max_length=8,
                        ),
                        blank=True,
                        db_comment="For what it is sensitive: HL7 ActCode sensitivity codes; empty for nothing. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                ("substance", models.CharField(db_comment="The substance, in words. [PHI: clinical]", max_length=200)),
                (
                    "code_system",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("http://hl7.org/fhir/sid/icd-10-cm", "ICD-10-CM"),
                            ("http://loinc.org", "LOINC"),
                            ("http://snomed.info/sct", "SNOMED CT"),
                            ("http://www.nlm.nih.gov/research/umls/rxnorm", "RxNorm"),
                            ("http://hl7.org/fhir/sid/ndc", "NDC"),
                            ("http://hl7.org/fhir/sid/cvx", "CVX"),
                        ],
                        db_comment="Code system of the substance's code, by its URI. [PHI: clinical]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True, db_comment="The substance, as a code. [PHI: clinical]", max_length=20, null=True
                    ),
                ),
                (
                    "allergy_type",
                    models.CharField(
                        blank=True,
                        choices=[("allergy", "Allergy"), ("intolerance", "Intolerance")],
                        db_comment="Allergy or intolerance; NULL when not known. [PHI: clinical]",
                        max_length=11,
                        null=True,
                        verbose_name="type",
                    ),
                ),
                (
                    "category",
                    models.CharField(
                        choices=[
                            ("food", "Food"),
                            ("medication", "Medication"),
                            ("environment", "Environment"),
                            ("biologic", "Biologic"),
                        ],
                        db_comment="What kind of substance it is. [PHI: clinical]",
                        max_length=11,
                    ),
                ),
                (
                    "criticality",
                    models.CharField(
                        blank=True,
                        choices=[("low", "Low"), ("high", "High"), ("unable-to-assess", "Unable to assess")],
                        db_comment="How bad a future reaction may be. [PHI: clinical]",
                        max_length=16,
                        null=True,
                    ),
                ),
                (
                    "clinical_status",
                    models.CharField(
                        blank=True,
                        choices=[("active", "Active"), ("inactive", "Inactive"), ("resolved", "Resolved")],
                        db_comment="Whether the patient is at risk now; NULL only for what was entered in error. [PHI: clinical]",
                        default="active",
                        max_length=8,
                        null=True,
                    ),
                ),
                (
                    "verification_status",
                    models.CharField(
                        choices=[
                            ("unconfirmed", "Unconfirmed"),
                            ("presumed", "Presumed"),
                            ("confirmed", "Confirmed"),
                            ("refuted", "Refuted"),
                            ("entered-in-error", "Entered in error"),
                        ],
                        db_comment="How sure it is. [PHI: clinical]",
                        db_default="unconfirmed",
                        default="unconfirmed",
                        max_length=16,
                    ),
                ),
                (
                    "onset_on",
                    models.DateField(
                        blank=True,
                        db_comment="When it was first noticed. [PHI: identifier, dates]",
                        null=True,
                        verbose_name="onset",
                    ),
                ),
                (
                    "reaction",
                    models.CharField(
                        blank=True,
                        db_comment="What happened, in words. [PHI: sensitive; to be encrypted]",
                        max_length=500,
                        null=True,
                    ),
                ),
                (
                    "severity",
                    models.CharField(
                        blank=True,
                        choices=[("mild", "Mild"), ("moderate", "Moderate"), ("severe", "Severe")],
                        db_comment="How severe that reaction was. [PHI: clinical]",
                        max_length=8,
                        null=True,
                    ),
                ),
                (
                    "recorder",
                    models.ForeignKey(
                        blank=True,
                        db_comment="Who recorded it; NULL when nobody with an NPI did. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="providers.provider",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who does not tolerate it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="allergies",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "allergies",
                "db_table": "allergies",
                "db_table_comment": "What patients do not tolerate. Refuted or entered in error, never deleted.",
            },
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("family_name"), name="text_pattern_ops"
                ),
                models.F("birth_date"),
                name="patients_name_birth_date",
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(condition=models.Q(("phone__isnull", False)), fields=["phone"], name="patients_phone"),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                condition=models.Q(("mobile_phone__isnull", False)),
                fields=["mobile_phone"],
                name="patients_mobile_phone",
            ),
        ),
        migrations.AddIndex(
            model_name="patient",
            index=models.Index(
                models.F("birth_date"),
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("family_name"), name="text_pattern_ops"
                ),
                name="patients_birth_date",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(
                fields=("mrn", "assigning_authority"),
                name="patients_mrn_once_per_authority",
                violation_error_message="This authority has given this record number to another patient.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.UniqueConstraint(
                fields=("ssn",),
                name="patients_ssn_once",
                violation_error_message="Another patient has this social security number.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("family_name__isnull", False), ("given_name__isnull", False), _connector="OR"),
                name="patients_name_given",
                violation_error_message="A family name or a given name is needed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("assigning_authority__isnull", True),
                        models.Q(("assigning_authority", ""), _negated=True),
                        _connector="OR",
                    ),
                    models.Q(("pronouns__isnull", True), models.Q(("pronouns", ""), _negated=True), _connector="OR"),
                ),
                name="patients_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("administrative_gender__in", ["male", "female", "other", "unknown"])),
                name="patients_gender_known",
                violation_error_message="This is not a known administrative gender.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("birth_sex__in", ["F", "M", "UNK"])),
                name="patients_birth_sex_known",
                violation_error_message="This is not a known birth sex.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("race_codes__contained_by", ["1002-5", "2028-9", "2054-5", "2076-8", "2106-3", "UNK", "ASKU"]),
                    django.db.models.lookups.Exact(
                        models.Func(models.F("race_codes"), function="array_ndims", output_field=models.IntegerField()),
                        1,
                    ),
                ),
                name="patients_race_known",
                violation_error_message="One of these is not a known race.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("ethnicity_code__in", ["2135-2", "2186-5", "UNK", "ASKU"])),
                name="patients_ethnicity_known",
                violation_error_message="This is not a known ethnicity.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("marital_status__in", ["A", "D", "I", "L", "M", "C", "P", "T", "U", "S", "W", "UNK"])
                ),
                name="patients_marital_status_known",
                violation_error_message="This is not a known marital status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("contact_relationship__in", ["C", "N", "E", "I", "S", "F", "U"])),
                name="patients_contact_relationship_known",
                violation_error_message="This is not a known contact relationship.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("language__regex", "^[A-Za-z]{2,3}(-[A-Za-z0-9]{2,8})*$")),
                name="patients_language_form",
                violation_error_message="A language is a BCP-47 tag, such as es or zh-Hant.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__regex", "^[A-Z]{2}$")),
                name="patients_state_form",
                violation_error_message="A state is two capital letters, such as CA.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("contact_name__isnull", False),
                    models.Q(("contact_phone__isnull", True), ("contact_relationship__isnull", True)),
                    _connector="OR",
                ),
                name="patients_contact_named",
                violation_error_message="A contact needs a name.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("deceased_at__isnull", True), ("is_deceased", True), _connector="OR"),
                name="patients_death_marked",
                violation_error_message="A patient who has a time of death is marked as deceased.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(("merged_into", models.F("id")), _negated=True),
                name="patients_not_merged_into_itself",
                violation_error_message="A patient cannot be merged into the same record.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("merged_at__isnull", True), ("merged_into__isnull", True)),
                    models.Q(("merged_at__isnull", False), ("merged_into__isnull", False)),
                    _connector="OR",
                ),
                name="patients_merge_has_its_time",
                violation_error_message="A merged record has the time of its merge, and no other record has one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "deceased_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "merged_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="patients_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=compliance.rules.HeldInSql(
                name="patients_merged_into_a_survivor",
                violation_error_message="That record has itself been merged into another: merge into the one that survives.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=compliance.rules.HeldInSql(
                name="patients_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="patient",
            constraint=compliance.rules.HeldInSql(
                name="patients_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="insuranceinfo",
            index=models.Index(
                condition=models.Q(("member_id__isnull", False)), fields=["member_id"], name="insurance_info_member_id"
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["insurance", "self-pay", "other"])),
                name="insurance_info_kind_known",
                violation_error_message="This is not a known kind.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "cancelled", "draft", "entered-in-error"])),
                name="insurance_info_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("relationship__in", ["self", "spouse", "child", "parent", "common", "other", "injured", "none"])
                ),
                name="insurance_info_relationship_known",
                violation_error_message="This is not a known relationship.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("payer_name__isnull", True), models.Q(("payer_name", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(("payer_id__isnull", True), models.Q(("payer_id", ""), _negated=True), _connector="OR"),
                    models.Q(("plan_name__isnull", True), models.Q(("plan_name", ""), _negated=True), _connector="OR"),
                    models.Q(("network__isnull", True), models.Q(("network", ""), _negated=True), _connector="OR"),
                    models.Q(("rx_group__isnull", True), models.Q(("rx_group", ""), _negated=True), _connector="OR"),
                ),
                name="insurance_info_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("kind", "insurance"), _negated=True),
                    models.Q(("member_id__isnull", False), ("payer_name__isnull", False)),
                    _connector="OR",
                ),
                name="insurance_info_payer_given",
                violation_error_message="Insurance needs its payer and the member number.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("relationship", "self"),
                    ("subscriber_name__isnull", False),
                    models.Q(("kind", "insurance"), _negated=True),
                    _connector="OR",
                ),
                name="insurance_info_subscriber_named",
                violation_error_message="When the patient is not the subscriber, the subscriber's name is needed.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(("coverage_order__gte", 1)),
                name="insurance_info_order_from_one",
                violation_error_message="The order of payers begins at 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(("copay__gte", 0), ("copay__lt", 1000000)),
                name="insurance_info_copay_not_negative",
                violation_error_message="A copayment is a sum of money below a million, and not negative.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(("rx_bin__regex", "^[0-9]{6}([0-9]{2})?$")),
                name="insurance_info_bin_form",
                violation_error_message="A BIN is six or eight digits.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(("rx_pcn__regex", "^[0-9A-Za-z]{1,20}$")),
                name="insurance_info_pcn_form",
                violation_error_message="A PCN is up to twenty letters and digits.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verified_at__isnull", True), ("verified_by__isnull", True)),
                    models.Q(("verified_at__isnull", False), ("verified_by__isnull", False)),
                    _connector="OR",
                ),
                name="insurance_info_verified_by_somebody",
                violation_error_message="A confirmation needs its time and who asked.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period_end__isnull", True), ("period_end__gte", models.F("period_start")), _connector="OR"
                ),
                name="insurance_info_period_forwards",
                violation_error_message="The coverage ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=compliance.rules.NeverTwice(
                condition=models.Q(("status", "active")),
                expressions=[
                    ("patient", "="),
                    ("coverage_order", "="),
                    (
                        models.Func(
                            "period_start",
                            "period_end",
                            django.contrib.postgres.fields.ranges.RangeBoundary(inclusive_upper=True),
                            function="daterange",
                            output_field=django.contrib.postgres.fields.ranges.DateRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="insurance_info_one_of_each_order",
                violation_error_message="The patient has another active coverage with this place in the order at this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("period_start__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("period_end__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    (
                        "verified_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="insurance_info_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=compliance.rules.HeldInSql(
                name="insurance_info_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=compliance.rules.HeldInSql(
                name="insurance_info_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="insuranceinfo",
            constraint=compliance.rules.HeldInSql(
                name="insurance_info_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code_system__isnull", True), ("code__isnull", True)),
                    models.Q(("code_system__isnull", False), ("code__isnull", False)),
                    _connector="OR",
                ),
                name="allergies_code_with_system",
                violation_error_message="A code needs its code system, and a code system its code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "code_system__in",
                        [
                            "http://hl7.org/fhir/sid/icd-10-cm",
                            "http://loinc.org",
                            "http://snomed.info/sct",
                            "http://www.nlm.nih.gov/research/umls/rxnorm",
                            "http://hl7.org/fhir/sid/ndc",
                            "http://hl7.org/fhir/sid/cvx",
                        ],
                    )
                ),
                name="allergies_code_system_known",
                violation_error_message="This is not a known code system.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    "code_system", "code", function="code_is_valid", output_field=models.BooleanField()
                ),
                name="allergies_code_form",
                violation_error_message="This is not a code of that system: its form or its check digit is wrong.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("substance__isnull", True), models.Q(("substance", ""), _negated=True), _connector="OR"
                ),
                name="allergies_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("allergy_type__in", ["allergy", "intolerance"])),
                name="allergies_type_known",
                violation_error_message="This is not a known allergy type.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("category__in", ["food", "medication", "environment", "biologic"])),
                name="allergies_category_known",
                violation_error_message="This is not a known category.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("criticality__in", ["low", "high", "unable-to-assess"])),
                name="allergies_criticality_known",
                violation_error_message="This is not a known criticality.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("clinical_status__in", ["active", "inactive", "resolved"])),
                name="allergies_clinical_status_known",
                violation_error_message="This is not a known clinical status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("verification_status__in", ["unconfirmed", "presumed", "confirmed", "refuted", "entered-in-error"])
                ),
                name="allergies_verification_known",
                violation_error_message="This is not a known verification status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("severity__in", ["mild", "moderate", "severe"])),
                name="allergies_severity_known",
                violation_error_message="This is not a known severity.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("clinical_status__isnull", True), ("verification_status", "entered-in-error")),
                    models.Q(
                        models.Q(("verification_status", "entered-in-error"), _negated=True),
                        ("clinical_status__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="allergies_clinical_status_if_so",
                violation_error_message="An allergy has a clinical status, unless it was entered in error.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.UniqueConstraint(
                condition=models.Q(("verification_status__in", ["refuted", "entered-in-error"]), _negated=True),
                fields=("patient", "code_system", "code"),
                name="allergies_once_per_substance",
                violation_error_message="The patient's allergy to this substance is recorded already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("onset_on__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31)))),
                name="allergies_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=compliance.rules.HeldInSql(
                name="allergies_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidentiality__in", ["U", "L", "M", "N", "R", "V"])),
                name="allergies_confidentiality_known",
                violation_error_message="This is not a known confidentiality code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "sensitivity__contained_by",
                        ["ETH", "SUD", "SDV", "PSY", "PSYTHPN", "HIV", "STD", "SICKLE", "GDIS", "SEX"],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("sensitivity"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="allergies_sensitivity_known",
                violation_error_message="One of these is not a known sensitivity code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=compliance.rules.HeldInSql(
                name="allergies_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="allergy",
            constraint=compliance.rules.HeldInSql(
                name="allergies_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
    ]
