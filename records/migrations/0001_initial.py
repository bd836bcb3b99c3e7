import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

import compliance.rules
import compliance.validators


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sql_migrations", "20240117_100000_check_codes"),
        ("appointments", "0001_initial"),
        ("patients", "0001_initial"),
        ("providers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="MedicalRecord",
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
                (
                    "record_type",
                    models.CharField(
                        choices=[
                            ("progress_note", "Progress note"),
                            ("discharge_summary", "Discharge summary"),
                            ("consult", "Consultation"),
                            ("lab_result", "Laboratory result"),
                            ("imaging", "Imaging"),
                            ("procedure", "Procedure"),
                            ("immunization", "Immunization"),
                            ("vital_signs", "Vital signs"),
                            ("problem", "Problem"),
                            ("psychotherapy_note", "Psychotherapy note"),
                            ("sud_counseling_note", "Substance use counseling note"),
                        ],
                        db_comment="What kind of document it is. [PHI: clinical]",
                        max_length=20,
                        verbose_name="type",
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("preliminary", "Preliminary"),
                            ("final", "Final"),
                            ("amended", "Amended"),
                            ("entered-in-error", "Entered in error"),
                        ],
                        db_comment="Whether it is finished; amended: finished, and in the place of another. [PHI: clinical]",
                        db_default="preliminary",
                        default="preliminary",
                        editable=False,
                        max_length=16,
                    ),
                ),
                (
                    "title",
                    models.CharField(
                        db_comment="Title of the document. [PHI: sensitive; to be encrypted]", max_length=300
                    ),
                ),
                (
                    "body",
                    models.TextField(
                        blank=True, db_comment="Text of the document. [PHI: sensitive; to be encrypted]", default=""
                    ),
                ),
                (
                    "structured",
                    models.JSONField(
                        blank=True,
                        db_comment="What was measured, as an object of names and values. [PHI: sensitive; to be encrypted]",
                        null=True,
                        validators=[compliance.validators.json_object],
                        verbose_name="measurements",
                    ),
                ),
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
                        db_comment="Code system of the code, by its URI. [PHI: clinical]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True, db_comment="What it is about, as a code. [PHI: clinical]", max_length=20, null=True
                    ),
                ),
                (
                    "code_display",
                    models.CharField(
                        blank=True,
                        db_comment="What the code means, in its system's words. [PHI: clinical]",
                        max_length=300,
                        null=True,
                    ),
                ),
                (
                    "effective_at",
                    models.DateTimeField(db_comment="When what it describes was so. [PHI: identifier, dates]"),
                ),
                (
                    "is_part2",
                    models.BooleanField(
                        db_comment="Whether it is a record of substance use treatment under 42 CFR Part 2. [PHI: clinical]",
                        db_default=False,
                        default=False,
                        verbose_name="42 CFR Part 2",
                    ),
                ),
                (
                    "signed_at",
                    models.DateTimeField(
                        blank=True, db_comment="When it was signed. [PHI: identifier, dates]", editable=False, null=True
                    ),
                ),
                (
                    "attestation_mode",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("personal", "Personal"),
                            ("professional", "Professional"),
                            ("legal", "Legal"),
                            ("official", "Official"),
                        ],
                        db_comment="In what capacity they signed it. [PHI: none]",
                        editable=False,
                        max_length=12,
                        null=True,
                    ),
                ),
                (
                    "content_digest",
                    models.BinaryField(
                        blank=True,
                        db_comment="SHA-256 of the content as signed, 32 bytes: see records/signing.py. [PHI: clinical]",
                        null=True,
                    ),
                ),
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The signed record in whose place it stands. [PHI: none]",
                        editable=False,
                        error_messages={
                            "unique": "That record has been amended already: amend what stands in its place."
                        },
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amended_by",
                        to="records.medicalrecord",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_comment="Who wrote it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="providers.provider",
                    ),
                ),
                (
                    "encounter",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The encounter that it came from, if any. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="appointments.encounter",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose chart it belongs to. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="patients.patient",
                    ),
                ),
                (
                    "signed_by",
                    models.ForeignKey(
                        blank=True,
                        db_comment="Who signed it. [PHI: none]",
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="signed_records",
                        to="providers.provider",
                    ),
                ),
            ],
            options={
                "db_table": "medical_records",
                "db_table_comment": "Documents of patients' charts. Amended or entered in error, never changed once signed.",
                "permissions": [
                    ("sign_medicalrecord", "Can sign medical records"),
                    ("amend_medicalrecord", "Can amend signed medical records"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Prescription",
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
                (
                    "status",
                    models.CharField(
                        choices=[
                            ("active", "Active"),
                            ("on-hold", "On hold"),
                            ("cancelled", "Cancelled"),
                            ("completed", "Completed"),
                            ("entered-in-error", "Entered in error"),
                            ("stopped", "Stopped"),
                            ("draft", "Draft"),
                            ("unknown", "Unknown"),
                        ],
                        db_comment="How far the order has come. [PHI: clinical]",
                        db_default="draft",
                        default="draft",
                        editable=False,
                        max_length=16,
                    ),
                ),
                (
                    "status_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("altchoice", "Try another treatment first"),
                            ("clarif", "Prescription requires clarification"),
                            ("drughigh", "Drug level too high"),
                            ("hospadm", "Admission to hospital"),
                            ("labint", "Laboratory interference"),
                            ("non-avail", "Patient not available"),
                            ("preg", "Patient is pregnant or breast feeding"),
                            ("salg", "Allergy"),
                            ("sddi", "Drug interacts with another"),
                            ("sdupther", "Duplicate therapy"),
                            ("sintol", "Suspected intolerance"),
                            ("surg", "Patient scheduled for surgery"),
                            ("washout", "Waiting for old drug to wash out"),
                        ],
                        db_comment="Why it is held or was ended: FHIR medicationrequest-status-reason. [PHI: clinical]",
                        editable=False,
                        max_length=9,
                        null=True,
                    ),
                ),
                (
                    "intent",
                    models.CharField(
                        choices=[
                            ("proposal", "Proposal"),
                            ("plan", "Plan"),
                            ("order", "Order"),
                            ("original-order", "Original order"),
                            ("reflex-order", "Reflex order"),
                            ("filler-order", "Filler order"),
                            ("instance-order", "Instance order"),
                            ("option", "Option"),
                        ],
                        db_comment="Whether it is a proposal, a plan or an order. [PHI: clinical]",
                        db_default="order",
                        default="order",
                        max_length=14,
                    ),
                ),
                (
                    "priority",
                    models.CharField(
                        choices=[
                            ("routine", "Routine"),
                            ("urgent", "Urgent"),
                            ("asap", "As soon as possible"),
                            ("stat", "Immediately"),
                        ],
                        db_comment="How soon it is to be dispensed. [PHI: clinical]",
                        db_default="routine",
                        default="routine",
                        max_length=7,
                    ),
                ),
                (
                    "rxcui",
                    models.CharField(
                        blank=True,
                        db_comment="RxNorm concept of the medication. [PHI: clinical]",
                        max_length=8,
                        null=True,
                        verbose_name="RxCUI",
                    ),
                ),
                (
                    "ndc11",
                    models.CharField(
                        blank=True,
                        db_comment="National Drug Code, eleven digits. [PHI: clinical]",
                        max_length=11,
                        null=True,
                        verbose_name="NDC",
                    ),
                ),
                ("drug_name", models.CharField(db_comment="Name of the medication. [PHI: clinical]", max_length=300)),
                (
                    "strength",
                    models.CharField(
                        blank=True, db_comment="Strength, such as 500 mg. [PHI: clinical]", max_length=100, null=True
                    ),
                ),
                (
                    "dose_form",
                    models.CharField(
                        blank=True, db_comment="Form, such as tablet. [PHI: clinical]", max_length=100, null=True
                    ),
                ),
                (
                    "route",
                    models.CharField(
                        blank=True,
                        db_comment="Route, in words, such as oral. [PHI: clinical]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "sig",
                    models.CharField(
                        db_comment="Directions to the patient. [PHI: sensitive; to be encrypted]",
                        max_length=1000,
                        verbose_name="directions",
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        db_comment="How much to dispense, in its unit. [PHI: clinical]", decimal_places=3, max_digits=10
                    ),
                ),
                (
                    "quantity_unit",
                    models.CharField(
                        db_comment="Unit of the quantity, such as tablet or mL. [PHI: clinical]", max_length=40
                    ),
                ),
                (
                    "days_supply",
                    models.SmallIntegerField(
                        blank=True, db_comment="Days that the quantity lasts. [PHI: clinical]", null=True
                    ),
                ),
                (
                    "refills_allowed",
                    models.SmallIntegerField(
                        db_comment="How often it may be dispensed again. [PHI: clinical]", db_default=0, default=0
                    ),
                ),
                (
                    "substitution_allowed",
                    models.BooleanField(
                        db_comment="Whether a generic may be dispensed instead. [PHI: clinical]",
                        db_default=True,
                        default=True,
                    ),
                ),
                (
                    "dea_schedule",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("II", "Schedule II"),
                            ("III", "Schedule III"),
                            ("IV", "Schedule IV"),
                            ("V", "Schedule V"),
                        ],
                        db_comment="Schedule of a controlled substance; NULL when it is not controlled. [PHI: clinical]",
                        max_length=3,
                        null=True,
                        verbose_name="DEA schedule",
                    ),
                ),
                (
                    "indication_system",
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
                        db_comment="Code system of the indication's code, by its URI. [PHI: clinical]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "indication_code",
                    models.CharField(
                        blank=True,
                        db_comment="What it is taken for, as a code. [PHI: clinical]",
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "pharmacy_ncpdp",
                    models.CharField(
                        blank=True,
                        db_comment="NCPDP number of the pharmacy. [PHI: clinical]",
                        max_length=7,
                        null=True,
                        verbose_name="pharmacy",
                    ),
                ),
                ("authored_on", models.DateField(db_comment="Day on which it was issued. [PHI: identifier, dates]")),
                (
                    "earliest_fill_on",
                    models.DateField(
                        blank=True,
                        db_comment="First day on which it may be dispensed (21 CFR 1306.12(b)). [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "valid_until",
                    models.DateField(
                        blank=True,
                        db_comment="Last day on which it may be dispensed. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "signed_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When the prescriber signed it. [PHI: identifier, dates]",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "ended_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When it was stopped, cancelled or completed. [PHI: identifier, dates]",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "encounter",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The encounter that it came from, if any. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="appointments.encounter",
                    ),
                ),
                (
                    "medical_record",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The record that gives the reason, if any. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="records.medicalrecord",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who is to take it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="patients.patient",
                    ),
                ),
                (
                    "prescriber",
                    models.ForeignKey(
                        db_comment="Who prescribes it. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="providers.provider",
                    ),
                ),
                (
                    "prior_prescription",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The prescription that this one renews. [PHI: none]",
                        editable=False,
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="renewals",
                        to="records.prescription",
                    ),
                ),
            ],
            options={
                "db_table": "prescriptions",
                "db_table_comment": "Orders for medications. Stopped or entered in error, never changed once signed.",
                "permissions": [
                    ("prescribe_prescription", "Can sign and renew prescriptions"),
                    ("discontinue_prescription", "Can stop prescriptions"),
                ],
            },
        ),
        migrations.AddIndex(
            model_name="medicalrecord",
            index=models.Index(fields=["patient", "effective_at"], name="medical_records_of_patient"),
        ),
        migrations.AddIndex(
            model_name="medicalrecord",
            index=models.Index(
                condition=models.Q(("code__isnull", False)), fields=["code"], name="medical_records_code"
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "record_type__in",
                        [
                            "progress_note",
                            "discharge_summary",
                            "consult",
                            "lab_result",
                            "imaging",
                            "procedure",
                            "immunization",
                            "vital_signs",
                            "problem",
                            "psychotherapy_note",
                            "sud_counseling_note",
                        ],
                    )
                ),
                name="medical_records_type_known",
                violation_error_message="This is not a known record type.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["preliminary", "final", "amended", "entered-in-error"])),
                name="medical_records_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("attestation_mode__in", ["personal", "professional", "legal", "official"])),
                name="medical_records_attestation_known",
                violation_error_message="This is not a known attestation mode.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code_system__isnull", True), ("code__isnull", True)),
                    models.Q(("code_system__isnull", False), ("code__isnull", False)),
                    _connector="OR",
                ),
                name="medical_records_code_with_system",
                violation_error_message="A code needs its code system, and a code system its code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
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
                name="medical_records_code_system_known",
                violation_error_message="This is not a known code system.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    "code_system", "code", function="code_is_valid", output_field=models.BooleanField()
                ),
                name="medical_records_code_form",
                violation_error_message="This is not a code of that system: its form or its check digit is wrong.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("code_display__isnull", True), models.Q(("code_display", ""), _negated=True), _connector="OR"
                ),
                name="medical_records_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ("final", "amended")), _negated=True),
                    models.Q(
                        ("attestation_mode__isnull", False),
                        ("content_digest__isnull", False),
                        ("signed_at__isnull", False),
                        ("signed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="medical_records_final_is_signed",
                violation_error_message="A final record has a signature: when, by whom, in what capacity, and over what content.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "preliminary"), _negated=True),
                    models.Q(
                        ("attestation_mode__isnull", True),
                        ("content_digest__isnull", True),
                        ("signed_at__isnull", True),
                        ("signed_by__isnull", True),
                    ),
                    _connector="OR",
                ),
                name="medical_records_preliminary_is_unsigned",
                violation_error_message="A record that is signed is final.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("attestation_mode__isnull", True),
                        ("content_digest__isnull", True),
                        ("signed_at__isnull", True),
                        ("signed_by__isnull", True),
                    ),
                    models.Q(
                        ("attestation_mode__isnull", False),
                        ("content_digest__isnull", False),
                        ("signed_at__isnull", False),
                        ("signed_by__isnull", False),
                    ),
                    _connector="OR",
                ),
                name="medical_records_signature_whole",
                violation_error_message="A signature is whole: when, by whom, in what capacity, and over what content.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "amended"), _negated=True), ("amends__isnull", False), _connector="OR"
                ),
                name="medical_records_amended_amends",
                violation_error_message="An amended record stands in the place of another: say which.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "final"), _negated=True), ("amends__isnull", True), _connector="OR"
                ),
                name="medical_records_amendment_is_amended",
                violation_error_message="A signed record that amends another has the status amended.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Func("content_digest", function="is_sha256", output_field=models.BooleanField()),
                name="medical_records_digest_length",
                violation_error_message="A SHA-256 digest is 32 bytes.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("record_type", "sud_counseling_note"), _negated=True), ("is_part2", True), _connector="OR"
                ),
                name="medical_records_sud_note_is_part2",
                violation_error_message="A substance use counseling note is a Part 2 record.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "effective_at__range",
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
                ),
                name="medical_records_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.UniqueConstraint(
                condition=models.Q(("status", "entered-in-error"), _negated=True),
                fields=("amends",),
                name="medical_records_amended_once",
                violation_error_message="That record has been amended already: amend the amendment.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_signed_stands",
                violation_error_message="A signed record does not change: amend it with a new one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_amends_signed",
                violation_error_message="Only a signed record is amended; change the draft itself.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_amends_same_patient",
                violation_error_message="A record amends one of the same patient.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_same_patient", violation_error_message="The encounter is another patient's."
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidentiality__in", ["U", "L", "M", "N", "R", "V"])),
                name="medical_records_confidentiality_known",
                violation_error_message="This is not a known confidentiality code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
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
                name="medical_records_sensitivity_known",
                violation_error_message="One of these is not a known sensitivity code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=compliance.rules.HeldInSql(
                name="medical_records_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="prescription",
            index=models.Index(fields=["patient", "authored_on"], name="prescriptions_of_patient"),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "active",
                            "on-hold",
                            "cancelled",
                            "completed",
                            "entered-in-error",
                            "stopped",
                            "draft",
                            "unknown",
                        ],
                    )
                ),
                name="prescriptions_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status_reason__in",
                        [
                            "altchoice",
                            "clarif",
                            "drughigh",
                            "hospadm",
                            "labint",
                            "non-avail",
                            "preg",
                            "salg",
                            "sddi",
                            "sdupther",
                            "sintol",
                            "surg",
                            "washout",
                        ],
                    )
                ),
                name="prescriptions_status_reason_known",
                violation_error_message="This is not a known status reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "intent__in",
                        [
                            "proposal",
                            "plan",
                            "order",
                            "original-order",
                            "reflex-order",
                            "filler-order",
                            "instance-order",
                            "option",
                        ],
                    )
                ),
                name="prescriptions_intent_known",
                violation_error_message="This is not a known intent.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("priority__in", ["routine", "urgent", "asap", "stat"])),
                name="prescriptions_priority_known",
                violation_error_message="This is not a known priority.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("dea_schedule__in", ["II", "III", "IV", "V"])),
                name="prescriptions_schedule_known",
                violation_error_message="This is not a known DEA schedule.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("indication_system__isnull", True), ("indication_code__isnull", True)),
                    models.Q(("indication_system__isnull", False), ("indication_code__isnull", False)),
                    _connector="OR",
                ),
                name="prescriptions_indication_code_with_system",
                violation_error_message="A code needs its code system, and a code system its code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "indication_system__in",
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
                name="prescriptions_indication_code_system_known",
                violation_error_message="This is not a known code system.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    "indication_system", "indication_code", function="code_is_valid", output_field=models.BooleanField()
                ),
                name="prescriptions_indication_code_form",
                violation_error_message="This is not a code of that system: its form or its check digit is wrong.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("drug_name__isnull", True), models.Q(("drug_name", ""), _negated=True), _connector="OR"),
                    models.Q(
                        ("quantity_unit__isnull", True), models.Q(("quantity_unit", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(("strength__isnull", True), models.Q(("strength", ""), _negated=True), _connector="OR"),
                    models.Q(("dose_form__isnull", True), models.Q(("dose_form", ""), _negated=True), _connector="OR"),
                    models.Q(("route__isnull", True), models.Q(("route", ""), _negated=True), _connector="OR"),
                ),
                name="prescriptions_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("rxcui__regex", "^[1-9][0-9]{0,7}$")),
                name="prescriptions_rxcui_form",
                violation_error_message="An RxCUI is one to eight digits and does not begin with 0.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("ndc11__regex", "^[0-9]{11}$")),
                name="prescriptions_ndc_form",
                violation_error_message="An NDC is eleven digits, without hyphens.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("pharmacy_ncpdp__regex", "^[0-9]{7}$")),
                name="prescriptions_pharmacy_form",
                violation_error_message="A pharmacy's NCPDP number is seven digits.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0), ("quantity__lt", 10000000)),
                name="prescriptions_quantity_positive",
                violation_error_message="The quantity is a number above zero and below ten million.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("days_supply__gt", 0)),
                name="prescriptions_days_positive",
                violation_error_message="A supply lasts for at least one day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("refills_allowed__gte", 0), ("refills_allowed__lte", 99)),
                name="prescriptions_refills_limit",
                violation_error_message="A prescription has 0 to 99 refills.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dea_schedule__isnull", True),
                    models.Q(("dea_schedule", "II"), _negated=True),
                    ("refills_allowed", 0),
                    _connector="OR",
                ),
                name="prescriptions_schedule_ii_no_refill",
                violation_error_message="Schedule II allows no refill.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dea_schedule__isnull", True),
                    models.Q(("dea_schedule__in", ["III", "IV"]), _negated=True),
                    ("refills_allowed__lte", 5),
                    _connector="OR",
                ),
                name="prescriptions_schedule_iii_iv_refills",
                violation_error_message="Schedules III and IV allow at most five refills.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    "dea_schedule",
                    "authored_on",
                    "valid_until",
                    function="within_six_months",
                    output_field=models.BooleanField(),
                ),
                name="prescriptions_schedule_iii_iv_six_months",
                violation_error_message="A prescription of schedule III or IV has a last day, at most six months after its issue.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True), ("valid_until__gte", models.F("authored_on")), _connector="OR"
                ),
                name="prescriptions_valid_forwards",
                violation_error_message="The prescription ends before it is issued.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("earliest_fill_on__gte", models.F("authored_on")),
                    models.Q(
                        ("valid_until__isnull", True),
                        ("earliest_fill_on__lte", models.F("valid_until")),
                        _connector="OR",
                    ),
                ),
                name="prescriptions_fill_within",
                violation_error_message="The first day of dispensing lies outside the time from issue to the last day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ("draft", "cancelled", "entered-in-error", "unknown")),
                    ("signed_at__isnull", False),
                    _connector="OR",
                ),
                name="prescriptions_active_is_signed",
                violation_error_message="An order that takes effect needs the prescriber's signature.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "draft"), _negated=True), ("signed_at__isnull", True), _connector="OR"
                ),
                name="prescriptions_draft_is_unsigned",
                violation_error_message="A prescription that is signed is no draft.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("ended_at__isnull", True),
                    ("status__in", ("stopped", "cancelled", "completed", "entered-in-error")),
                    _connector="OR",
                ),
                name="prescriptions_ended_has_ended",
                violation_error_message="Only a prescription that was stopped, cancelled or completed has a time at which it ended.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("prior_prescription__lt", models.F("id"))),
                name="prescriptions_renews_an_earlier_one",
                violation_error_message="A prescription renews one that was written before it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("authored_on__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("earliest_fill_on__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("valid_until__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    (
                        "signed_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                    (
                        "ended_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="prescriptions_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_status_follows",
                violation_error_message="The prescription cannot go from its status to that one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_signed_stands",
                violation_error_message="What was signed does not change: stop it and prescribe anew.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_prescriber_has_dea",
                violation_error_message="The prescriber has no DEA registration that covers this schedule on that day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_same_patient", violation_error_message="The encounter is another patient's."
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_record_same_patient", violation_error_message="The record is another patient's."
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_renews_same_patient",
                violation_error_message="A prescription renews one of the same patient.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidentiality__in", ["U", "L", "M", "N", "R", "V"])),
                name="prescriptions_confidentiality_known",
                violation_error_message="This is not a known confidentiality code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
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
                name="prescriptions_sensitivity_known",
                violation_error_message="One of these is not a known sensitivity code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=compliance.rules.HeldInSql(
                name="prescriptions_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
    ]
