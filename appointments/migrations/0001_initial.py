"""The appointments table."""

import uuid

import django.contrib.postgres.functions
import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("patients", "0001_initial"),
        ("providers", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Appointment",
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
                        db_comment="How far the appointment has come.",
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
                        db_comment="What manner of appointment it is.",
                        db_default="ROUTINE",
                        default="ROUTINE",
                        max_length=9,
                    ),
                ),
                (
                    "service_type",
                    models.CharField(
                        blank=True, db_comment="The service, in words.", db_default="", default="", max_length=120
                    ),
                ),
                (
                    "reason_text",
                    models.CharField(
                        blank=True,
                        db_comment="Why the patient comes, in words.",
                        db_default="",
                        default="",
                        max_length=500,
                    ),
                ),
                ("starts_at", models.DateTimeField(db_comment="First moment of the appointment.")),
                ("ends_at", models.DateTimeField(db_comment="First moment after the appointment.")),
                ("checked_in_at", models.DateTimeField(blank=True, db_comment="When the patient reported.", null=True)),
                (
                    "cancellation_reason",
                    models.CharField(
                        blank=True,
                        db_comment="Why the appointment was cancelled.",
                        db_default="",
                        default="",
                        max_length=500,
                    ),
                ),
                (
                    "patient",
                    models.ForeignKey(
                        db_comment="Who is to be seen.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="patients.patient",
                    ),
                ),
                (
                    "provider",
                    models.ForeignKey(
                        db_comment="Who is to see them.",
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="appointments",
                        to="providers.provider",
                    ),
                ),
                (
                    "rescheduled_from",
                    models.ForeignKey(
                        blank=True,
                        db_comment="The appointment that this one replaces.",
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
                "indexes": [models.Index(fields=["patient", "starts_at"], name="appointments_of_patient")],
                "constraints": [
                    models.CheckConstraint(
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
                    models.CheckConstraint(
                        condition=models.Q(
                            ("appointment_type__in", ["CHECKUP", "EMERGENCY", "FOLLOWUP", "ROUTINE", "WALKIN"])
                        ),
                        name="appointments_type_known",
                        violation_error_message="This is not a known appointment type.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(("ends_at__gt", models.F("starts_at"))),
                        name="appointments_end_after_start",
                        violation_error_message="The appointment ends before it begins.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(("status", "cancelled"), _negated=True),
                            models.Q(("cancellation_reason", ""), _negated=True),
                            _connector="OR",
                        ),
                        name="appointments_cancelled_with_reason",
                        violation_error_message="A cancelled appointment needs its reason.",
                    ),
                    models.CheckConstraint(
                        condition=models.Q(
                            ("rescheduled_from__isnull", True),
                            models.Q(("rescheduled_from", models.F("id")), _negated=True),
                            _connector="OR",
                        ),
                        name="appointments_not_rescheduled_from_itself",
                        violation_error_message="An appointment cannot replace itself.",
                    ),
                ],
            },
        ),
    ]
