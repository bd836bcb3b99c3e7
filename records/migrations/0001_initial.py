"""The medical_records and prescriptions tables."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
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
                    models.BigAutoField(db_comment="Surrogate key, for joins only.", primary_key=True, serialize=False),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database.",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_comment="When the row was made.",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_comment="When the row was last changed.",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
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
                            ("allergy", "Allergy"),
                            ("psychotherapy_note", "Psychotherapy note"),
                            ("sud_counseling_note", "Substance use counseling note"),
                        ],
                        db_comment="What kind of document it is.",
                        max_length=20,
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
                        db_comment="Whether it is finished.",
                        db_default="preliminary",
                        default="preliminary",
                        max_length=16,
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
                        db_comment="HL7 Confidentiality code.",
                        db_default="N",
                        default="N",
                        max_length=1,
                    ),
                ),
                ("title", models.CharField(db_comment="Title of the document.", max_length=300)),
                ("body", models.TextField(blank=True, db_comment="Text of the document.", db_default="", default="")),
                (
                    "code_system",
                    models.CharField(
                        blank=True,
                        db_comment="URI of the code system that the code is from.",
                        db_default="",
                        default="",
                        max_length=200,
                    ),
                ),
                (
                    "code",
                    models.CharField(
                        blank=True, db_comment="What it is about, as a code.", db_default="", default="", max_length=40
                    ),
                ),
                ("effective_at", models.DateTimeField(db_comment="When what it describes was so.")),
                ("signed_at", models.DateTimeField(blank=True, db_comment="When its author signed it.", null=True)),
                (
                    "amends",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The record that this one amends.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="amended_by",
                        to="records.medicalrecord",
                    ),
                ),
                (
                    "appointment",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The visit that it came from, if any.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="appointments.appointment",
                    ),
                ),
                (
                    "author",
                    models.ForeignKey(
                        db_comment="Who wrote it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="providers.provider",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose chart it belongs to.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="medical_records",
                        to="patients.patient",
                    ),
                ),
            ],
            options={
                "db_table": "medical_records",
                "db_table_comment": "Documents of patients' charts. Entered in error, never deleted.",
            },
        ),
        migrations.CreateModel(
            name="Prescription",
            fields=[
                (
                    "id",
                    models.BigAutoField(db_comment="Surrogate key, for joins only.", primary_key=True, serialize=False),
                ),
                (
                    "uid",
                    models.UUIDField(
                        db_comment="Public identifier, the one that leaves this database.",
                        db_default=django.contrib.postgres.functions.RandomUUID(),
                        default=uuid.uuid4,
                        editable=False,
                        unique=True,
                        verbose_name="public identifier",
                    ),
                ),
                (
                    "created_at",
                    models.DateTimeField(
                        auto_now_add=True,
                        db_comment="When the row was made.",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
                    ),
                ),
                (
                    "updated_at",
                    models.DateTimeField(
                        auto_now=True,
                        db_comment="When the row was last changed.",
                        db_default=django.contrib.postgres.functions.TransactionNow(),
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
                        db_comment="How far the order has come.",
                        db_default="draft",
                        default="draft",
                        max_length=16,
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
                        db_comment="Whether it is a proposal, a plan or an order.",
                        db_default="order",
                        default="order",
                        max_length=14,
                    ),
                ),
                (
                    "rxcui",
                    models.CharField(
                        blank=True,
                        db_comment="RxNorm concept of the medication.",
                        db_default="",
                        default="",
                        max_length=8,
                        verbose_name="RxCUI",
                    ),
                ),
                ("drug_name", models.CharField(db_comment="Name of the medication.", max_length=300)),
                (
                    "strength",
                    models.CharField(
                        blank=True, db_comment="Strength, such as 500 mg.", db_default="", default="", max_length=100
                    ),
                ),
                (
                    "dose_form",
                    models.CharField(
                        blank=True, db_comment="Form, such as tablet.", db_default="", default="", max_length=100
                    ),
                ),
                (
                    "sig",
                    models.CharField(
                        db_comment="Directions to the patient.", max_length=1000, verbose_name="directions"
                    ),
                ),
                (
                    "quantity",
                    models.DecimalField(
                        db_comment="How much to dispense, in its unit.", decimal_places=3, max_digits=10
                    ),
                ),
                (
                    "quantity_unit",
                    models.CharField(db_comment="Unit of the quantity, such as tablet or mL.", max_length=40),
                ),
                (
                    "days_supply",
                    models.PositiveSmallIntegerField(blank=True, db_comment="Days that the quantity lasts.", null=True),
                ),
                (
                    "refills_allowed",
                    models.PositiveSmallIntegerField(
                        db_comment="How often it may be dispensed again.", db_default=0, default=0
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
                        db_comment="Schedule of a controlled substance; empty when it is not controlled.",
                        db_default="",
                        default="",
                        max_length=3,
                        verbose_name="DEA schedule",
                    ),
                ),
                ("authored_on", models.DateField(db_comment="Day on which it was issued.")),
                (
                    "valid_until",
                    models.DateField(blank=True, db_comment="Last day on which it may be dispensed.", null=True),
                ),
                (
                    "medical_record",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The record that gives the reason, if any.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="records.medicalrecord",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who is to take it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="patients.patient",
                    ),
                ),
                (
                    "prescriber",
                    models.ForeignKey(
                        db_comment="Who prescribes it.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="prescriptions",
                        to="providers.provider",
                    ),
                ),
            ],
            options={
                "db_table": "prescriptions",
                "db_table_comment": "Orders for medications. Stopped or entered in error, never deleted.",
            },
        ),
        migrations.AddIndex(
            model_name="medicalrecord",
            index=models.Index(fields=["patient", "effective_at"], name="medical_records_of_patient"),
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
                            "allergy",
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
                condition=models.Q(("confidentiality__in", ["U", "L", "M", "N", "R", "V"])),
                name="medical_records_confidentiality",
                violation_error_message="This is not a known confidentiality.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status__in", ["final", "amended"]), _negated=True),
                    ("signed_at__isnull", False),
                    _connector="OR",
                ),
                name="medical_records_final_is_signed",
                violation_error_message="A final record needs its signature.",
            ),
        ),
        migrations.AddConstraint(
            model_name="medicalrecord",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("code", ""), ("code_system", "")),
                    models.Q(models.Q(("code", ""), _negated=True), models.Q(("code_system", ""), _negated=True)),
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
                    ("amends__isnull", True), models.Q(("amends", models.F("id")), _negated=True), _connector="OR"
                ),
                name="medical_records_not_amending_itself",
                violation_error_message="A record cannot amend itself.",
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
                condition=models.Q(("dea_schedule__in", ["", "II", "III", "IV", "V"])),
                name="prescriptions_schedule_known",
                violation_error_message="A DEA schedule is II, III, IV or V.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("rxcui", ""), ("rxcui__regex", "^[0-9]{1,8}$"), _connector="OR"),
                name="prescriptions_rxcui_form",
                violation_error_message="An RxCUI is one to eight digits.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("quantity__gt", 0)),
                name="prescriptions_quantity_positive",
                violation_error_message="The quantity is more than nothing.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("days_supply__isnull", True), ("days_supply__gt", 0), _connector="OR"),
                name="prescriptions_days_positive",
                violation_error_message="A supply lasts for at least one day.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(("refills_allowed__lte", 99)),
                name="prescriptions_refills_limit",
                violation_error_message="There are at most 99 refills.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dea_schedule", "II"), _negated=True), ("refills_allowed", 0), _connector="OR"
                ),
                name="prescriptions_schedule_ii_no_refill",
                violation_error_message="Schedule II allows no refill.",
            ),
        ),
        migrations.AddConstraint(
            model_name="prescription",
            constraint=models.CheckConstraint(
                condition=models.Q(
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
                condition=models.Q(
                    ("valid_until__isnull", True), ("valid_until__gte", models.F("authored_on")), _connector="OR"
                ),
                name="prescriptions_valid_forwards",
                violation_error_message="The prescription ends before it is issued.",
            ),
        ),
    ]
