"""A patient's time with a provider, in the words of FHIR Appointment."""

from __future__ import annotations

from typing import TYPE_CHECKING, Self

from django.core.validators import URLValidator
from django.db import models
from django.db.models import F, Q

from appointments.location import Location
from appointments.value_sets import (
    CANCELLED_ONCE,
    CHECKED_IN_ONCE,
    LIVE,
    UNTIMED,
    AppointmentStatus,
    AppointmentType,
    CancellationReason,
)
from compliance import phi
from compliance.audit.querysets import AuditedQuerySet
from compliance.audit.registry import audited
from compliance.clinical import LabelledModel, labels, row_facts
from compliance.codes import CodeSystem, coded
from compliance.consent.subjects import consented
from compliance.phi import Identifier
from compliance.rules import held_in_sql, in_calendar, moments, never_twice, one_of, rule, said

if TYPE_CHECKING:
    from datetime import datetime

_TAKES_TIME = Q(status__in=LIVE)


class AppointmentQuerySet(AuditedQuerySet["Appointment"]):
    """Appointments, in the words of a schedule."""

    def live(self) -> Self:
        """Keep those that take the time of their provider, room and patient."""
        return self.filter(_TAKES_TIME)

    def during(self, start: datetime, end: datetime) -> Self:
        """Keep those that overlap the time from `start` up to, not including, `end`."""
        return self.filter(starts_at__lt=end, ends_at__gt=start)

    def starting(self, start: datetime, end: datetime) -> Self:
        """Keep those that begin in the time from `start` up to, not including, `end`: what a list of a day shows.

        Of one provider or patient, an index finds these alone, however much there was before.
        """
        return self.filter(starts_at__gte=start, starts_at__lt=end)


