"""The providers table."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Provider",
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
                    "npi",
                    models.CharField(
                        db_comment="National Provider Identifier, ten digits.",
                        max_length=10,
                        unique=True,
                        verbose_name="NPI",
                    ),
                ),
                ("family_name", models.CharField(db_comment="Family name.", max_length=200)),
                ("given_name", models.CharField(db_comment="First given name.", max_length=200)),
                (
                    "credentials",
                    models.CharField(
                        blank=True,
                        db_comment="Degrees and titles, such as MD or DNP.",
                        db_default="",
                        default="",
                        max_length=60,
                    ),
                ),
                (
                    "taxonomy_code",
                    models.CharField(
                        blank=True,
                        db_comment="NUCC provider taxonomy code, such as 207R00000X.",
                        db_default="",
                        default="",
                        max_length=10,
                    ),
                ),
                (
                    "specialty",
                    models.CharField(
                        blank=True, db_comment="Specialty, in words.", db_default="", default="", max_length=120
                    ),
                ),
                (
                    "department",
                    models.CharField(
                        blank=True, db_comment="Department, in words.", db_default="", default="", max_length=120
                    ),
                ),
                (
                    "license_number",
                    models.CharField(
                        blank=True, db_comment="Number of the state licence.", db_default="", default="", max_length=40
                    ),
                ),
                (
                    "license_state",
                    models.CharField(
                        blank=True,
                        db_comment="State of the licence, the USPS two-letter code.",
                        db_default="",
                        default="",
                        max_length=2,
                    ),
                ),
                ("license_expires_on", models.DateField(blank=True, db_comment="Last day of the licence.", null=True)),
                (
                    "accepting_patients",
                    models.BooleanField(
                        db_comment="Whether new patients may be booked.", db_default=True, default=True
                    ),
                ),
                ("active_from", models.DateField(db_comment="First day on which the provider may give care here.")),
                (
                    "active_to",
                    models.DateField(blank=True, db_comment="Last such day; NULL while it is open.", null=True),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        db_comment="The provider's own account; NULL for one who does not log in.",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="provider",
                        to=settings.AUTH_USER_MODEL,
                    ),
                ),
            ],
            options={
                "db_table": "providers",
                "db_table_comment": "Practitioners. Never deleted: records name them.",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(("npi__regex", "^[12][0-9]{9}$")),
                        name="providers_npi_form",
                        violation_error_message="An NPI is ten digits and begins with 1 or 2.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("family_name", ""), _negated=True), models.Q(("given_name", ""), _negated=True)
                        ),
                        name="providers_name_given",
                        violation_error_message="A family name and a given name are needed.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("taxonomy_code", ""), ("taxonomy_code__regex", "^[0-9A-Z]{9}X$"), _connector="OR"
                        ),
                        name="providers_taxonomy_form",
                        violation_error_message="A taxonomy code is nine digits or capital letters and an X.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("license_number", ""), ("license_state", "")),
                            models.Q(
                                models.Q(("license_number", ""), _negated=True), ("license_state__regex", "^[A-Z]{2}$")
                            ),
                            _connector="OR",
                        ),
                        name="providers_license_whole",
                        violation_error_message="A licence needs its number and its state, two capital letters.",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("license_number", ""), _negated=True),
                        fields=("license_state", "license_number"),
                        name="providers_license_once",
                        violation_error_message="Another provider has this licence.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("active_to__isnull", True), ("active_to__gte", models.F("active_from")), _connector="OR"
                        ),
                        name="providers_active_forwards",
                        violation_error_message="The last day lies before the first.",
                    ),
                ],
            },
        ),
    ]
