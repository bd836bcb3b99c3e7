"""Appointments, in the words of FHIR R4 Appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import F, Q

from compliance.clinical import ClinicalModel, one_of, rule

if TYPE_CHECKING:
    from datetime import datetime


class AppointmentStatus(models.TextChoices):
    """FHIR appointmentstatus."""

    PROPOSED = "proposed", "Proposed"
    PENDING = "pending", "Pending"
    BOOKED = "booked", "Booked"
    ARRIVED = "arrived", "Arrived"
    FULFILLED = "fulfilled", "Fulfilled"
    CANCELLED = "cancelled", "Cancelled"
    NOSHOW = "noshow", "No show"
    ENTERED_IN_ERROR = "entered-in-error", "Entered in error"
    CHECKED_IN = "checked-in", "Checked in"
    WAITLIST = "waitlist", "On the waiting list"


class AppointmentType(models.TextChoices):
    """HL7 v2 table 0276, the codes that FHIR prefers for appointmentType."""

    CHECKUP = "CHECKUP", "Routine check-up"
    EMERGENCY = "EMERGENCY", "Emergency"
    FOLLOWUP = "FOLLOWUP", "Follow-up"
    ROUTINE = "ROUTINE", "Routine"
    WALKIN = "WALKIN", "Walk-in"


# In these the provider's time is taken. The exclusion constraint appointments_provider_booked_once names the same.
LIVE = (
    AppointmentStatus.BOOKED,
    AppointmentStatus.ARRIVED,
    AppointmentStatus.CHECKED_IN,
    AppointmentStatus.FULFILLED,
)


class AppointmentQuerySet(models.QuerySet["Appointment"]):
    """Appointments, in the words of a schedule."""

    def live(self) -> Self:
        """Keep those that take their provider's time."""
        return self.filter(status__in=LIVE)

    def during(self, start: datetime, end: datetime) -> Self:
        """Keep those that overlap the time from `start` up to, not including, `end`."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)


class Appointment(ClinicalModel):
    """A patient's time with a provider, from `starts_at` up to, not including, `ends_at`."""

    Status = AppointmentStatus
    Type = AppointmentType

    patient = models.ForeignKey(
        "patients.Patient", models.PROTECT, related_name="appointments", db_comment="Who is to be seen."
    )
    provider = models.ForeignKey(
        "providers.Provider", models.PROTECT, related_name="appointments", db_comment="Who is to see them."
    )
    status = models.CharField(
        max_length=16,
        choices=AppointmentStatus.choices,
        default=AppointmentStatus.BOOKED,
        db_default=AppointmentStatus.BOOKED.value,
        db_comment="How far the appointment has come.",
    )
    appointment_type = models.CharField(
        max_length=9,
        choices=AppointmentType.choices,
        default=AppointmentType.ROUTINE,
        db_default=AppointmentType.ROUTINE.value,
        db_comment="What manner of appointment it is.",
    )
    service_type = models.CharField(
        max_length=120, blank=True, default="", db_default="", db_comment="The service, in words."
    )
    reason_text = models.CharField(
        max_length=500, blank=True, default="", db_default="", db_comment="Why the patient comes, in words."
    )
    starts_at = models.DateTimeField(db_comment="First moment of the appointment.")
    ends_at = models.DateTimeField(db_comment="First moment after the appointment.")
    checked_in_at = models.DateTimeField(null=True, blank=True, db_comment="When the patient reported.")
    cancellation_reason = models.CharField(
        max_length=500, blank=True, default="", db_default="", db_comment="Why the appointment was cancelled."
    )
    rescheduled_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rescheduled_to",
        db_comment="The appointment that this one replaces.",
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        db_table = "appointments"
        db_table_comment = "Patients' times with providers. Cancelled, never deleted."
        indexes = [models.Index(fields=["patient", "starts_at"], name="appointments_of_patient")]
        constraints = [
            one_of("status", AppointmentStatus, name="appointments_status_known"),
            one_of("appointment_type", AppointmentType, name="appointments_type_known"),
            rule(
                Q(ends_at__gt=F("starts_at")),
                name="appointments_end_after_start",
                message="The appointment ends before it begins.",
            ),
            rule(
                ~Q(status=AppointmentStatus.CANCELLED) | ~Q(cancellation_reason=""),
                name="appointments_cancelled_with_reason",
                message="A cancelled appointment needs its reason.",
            ),
            rule(
                Q(rescheduled_from__isnull=True) | ~Q(rescheduled_from=F("id")),
                name="appointments_not_rescheduled_from_itself",
                message="An appointment cannot replace itself.",
            ),
        ]

    def clean(self) -> None:
        """Say in words what the exclusion constraint would refuse. In a race it is the constraint that decides."""
        super().clean()
        if self.status not in LIVE or not (self.provider_id and self.starts_at and self.ends_at):
            return
        others = Appointment.objects.live().filter(provider=self.provider_id).exclude(pk=self.pk)
        if others.during(self.starts_at, self.ends_at).exists():
            raise ValidationError("The provider has another appointment at this time.", code="booked_twice")
