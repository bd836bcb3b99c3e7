"""Appointments, the places they are in and the encounters they become, in the words of FHIR R4."""

from appointments.appointment import Appointment
from appointments.encounter import Encounter
from appointments.location import Location

__all__ = ["Appointment", "Encounter", "Location"]
