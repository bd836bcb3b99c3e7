import datetime
import uuid

import django.contrib.postgres.constraints
import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.expressions
import django.db.models.functions.comparison
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import compliance.rules


class Migration(migrations.Migration):
    dependencies = [
        ("appointments", "0001_initial"),
        ("compliance", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="AccessRule",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "role",
                    models.CharField(
                        db_comment="Name of the role: users.role, or a group's name. [PHI: none]", max_length=50
                    ),
                ),
                (
                    "purpose",
                    models.CharField(db_comment="What for: an HL7 PurposeOfUse code. [PHI: none]", max_length=20),
                ),
                (
                    "permission",
                    models.CharField(db_comment="Django's permission, app.codename. [PHI: none]", max_length=150),
                ),
                (
                    "table_name",
                    models.CharField(db_comment="The table whose rows it is about. [PHI: none]", max_length=63),
                ),
                (
                    "action",
                    models.CharField(
                        choices=[("read", "Read"), ("write", "Write"), ("none", "Nothing by itself")],
                        db_comment="What it lets a statement do with rows of the table. [PHI: none]",
                        max_length=6,
                    ),
                ),
                (
                    "reach",
                    models.CharField(
                        choices=[
                            ("all", "Everybody's"),
                            ("care", "Those of patients in one's care"),
                            ("own", "One's own"),
                        ],
                        db_comment="Whose rows: everybody's, in one's care, one's own. [PHI: none]",
                        max_length=4,
                    ),
                ),
            ],
            options={
                "db_table": "access_rules",
                "db_table_comment": "Who may do what with whose rows: policy.toml as migrate wrote it, read by each statement.",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        fields=("role", "purpose", "permission"),
                        name="access_rules_once",
                        violation_error_message="There is a rule for this role, purpose and permission already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("action__in", ["read", "write", "none"])),
                        name="access_rules_action_known",
                        violation_error_message="This is not a known action.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("reach__in", ["all", "care", "own"])),
                        name="access_rules_reach_known",
                        violation_error_message="This is not a known reach.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="BreakGlassGrant",
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
                    "reason",
                    models.TextField(db_comment="Why, in the words of who opened it. [PHI: clinical; to be encrypted]"),
                ),
                ("opened_at", models.DateTimeField(db_comment="From when. [PHI: identifier, dates]")),
                ("ends_at", models.DateTimeField(db_comment="Until when, at most. [PHI: identifier, dates]")),
                (
                    "closed_at",
                    models.DateTimeField(
                        blank=True, db_comment="When it was closed before its end. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "proved_at",
                    models.DateTimeField(
                        db_comment="When the account last proved who it is, before opening. [PHI: none]"
                    ),
                ),
                (
                    "reviewed_at",
                    models.DateTimeField(blank=True, db_comment="When it was reviewed. [PHI: none]", null=True),
                ),
                (
                    "review_outcome",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("justified", "Justified"),
                            ("not_justified", "Not justified"),
                            ("escalated", "Handed on for investigation"),
                        ],
                        db_comment="What the reviewer found. [PHI: none]",
                        max_length=13,
                        null=True,
                    ),
                ),
                (
                    "review_note",
                    models.TextField(
                        blank=True, db_comment="What the reviewer wrote. [PHI: clinical; to be encrypted]", null=True
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose chart. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grants",
                        to="patients.patient",
                    ),
                ),
                (
                    "reviewed_by",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The account that reviewed it. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="The account that opened it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="break_glass_grants",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "emergency",
                "verbose_name_plural": "emergencies",
                "db_table": "break_glass_grants",
                "db_table_comment": "Emergencies in which somebody opened a chart that is not in their care. Never deleted.",
                "permissions": [
                    ("open_breakglassgrant", "Can open a chart in an emergency"),
                    ("close_breakglassgrant", "Can close a chart that was opened in an emergency"),
                    ("review_breakglassgrant", "Can review emergencies"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="CareRelationship",
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
                    "role",
                    models.CharField(
                        choices=[
                            ("treating", "Treating"),
                            ("consulting", "Consulting"),
                            ("covering", "Covering for another"),
                            ("nursing", "Nursing"),
                            ("pharmacy", "Pharmacy"),
                            ("coordinating", "Coordinating care"),
                        ],
                        db_comment="What that person is to the patient. [PHI: clinical]",
                        db_default="treating",
                        default="treating",
                        max_length=12,
                    ),
                ),
                ("starts_at", models.DateTimeField(db_comment="From when. [PHI: identifier, dates]")),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, db_comment="Until when; NULL while it is open. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who is cared for. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_relationships",
                        to="patients.patient",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="The account of who cares for them. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="care_relationships",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "care_relationships",
                "db_table_comment": "Who treats whom, from when to when. Ended, never deleted.",
            },
        ),
        migrations.CreateModel(
            name="ConsentRecord",
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
                        db_comment="Public identifier of this version. [PHI: identifier, other unique identifiers]",
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "consent_uid",
                    models.UUIDField(
                        db_comment="The consent, the same for all its versions. [PHI: identifier, other unique identifiers]",
                        default=uuid.uuid4,
                        editable=False,
                        verbose_name="consent",
                    ),
                ),
                (
                    "version_no",
                    models.IntegerField(
                        db_comment="Number of the version, from 1. [PHI: none]",
                        default=1,
                        editable=False,
                        verbose_name="version",
                    ),
                ),
                (
                    "recorded_at",
                    models.DateTimeField(
                        db_comment="When this version was written; kept by the database. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "consent_type",
                    models.CharField(
                        choices=[
                            ("hipaa_authorization", "Authorization to use or disclose"),
                            ("tpo", "Treatment, payment and operations"),
                            ("part2_tpo", "Part 2: all future treatment, payment and operations"),
                            ("part2_specific", "Part 2: a specific disclosure"),
                            ("part2_legal", "Part 2: legal proceedings against the patient"),
                            ("sud_counseling_notes", "Part 2: counseling notes"),
                            ("psychotherapy_notes", "Psychotherapy notes"),
                            ("research", "Research"),
                            ("treatment", "Treatment"),
                            ("marketing", "Marketing"),
                            ("restriction", "Restriction that the patient asked for"),
                            ("directory_optout", "Out of the facility directory"),
                            ("hie_optin", "Health information exchange"),
                            ("telehealth", "Telehealth"),
                            ("confidential_comm", "Confidential communications"),
                        ],
                        db_comment="What kind of consent it is. [PHI: clinical]",
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("draft", "Draft"),
                            ("active", "Active"),
                            ("inactive", "Withdrawn or ended"),
                            ("not-done", "Declined"),
                            ("entered-in-error", "Entered in error"),
                        ],
                        db_comment="Whether it holds: a FHIR consent state. [PHI: clinical]",
                        db_default="draft",
                        default="draft",
                        max_length=16,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("permit", "Permit"), ("deny", "Deny")],
                        db_comment="Yes or no: permit or deny. [PHI: clinical]",
                        max_length=6,
                    ),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("TREAT", "Treatment"),
                                ("ETREAT", "Emergency treatment"),
                                ("HPAYMT", "Payment"),
                                ("HOPERAT", "Health care operations"),
                                ("HRESCH", "Research"),
                                ("HMARKT", "Marketing"),
                                ("PATRQT", "The patient's own request"),
                                ("FAMRQT", "A family member's request"),
                                ("HDIRECT", "Facility directory"),
                                ("HLEGAL", "Legal proceedings"),
                                ("PUBHLTH", "Public health"),
                                ("COVERAGE", "Coverage under a policy or program"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        db_comment="For what: HL7 PurposeOfUse codes. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "sensitivity_labels",
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
                                ("42CFRPart2", "Record of a Part 2 program"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        db_comment="What kind of information: HL7 ActCode labels; empty for all that has no rule of its own. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "resource_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("Patient", "Who the patient is, and how to reach them"),
                                ("Coverage", "Insurance"),
                                ("AllergyIntolerance", "Allergies"),
                                ("Appointment", "Appointments"),
                                ("Encounter", "Visits"),
                                ("DocumentReference", "Medical records"),
                                ("MedicationRequest", "Prescriptions"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        db_comment="Which parts of the chart: FHIR resource types; empty for all. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "data_from",
                    models.DateField(
                        blank=True,
                        db_comment="Data from this day on; NULL for any. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "data_until",
                    models.DateField(
                        blank=True,
                        db_comment="Data up to and with this day; NULL for any. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "self_paid",
                    models.BooleanField(
                        db_comment="Whether a restriction has to be agreed to: 45 CFR 164.522(a)(1)(vi). [PHI: clinical]",
                        db_default=False,
                        default=False,
                        verbose_name="paid in full by the patient",
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True, db_comment="From when it holds. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="Until when, not included; NULL for open. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "expires_event",
                    models.CharField(
                        blank=True,
                        db_comment="What ends it, in words, where no day does. [PHI: clinical]",
                        max_length=300,
                        null=True,
                    ),
                ),
                (
                    "information_description",
                    models.TextField(
                        blank=True,
                        db_comment="What is to be used or disclosed, in words. [PHI: clinical; to be encrypted]",
                        null=True,
                        verbose_name="information",
                    ),
                ),
                (
                    "disclosers",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        db_comment="Who may disclose: persons or classes of persons. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "recipients",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        db_comment="To whom: persons or classes of persons. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "intermediaries",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=300),
                        blank=True,
                        db_comment="Through whom, such as an exchange: 42 CFR 2.31(a)(4). [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "grantor_kind",
                    models.CharField(
                        choices=[("patient", "The patient"), ("representative", "A personal representative")],
                        db_comment="Who gave it: the patient or a representative. [PHI: clinical]",
                        db_default="patient",
                        default="patient",
                        max_length=14,
                        verbose_name="given by",
                    ),
                ),
                (
                    "grantor_name",
                    models.CharField(
                        blank=True,
                        db_comment="Name of the representative. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                        verbose_name="representative",
                    ),
                ),
                (
                    "representative_authority",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("parent", "Parent of a minor"),
                            ("guardian", "Guardian"),
                            ("power_of_attorney", "Health care power of attorney"),
                            ("court_order", "Court order"),
                            ("executor", "Executor or administrator of the estate"),
                            ("next_of_kin", "Next of kin, where the law says so"),
                        ],
                        db_comment="By what the representative may act. [PHI: clinical]",
                        max_length=20,
                        null=True,
                        verbose_name="by authority of",
                    ),
                ),
                (
                    "statements_shown",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("revocation", "The right to revoke in writing, and how"),
                                ("conditioning", "Whether treatment or payment depends on it"),
                                ("redisclosure", "That who receives it may pass it on"),
                            ],
                            max_length=14,
                        ),
                        blank=True,
                        db_comment="What the signer was told: the statements of 45 CFR 164.508(c)(2). [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "signed_at",
                    models.DateTimeField(
                        blank=True, db_comment="When it was signed. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "signature_method",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("ink", "On paper"),
                            ("electronic", "Electronically"),
                            ("verbal", "Spoken, and written down by a witness"),
                        ],
                        db_comment="How it was signed. [PHI: none]",
                        max_length=10,
                        null=True,
                    ),
                ),
                (
                    "witness",
                    models.CharField(
                        blank=True,
                        db_comment="Who saw it. [PHI: identifier, names; to be encrypted]",
                        max_length=200,
                        null=True,
                    ),
                ),
                (
                    "form_version",
                    models.CharField(
                        blank=True,
                        db_comment="Which form was signed, with its version. [PHI: none]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "document_digest",
                    models.CharField(
                        blank=True,
                        db_comment="SHA-256 of the signed document, as hexadecimal digits. [PHI: none]",
                        max_length=64,
                        null=True,
                    ),
                ),
                (
                    "document_reference",
                    models.CharField(
                        blank=True,
                        db_comment="Where the signed document is kept. [PHI: none]",
                        max_length=300,
                        null=True,
                    ),
                ),
                (
                    "verified_at",
                    models.DateTimeField(
                        blank=True, db_comment="When it was checked. [PHI: none]", editable=False, null=True
                    ),
                ),
                (
                    "withdrawal_channel",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("letter", "Letter or form"),
                            ("electronic", "Electronic message or portal"),
                            ("in_person", "In person, written down and signed"),
                            ("verbal", "Spoken"),
                        ],
                        db_comment="How the withdrawal came. [PHI: clinical]",
                        max_length=10,
                        null=True,
                    ),
                ),
                (
                    "withdrawal_received_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When it came; it holds from when it was written down. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "encounter",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The one visit that it is about, such as one that was paid for by the patient. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="appointments.encounter",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose data it is about. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="consents",
                        to="patients.patient",
                    ),
                ),
                (
                    "recorded_by",
                    models.ForeignKey(
                        db_comment="The account that wrote it. [PHI: none]",
                        editable=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "supersedes",
                    models.OneToOneField(
                        blank=True,
                        db_comment="The version in whose place it stands. [PHI: none]",
                        editable=False,
                        error_messages={
                            "unique": "Somebody else has changed this consent meanwhile. Look at it as it is now."
                        },
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="superseded_by",
                        to="compliance.consentrecord",
                    ),
                ),
                (
                    "verified_by",
                    models.ForeignKey(
                        blank=True,
                        db_comment="Who checked it with whoever gave it. [PHI: none]",
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "consent",
                "db_table": "consent_records",
                "db_table_comment": "What patients allowed or refused: one immutable version for each row. Never changed or deleted.",
                "permissions": [
                    ("give_consentrecord", "Can record what a patient allows or refuses"),
                    ("withdraw_consentrecord", "Can record that a patient withdraws it"),
                    ("restrict_consentrecord", "Can agree to a restriction"),
                    ("verify_consentrecord", "Can verify a consent with whoever gave it"),
                ],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ConsentProvision",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key, for joins only. [PHI: none]", primary_key=True, serialize=False
                    ),
                ),
                ("number", models.SmallIntegerField(db_comment="Its place among the exceptions, from 1. [PHI: none]")),
                (
                    "decision",
                    models.CharField(
                        choices=[("permit", "Permit"), ("deny", "Deny")],
                        db_comment="The opposite of its consent's. [PHI: clinical]",
                        max_length=6,
                    ),
                ),
                (
                    "purposes",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("TREAT", "Treatment"),
                                ("ETREAT", "Emergency treatment"),
                                ("HPAYMT", "Payment"),
                                ("HOPERAT", "Health care operations"),
                                ("HRESCH", "Research"),
                                ("HMARKT", "Marketing"),
                                ("PATRQT", "The patient's own request"),
                                ("FAMRQT", "A family member's request"),
                                ("HDIRECT", "Facility directory"),
                                ("HLEGAL", "Legal proceedings"),
                                ("PUBHLTH", "Public health"),
                                ("COVERAGE", "Coverage under a policy or program"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        db_comment="For what: HL7 PurposeOfUse codes, of those of the consent; empty for all of them. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "sensitivity_labels",
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
                                ("42CFRPart2", "Record of a Part 2 program"),
                            ],
                            max_length=10,
                        ),
                        blank=True,
                        db_comment="What kind of information: labels; empty for those of the consent. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "resource_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("Patient", "Who the patient is, and how to reach them"),
                                ("Coverage", "Insurance"),
                                ("AllergyIntolerance", "Allergies"),
                                ("Appointment", "Appointments"),
                                ("Encounter", "Visits"),
                                ("DocumentReference", "Medical records"),
                                ("MedicationRequest", "Prescriptions"),
                            ],
                            max_length=20,
                        ),
                        blank=True,
                        db_comment="Which parts of the chart; empty for those of the consent. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "data_from",
                    models.DateField(
                        blank=True,
                        db_comment="Data from this day on; NULL for any. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "data_until",
                    models.DateField(
                        blank=True,
                        db_comment="Data up to and with this day; NULL for any. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("admin", "Administrator"),
                                ("physician", "Physician"),
                                ("nurse", "Nurse"),
                                ("pharmacist", "Pharmacist"),
                                ("front_desk", "Front desk"),
                                ("billing", "Billing"),
                                ("compliance_officer", "Compliance officer"),
                                ("auditor", "Auditor"),
                                ("researcher", "Researcher"),
                                ("patient", "Patient"),
                                ("service", "Service"),
                            ],
                            max_length=50,
                        ),
                        blank=True,
                        db_comment="For accounts of these roles; empty for all. [PHI: clinical]",
                        db_default=[],
                        default=list,
                        size=None,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose data it is about. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        db_comment="For this account alone; NULL for all. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        db_comment="The version it belongs to. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provisions",
                        to="compliance.consentrecord",
                    ),
                ),
            ],
            options={
                "verbose_name": "exception",
                "db_table": "consent_provisions",
                "db_table_comment": "Exceptions to consents, written with them. Never changed or deleted.",
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="ConsentEffect",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "kind",
                    models.CharField(
                        db_comment="Type and digest of the scope: two of one kind do not hold at once. [PHI: none]",
                        max_length=90,
                    ),
                ),
                (
                    "purpose",
                    models.CharField(db_comment="For what: an HL7 PurposeOfUse code. [PHI: clinical]", max_length=20),
                ),
                (
                    "label",
                    models.CharField(
                        db_comment="For what kind of information; * for any. [PHI: clinical]", max_length=10
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("permit", "Permit"), ("deny", "Deny")],
                        db_comment="permit or deny. [PHI: clinical]",
                        max_length=6,
                    ),
                ),
                (
                    "resource_types",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=20),
                        db_comment="FHIR resource types; empty for all. [PHI: clinical]",
                        db_default=[],
                        size=None,
                    ),
                ),
                (
                    "data_from",
                    models.DateField(db_comment="Data from this day on. [PHI: identifier, dates]", null=True),
                ),
                ("data_until", models.DateField(db_comment="Data up to this day. [PHI: identifier, dates]", null=True)),
                (
                    "encounter_id",
                    models.BigIntegerField(db_comment="The one visit that it is about. [PHI: none]", null=True),
                ),
                (
                    "roles",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(max_length=50),
                        db_comment="For these roles; empty for all. [PHI: clinical]",
                        db_default=[],
                        size=None,
                    ),
                ),
                (
                    "inherited",
                    models.BooleanField(
                        db_comment="Whether another record of the same person has the consent. [PHI: none]",
                        db_default=False,
                    ),
                ),
                ("starts_at", models.DateTimeField(db_comment="From when it holds. [PHI: identifier, dates]")),
                (
                    "ends_at",
                    models.DateTimeField(
                        db_comment="Until when, not included; NULL for open. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose data. [PHI: none]",
                        db_index=False,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="patients.patient",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="For this account alone. [PHI: none]",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
                (
                    "provision",
                    models.ForeignKey(
                        db_comment="The exception that says so; NULL for the consent itself. [PHI: none]",
                        db_index=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="compliance.consentprovision",
                    ),
                ),
                (
                    "consent",
                    models.ForeignKey(
                        db_comment="The version that says so. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="effects",
                        to="compliance.consentrecord",
                    ),
                ),
            ],
            options={
                "db_table": "consent_effects",
                "db_table_comment": "What consents permit and deny, as the database reads it for each statement. Never deleted.",
                "default_permissions": (),
            },
        ),
        migrations.CreateModel(
            name="ConsentRule",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "purpose",
                    models.CharField(
                        db_comment="For what: an HL7 PurposeOfUse code; * for any. [PHI: none]", max_length=20
                    ),
                ),
                (
                    "label",
                    models.CharField(
                        db_comment="For what kind of information: a label; * for whatever has no rule of its own. [PHI: none]",
                        max_length=10,
                    ),
                ),
                (
                    "decision",
                    models.CharField(
                        choices=[("permit", "Permit"), ("deny", "Deny")],
                        db_comment="Without any consent: permit or deny. [PHI: none]",
                        max_length=6,
                    ),
                ),
                (
                    "in_emergency",
                    models.CharField(
                        choices=[("permit", "Permit"), ("deny", "Deny")],
                        db_comment="permit: an emergency goes before any refusal. [PHI: none]",
                        max_length=6,
                    ),
                ),
                (
                    "unless_author",
                    models.BooleanField(
                        db_comment="Whether it does not bind whoever wrote the record, when they treat. [PHI: none]"
                    ),
                ),
                ("citation", models.CharField(db_comment="Where it is written. [PHI: none]", max_length=200)),
                ("reason", models.CharField(db_comment="What it says, in a sentence. [PHI: none]", max_length=300)),
                ("starts_at", models.DateTimeField(db_comment="From when it held. [PHI: none]")),
                (
                    "ends_at",
                    models.DateTimeField(
                        db_comment="Until when, not included; NULL for the one that holds. [PHI: none]", null=True
                    ),
                ),
            ],
            options={
                "db_table": "consent_rules",
                "db_table_comment": "What holds without a consent, and on what ground: compliance/consent/rules.toml, over time.",
                "default_permissions": ("view",),
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("ends_at__isnull", True)),
                        fields=("purpose", "label"),
                        name="consent_rules_once",
                        violation_error_message="There is a rule for this purpose and label already.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("decision__in", ["permit", "deny"])),
                        name="consent_rules_decision_known",
                        violation_error_message="This is not a known decision.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("in_emergency__in", ["permit", "deny"])),
                        name="consent_rules_emergency_known",
                        violation_error_message="This is not a known in emergency.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                        ),
                        name="consent_rules_forwards",
                        violation_error_message="It ends before it begins.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "starts_at__range",
                                (
                                    datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                                ),
                            ),
                            (
                                "ends_at__range",
                                (
                                    datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                                ),
                            ),
                        ),
                        name="consent_rules_calendar",
                        violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="Notice",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "created_at",
                    models.DateTimeField(
                        db_comment="When it was delivered. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "acknowledged_at",
                    models.DateTimeField(
                        blank=True, db_comment="When its recipient acknowledged it. [PHI: none]", null=True
                    ),
                ),
                (
                    "mailed_at",
                    models.DateTimeField(
                        blank=True, db_comment="When the mail server took the e-mail about it. [PHI: none]", null=True
                    ),
                ),
                (
                    "mail_problem",
                    models.CharField(
                        blank=True,
                        db_comment="Why no e-mail went out, as the kind of the error; never its text. [PHI: none]",
                        max_length=100,
                        null=True,
                    ),
                ),
                (
                    "grant",
                    models.ForeignKey(
                        db_comment="What was opened. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to="compliance.breakglassgrant",
                    ),
                ),
                (
                    "recipient",
                    models.ForeignKey(
                        db_comment="The account in whose inbox it is. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="notices",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "notices",
                "db_table_comment": "Inbox of those who watch over emergencies: one row for each of them and each opening.",
                "permissions": [("acknowledge_notice", "Can acknowledge the notice of an emergency")],
                "default_permissions": ("view",),
            },
        ),
        migrations.CreateModel(
            name="AccessReview",
            fields=[
                ("id", models.BigAutoField(db_comment="Surrogate key. [PHI: none]", primary_key=True, serialize=False)),
                (
                    "at",
                    models.DateTimeField(
                        db_comment="When it was signed. [PHI: none]",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                        editable=False,
                    ),
                ),
                (
                    "digest",
                    models.CharField(
                        db_comment="SHA-256 of `holders`, as hexadecimal digits. [PHI: none]", max_length=64
                    ),
                ),
                (
                    "holders",
                    models.JSONField(
                        db_comment="Who held what: one object for each account of the staff. [PHI: identifier, e-mail addresses]"
                    ),
                ),
                (
                    "note",
                    models.TextField(
                        blank=True,
                        db_comment="What the signer wants to have said; NULL for nothing. [PHI: none]",
                        null=True,
                    ),
                ),
                (
                    "by",
                    models.ForeignKey(
                        db_column="signed_by",
                        db_comment="The account of who signed it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="access_reviews",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "access_reviews",
                "db_table_comment": "Who held what access, as somebody signed it. Never changed, never deleted.",
                "permissions": [("certify_accessreview", "Can sign that access is held rightly")],
                "default_permissions": ("view", "add"),
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("digest__regex", "^[0-9a-f]{64}$")),
                        name="access_reviews_digest",
                        violation_error_message="A digest has 64 hexadecimal digits.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "at__range",
                                (
                                    datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                                    datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                                ),
                            )
                        ),
                        name="access_reviews_calendar",
                        violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
                    ),
                    compliance.rules.HeldInSql(
                        name="access_reviews_stand",
                        violation_error_message="A signed review of access stays as it was signed.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="AccountSession",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        db_comment="Surrogate key; the session carries it. [PHI: none]",
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                (
                    "seen_at",
                    models.DateTimeField(
                        db_comment="When it was last used, to about a minute. [PHI: none]", verbose_name="last seen"
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        db_comment="When it ended; NULL while it has not, or was left idle. [PHI: none]",
                        null=True,
                        verbose_name="ended",
                    ),
                ),
                (
                    "ending",
                    models.CharField(
                        choices=[
                            ("logout", "Logged out"),
                            ("idle", "Idle for too long"),
                            ("revoked", "Ended from elsewhere"),
                        ],
                        db_comment="How it ended; NULL while it has not. [PHI: none]",
                        max_length=10,
                        null=True,
                    ),
                ),
                (
                    "login",
                    models.ForeignKey(
                        db_comment="The login that began it, in user_audit_log: when, from where, with which browser. [PHI: none]",
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        related_name="+",
                        to="compliance.userauditlog",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        db_comment="Whose account is logged in. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="sessions",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "verbose_name": "session",
                "db_table": "account_sessions",
                "db_table_comment": "Who is logged in since when. The keys of the sessions are not here.",
                "permissions": [("end_accountsession", "Can end sessions of others")],
                "default_permissions": ("view",),
                "indexes": [models.Index(fields=["seen_at"], name="account_sessions_seen")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("ending__in", ["logout", "idle", "revoked"])),
                        name="account_sessions_ending_known",
                        violation_error_message="This is no way for a session to end.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("ended_at", None), ("ending", None)),
                            models.Q(("ended_at__isnull", False), ("ending__isnull", False)),
                            _connector="OR",
                        ),
                        name="account_sessions_end_is_whole",
                        violation_error_message="A session that ended says when and how.",
                    ),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="breakglassgrant",
            index=models.Index(fields=["user", "ends_at"], name="break_glass_grants_of_user"),
        ),
        migrations.AddIndex(
            model_name="breakglassgrant",
            index=models.Index(
                condition=models.Q(("reviewed_at__isnull", True)),
                fields=["opened_at"],
                name="break_glass_grants_unreviewed",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ends_at__gt", models.F("opened_at")),
                    (
                        "ends_at__lte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opened_at"), "+", models.Value(datetime.timedelta(seconds=14400))
                        ),
                    ),
                ),
                name="break_glass_grants_short",
                violation_error_message="A chart is opened in an emergency for at most four hours.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("closed_at__isnull", True),
                    models.Q(("closed_at__gte", models.F("opened_at")), ("closed_at__lte", models.F("ends_at"))),
                    _connector="OR",
                ),
                name="break_glass_grants_closed_within",
                violation_error_message="It is closed after it was opened and before it ends.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "proved_at__gte",
                        django.db.models.expressions.CombinedExpression(
                            models.F("opened_at"), "-", models.Value(datetime.timedelta(seconds=300))
                        ),
                    ),
                    ("proved_at__lte", models.F("opened_at")),
                ),
                name="break_glass_grants_proved",
                violation_error_message="Who opens a chart in an emergency has proved who they are within the last five minutes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("review_outcome__isnull", True), ("reviewed_at__isnull", True), ("reviewed_by__isnull", True)
                    ),
                    models.Q(
                        ("review_outcome__isnull", False),
                        ("reviewed_at__isnull", False),
                        ("reviewed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="break_glass_grants_review_whole",
                violation_error_message="A review has its reviewer, its time and its outcome.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("reviewed_by", models.F("user")), _negated=True),
                name="break_glass_grants_reviewed_by_another",
                violation_error_message="Nobody reviews what they did themselves.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("review_outcome__isnull", True),
                    ("review_outcome", "justified"),
                    ("review_note__isnull", False),
                    _connector="OR",
                ),
                name="break_glass_grants_review_explained",
                violation_error_message="Say in a note why it was not justified, or what is to be investigated.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.NeverTwice(
                expressions=[
                    ("patient", "="),
                    ("user", "="),
                    (
                        models.Func(
                            "opened_at",
                            django.db.models.functions.comparison.Coalesce("closed_at", "ends_at"),
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="break_glass_grants_one_at_a_time",
                violation_error_message="You have opened this chart already: close it first, or go on under what is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(("review_outcome__in", ["justified", "not_justified", "escalated"])),
                name="break_glass_grants_outcome_known",
                violation_error_message="This is not a known outcome.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "opened_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "ends_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "closed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "proved_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "reviewed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="break_glass_grants_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_stands",
                violation_error_message="What was opened, by whom, why and until when is evidence: it stays.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="breakglassgrant",
            constraint=compliance.rules.HeldInSql(
                name="break_glass_grants_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="carerelationship",
            index=models.Index(fields=["user", "patient"], name="care_relationships_of_user"),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("role__in", ["treating", "consulting", "covering", "nursing", "pharmacy", "coordinating"])
                ),
                name="care_relationships_role_known",
                violation_error_message="This is not a known role.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                name="care_relationships_forwards",
                violation_error_message="The relationship ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.NeverTwice(
                expressions=[
                    ("patient", "="),
                    ("user", "="),
                    (
                        models.Func(
                            "starts_at",
                            "ends_at",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="care_relationships_one_at_a_time",
                violation_error_message="This person cares for this patient already at that time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "starts_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "ends_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="care_relationships_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.HeldInSql(
                name="care_relationships_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.HeldInSql(
                name="care_relationships_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="carerelationship",
            constraint=compliance.rules.HeldInSql(
                name="care_relationships_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="consentrecord",
            index=models.Index(fields=["patient", "consent_type"], name="consent_records_of_patient"),
        ),
        migrations.AddIndex(
            model_name="consentrecord",
            index=models.Index(
                condition=models.Q(("status", "active")), fields=["ends_at"], name="consent_records_ending"
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.UniqueConstraint(
                fields=("consent_uid", "version_no"),
                name="consent_records_version_once",
                violation_error_message="Somebody else has changed this consent meanwhile. Look at it as it is now.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "consent_type__in",
                        [
                            "hipaa_authorization",
                            "tpo",
                            "part2_tpo",
                            "part2_specific",
                            "part2_legal",
                            "sud_counseling_notes",
                            "psychotherapy_notes",
                            "research",
                            "treatment",
                            "marketing",
                            "restriction",
                            "directory_optout",
                            "hie_optin",
                            "telehealth",
                            "confidential_comm",
                        ],
                    )
                ),
                name="consent_records_type_known",
                violation_error_message="This is not a known type of consent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["draft", "active", "inactive", "not-done", "entered-in-error"])),
                name="consent_records_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["permit", "deny"])),
                name="consent_records_decision_known",
                violation_error_message="This is not a known decision.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("grantor_kind__in", ["patient", "representative"])),
                name="consent_records_grantor_known",
                violation_error_message="This is not a known kind of grantor.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "representative_authority__in",
                        ["parent", "guardian", "power_of_attorney", "court_order", "executor", "next_of_kin"],
                    )
                ),
                name="consent_records_authority_known",
                violation_error_message="This is not a known representative authority.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("signature_method__in", ["ink", "electronic", "verbal"])),
                name="consent_records_signature_known",
                violation_error_message="This is not a known signature method.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("withdrawal_channel__in", ["letter", "electronic", "in_person", "verbal"])),
                name="consent_records_channel_known",
                violation_error_message="This is not a known withdrawal channel.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purposes__contained_by",
                        [
                            "TREAT",
                            "ETREAT",
                            "HPAYMT",
                            "HOPERAT",
                            "HRESCH",
                            "HMARKT",
                            "PATRQT",
                            "FAMRQT",
                            "HDIRECT",
                            "HLEGAL",
                            "PUBHLTH",
                            "COVERAGE",
                        ],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(models.F("purposes"), function="array_ndims", output_field=models.IntegerField()), 1
                    ),
                ),
                name="consent_records_purposes_known",
                violation_error_message="One of these is not a known purpose.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "sensitivity_labels__contained_by",
                        ["ETH", "SUD", "SDV", "PSY", "PSYTHPN", "HIV", "STD", "SICKLE", "GDIS", "SEX", "42CFRPart2"],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("sensitivity_labels"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="consent_records_labels_known",
                violation_error_message="One of these is not a known label.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "resource_types__contained_by",
                        [
                            "Patient",
                            "Coverage",
                            "AllergyIntolerance",
                            "Appointment",
                            "Encounter",
                            "DocumentReference",
                            "MedicationRequest",
                        ],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("resource_types"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="consent_records_resources_known",
                violation_error_message="One of these is not a known resource type.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("statements_shown__contained_by", ["revocation", "conditioning", "redisclosure"]),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("statements_shown"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="consent_records_statements_known",
                violation_error_message="One of these is not a known statement.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.IsNull(
                        models.Func(
                            models.Case(
                                models.When(
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            models.Func(
                                                models.F("disclosers"),
                                                function="array_ndims",
                                                output_field=models.IntegerField(),
                                            ),
                                            1,
                                        )
                                    ),
                                    then=models.F("disclosers"),
                                )
                            ),
                            models.Value(""),
                            function="array_position",
                            output_field=models.IntegerField(),
                        ),
                        True,
                    ),
                    django.db.models.lookups.IsNull(
                        models.Func(
                            models.Case(
                                models.When(
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            models.Func(
                                                models.F("disclosers"),
                                                function="array_ndims",
                                                output_field=models.IntegerField(),
                                            ),
                                            1,
                                        )
                                    ),
                                    then=models.F("disclosers"),
                                )
                            ),
                            models.Value(None),
                            function="array_position",
                            output_field=models.IntegerField(),
                        ),
                        True,
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(models.F("disclosers"), function="array_ndims", output_field=models.IntegerField()),
                        1,
                    ),
                ),
                name="consent_records_disclosers_named",
                violation_error_message="Leave out a name that is empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.IsNull(
                        models.Func(
                            models.Case(
                                models.When(
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            models.Func(
                                                models.F("recipients"),
                                                function="array_ndims",
                                                output_field=models.IntegerField(),
                                            ),
                                            1,
                                        )
                                    ),
                                    then=models.F("recipients"),
                                )
                            ),
                            models.Value(""),
                            function="array_position",
                            output_field=models.IntegerField(),
                        ),
                        True,
                    ),
                    django.db.models.lookups.IsNull(
                        models.Func(
                            models.Case(
                                models.When(
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            models.Func(
                                                models.F("recipients"),
                                                function="array_ndims",
                                                output_field=models.IntegerField(),
                                            ),
                                            1,
                                        )
                                    ),
                                    then=models.F("recipients"),
                                )
                            ),
                            models.Value(None),
                            function="array_position",
                            output_field=models.IntegerField(),
                        ),
                        True,
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(models.F("recipients"), function="array_ndims", output_field=models.IntegerField()),
                        1,
                    ),
                ),
                name="consent_records_recipients_named",
                violation_error_message="Leave out a name that is empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    django.db.models.lookups.IsNull(
                        models.Func(
                            models.Case(
                                models.When(
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            models.Func(
                                                models.F("intermediaries"),
                                                function="array_ndims",
                                                output_field=models.IntegerField(),
                                            ),
                                            1,
                                        )
                                    ),
                                    then=models.F("intermediaries"),
                                )
                            ),
                            models.Value(""),
                            function="array_position",
                            output_field=models.IntegerField(),
                        ),
                        True,
                    ),
                    django.db.models.lookups.IsNull(
                        models.Func(
                            models.Case(
                                models.When(
                                    models.Q(
                                        django.db.models.lookups.Exact(
                                            models.Func(
                                                models.F("intermediaries"),
                                                function="array_ndims",
                                                output_field=models.IntegerField(),
                                            ),
                                            1,
                                        )
                                    ),
                                    then=models.F("intermediaries"),
                                )
                            ),
                            models.Value(None),
                            function="array_position",
                            output_field=models.IntegerField(),
                        ),
                        True,
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("intermediaries"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="consent_records_intermediaries_named",
                violation_error_message="Leave out a name that is empty.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("expires_event__isnull", True), models.Q(("expires_event", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("form_version__isnull", True), models.Q(("form_version", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("document_reference__isnull", True),
                        models.Q(("document_reference", ""), _negated=True),
                        _connector="OR",
                    ),
                ),
                name="consent_records_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "active"), _negated=True),
                    models.Q(("starts_at__isnull", False), models.Q(("purposes", []), _negated=True)),
                    _connector="OR",
                ),
                name="consent_records_active_says_what",
                violation_error_message="A consent that holds says from when, and for what purposes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "active"), _negated=True),
                    models.Q(
                        (
                            "consent_type__in",
                            (
                                "hipaa_authorization",
                                "part2_tpo",
                                "part2_specific",
                                "part2_legal",
                                "sud_counseling_notes",
                                "psychotherapy_notes",
                                "research",
                                "marketing",
                            ),
                        ),
                        _negated=True,
                    ),
                    models.Q(
                        ("information_description__isnull", False),
                        ("signature_method__in", ("ink", "electronic")),
                        ("signed_at__isnull", False),
                        ("statements_shown__contains", ["revocation", "conditioning", "redisclosure"]),
                        models.Q(("disclosers", []), _negated=True),
                        models.Q(("recipients", []), _negated=True),
                        models.Q(("ends_at__isnull", False), ("expires_event__isnull", False), _connector="OR"),
                    ),
                    _connector="OR",
                ),
                name="consent_records_authorization_whole",
                violation_error_message="An authorization holds once it says what is disclosed, by whom, to whom, for what and until when, is signed, and the signer was told of revocation, conditions and redisclosure.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("grantor_kind", "patient"),
                        ("grantor_name__isnull", True),
                        ("representative_authority__isnull", True),
                    ),
                    models.Q(
                        ("grantor_kind", "representative"),
                        ("grantor_name__isnull", False),
                        ("representative_authority__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="consent_records_representative_authorized",
                violation_error_message="A representative has a name and an authority to act; the patient needs neither.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        models.Q(
                            (
                                "consent_type__in",
                                (
                                    "hipaa_authorization",
                                    "part2_tpo",
                                    "part2_specific",
                                    "part2_legal",
                                    "sud_counseling_notes",
                                    "psychotherapy_notes",
                                    "research",
                                    "marketing",
                                ),
                            ),
                            _negated=True,
                        ),
                        ("decision", "permit"),
                        _connector="OR",
                    ),
                    models.Q(
                        models.Q(("consent_type__in", ("restriction", "directory_optout")), _negated=True),
                        ("decision", "deny"),
                        _connector="OR",
                    ),
                ),
                name="consent_records_decision_of_its_type",
                violation_error_message="An authorization permits; a restriction and an opt-out deny.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("consent_type", "psychotherapy_notes"), ("sensitivity_labels", ["PSYTHPN"])),
                    models.Q(
                        models.Q(("consent_type", "psychotherapy_notes"), _negated=True),
                        models.Q(
                            ("decision", "deny"),
                            models.Q(("sensitivity_labels__contains", ["PSYTHPN"]), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="consent_records_psychotherapy_alone",
                violation_error_message="Psychotherapy notes have an authorization of their own, which names nothing else.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("consent_type__in", ("part2_tpo", "part2_specific", "part2_legal", "sud_counseling_notes")),
                        ("sensitivity_labels__contains", ["42CFRPart2"]),
                    ),
                    models.Q(
                        models.Q(
                            (
                                "consent_type__in",
                                ("part2_tpo", "part2_specific", "part2_legal", "sud_counseling_notes"),
                            ),
                            _negated=True,
                        ),
                        models.Q(
                            ("decision", "deny"),
                            models.Q(("sensitivity_labels__contains", ["42CFRPart2"]), _negated=True),
                            _connector="OR",
                        ),
                    ),
                    _connector="OR",
                ),
                name="consent_records_part2_named",
                violation_error_message="Records of a Part 2 program have consents of their own, which name them.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "consent_type__in",
                        (
                            "hipaa_authorization",
                            "part2_tpo",
                            "part2_specific",
                            "part2_legal",
                            "sud_counseling_notes",
                            "psychotherapy_notes",
                            "research",
                            "marketing",
                        ),
                    ),
                    ("decision", "deny"),
                    models.Q(("purposes__overlap", ["HRESCH", "HMARKT", "FAMRQT", "HLEGAL"]), _negated=True),
                    _connector="OR",
                ),
                name="consent_records_by_authorization",
                violation_error_message="Research, marketing and disclosures to others take an authorization, with all that belongs to it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", "permit"),
                    models.Q(("purposes__contains", ["HOPERAT"]), _negated=True),
                    models.Q(("sensitivity_labels", []), _negated=True),
                    models.Q(
                        models.Q(("resource_types", []), _negated=True),
                        models.Q(("resource_types__contains", ["Patient"]), _negated=True),
                    ),
                    ("encounter__isnull", False),
                    _connector="OR",
                ),
                name="consent_records_operations_go_on",
                violation_error_message="Health care operations as a whole cannot be refused: nobody could find the record, or lift the refusal. Name labels, a visit, or parts of the chart other than who the patient is.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("decision", "permit"), models.Q(("purposes__contains", ["PATRQT"]), _negated=True), _connector="OR"
                ),
                name="consent_records_own_access_stays",
                violation_error_message="A patient's access to their own record is a right, which no consent takes away.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("self_paid", False),
                    models.Q(("consent_type", "restriction"), ("purposes__contains", ["HPAYMT"])),
                    _connector="OR",
                ),
                name="consent_records_self_paid_restricts",
                violation_error_message="What was paid in full by the patient is a restriction on payment.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gt", models.F("starts_at")), _connector="OR"),
                name="consent_records_forwards",
                violation_error_message="The consent ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "active"), _negated=True),
                    ("ends_at__isnull", True),
                    ("ends_at__gt", models.F("recorded_at")),
                    _connector="OR",
                ),
                name="consent_records_not_over",
                violation_error_message="The period of this consent is over: it cannot begin to hold any more.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("data_until__isnull", True), ("data_until__gte", models.F("data_from")), _connector="OR"
                ),
                name="consent_records_data_forwards",
                violation_error_message="The data end before they begin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("signature_method__isnull", True), ("signed_at__isnull", True)),
                    models.Q(
                        ("signature_method__isnull", False),
                        ("signed_at__isnull", False),
                        (
                            "signed_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("recorded_at"), "+", models.Value(datetime.timedelta(seconds=300))
                            ),
                        ),
                    ),
                    _connector="OR",
                ),
                name="consent_records_signature_whole",
                violation_error_message="A signature has its day, which is not to come, and its method.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("verified_at__isnull", True), ("verified_by__isnull", True)),
                    models.Q(("verified_at__isnull", False), ("verified_by__isnull", False)),
                    _connector="OR",
                ),
                name="consent_records_verification_whole",
                violation_error_message="A verification has who verified it, and when.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status", "inactive"),
                        ("withdrawal_channel__isnull", False),
                        ("withdrawal_received_at__isnull", False),
                        (
                            "withdrawal_received_at__lte",
                            django.db.models.expressions.CombinedExpression(
                                models.F("recorded_at"), "+", models.Value(datetime.timedelta(seconds=300))
                            ),
                        ),
                    ),
                    models.Q(
                        models.Q(("status", "inactive"), _negated=True),
                        ("withdrawal_channel__isnull", True),
                        ("withdrawal_received_at__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="consent_records_withdrawal_whole",
                violation_error_message="A withdrawal says how and when it came, which is not to come; nothing else does.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "inactive"), _negated=True),
                    models.Q(
                        (
                            "consent_type__in",
                            (
                                "hipaa_authorization",
                                "part2_tpo",
                                "part2_specific",
                                "part2_legal",
                                "sud_counseling_notes",
                                "psychotherapy_notes",
                                "research",
                                "marketing",
                            ),
                        ),
                        _negated=True,
                    ),
                    ("withdrawal_channel__in", ("letter", "electronic", "in_person")),
                    _connector="OR",
                ),
                name="consent_records_revoked_in_writing",
                violation_error_message="An authorization is revoked in writing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("document_digest__isnull", True), ("document_digest__regex", "^[0-9a-f]{64}$"), _connector="OR"
                ),
                name="consent_records_digest",
                violation_error_message="The SHA-256 of a document has 64 hexadecimal digits, in small letters.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("data_from__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("data_until__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    (
                        "recorded_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "starts_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "ends_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "signed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "verified_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "withdrawal_received_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="consent_records_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=compliance.rules.HeldInSql(
                name="consent_records_stand",
                violation_error_message="What was recorded of a consent stands: record a new version.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=compliance.rules.HeldInSql(
                name="consent_records_versions",
                violation_error_message="This does not follow the version before: the same consent of the same patient, numbered on, and not ended.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=compliance.rules.HeldInSql(
                name="consent_records_same_patient", violation_error_message="The visit is another patient's."
            ),
        ),
        migrations.AddConstraint(
            model_name="consentrecord",
            constraint=compliance.rules.HeldInSql(
                name="consent_records_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.UniqueConstraint(
                fields=("consent", "number"),
                name="consent_provisions_once",
                violation_error_message="There is an exception of this number already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["permit", "deny"])),
                name="consent_provisions_decision_known",
                violation_error_message="This is not a known decision.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "purposes__contained_by",
                        [
                            "TREAT",
                            "ETREAT",
                            "HPAYMT",
                            "HOPERAT",
                            "HRESCH",
                            "HMARKT",
                            "PATRQT",
                            "FAMRQT",
                            "HDIRECT",
                            "HLEGAL",
                            "PUBHLTH",
                            "COVERAGE",
                        ],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(models.F("purposes"), function="array_ndims", output_field=models.IntegerField()), 1
                    ),
                ),
                name="consent_provisions_purposes_known",
                violation_error_message="One of these is not a known purpose.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "sensitivity_labels__contained_by",
                        ["ETH", "SUD", "SDV", "PSY", "PSYTHPN", "HIV", "STD", "SICKLE", "GDIS", "SEX", "42CFRPart2"],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("sensitivity_labels"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="consent_provisions_labels_known",
                violation_error_message="One of these is not a known label.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "resource_types__contained_by",
                        [
                            "Patient",
                            "Coverage",
                            "AllergyIntolerance",
                            "Appointment",
                            "Encounter",
                            "DocumentReference",
                            "MedicationRequest",
                        ],
                    ),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("resource_types"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="consent_provisions_resources_known",
                violation_error_message="One of these is not a known resource type.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("data_until__isnull", True), ("data_until__gte", models.F("data_from")), _connector="OR"
                ),
                name="consent_provisions_data_forwards",
                violation_error_message="The data end before they begin.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(("number__gte", 1)),
                name="consent_provisions_numbered",
                violation_error_message="Exceptions are numbered from 1.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("data_from__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("data_until__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                ),
                name="consent_provisions_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=compliance.rules.HeldInSql(
                name="consent_provisions_stand",
                violation_error_message="What was recorded of a consent stands: record a new version.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=compliance.rules.HeldInSql(
                name="consent_provisions_with_consent",
                violation_error_message="An exception is written together with its consent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=compliance.rules.HeldInSql(
                name="consent_provisions_opposite",
                violation_error_message="An exception says the opposite of its consent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=compliance.rules.HeldInSql(
                name="consent_provisions_within",
                violation_error_message="An exception is about what its consent is about: the same purposes and labels, or fewer.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=compliance.rules.HeldInSql(
                name="consent_provisions_as_a_consent",
                violation_error_message="An exception says nothing that a consent may not say: what takes an authorization is permitted by one, and a patient's own access or operations as a whole are not refused.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consentprovision",
            constraint=compliance.rules.HeldInSql(
                name="consent_provisions_same_patient",
                violation_error_message="An exception is of the same patient as its consent.",
            ),
        ),
        migrations.AddIndex(
            model_name="consenteffect",
            index=models.Index(fields=["patient", "purpose"], name="consent_effects_of_patient"),
        ),
        migrations.AddIndex(
            model_name="consenteffect",
            index=models.Index(
                condition=models.Q(("decision", "permit")),
                fields=["purpose", "patient"],
                name="consent_effects_permitted",
            ),
        ),
        migrations.AddIndex(
            model_name="consenteffect",
            index=models.Index(
                condition=models.Q(("decision", "deny")), fields=["purpose", "patient"], name="consent_effects_denied"
            ),
        ),
        migrations.AddConstraint(
            model_name="consenteffect",
            constraint=models.CheckConstraint(
                condition=models.Q(("decision__in", ["permit", "deny"])),
                name="consent_effects_decision_known",
                violation_error_message="This is not a known decision.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consenteffect",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                name="consent_effects_forwards",
                violation_error_message="It ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="consenteffect",
            constraint=django.contrib.postgres.constraints.ExclusionConstraint(
                condition=models.Q(("inherited", False)),
                expressions=[
                    ("patient", "="),
                    ("purpose", "="),
                    ("label", "="),
                    ("kind", "="),
                    (
                        models.Func(
                            "starts_at",
                            "ends_at",
                            django.contrib.postgres.fields.ranges.RangeBoundary(),
                            function="tstzrange",
                            output_field=django.contrib.postgres.fields.ranges.DateTimeRangeField(),
                        ),
                        "&&",
                    ),
                ],
                name="consent_effects_once",
                violation_error_message="There is a consent of this kind, for the same purpose, information and recipients, at that time already: withdraw it, or record a new version of it.",
            ),
        ),
        migrations.AddIndex(
            model_name="notice",
            index=models.Index(
                condition=models.Q(("acknowledged_at__isnull", True)), fields=["recipient"], name="notices_unread"
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.UniqueConstraint(
                fields=("grant", "recipient"),
                name="notices_once",
                violation_error_message="This account has been told already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("acknowledged_at__isnull", True), ("acknowledged_at__gte", models.F("created_at")), _connector="OR"
                ),
                name="notices_acknowledged_later",
                violation_error_message="A notice is acknowledged after it was delivered.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "created_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "acknowledged_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "mailed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="notices_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="notice",
            constraint=compliance.rules.HeldInSql(
                name="notices_stand",
                violation_error_message="A notice is evidence: it is acknowledged once, and stays.",
            ),
        ),
    ]
