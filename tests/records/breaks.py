"""How each rule on records and prescriptions is broken."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from tests.breaking import BEYOND, MAY_6, Of, add, change, write

ICD = "http://hl7.org/fhir/sid/icd-10-cm"
SIGNATURE = {
    "signed_at": MAY_6,
    "signed_by": Of("provider"),
    "attestation_mode": "professional",
    "content_digest": bytes(32),
}

RECORDS = [
    change("medical_records_type_known", "record", record_type="poem"),
    change("medical_records_status_known", "record", status="done"),
    change("medical_records_attestation_known", "record", status="entered-in-error", attestation_mode="casual"),
    change("medical_records_code_with_system", "record", code="J02.9"),
    change("medical_records_code_with_system", "record", code_system=ICD),
    change("medical_records_code_system_known", "record", code_system="http://example.org", code=None),
    change("medical_records_code_form", "record", code_system=ICD, code="J2.9"),
    change("medical_records_text_not_empty", "record", code_display=""),
    change("medical_records_final_is_signed", "record", status="final"),
    change("medical_records_final_is_signed", "record", **SIGNATURE | {"status": "final", "content_digest": None}),
    change("medical_records_preliminary_is_unsigned", "record", **SIGNATURE),
    change("medical_records_preliminary_is_unsigned", "record", content_digest=bytes(32)),
    change("medical_records_amended_amends", "record", status="amended", **SIGNATURE),
    change("medical_records_amendment_is_amended", "record", amends=Of("signed_record"), status="final", **SIGNATURE),
    change(
        "medical_records_digest_length",
        "record",
        **SIGNATURE | {"status": "entered-in-error", "content_digest": bytes(31)},
    ),
    change("medical_records_signature_whole", "record", status="entered-in-error", signed_at=MAY_6),
    change("medical_records_sud_note_is_part2", "record", record_type="sud_counseling_note"),
    change("medical_records_signed_stands", "signed_record", title="Third opinion"),
    change("medical_records_signed_stands", "signed_record", content_digest=bytes([1] * 32)),
    change("medical_records_signed_stands", "signed_record", status="preliminary"),
    add("medical_records_amends_signed", "record", amends=Of("record")),
    change("medical_records_amends_signed", "record", amends=Of("record")),
    add("medical_records_amended_once", "amendment"),
    add(
        "medical_records_amends_same_patient",
        "signed_record",
        status="amended",
        patient=Of("other_patient"),
        amends=Of("signed_record"),
    ),
    change("medical_records_same_patient", "record", patient=Of("other_patient")),
    add("medical_records_patient_current", "record", encounter=None, patient=Of("merged_patient")),
    change("medical_records_patient_current", "draft_amendment_of_merged", amends=None),
    change("medical_records_confidentiality_known", "record", confidentiality="X"),
    change("medical_records_sensitivity_known", "record", sensitivity=["SHY"]),
    write("medical_records_sensitivity_known", "record", sensitivity="{{HIV},{PSY}}"),
    change("medical_records_calendar", "record", effective_at=BEYOND),
]

PRESCRIPTIONS = [
    # What is not known may not become anything either, so that only a new row shows the value set.
    add("prescriptions_status_known", "prescription", status="lost", signed_at=MAY_6),
    change("prescriptions_status_reason_known", "prescription", status_reason="whim"),
    change("prescriptions_intent_known", "prescription", intent="wish"),
    change("prescriptions_priority_known", "prescription", priority="soon"),
    change("prescriptions_schedule_known", "prescription", dea_schedule="I"),
    change("prescriptions_indication_code_with_system", "prescription", indication_code="J02.9"),
    change(
        "prescriptions_indication_code_system_known",
        "prescription",
        indication_system="http://example.org",
        indication_code=None,
    ),
    change("prescriptions_indication_code_form", "prescription", indication_system=ICD, indication_code="J02-9"),
    change("prescriptions_text_not_empty", "prescription", strength=""),
    change("prescriptions_text_not_empty", "prescription", drug_name=""),
    change("prescriptions_rxcui_form", "prescription", rxcui="12a"),
    change("prescriptions_rxcui_form", "prescription", rxcui="0123"),
    change("prescriptions_ndc_form", "prescription", ndc11="1234567890"),
    change("prescriptions_pharmacy_form", "prescription", pharmacy_ncpdp="123456"),
    change("prescriptions_quantity_positive", "prescription", quantity=Decimal(0)),
    write("prescriptions_quantity_positive", "prescription", quantity="NaN"),
    change("prescriptions_days_positive", "prescription", days_supply=0),
    change("prescriptions_refills_limit", "prescription", refills_allowed=100),
    change("prescriptions_refills_limit", "prescription", refills_allowed=-1),
    change("prescriptions_schedule_ii_no_refill", "prescription", dea_schedule="II", refills_allowed=1),
    change(
        "prescriptions_schedule_iii_iv_refills",
        "prescription",
        dea_schedule="IV",
        refills_allowed=6,
        valid_until=date(2024, 11, 6),
    ),
    change("prescriptions_schedule_iii_iv_six_months", "prescription", dea_schedule="III"),
    change(
        "prescriptions_schedule_iii_iv_six_months",
        "prescription",
        dea_schedule="III",
        valid_until=date(2024, 11, 7),
    ),
    change("prescriptions_valid_forwards", "prescription", valid_until=date(2024, 5, 5)),
    change("prescriptions_fill_within", "prescription", earliest_fill_on=date(2024, 5, 5)),
    change(
        "prescriptions_fill_within",
        "prescription",
        earliest_fill_on=date(2024, 5, 8),
        valid_until=date(2024, 5, 7),
    ),
    change("prescriptions_active_is_signed", "prescription", status="active"),
    change("prescriptions_draft_is_unsigned", "prescription", signed_at=MAY_6),
    change("prescriptions_ended_has_ended", "signed_prescription", ended_at=MAY_6),
    change("prescriptions_renews_an_earlier_one", "prescription", prior_prescription=Of("prescription")),
    change("prescriptions_renews_an_earlier_one", "prescription", prior_prescription=Of("later_prescription")),
    change("prescriptions_status_follows", "signed_prescription", status="draft"),
    change("prescriptions_status_follows", "signed_prescription", given={"status": "stopped"}, status="active"),
    change("prescriptions_signed_stands", "signed_prescription", quantity=2),
    change("prescriptions_signed_stands", "signed_prescription", signed_at=None),
    # Not registered at all, not for the schedule, not any more.
    change("prescriptions_prescriber_has_dea", "prescription", dea_schedule="II", signed_at=MAY_6, status="active"),
    add("prescriptions_prescriber_has_dea", "signed_prescription", dea_schedule="II"),
    add(
        "prescriptions_prescriber_has_dea",
        "signed_prescription",
        authored_on=date(2031, 1, 1),
        valid_until=date(2031, 1, 2),
    ),
    change(
        "prescriptions_same_patient",
        "prescription",
        given={"encounter": Of("encounter"), "medical_record": None},
        patient=Of("other_patient"),
    ),
    change("prescriptions_record_same_patient", "prescription", patient=Of("other_patient")),
    add(
        "prescriptions_renews_same_patient",
        "prescription",
        patient=Of("other_patient"),
        medical_record=None,
        prior_prescription=Of("prescription"),
    ),
    add("prescriptions_patient_current", "prescription", medical_record=None, patient=Of("merged_patient")),
    change("prescriptions_confidentiality_known", "prescription", confidentiality="X"),
    change("prescriptions_sensitivity_known", "prescription", sensitivity=["SHY"]),
    change("prescriptions_calendar", "prescription", signed_at=BEYOND),
    write("prescriptions_calendar", "prescription", valid_until="infinity"),
]

BREAKS = [*RECORDS, *PRESCRIPTIONS]
