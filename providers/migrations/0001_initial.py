import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.functions
import django.contrib.postgres.indexes
import django.db.models.deletion
import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models

import compliance.rules
import providers.availability


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sql_migrations", "20240117_100000_check_codes"),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.CreateModel(
            name="Provider",
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
                    "npi",
                    models.CharField(
                        db_comment="National Provider Identifier, ten digits. [PHI: none]",
                        max_length=10,
                        verbose_name="NPI",
                    ),
                ),
                ("family_name", models.CharField(db_comment="Family name. [PHI: none]", max_length=200)),
                ("given_name", models.CharField(db_comment="First given name. [PHI: none]", max_length=200)),
                (
                    "middle_name",
                    models.CharField(
                        blank=True, db_comment="Further given names. [PHI: none]", max_length=200, null=True
                    ),
                ),
                (
                    "credentials",
                    models.CharField(
                        blank=True,
                        db_comment="Degrees and titles, such as MD or DNP. [PHI: none]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "taxonomy_code",
                    models.CharField(
                        blank=True,
                        db_comment="NUCC provider taxonomy code, such as 207R00000X. [PHI: none]",
                        max_length=10,
                        null=True,
                    ),
                ),
                (
                    "specialty",
                    models.CharField(
                        blank=True, db_comment="Specialty, in words. [PHI: none]", max_length=120, null=True
                    ),
                ),
                (
                    "department",
                    models.CharField(
                        blank=True, db_comment="Department, in words. [PHI: none]", max_length=120, null=True
                    ),
                ),
                (
                    "phone",
                    models.CharField(
                        blank=True, db_comment="Telephone number at work. [PHI: none]", max_length=32, null=True
                    ),
                ),
                (
                    "email",
                    models.CharField(
                        blank=True,
                        db_comment="E-mail address at work. [PHI: none]",
                        max_length=254,
                        null=True,
                        verbose_name="e-mail address",
                    ),
                ),
                (
                    "license_number",
                    models.CharField(
                        blank=True, db_comment="Number of the state licence. [PHI: none]", max_length=40, null=True
                    ),
                ),
                (
                    "license_state",
                    models.CharField(
                        blank=True,
                        db_comment="State of the licence, the USPS two-letter code. [PHI: none]",
                        max_length=2,
                        null=True,
                    ),
                ),
                (
                    "license_expires_on",
                    models.DateField(blank=True, db_comment="Last day of the licence. [PHI: none]", null=True),
                ),
                (
                    "dea_number",
                    models.CharField(
                        blank=True,
                        db_comment="Registration with the Drug Enforcement Administration, as AB1234563. [PHI: none]",
                        max_length=9,
                        null=True,
                        verbose_name="DEA number",
                    ),
                ),
                (
                    "dea_expires_on",
                    models.DateField(
                        blank=True,
                        db_comment="Last day of that registration. [PHI: none]",
                        null=True,
                        verbose_name="DEA expires on",
                    ),
                ),
                (
                    "dea_schedules",
                    django.contrib.postgres.fields.ArrayField(
                        base_field=models.CharField(
                            choices=[
                                ("II", "Schedule II"),
                                ("III", "Schedule III"),
                                ("IV", "Schedule IV"),
                                ("V", "Schedule V"),
                            ],
                            max_length=3,
                        ),
                        blank=True,
                        db_comment="The schedules that it covers. [PHI: none]",
                        db_default=[],
                        default=list,
                        size=None,
                        verbose_name="DEA schedules",
                    ),
                ),
                (
                    "accepting_patients",
                    models.BooleanField(
                        db_comment="Whether new patients may be booked. [PHI: none]", db_default=True, default=True
                    ),
                ),
                (
                    "active_from",
                    models.DateField(db_comment="First day on which the provider may give care here. [PHI: none]"),
                ),
                (
                    "active_to",
                    models.DateField(
                        blank=True, db_comment="Last such day; NULL while it is open. [PHI: none]", null=True
                    ),
                ),
                (
                    "user",
                    models.OneToOneField(
                        blank=True,
                        db_comment="The provider's own account; NULL for one who does not log in. [PHI: none]",
                        error_messages={"unique": "This account is another provider's."},
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
                "permissions": [("credential_provider", "Can enter licences and DEA registrations")],
            },
        ),
        migrations.CreateModel(
            name="ProviderAvailability",
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
                    "weekday",
                    models.SmallIntegerField(
                        choices=[
                            (1, "Monday"),
                            (2, "Tuesday"),
                            (3, "Wednesday"),
                            (4, "Thursday"),
                            (5, "Friday"),
                            (6, "Saturday"),
                            (7, "Sunday"),
                        ],
                        db_comment="Day of the week: 1 is Monday, 7 is Sunday. [PHI: none]",
                    ),
                ),
                ("starts_at", models.TimeField(db_comment="First moment, local time. [PHI: none]")),
                (
                    "ends_at",
                    models.TimeField(db_comment="First moment after, local time, on the same day. [PHI: none]"),
                ),
                (
                    "time_zone",
                    models.CharField(
                        db_comment="The IANA time zone whose clock is meant, such as America/New_York. [PHI: none]",
                        max_length=64,
                        validators=[providers.availability.time_zone],
                    ),
                ),
                (
                    "slot_minutes",
                    models.SmallIntegerField(
                        db_comment="Length of the slots that are offered, in minutes. [PHI: none]",
                        db_default=30,
                        default=30,
                    ),
                ),
                ("valid_from", models.DateField(db_comment="First day on which these hours hold. [PHI: none]")),
                (
                    "valid_until",
                    models.DateField(
                        blank=True, db_comment="Last such day; NULL while it is open. [PHI: none]", null=True
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_comment="Who sees patients then. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="availability",
                        to="providers.provider",
                    ),
                ),
            ],
            options={
                "verbose_name": "availability",
                "verbose_name_plural": "availability",
                "db_table": "provider_availability",
                "db_table_comment": "Hours of the week in which providers may be booked.",
            },
        ),
        migrations.AddIndex(
            model_name="provider",
            index=models.Index(
                django.contrib.postgres.indexes.OpClass(
                    django.db.models.functions.text.Upper("family_name"), name="text_pattern_ops"
                ),
                name="providers_name",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.UniqueConstraint(
                fields=("npi",), name="providers_npi_once", violation_error_message="Another provider has this NPI."
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Func("npi", function="npi_is_valid", output_field=models.BooleanField()),
                name="providers_npi_valid",
                violation_error_message="This is no NPI: it has ten digits, begins with 1 or 2, and its last digit checks the others.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("family_name__isnull", True), models.Q(("family_name", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("given_name__isnull", True), models.Q(("given_name", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("middle_name__isnull", True), models.Q(("middle_name", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(
                        ("credentials__isnull", True), models.Q(("credentials", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(("specialty__isnull", True), models.Q(("specialty", ""), _negated=True), _connector="OR"),
                    models.Q(
                        ("department__isnull", True), models.Q(("department", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(("phone__isnull", True), models.Q(("phone", ""), _negated=True), _connector="OR"),
                ),
                name="providers_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(("email__regex", "^[^@\\s]+@[^@\\s]+$")),
                name="providers_email_form",
                violation_error_message="An e-mail address has one @ and no spaces.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(("taxonomy_code__regex", "^[0-9A-Z]{9}X$")),
                name="providers_taxonomy_form",
                violation_error_message="A taxonomy code is nine digits or capital letters and an X.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("license_expires_on__isnull", True),
                        ("license_number__isnull", True),
                        ("license_state__isnull", True),
                    ),
                    models.Q(
                        ("license_number__isnull", False),
                        ("license_state__isnull", False),
                        models.Q(("license_number", ""), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="providers_license_whole",
                violation_error_message="A licence needs its number and its state.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(("license_state__regex", "^[A-Z]{2}$")),
                name="providers_license_state_form",
                violation_error_message="The state of a licence is two capital letters, such as CA.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.UniqueConstraint(
                fields=("license_state", "license_number"),
                name="providers_license_once",
                violation_error_message="Another provider has this licence.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Func("dea_number", function="dea_is_valid", output_field=models.BooleanField()),
                name="providers_dea_valid",
                violation_error_message="This is no DEA number: two letters and seven digits, of which the last checks the others.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.UniqueConstraint(
                fields=("dea_number",),
                name="providers_dea_once",
                violation_error_message="Another provider has this DEA number.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("dea_schedules__contained_by", ["II", "III", "IV", "V"]),
                    django.db.models.lookups.Exact(
                        models.Func(
                            models.F("dea_schedules"), function="array_ndims", output_field=models.IntegerField()
                        ),
                        1,
                    ),
                ),
                name="providers_dea_schedules_known",
                violation_error_message="One of these is not a known DEA schedule.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("dea_expires_on__isnull", True), ("dea_number__isnull", True), ("dea_schedules", [])),
                    models.Q(
                        ("dea_expires_on__isnull", False),
                        ("dea_number__isnull", False),
                        models.Q(("dea_schedules", []), _negated=True),
                    ),
                    _connector="OR",
                ),
                name="providers_dea_whole",
                violation_error_message="A DEA registration needs its number, its last day and its schedules.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("active_to__isnull", True), ("active_to__gte", models.F("active_from")), _connector="OR"
                ),
                name="providers_active_forwards",
                violation_error_message="The last day lies before the first.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("license_expires_on__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("dea_expires_on__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("active_from__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("active_to__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                ),
                name="providers_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=compliance.rules.HeldInSql(
                name="providers_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provider",
            constraint=compliance.rules.HeldInSql(
                name="providers_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(("weekday__gte", 1), ("weekday__lte", 7)),
                name="provider_availability_weekday_known",
                violation_error_message="A weekday is 1, Monday, to 7, Sunday.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="provider_availability_hours_forwards",
                violation_error_message="The hours end before they begin; a night is two rows.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__lte", datetime.time(23, 59, 59, 999999))),
                name="provider_availability_ends_same_day",
                violation_error_message="The hours end on the same day, at 23:59:59 at the latest.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(("slot_minutes__gte", 5), ("slot_minutes__lte", 480)),
                name="provider_availability_slot_length",
                violation_error_message="A slot is 5 minutes to 8 hours long.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(("time_zone__regex", "^(UTC|[A-Za-z_]+(/[A-Za-z0-9_+-]+)+)$")),
                name="provider_availability_zone_form",
                violation_error_message="A time zone has a name such as America/New_York.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_until__isnull", True), ("valid_until__gte", models.F("valid_from")), _connector="OR"
                ),
                name="provider_availability_valid_forwards",
                violation_error_message="These hours cease before they begin to hold.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("valid_from__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                    ("valid_until__range", (datetime.date(1, 1, 1), datetime.date(9999, 12, 31))),
                ),
                name="provider_availability_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=compliance.rules.HeldInSql(
                name="provider_availability_zone_known", violation_error_message="This is not the name of a time zone."
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=compliance.rules.HeldInSql(
                name="provider_availability_hours_once",
                violation_error_message="The provider's hours on this weekday overlap with others that hold at the same time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=compliance.rules.HeldInSql(
                name="provider_availability_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="provideravailability",
            constraint=compliance.rules.HeldInSql(
                name="provider_availability_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
    ]
