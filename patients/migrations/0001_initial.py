"""The patients and insurance_info tables."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = []

    operations = [
        migrations.CreateModel(
            name="Patient",
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
                    "mrn",
                    models.CharField(
                        db_comment="Medical record number, as its authority writes it.",
                        max_length=64,
                        verbose_name="medical record number",
                    ),
                ),
                (
                    "assigning_authority",
                    models.CharField(
                        db_comment="Who gave the record number: a facility's OID, URI or name.", max_length=200
                    ),
                ),
                (
                    "family_name",
                    models.CharField(blank=True, db_comment="Family name.", db_default="", default="", max_length=200),
                ),
                (
                    "given_name",
                    models.CharField(
                        blank=True, db_comment="First given name.", db_default="", default="", max_length=200
                    ),
                ),
                (
                    "middle_name",
                    models.CharField(
                        blank=True, db_comment="Further given names.", db_default="", default="", max_length=200
                    ),
                ),
                ("birth_date", models.DateField(db_comment="Date of birth.")),
                (
                    "administrative_gender",
                    models.CharField(
                        choices=[("male", "Male"), ("female", "Female"), ("other", "Other"), ("unknown", "Unknown")],
                        db_comment="Gender for administrative purposes; not birth sex, not gender identity.",
                        max_length=7,
                    ),
                ),
                (
                    "language",
                    models.CharField(
                        blank=True,
                        db_comment="Preferred language, a BCP-47 tag such as es or zh-Hant.",
                        db_default="",
                        default="",
                        max_length=35,
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True, db_comment="Telephone number.", db_default="", default="", max_length=32
                    ),
                ),
                (
                    "email",
                    models.EmailField(
                        blank=True,
                        db_comment="E-mail address.",
                        db_default="",
                        default="",
                        max_length=254,
                        verbose_name="e-mail address",
                    ),
                ),
                (
                    "address_line",
                    models.CharField(
                        blank=True, db_comment="Street and number.", db_default="", default="", max_length=300
                    ),
                ),
                (
                    "city",
                    models.CharField(blank=True, db_comment="City or town.", db_default="", default="", max_length=100),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True,
                        db_comment="State, the USPS two-letter code.",
                        db_default="",
                        default="",
                        max_length=2,
                    ),
                ),
                (
                    "postal_code",
                    models.CharField(
                        blank=True, db_comment="ZIP or ZIP+4 code.", db_default="", default="", max_length=10
                    ),
                ),
                (
                    "deceased_at",
                    models.DateTimeField(blank=True, db_comment="When the patient died, if so.", null=True),
                ),
            ],
            options={
                "db_table": "patients",
                "db_table_comment": "People who receive care. Never deleted.",
                "constraints": [
                    models.UniqueConstraint(
                        fields=("mrn", "assigning_authority"),
                        name="patients_mrn_once_per_authority",
                        violation_error_message="This authority has given this record number to another patient.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("mrn", ""), _negated=True), models.Q(("assigning_authority", ""), _negated=True)
                        ),
                        name="patients_mrn_given",
                        violation_error_message="A record number and who gave it are needed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("family_name", ""), _negated=True),
                            models.Q(("given_name", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="patients_name_given",
                        violation_error_message="A family name or a given name is needed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("administrative_gender__in", ["male", "female", "other", "unknown"])),
                        name="patients_gender_known",
                        violation_error_message="This is not a known administrative gender.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("state", ""), ("state__regex", "^[A-Z]{2}$"), _connector="OR"),
                        name="patients_state_form",
                        violation_error_message="A state is two capital letters, such as CA.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("postal_code", ""), ("postal_code__regex", "^[0-9]{5}(-[0-9]{4})?$"), _connector="OR"
                        ),
                        name="patients_postal_code_form",
                        violation_error_message="A ZIP code is five digits, or nine as in 12345-6789.",
                    ),
                ],
            },
        ),
        migrations.CreateModel(
            name="InsuranceInfo",
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
                    "kind",
                    models.CharField(
                        choices=[("insurance", "Insurance"), ("self-pay", "Self-pay"), ("other", "Other")],
                        db_comment="Insurance, self-pay or other.",
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
                        db_comment="Whether the coverage is in force.",
                        db_default="active",
                        default="active",
                        max_length=16,
                    ),
                ),
                (
                    "payer_name",
                    models.CharField(blank=True, db_comment="Who pays.", db_default="", default="", max_length=200),
                ),
                (
                    "payer_id",
                    models.CharField(
                        blank=True,
                        db_comment="The payer's identifier for electronic claims.",
                        db_default="",
                        default="",
                        max_length=80,
                    ),
                ),
                (
                    "plan_name",
                    models.CharField(
                        blank=True, db_comment="Name of the plan.", db_default="", default="", max_length=200
                    ),
                ),
                (
                    "member_id",
                    models.CharField(
                        blank=True, db_comment="The patient's member number.", db_default="", default="", max_length=80
                    ),
                ),
                (
                    "group_number",
                    models.CharField(
                        blank=True, db_comment="Number of the group.", db_default="", default="", max_length=80
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
                        db_comment="What the patient is to the subscriber.",
                        db_default="self",
                        default="self",
                        max_length=7,
                    ),
                ),
                (
                    "coverage_order",
                    models.PositiveSmallIntegerField(
                        db_comment="Place in the order of payers; 1 pays first.", db_default=1, default=1
                    ),
                ),
                ("period_start", models.DateField(db_comment="First day of the coverage.")),
                (
                    "period_end",
                    models.DateField(blank=True, db_comment="Last day of the coverage; NULL while open.", null=True),
                ),
                (
                    "verified_at",
                    models.DateTimeField(
                        blank=True, db_comment="When the payer last confirmed the coverage.", null=True
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Whose care is paid (beneficiary).",
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
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("kind__in", ["insurance", "self-pay", "other"])),
                        name="insurance_info_kind_known",
                        violation_error_message="This is not a known kind.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("status__in", ["active", "cancelled", "draft", "entered-in-error"])),
                        name="insurance_info_status_known",
                        violation_error_message="This is not a known status.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            (
                                "relationship__in",
                                ["self", "spouse", "child", "parent", "common", "other", "injured", "none"],
                            )
                        ),
                        name="insurance_info_relationship_known",
                        violation_error_message="This is not a known relationship.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("kind", "insurance"), _negated=True),
                            models.Q(
                                models.Q(("payer_name", ""), _negated=True), models.Q(("member_id", ""), _negated=True)
                            ),
                            _connector="OR",
                        ),
                        name="insurance_info_payer_given",
                        violation_error_message="Insurance needs its payer and the member number.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("coverage_order__gte", 1)),
                        name="insurance_info_order_from_one",
                        violation_error_message="The order of payers begins at 1.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("period_end__isnull", True), ("period_end__gte", models.F("period_start")), _connector="OR"
                        ),
                        name="insurance_info_period_forwards",
                        violation_error_message="The coverage ends before it begins.",
                    ),
                ],
            },
        ),
    ]
