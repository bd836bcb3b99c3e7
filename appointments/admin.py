"""Appointments, encounters and places on screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from django import forms
from django.contrib import admin
from django.utils import timezone
from django.utils.formats import date_format

from appointments import arrival, cancelling, encounters
from appointments.models import Appointment, Encounter, Location
from appointments.value_sets import CancellationReason
from compliance.admin import ClinicalAdmin
from compliance.screens.asking import Question, account, asks
from compliance.screens.choosing import label, named

if TYPE_CHECKING:
    from datetime import datetime

    from django.forms import Select, TextInput
    from django.http import HttpRequest
else:
    from unfold.widgets import UnfoldAdminSelectWidget as Select
    from unfold.widgets import UnfoldAdminTextInputWidget as TextInput


class WhyCancelled(Question):
    """The reason, which a cancelled appointment must have, and a note if there is more to say."""

    reason = forms.ChoiceField(choices=CancellationReason.choices, widget=Select)
    note = forms.CharField(max_length=500, required=False, widget=TextInput)


def moment(value: datetime | None) -> str:
    return date_format(timezone.localtime(value), "Y-m-d H:i") if value else "no time agreed"


@admin.register(Appointment)
class AppointmentAdmin(ClinicalAdmin[Appointment]):
    """Found as its patient or its provider is found."""

    list_display = ("id", "starts_at", named("patient"), named("provider"), named("room"), "appointment_type", "status")
    list_filter = ("status", "appointment_type")
    list_select_related = ("patient", "provider", "room")
    found_through = ("patient", "provider")
    search_help_text = "The patient, as on the list of patients, or the provider: an NPI or the beginning of a name."
    facts = ("checked_in_at", "cancellation_reason", "cancellation_note", "rescheduled_from")
    settled = ("status",)
    actions_row = ("arrive", "check_in", "start", "mark_no_show", "cancel")
    actions_detail = ({"title": "Visit", "icon": "event", "items": list(actions_row)},)
    fieldsets = (
        (None, {"fields": ("patient", "provider", "room", "starts_at", "ends_at", "telehealth_url")}),
        (
            "Purpose",
            {"fields": (("appointment_type", "service_type"), ("reason_system", "reason_code"), "reason_text")},
        ),
        (
            "Standing",
            {
                "fields": (
                    "status",
                    "cancellation_reason",
                    "cancellation_note",
                    "rescheduled_from",
                    "checked_in_at",
                )
            },
        ),
        ("Labels", {"fields": ("confidentiality", "sensitivity")}),
    )

    labelled_by = ("starts_at", "patient")

    def label(self, row: Appointment) -> str:
        return f"{moment(row.starts_at)}, {label(row.patient)}"

    @asks("Arrived", permission=arrival.PERMISSION, question="Is the patient here?", icon="login")
    def arrive(self, request: HttpRequest, row: Appointment) -> str:
        arrival.arrive(row, by=account(request))
        return "The patient has arrived."

    @asks("Check in", permission=arrival.PERMISSION, question="Are the papers done?", icon="how_to_reg")
    def check_in(self, request: HttpRequest, row: Appointment) -> str:
        arrival.check_in(row, by=account(request))
        return "The patient is checked in."

    @asks(
        "Start the visit",
        permission="appointments.add_encounter",
        question="An encounter begins now, and the appointment is fulfilled.",
        icon="play_arrow",
    )
    def start(self, request: HttpRequest, row: Appointment) -> str:
        return f"The visit has begun: {encounters.start_encounter(row, by=account(request))}."

    @asks(
        "No show",
        permission=arrival.PERMISSION,
        question="The patient did not come. The time is free again.",
        icon="person_off",
    )
    def mark_no_show(self, request: HttpRequest, row: Appointment) -> str:
        arrival.mark_no_show(row, by=account(request))
        return "It is written down that the patient did not come."

    @asks(
        "Cancel appointment",
        permission="appointments.cancel_appointment",
        question="The time of the provider, the room and the patient is free again.",
        form=WhyCancelled,
        icon="event_busy",
    )
    def cancel(self, request: HttpRequest, row: Appointment, reason: CancellationReason, note: str) -> str:
        cancelling.cancel(row, by=account(request), reason=reason, note=note or None)
        return "The appointment is cancelled."


@admin.register(Location)
class LocationAdmin(ClinicalAdmin[Location]):
    """Places of care, found by the beginning of their name."""

    list_display = ("id", "name", "kind", "status", named("part_of"))
    list_filter = ("kind", "status")
    list_select_related = ("part_of",)
    search_fields = ("name__istartswith",)
    search_help_text = "The beginning of a name."
    fieldsets = (
        (None, {"fields": ("name", ("kind", "status"), "part_of")}),
        ("Address", {"fields": ("phone", "address_line", "city", ("state", "postal_code"))}),
    )

    def label(self, row: Location) -> str:
        return f"{row.name}, {row.part_of.name}" if row.part_of else row.name


@admin.register(Encounter)
class EncounterAdmin(ClinicalAdmin[Encounter]):
    """Found as its patient or its provider is found."""

    list_display = ("id", "starts_at", named("patient"), named("provider"), "encounter_class", "status")
    list_filter = ("status", "encounter_class")
    list_select_related = ("patient", "provider")
    found_through = ("patient", "provider")
    search_help_text = "The patient, as on the list of patients, or the provider: an NPI or the beginning of a name."
    fieldsets = (
        (None, {"fields": ("patient", "provider", "appointment", "location")}),
        ("Course", {"fields": (("encounter_class", "status"), "starts_at", "ends_at", "discharge_disposition")}),
        ("Purpose", {"fields": (("reason_system", "reason_code"), "reason_text")}),
        ("Labels", {"fields": ("confidentiality", "sensitivity")}),
    )

    labelled_by = ("starts_at", "patient")

    def label(self, row: Encounter) -> str:
        return f"{moment(row.starts_at)}, {label(row.patient)}"
