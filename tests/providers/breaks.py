"""How each rule on providers and their hours is broken."""

from __future__ import annotations

from datetime import date, time

from tests.breaking import Of, add, change, write

LICENSE = {"license_number": "L1", "license_state": "CA"}
DEA = {"dea_number": "AT1234563", "dea_expires_on": date(2030, 12, 31), "dea_schedules": ["II"]}

PROVIDERS = [
    add("providers_npi_once", "provider"),
    change("providers_npi_valid", "provider", npi="1234567890"),
    change("providers_npi_valid", "provider", npi="3234567893"),
    change("providers_npi_valid", "provider", npi="123456789"),
    change("providers_text_not_empty", "provider", given_name=""),
    change("providers_email_form", "provider", email="barnaby at clinic.example"),
    change("providers_email_form", "provider", email="barnaby@clinic.example\n"),
    change("providers_taxonomy_form", "provider", taxonomy_code="207r00000X"),
    change("providers_license_whole", "provider", license_number="L1"),
    change("providers_license_whole", "provider", license_state="CA"),
    change("providers_license_whole", "provider", license_expires_on=date(2030, 1, 1)),
    change("providers_license_state_form", "provider", license_number="L1", license_state="ca"),
    add("providers_license_once", "provider", given=LICENSE, npi="1558598797"),
    change("providers_dea_valid", "provider", **{**DEA, "dea_number": "AT1234564"}),
    add("providers_dea_once", "provider", given=DEA, npi="1558598797"),
    change("providers_dea_schedules_known", "provider", **{**DEA, "dea_schedules": ["I"]}),
    change("providers_dea_whole", "provider", dea_number=DEA["dea_number"]),
    change("providers_dea_whole", "provider", **{**DEA, "dea_schedules": []}),
    change("providers_active_forwards", "provider", active_to=date(2019, 12, 31)),
    add("providers_user_id_key", "provider", given={"user": Of("administrator")}, npi="1558598797"),
    write("providers_calendar", "provider", active_to="infinity"),
]

AVAILABILITY = [
    change("provider_availability_weekday_known", "availability", weekday=0),
    change("provider_availability_weekday_known", "availability", weekday=8),
    change("provider_availability_hours_forwards", "availability", ends_at=time(9)),
    write("provider_availability_ends_same_day", "availability", ends_at="24:00"),
    change("provider_availability_slot_length", "availability", slot_minutes=4),
    change("provider_availability_slot_length", "availability", slot_minutes=481),
    change("provider_availability_zone_form", "availability", time_zone="EST"),
    change("provider_availability_zone_known", "availability", time_zone="America/Nowhere"),
    change("provider_availability_zone_known", "availability", time_zone="america/new_york"),
    change("provider_availability_zone_known", "availability", time_zone="Foo/Bar+5"),
    change("provider_availability_zone_known", "availability", time_zone="UTC\n"),
    change("provider_availability_valid_forwards", "availability", valid_until=date(2023, 12, 31)),
    add("provider_availability_hours_once", "availability"),
    add("provider_availability_hours_once", "availability", starts_at=time(16, 59, 59), ends_at=time(18)),
    write("provider_availability_calendar", "availability", valid_until="infinity"),
]

BREAKS = [*PROVIDERS, *AVAILABILITY]