@audited(patient="patient_id")
@consented
class Appointment(LabelledModel):
    """A patient's time with a provider, from `starts_at` up to, not including, `ends_at`."""

    Status = AppointmentStatus
    Type = AppointmentType
    CancellationReason = CancellationReason

    patient = models.ForeignKey(
        "patients.Patient",
        models.PROTECT,
        related_name="appointments",
        db_comment=phi.none("Who is to be seen."),
    )
    provider = models.ForeignKey(
        "providers.Provider",
        models.PROTECT,
        related_name="appointments",
        db_comment=phi.none("Who is to see them."),
    )
    room = models.ForeignKey(
        Location,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="appointments",
        limit_choices_to={"kind__in": ["ro", "bd"]},
        db_comment=phi.none("The room or bed that it has to itself; NULL for none."),
    )
    status = models.CharField(
        max_length=16,
        choices=AppointmentStatus.choices,
        default=AppointmentStatus.BOOKED,
        db_default=AppointmentStatus.BOOKED.value,
        db_comment=phi.clinical("How far the appointment has come."),
    )
    appointment_type = models.CharField(
        "type",
        max_length=9,
        choices=AppointmentType.choices,
        default=AppointmentType.ROUTINE,
        db_default=AppointmentType.ROUTINE.value,
        db_comment=phi.clinical("What manner of appointment it is."),
    )
    service_type = models.CharField(
        max_length=120, null=True, blank=True, db_comment=phi.clinical("The service, in words.")
    )
    reason_system = models.CharField(
        max_length=60,
        choices=CodeSystem.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Code system of the reason's code, by its URI."),
    )
    reason_code = models.CharField(
        max_length=20, null=True, blank=True, db_comment=phi.clinical("Why the patient comes, as a code.")
    )
    reason_text = models.CharField(
        max_length=500, null=True, blank=True, db_comment=phi.sensitive("Why the patient comes, in words.")
    )
    starts_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "First moment of the appointment; NULL until one is agreed."),
    )
    ends_at = models.DateTimeField(
        null=True,
        blank=True,
        db_comment=phi.identifier(Identifier.DATES, "First moment after the appointment."),
    )
    telehealth_url = models.CharField(
        "telehealth address",
        max_length=500,
        null=True,
        blank=True,
        validators=[URLValidator(schemes=["https"])],
        db_comment=phi.identifier(Identifier.URL, "Where the two meet on line.", sealed=True),
    )
    checked_in_at = models.DateTimeField(
        null=True,
        blank=True,
        editable=False,
        db_comment=phi.identifier(Identifier.DATES, "When the patient was checked in."),
    )
    cancellation_reason = models.CharField(
        max_length=9,
        choices=CancellationReason.choices,
        null=True,
        blank=True,
        db_comment=phi.clinical("Why it was cancelled: FHIR appointment-cancellation-reason."),
    )
    cancellation_note = models.CharField(
        max_length=500, null=True, blank=True, db_comment=phi.sensitive("Why it was cancelled, in words.")
    )
    rescheduled_from = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="rescheduled_to",
        db_comment=phi.none("The appointment that this one replaces."),
    )

    objects = AppointmentQuerySet.as_manager()

    class Meta:
        db_table = "appointments"
        db_table_comment = "Patients' times with providers. Cancelled, never deleted."
        permissions = [
            ("book_appointment", "Can book and reschedule appointments"),
            ("cancel_appointment", "Can cancel appointments"),
            ("check_in_appointment", "Can say that a patient came, or did not"),
        ]
        indexes = [
            models.Index(fields=["patient", "starts_at"], name="appointments_of_patient"),
            models.Index(fields=["provider", "starts_at"], name="appointments_of_provider"),
        ]
        constraints = [
            one_of("status", AppointmentStatus, name="appointments_status_known"),
            one_of("appointment_type", AppointmentType, name="appointments_type_known"),
            one_of("cancellation_reason", CancellationReason, name="appointments_cancellation_reason_known"),
            *coded("reason_system", "reason_code", table="appointments"),
            said("service_type", name="appointments_text_not_empty"),
            # app-2 and app-3 of FHIR's Appointment
            rule(
                Q(starts_at__isnull=True, ends_at__isnull=True) | Q(starts_at__isnull=False, ends_at__isnull=False),
                name="appointments_both_times",
                message="An appointment has a beginning and an end, or neither.",
            ),
            rule(
                Q(status__in=UNTIMED) | Q(starts_at__isnull=False),
                name="appointments_time_agreed",
                message="Only a proposed, waiting or cancelled appointment may be without its time.",
            ),
            rule(
                Q(ends_at__gt=F("starts_at")),
                name="appointments_end_after_start",
                message="The appointment ends before it begins.",
            ),
            rule(
                Q(status=AppointmentStatus.CANCELLED, cancellation_reason__isnull=False)
                | (~Q(status=AppointmentStatus.CANCELLED)),
                name="appointments_cancelled_with_reason",
                message="A cancelled appointment needs its reason.",
            ),
            rule(
                ~Q(status=AppointmentStatus.CHECKED_IN) | Q(checked_in_at__isnull=False),
                name="appointments_checked_in_has_its_time",
                message="An appointment that is checked in has the time of it.",
            ),
            rule(
                Q(cancellation_reason__isnull=True) | Q(status__in=CANCELLED_ONCE),
                name="appointments_reason_of_cancelled",
                message="Only a cancelled appointment has a reason for its cancellation.",
            ),
            rule(
                Q(checked_in_at__isnull=True) | Q(status__in=CHECKED_IN_ONCE),
                name="appointments_check_in_of_checked_in",
                message="Only an appointment that was checked in has a time of it.",
            ),
            # Keys count up, so that replacements form no circle.
            rule(
                Q(rescheduled_from__lt=F("id")),
                name="appointments_replaces_an_earlier_one",
                message="An appointment replaces one that was made before it.",
            ),
            models.UniqueConstraint(
                fields=["rescheduled_from"],
                name="appointments_rescheduled_once",
                violation_error_message="That appointment has been replaced already.",
            ),
            never_twice(
                "provider",
                during=moments("starts_at", "ends_at"),
                condition=_TAKES_TIME,
                name="appointments_provider_booked_once",
                message="The provider has another appointment at this time.",
            ),
            never_twice(
                "room",
                during=moments("starts_at", "ends_at"),
                condition=_TAKES_TIME,
                name="appointments_room_booked_once",
                message="The room is taken at this time.",
            ),
            never_twice(
                "patient",
                during=moments("starts_at", "ends_at"),
                condition=_TAKES_TIME,
                name="appointments_patient_booked_once",
                message="The patient has another appointment at this time.",
            ),
            in_calendar(moments=["starts_at", "ends_at", "checked_in_at"], name="appointments_calendar"),
            held_in_sql("appointments_status_follows", "The appointment cannot go from its status to that one."),
            held_in_sql("appointments_room_is_a_room", "Only an active room or bed can be had for an appointment."),
            held_in_sql("appointments_replaces_same_patient", "An appointment replaces one of the same patient."),
            held_in_sql(
                "appointments_patient_current", "This patient's record has been merged: use the one that goes on."
            ),
            *labels("appointments"),
            *row_facts("appointments"),
        ]
