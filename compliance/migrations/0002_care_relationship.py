import datetime
import uuid

import django.contrib.postgres.fields.ranges
import django.contrib.postgres.functions
import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models

import compliance.rules


class Migration(migrations.Migration):
    dependencies = [
        ("compliance", "0001_initial"),
        ("patients", "0001_initial"),
    ]

    operations = [
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
                "indexes": [models.Index(fields=["user", "patient"], name="care_relationships_of_user")],
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("role__in", ["treating", "consulting", "covering", "nursing", "pharmacy", "coordinating"])
                        ),
                        name="care_relationships_role_known",
                        violation_error_message="This is not a known role.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("ends_at__isnull", True), ("ends_at__gte", models.F("starts_at")), _connector="OR"
                        ),
                        name="care_relationships_forwards",
                        violation_error_message="The relationship ends before it begins.",
                    ),
                    compliance.rules.NeverTwice(
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
                        name="care_relationships_calendar",
                        violation_error_message="A date lies between the years 1 and 9999; leave out an end that is open.",
                    ),
                    compliance.rules.HeldInSql(
                        name="care_relationships_patient_current",
                        violation_error_message="This patient's record has been merged: use the one that goes on.",
                    ),
                    compliance.rules.HeldInSql(
                        name="care_relationships_identity_stays",
                        violation_error_message="The keys of a row and when it was made do not change.",
                    ),
                    compliance.rules.HeldInSql(
                        name="care_relationships_changed_meanwhile",
                        violation_error_message="Somebody else changed this meanwhile. Look at it as it is now, and change it again.",
                    ),
                ],
            },
        ),
    ]
