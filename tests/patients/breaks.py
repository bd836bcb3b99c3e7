"""How each rule on patients, their insurance and their allergies is broken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.breaking import BEYOND, MAY_6, Of, add, change, write

ICD, SNOMED = "http://hl7.org/fhir/sid/icd-10-cm", "http://snomed.info/sct"
PENICILLIN = {"code_system": SNOMED, "code": "764146007"}

PATIENTS = [
    add("patients_mrn_once_per_authority", "patient"),
    add("patients_ssn_once", "patient", given={"ssn": "123-45-6789"}, mrn="A-2"),
    add("patients_user_id_key", "patient", given={"user": Of("administrator")}, mrn="A-2"),
    change("patients_name_given", "patient", family_name=None, given_name=None),
    change("patients_text_not_empty", "patient", pronouns=""),
    change("patients_text_not_empty", "patient", assigning_authority=""),
    change("patients_gender_known", "patient", administrative_gender="femal"),
    change("patients_gender_known", "patient", administrative_gender="male\n"),
    change("patients_birth_sex_known", "patient", birth_sex="X"),
    change("patients_race_known", "patient", race_codes=["1002-5", "9999-9"]),
    change("patients_race_known", "patient", race_codes=[None]),
    write("patients_race_known", "patient", race_codes="{{2106-3},{2054-5}}"),
    change("patients_ethnicity_known", "patient", ethnicity_code="OTH"),
    change("patients_marital_status_known", "patient", marital_status="?"),
    change("patients_contact_relationship_known", "patient", contact_name="A friend", contact_relationship="?"),
    change("patients_language_form", "patient", language="e"),
    change("patients_language_form", "patient", language="es\n"),
    change("patients_state_form", "patient", state="ca"),
    change("patients_contact_named", "patient", contact_phone="555-0100"),
    change("patients_contact_named", "patient", contact_relationship="C"),
    change("patients_death_marked", "patient", deceased_at=MAY_6),
    change("patients_not_merged_into_itself", "patient", merged_into=Of("patient"), merged_at=MAY_6),
    change("patients_merge_has_its_time", "patient", merged_into=Of("other_patient")),
    change("patients_merge_has_its_time", "patient", merged_at=MAY_6),
    change("patients_merged_into_a_survivor", "patient", merged_into=Of("merged_patient"), merged_at=MAY_6),
    add("patients_merged_into_a_survivor", "patient", mrn="A-2", merged_into=Of("merged_patient"), merged_at=MAY_6),
    change("patients_calendar", "patient", is_deceased=True, deceased_at=BEYOND),
]

INSURANCE = [
    change("insurance_info_kind_known", "insurance", kind="barter"),
    change("insurance_info_status_known", "insurance", status="lost"),
    change("insurance_info_relationship_known", "insurance", relationship="cat", subscriber_name="Tib"),
    change("insurance_info_text_not_empty", "insurance", plan_name=""),
    change("insurance_info_payer_given", "insurance", payer_name=None),
    change("insurance_info_payer_given", "insurance", member_id=None),
    change("insurance_info_subscriber_named", "insurance", relationship="child"),
    change("insurance_info_order_from_one", "insurance", coverage_order=0),
    change("insurance_info_copay_not_negative", "insurance", copay=Decimal("-0.01")),
    write("insurance_info_copay_not_negative", "insurance", copay="NaN"),
    change("insurance_info_bin_form", "insurance", rx_bin="1234567"),
    change("insurance_info_pcn_form", "insurance", rx_pcn="A-1"),
    change("insurance_info_verified_by_somebody", "insurance", verified_at=MAY_6),
    change("insurance_info_verified_by_somebody", "insurance", verified_by=Of("administrator")),
    change("insurance_info_period_forwards", "insurance", period_end=date(2023, 12, 31)),
    add("insurance_info_one_of_each_order", "insurance"),
    add(
        "insurance_info_one_of_each_order",
        "insurance",
        given={"period_end": date(2024, 6, 30)},
        period_start=date(2024, 6, 30),
        period_end=date.max,
    ),
    add("insurance_info_patient_current", "insurance", patient=Of("merged_patient")),
    change("insurance_info_calendar", "insurance", verified_at=BEYOND, verified_by=Of("administrator")),
    write("insurance_info_calendar", "insurance", period_end="infinity"),
    write("insurance_info_calendar", "insurance", period_start="0001-01-01 BC"),
]

ALLERGIES = [
    change("allergies_code_with_system", "allergy", code="Z88.0"),
    change("allergies_code_with_system", "allergy", code_system=ICD),
    change("allergies_code_system_known", "allergy", code_system="http://example.org", code=None),
    change("allergies_code_form", "allergy", code_system=ICD, code="88"),
    change("allergies_text_not_empty", "allergy", substance=""),
    change("allergies_type_known", "allergy", allergy_type="dislike"),
    change("allergies_category_known", "allergy", category="people"),
    change("allergies_criticality_known", "allergy", criticality="middling"),
    change("allergies_clinical_status_known", "allergy", clinical_status="maybe"),
    change("allergies_verification_known", "allergy", verification_status="guessed"),
    change("allergies_severity_known", "allergy", severity="awful"),
    change("allergies_clinical_status_if_so", "allergy", clinical_status=None),
    change("allergies_clinical_status_if_so", "allergy", verification_status="entered-in-error"),
    add("allergies_once_per_substance", "allergy", given=PENICILLIN),
    add("allergies_patient_current", "allergy", patient=Of("merged_patient")),
    change("allergies_confidentiality_known", "allergy", confidentiality="X"),
    change("allergies_sensitivity_known", "allergy", sensitivity=["HIV", "SHY"]),
    write("allergies_calendar", "allergy", onset_on="infinity"),
]

BREAKS = [*PATIENTS, *INSURANCE, *ALLERGIES]
