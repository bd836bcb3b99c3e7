"""How each rule on appointments, places and encounters is broken."""

from __future__ import annotations

from datetime import timedelta

from tests.breaking import BEYOND, MAY_6, Of, add, change

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
LATER = {"starts_at": MAY_6 + timedelta(hours=1), "ends_at": MAY_6 + timedelta(hours=2)}
OVERLAPPING = {"starts_at": MAY_6 + timedelta(minutes=29, seconds=59), "ends_at": MAY_6 + timedelta(hours=1)}

APPOINTMENTS = [
    # What is not known may not become anything either, so that only a new row shows the value set.
    add("appointments_status_known", "appointment", status="maybe"),
    change("appointments_type_known", "appointment", appointment_type="SOCIAL"),
    change("appointments_cancellation_reason_known", "appointment", cancellation_reason="whim"),
    change("appointments_reason_code_with_system", "appointment", reason_code="J02.9"),
    change("appointments_reason_code_with_system", "appointment", reason_system=ICD),
    change(
        "appointments_reason_code_system_known", "appointment", reason_system="http://example.org", reason_code=None
    ),
    change("appointments_reason_code_form", "appointment", reason_system=ICD, reason_code="J02.9\n"),
    change("appointments_text_not_empty", "appointment", service_type=""),
    change("appointments_both_times", "appointment", ends_at=None),
    add("appointments_time_agreed", "appointment", status="pending", starts_at=None, ends_at=None),
    change("appointments_end_after_start", "appointment", ends_at=MAY_6),
    change("appointments_cancelled_with_reason", "appointment", status="cancelled"),
    change("appointments_checked_in_has_its_time", "appointment", status="checked-in"),
    change("appointments_reason_of_cancelled", "appointment", cancellation_reason="pat"),
    change("appointments_check_in_of_checked_in", "appointment", checked_in_at=MAY_6),
    change("appointments_replaces_an_earlier_one", "appointment", rescheduled_from=Of("appointment")),
    change("appointments_replaces_an_earlier_one", "appointment", rescheduled_from=Of("replacement")),
    add("appointments_rescheduled_once", "replacement", status="proposed"),
    add("appointments_provider_booked_once", "appointment", patient=Of("other_patient"), **OVERLAPPING),
    add(
        "appointments_room_booked_once",
        "appointment",
        given={"room": Of("room")},
        patient=Of("other_patient"),
        provider=Of("other_provider"),
        **OVERLAPPING,
    ),
    add("appointments_patient_booked_once", "appointment", provider=Of("other_provider"), **OVERLAPPING),
    change("appointments_status_follows", "appointment", status="proposed"),
    change("appointments_room_is_a_room", "appointment", room=Of("corridor")),
    change("appointments_room_is_a_room", "appointment", room=Of("closed_room")),
    add(
        "appointments_replaces_same_patient",
        "appointment",
        patient=Of("other_patient"),
        rescheduled_from=Of("appointment"),
        **LATER,
    ),
    add("appointments_patient_current", "appointment", patient=Of("merged_patient"), **LATER),
    change("appointments_confidentiality_known", "appointment", confidentiality="X"),
    change("appointments_sensitivity_known", "appointment", sensitivity=["SHY"]),
    change("appointments_calendar", "appointment", checked_in_at=BEYOND),
]

LOCATIONS = [
    change("locations_kind_known", "room", kind="zz"),
    change("locations_status_known", "room", status="lost"),
    change("locations_text_not_empty", "room", name=""),
    add("locations_name_once", "room"),
    change("locations_not_in_itself", "room", part_of=Of("room")),
    change("locations_outside_itself", "room", part_of=Of("cupboard")),
    change("locations_state_form", "room", state="ca"),
    change("locations_postal_code_form", "room", postal_code="1234"),
    change("locations_postal_code_form", "room", postal_code="12345\n"),
]

ENCOUNTERS = [
    change("encounters_status_known", "encounter", status="over"),
    change("encounters_class_known", "encounter", encounter_class="SPA"),
    change("encounters_disposition_known", "encounter", discharge_disposition="lost"),
    change("encounters_reason_code_with_system", "encounter", reason_code="J02.9"),
    change("encounters_reason_code_system_known", "encounter", reason_system="http://example.org", reason_code=None),
    change("encounters_reason_code_form", "encounter", reason_system=ICD, reason_code="j02.9"),
    change("encounters_begun_has_its_time", "encounter", starts_at=None),
    change("encounters_finished_has_its_time", "encounter", status="finished"),
    change("encounters_end_needs_start", "encounter", status="planned", starts_at=None, ends_at=MAY_6),
    change("encounters_forwards", "encounter", ends_at=MAY_6 - timedelta(seconds=1)),
    add("encounters_appointment_id_key", "encounter"),
    change("encounters_same_patient", "encounter", patient=Of("other_patient")),
    add("encounters_patient_current", "encounter", appointment=None, patient=Of("merged_patient")),
    change("encounters_confidentiality_known", "encounter", confidentiality="X"),
    change("encounters_sensitivity_known", "encounter", sensitivity=["SHY"]),
    change("encounters_calendar", "encounter", ends_at=BEYOND),
]

BREAKS = [*APPOINTMENTS, *LOCATIONS, *ENCOUNTERS]
