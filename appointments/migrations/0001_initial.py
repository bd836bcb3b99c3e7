import datetime
import uuid

import django.contrib.postgres.fields
import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.core.validators
import django.db.models.deletion
import django.db.models.lookups
from django.db import migrations, models

import compliance.rules


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("sql_migrations", "20240117_100000_check_codes"),
        ("patients", "0001_initial"),
        ("providers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
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
                            ("proposed", "Proposed"),
                            ("pending", "Pending"),
                            ("booked", "Booked"),
                            ("arrived", "Arrived"),
                            ("fulfilled", "Fulfilled"),
                            ("cancelled", "Cancelled"),
                            ("noshow", "No show"),
                            ("entered-in-error", "Entered in error"),
                            ("checked-in", "Checked in"),
                            ("waitlist", "On the waiting list"),
                        ],
                        db_comment="How far the appointment has come. [PHI: clinical]",
                        db_default="booked",
                        default="booked",
                        max_length=16,
                    ),
                ),
                (
                    "appointment_type",
                    models.CharField(
                        choices=[
                            ("CHECKUP", "Routine check-up"),
                            ("EMERGENCY", "Emergency"),
                            ("FOLLOWUP", "Follow-up"),
                            ("ROUTINE", "Routine"),
                            ("WALKIN", "Walk-in"),
                        ],
                        db_comment="What manner of appointment it is. [PHI: clinical]",
                        db_default="ROUTINE",
                        default="ROUTINE",
                        max_length=9,
                        verbose_name="type",
                    ),
                ),
                (
                    "service_type",
                    models.CharField(
                        blank=True, db_comment="The service, in words. [PHI: clinical]", max_length=120, null=True
                    ),
                ),
                (
                    "reason_system",
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
                        db_comment="Code system of the reason's code, by its URI. [PHI: clinical]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "reason_code",
                    models.CharField(
                        blank=True,
                        db_comment="Why the patient comes, as a code. [PHI: clinical]",
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "reason_text",
                    models.CharField(
                        blank=True,
                        db_comment="Why the patient comes, in words. [PHI: sensitive; to be encrypted]",
                        max_length=500,
                        null=True,
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="First moment of the appointment; NULL until one is agreed. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True, db_comment="First moment after the appointment. [PHI: identifier, dates]", null=True
                    ),
                ),
                (
                    "telehealth_url",
                    models.CharField(
                        blank=True,
                        db_comment="Where the two meet on line. [PHI: identifier, web addresses; to be encrypted]",
                        max_length=500,
                        null=True,
                        validators=[django.core.validators.URLValidator(schemes=["https"])],
                        verbose_name="telehealth address",
                    ),
                ),
                (
                    "checked_in_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When the patient was checked in. [PHI: identifier, dates]",
                        editable=False,
                        null=True,
                    ),
                ),
                (
                    "cancellation_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("pat", "Patient"),
                            ("pat-fb", "Patient: feeling better"),
                            ("pat-mv", "Patient: moved"),
                            ("pat-lt", "Patient: lack of transportation"),
                            ("pat-dec", "Patient: deceased"),
                            ("prov", "Provider"),
                            ("prov-pers", "Provider: personal"),
                            ("maint", "Equipment maintenance or repair"),
                            ("other", "Other"),
                        ],
                        db_comment="Why it was cancelled: FHIR appointment-cancellation-reason. [PHI: clinical]",
                        max_length=9,
                        null=True,
                    ),
                ),
                (
                    "cancellation_note",
                    models.CharField(
                        blank=True,
                        db_comment="Why it was cancelled, in words. [PHI: sensitive; to be encrypted]",
                        max_length=500,
                        null=True,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who is to be seen. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="patients.patient",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_comment="Who is to see them. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="providers.provider",
                    ),
                ),
                (
                    "rescheduled_from",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The appointment that this one replaces. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="rescheduled_to",
                        to="appointments.appointment",
                    ),
                ),
            ],
            options={
                "db_table": "appointments",
                "db_table_comment": "Patients' times with providers. Cancelled, never deleted.",
                "permissions": [
                    ("book_appointment", "Can book and reschedule appointments"),
                    ("cancel_appointment", "Can cancel appointments"),
                    ("check_in_appointment", "Can say that a patient came, or did not"),
                ],
            },
        ),
        migrations.CreateModel(
            name="Location",
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
                ("name", models.CharField(db_comment="Name, as it stands on the door. [PHI: none]", max_length=120)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("si", "Site"),
                            ("bu", "Building"),
                            ("wa", "Ward"),
                            ("lvl", "Level"),
                            ("ro", "Room"),
                            ("bd", "Bed"),
                            ("ve", "Vehicle"),
                            ("ho", "House"),
                            ("vi", "Virtual"),
                        ],
                        db_comment="What it is: FHIR location-physical-type. [PHI: none]",
                        max_length=3,
                    ),
                ),
                (
                    "status",
                    models.CharField(
                        choices=[("active", "Active"), ("suspended", "Suspended"), ("inactive", "Inactive")],
                        db_comment="Whether it is in use. [PHI: none]",
                        db_default="active",
                        default="active",
                        max_length=9,
                    ),
                ),
                (
                    "phone",
                    models.CharField(blank=True, db_comment="Telephone number. [PHI: none]", max_length=32, null=True),
                ),
                (
                    "address_line",
                    models.CharField(
                        blank=True,
                        db_comment="Street and number; of a site or a building. [PHI: none]",
                        max_length=300,
                        null=True,
                    ),
                ),
                (
                    "city",
                    models.CharField(blank=True, db_comment="City or town. [PHI: none]", max_length=100, null=True),
                ),
                (
                    "state",
                    models.CharField(
                        blank=True, db_comment="State, the USPS two-letter code. [PHI: none]", max_length=2, null=True
                    ),
                ),
                (
                    "postal_code",
                    models.CharField(
                        blank=True,
                        db_comment="ZIP or ZIP+4 code. [PHI: none]",
                        max_length=10,
                        null=True,
                        verbose_name="ZIP code",
                    ),
                ),
                (
                    "part_of",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The place that it is in. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="parts",
                        to="appointments.location",
                    ),
                ),
            ],
            options={
                "db_table": "locations",
                "db_table_comment": "Places of care. Inactive, never deleted: appointments name them.",
            },
        ),
        migrations.CreateModel(
            name="Encounter",
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
                            ("planned", "Planned"),
                            ("arrived", "Arrived"),
                            ("triaged", "Triaged"),
                            ("in-progress", "In progress"),
                            ("onleave", "On leave"),
                            ("finished", "Finished"),
                            ("cancelled", "Cancelled"),
                            ("entered-in-error", "Entered in error"),
                            ("unknown", "Unknown"),
                        ],
                        db_comment="How far it has come. [PHI: clinical]",
                        db_default="in-progress",
                        default="in-progress",
                        max_length=16,
                    ),
                ),
                (
                    "encounter_class",
                    models.CharField(
                        choices=[
                            ("AMB", "Ambulatory"),
                            ("EMER", "Emergency"),
                            ("FLD", "Field"),
                            ("HH", "Home health"),
                            ("IMP", "Inpatient"),
                            ("OBSENC", "Observation"),
                            ("SS", "Short stay"),
                            ("VR", "Virtual"),
                        ],
                        db_comment="In what setting it was: HL7 ActEncounterCode. [PHI: clinical]",
                        db_default="AMB",
                        default="AMB",
                        max_length=6,
                        verbose_name="class",
                    ),
                ),
                (
                    "reason_system",
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
                        db_comment="Code system of the reason's code, by its URI. [PHI: clinical]",
                        max_length=60,
                        null=True,
                    ),
                ),
                (
                    "reason_code",
                    models.CharField(
                        blank=True,
                        db_comment="Why the patient came, as a code. [PHI: clinical]",
                        max_length=20,
                        null=True,
                    ),
                ),
                (
                    "reason_text",
                    models.CharField(
                        blank=True,
                        db_comment="Why the patient came, in words. [PHI: sensitive; to be encrypted]",
                        max_length=500,
                        null=True,
                    ),
                ),
                (
                    "starts_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When it began; NULL while it is planned. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "ends_at",
                    models.DateTimeField(
                        blank=True,
                        db_comment="When it ended; NULL while it goes on. [PHI: identifier, dates]",
                        null=True,
                    ),
                ),
                (
                    "discharge_disposition",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("home", "Home"),
                            ("alt-home", "Alternative home"),
                            ("other-hcf", "Other healthcare facility"),
                            ("hosp", "Hospice"),
                            ("long", "Long-term care"),
                            ("aadvice", "Left against advice"),
                            ("exp", "Expired"),
                            ("psy", "Psychiatric hospital"),
                            ("rehab", "Rehabilitation"),
                            ("snf", "Skilled nursing facility"),
                            ("oth", "Other"),
                        ],
                        db_comment="Where the patient went afterwards; of stays. [PHI: clinical]",
                        max_length=9,
                        null=True,
                    ),
                ),
                (
                    "appointment",
                    models.OneToOneField(
                        blank=True,
                        db_comment="The appointment that it came from; NULL for none. [PHI: none]",
                        error_messages={"unique": "The appointment has an encounter already."},
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounter",
                        to="appointments.appointment",
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who was seen. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounters",
                        to="patients.patient",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_comment="Who saw them. [PHI: none]",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounters",
                        to="providers.provider",
                    ),
                ),
                (
                    "location",
                    models.ForeignKey(
                        blank=True,
                        db_comment="Where it was. [PHI: none]",
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="encounters",
                        to="appointments.location",
                    ),
                ),
            ],
            options={
                "db_table": "encounters",
                "db_table_comment": "Contacts in which care was given. Entered in error, never deleted.",
            },
        ),
        migrations.AddField(
            model_name="appointment",
            name="room",
            field=models.ForeignKey(
                blank=True,
                db_comment="The room or bed that it has to itself; NULL for none. [PHI: none]",
                limit_choices_to={"kind__in": ["ro", "bd"]},
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="appointments",
                to="appointments.location",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(("kind__in", ["si", "bu", "wa", "lvl", "ro", "bd", "ve", "ho", "vi"])),
                name="locations_kind_known",
                violation_error_message="This is not a known kind.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(("status__in", ["active", "suspended", "inactive"])),
                name="locations_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("name__isnull", True), models.Q(("name", ""), _negated=True), _connector="OR"),
                    models.Q(("phone__isnull", True), models.Q(("phone", ""), _negated=True), _connector="OR"),
                    models.Q(
                        ("address_line__isnull", True), models.Q(("address_line", ""), _negated=True), _connector="OR"
                    ),
                    models.Q(("city__isnull", True), models.Q(("city", ""), _negated=True), _connector="OR"),
                ),
                name="locations_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.UniqueConstraint(
                fields=("part_of", "name"),
                name="locations_name_once",
                nulls_distinct=False,
                violation_error_message="There is a place of this name there already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(("part_of", models.F("id")), _negated=True),
                name="locations_not_in_itself",
                violation_error_message="A place is not in itself.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=compliance.rules.HeldInSql(
                name="locations_outside_itself",
                violation_error_message="That place is in this one already: places do not form a circle.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(("state__regex", "^[A-Z]{2}$")),
                name="locations_state_form",
                violation_error_message="A state is two capital letters, such as CA.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=models.CheckConstraint(
                condition=models.Q(("postal_code__regex", "^[0-9]{5}(-[0-9]{4})?$")),
                name="locations_postal_code_form",
                violation_error_message="A ZIP code is five digits, or nine as in 12345-6789.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=compliance.rules.HeldInSql(
                name="locations_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="location",
            constraint=compliance.rules.HeldInSql(
                name="locations_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["patient", "starts_at"], name="encounters_of_patient"),
        ),
        migrations.AddIndex(
            model_name="encounter",
            index=models.Index(fields=["provider", "starts_at"], name="encounters_of_provider"),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "planned",
                            "arrived",
                            "triaged",
                            "in-progress",
                            "onleave",
                            "finished",
                            "cancelled",
                            "entered-in-error",
                            "unknown",
                        ],
                    )
                ),
                name="encounters_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(("encounter_class__in", ["AMB", "EMER", "FLD", "HH", "IMP", "OBSENC", "SS", "VR"])),
                name="encounters_class_known",
                violation_error_message="This is not a known encounter class.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "discharge_disposition__in",
                        [
                            "home",
                            "alt-home",
                            "other-hcf",
                            "hosp",
                            "long",
                            "aadvice",
                            "exp",
                            "psy",
                            "rehab",
                            "snf",
                            "oth",
                        ],
                    )
                ),
                name="encounters_disposition_known",
                violation_error_message="This is not a known discharge disposition.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason_system__isnull", True), ("reason_code__isnull", True)),
                    models.Q(("reason_system__isnull", False), ("reason_code__isnull", False)),
                    _connector="OR",
                ),
                name="encounters_reason_code_with_system",
                violation_error_message="A code needs its code system, and a code system its code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason_system__in",
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
                name="encounters_reason_code_system_known",
                violation_error_message="This is not a known code system.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    "reason_system", "reason_code", function="code_is_valid", output_field=models.BooleanField()
                ),
                name="encounters_reason_code_form",
                violation_error_message="This is not a code of that system: its form or its check digit is wrong.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("status__in", ["arrived", "triaged", "in-progress", "onleave", "finished"]), _negated=True
                    ),
                    ("starts_at__isnull", False),
                    _connector="OR",
                ),
                name="encounters_begun_has_its_time",
                violation_error_message="An encounter that has begun has a time at which it began.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "finished"), _negated=True), ("ends_at__isnull", False), _connector="OR"
                ),
                name="encounters_finished_has_its_time",
                violation_error_message="A finished encounter has a time at which it ended.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("starts_at__isnull", False), _connector="OR"),
                name="encounters_end_needs_start",
                violation_error_message="What ended has begun: say when.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"),
                name="encounters_forwards",
                violation_error_message="The encounter ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
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
                name="encounters_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=compliance.rules.HeldInSql(
                name="encounters_same_patient", violation_error_message="The appointment is another patient's."
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=compliance.rules.HeldInSql(
                name="encounters_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidentiality__in", ["U", "L", "M", "N", "R", "V"])),
                name="encounters_confidentiality_known",
                violation_error_message="This is not a known confidentiality code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
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
                name="encounters_sensitivity_known",
                violation_error_message="One of these is not a known sensitivity code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=compliance.rules.HeldInSql(
                name="encounters_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="encounter",
            constraint=compliance.rules.HeldInSql(
                name="encounters_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["patient", "starts_at"], name="appointments_of_patient"),
        ),
        migrations.AddIndex(
            model_name="appointment",
            index=models.Index(fields=["provider", "starts_at"], name="appointments_of_provider"),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "status__in",
                        [
                            "proposed",
                            "pending",
                            "booked",
                            "arrived",
                            "fulfilled",
                            "cancelled",
                            "noshow",
                            "entered-in-error",
                            "checked-in",
                            "waitlist",
                        ],
                    )
                ),
                name="appointments_status_known",
                violation_error_message="This is not a known status.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("appointment_type__in", ["CHECKUP", "EMERGENCY", "FOLLOWUP", "ROUTINE", "WALKIN"])),
                name="appointments_type_known",
                violation_error_message="This is not a known appointment type.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "cancellation_reason__in",
                        ["pat", "pat-fb", "pat-mv", "pat-lt", "pat-dec", "prov", "prov-pers", "maint", "other"],
                    )
                ),
                name="appointments_cancellation_reason_known",
                violation_error_message="This is not a known cancellation reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("reason_system__isnull", True), ("reason_code__isnull", True)),
                    models.Q(("reason_system__isnull", False), ("reason_code__isnull", False)),
                    _connector="OR",
                ),
                name="appointments_reason_code_with_system",
                violation_error_message="A code needs its code system, and a code system its code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    (
                        "reason_system__in",
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
                name="appointments_reason_code_system_known",
                violation_error_message="This is not a known code system.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Func(
                    "reason_system", "reason_code", function="code_is_valid", output_field=models.BooleanField()
                ),
                name="appointments_reason_code_form",
                violation_error_message="This is not a code of that system: its form or its check digit is wrong.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("service_type__isnull", True), models.Q(("service_type", ""), _negated=True), _connector="OR"
                ),
                name="appointments_text_not_empty",
                violation_error_message="Leave out what is unknown: empty text is not taken.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("ends_at__isnull", True), ("starts_at__isnull", True)),
                    models.Q(("ends_at__isnull", False), ("starts_at__isnull", False)),
                    _connector="OR",
                ),
                name="appointments_both_times",
                violation_error_message="An appointment has a beginning and an end, or neither.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("status__in", ("proposed", "cancelled", "waitlist")), ("starts_at__isnull", False), _connector="OR"
                ),
                name="appointments_time_agreed",
                violation_error_message="Only a proposed, waiting or cancelled appointment may be without its time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                name="appointments_end_after_start",
                violation_error_message="The appointment ends before it begins.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("cancellation_reason__isnull", False), ("status", "cancelled")),
                    models.Q(("status", "cancelled"), _negated=True),
                    _connector="OR",
                ),
                name="appointments_cancelled_with_reason",
                violation_error_message="A cancelled appointment needs its reason.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "checked-in"), _negated=True), ("checked_in_at__isnull", False), _connector="OR"
                ),
                name="appointments_checked_in_has_its_time",
                violation_error_message="An appointment that is checked in has the time of it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("cancellation_reason__isnull", True),
                    ("status__in", ("cancelled", "entered-in-error")),
                    _connector="OR",
                ),
                name="appointments_reason_of_cancelled",
                violation_error_message="Only a cancelled appointment has a reason for its cancellation.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    ("checked_in_at__isnull", True),
                    ("status__in", ("checked-in", "fulfilled", "cancelled", "entered-in-error")),
                    _connector="OR",
                ),
                name="appointments_check_in_of_checked_in",
                violation_error_message="Only an appointment that was checked in has a time of it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("rescheduled_from__lt", models.F("id"))),
                name="appointments_replaces_an_earlier_one",
                violation_error_message="An appointment replaces one that was made before it.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.UniqueConstraint(
                fields=("rescheduled_from",),
                name="appointments_rescheduled_once",
                violation_error_message="That appointment has been replaced already.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.NeverTwice(
                condition=models.Q(("status__in", ("booked", "arrived", "checked-in", "fulfilled"))),
                expressions=[
                    ("provider", "="),
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
                name="appointments_provider_booked_once",
                violation_error_message="The provider has another appointment at this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.NeverTwice(
                condition=models.Q(("status__in", ("booked", "arrived", "checked-in", "fulfilled"))),
                expressions=[
                    ("room", "="),
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
                name="appointments_room_booked_once",
                violation_error_message="The room is taken at this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.NeverTwice(
                condition=models.Q(("status__in", ("booked", "arrived", "checked-in", "fulfilled"))),
                expressions=[
                    ("patient", "="),
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
                name="appointments_patient_booked_once",
                violation_error_message="The patient has another appointment at this time.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
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
                    (
                        "checked_in_at__range",
                        (
                            datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.UTC),
                            datetime.datetime(9999, 12, 31, 23, 59, 59, 999999, tzinfo=datetime.UTC),
                        ),
                    ),
                ),
                name="appointments_calendar",
                violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.HeldInSql(
                name="appointments_status_follows",
                violation_error_message="The appointment cannot go from its status to that one.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.HeldInSql(
                name="appointments_room_is_a_room",
                violation_error_message="Only an active room or bed can be had for an appointment.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.HeldInSql(
                name="appointments_replaces_same_patient",
                violation_error_message="An appointment replaces one of the same patient.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.HeldInSql(
                name="appointments_patient_current",
                violation_error_message="This patient's record has been merged: use the one that goes on.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=models.CheckConstraint(
                condition=models.Q(("confidentiality__in", ["U", "L", "M", "N", "R", "V"])),
                name="appointments_confidentiality_known",
                violation_error_message="This is not a known confidentiality code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
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
                name="appointments_sensitivity_known",
                violation_error_message="One of these is not a known sensitivity code.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.HeldInSql(
                name="appointments_identity_stays",
                violation_error_message="The keys of a row and when it was made do not change.",
            ),
        ),
        migrations.AddConstraint(
            model_name="appointment",
            constraint=compliance.rules.HeldInSql(
                name="appointments_changed_meanwhile",
                violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
            ),
        ),
    ]
