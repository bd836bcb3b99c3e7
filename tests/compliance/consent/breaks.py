"""How each rule on consents, their exceptions, what they come to, and the defaults is broken.

What was recorded of a consent stands, so that most rules are broken by another row.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from tests.breaking import BEYOND, MAY_6, Break, Of, add, change

# The fixture that makes a row of each table.
ROWS = {
    "consent_records": "consent",
    "consent_provisions": "exception",
    "consent_effects": "consent_effect",
    "consent_rules": "consent_rule",
}
DRAFT = {"status": "draft"}
TREATMENT = {"consent_type": "treatment", "purposes": ["TREAT"]}
RESTRICTION = {"consent_type": "restriction", "decision": "deny", "purposes": ["HPAYMT"]}
WITHDRAWN: dict[str, Any] = {
    "supersedes": Of("consent"),
    "version_no": 2,
    "status": "inactive",
    "withdrawal_channel": "letter",
    "withdrawal_received_at": MAY_6,
}


def says(rule: str, row: str, **values: Any) -> Break:
    """Break a rule by another row with values that no Python value says."""
    return Break(rule, row, values, added=True, unsayable=True)


CONSENTS = [
    add("consent_records_version_once", "consent"),
    add("consent_records_supersedes_id_key", "second_version"),
    add("consent_records_type_known", "consent", consent_type="oath", purposes=["TREAT"]),
    add("consent_records_status_known", "consent", status="asleep"),
    add("consent_records_status_known", "consent", status="active\n"),
    add("consent_records_decision_known", "consent", decision="maybe"),
    add("consent_records_grantor_known", "consent", grantor_kind="cat"),
    add(
        "consent_records_authority_known",
        "consent",
        grantor_kind="representative",
        grantor_name="Tib",
        representative_authority="cat",
    ),
    add("consent_records_signature_known", "consent", **DRAFT, signature_method="wax"),
    add("consent_records_channel_known", "consent", withdrawal_channel="pigeon"),
    add("consent_records_purposes_known", "consent", purposes=["HRESCH", "FUN"]),
    add("consent_records_purposes_known", "consent", purposes=[None]),
    says("consent_records_purposes_known", "consent", purposes="{{HRESCH},{HMARKT}}"),
    add("consent_records_labels_known", "consent", sensitivity_labels=["SHY"]),
    add("consent_records_resources_known", "consent", resource_types=["Cat"]),
    add("consent_records_statements_known", "consent", **DRAFT, statements_shown=["weather"]),
    add("consent_records_disclosers_named", "consent", disclosers=["The clinic", ""]),
    says("consent_records_disclosers_named", "consent", disclosers="{{The clinic},{Another}}"),
    says("consent_records_disclosers_named", "consent", disclosers="{NULL}"),
    add("consent_records_recipients_named", "consent", recipients=[""]),
    add("consent_records_intermediaries_named", "consent", intermediaries=[""]),
    add("consent_records_text_not_empty", "consent", expires_event=""),
    add("consent_records_text_not_empty", "consent", form_version=""),
    add("consent_records_active_says_what", "consent", purposes=[]),
    add("consent_records_active_says_what", "consent", starts_at=None),
    # One for each element of 45 CFR 164.508(c)
    add("consent_records_authorization_whole", "consent", information_description=None),
    add("consent_records_authorization_whole", "consent", disclosers=[]),
    add("consent_records_authorization_whole", "consent", recipients=[]),
    add("consent_records_authorization_whole", "consent", ends_at=None),
    add("consent_records_authorization_whole", "consent", signed_at=None, signature_method=None),
    add("consent_records_authorization_whole", "consent", signature_method="verbal"),
    add("consent_records_authorization_whole", "consent", statements_shown=["revocation", "conditioning"]),
    add("consent_records_authorization_whole", "consent", statements_shown=["revocation", "redisclosure"]),
    add("consent_records_authorization_whole", "consent", statements_shown=["conditioning", "redisclosure"]),
    add("consent_records_representative_authorized", "consent", grantor_name="Tib"),
    add("consent_records_representative_authorized", "consent", representative_authority="guardian"),
    add("consent_records_representative_authorized", "consent", grantor_kind="representative", grantor_name="Tib"),
    add(
        "consent_records_representative_authorized",
        "consent",
        grantor_kind="representative",
        representative_authority="guardian",
    ),
    add("consent_records_decision_of_its_type", "consent", decision="deny"),
    add("consent_records_decision_of_its_type", "consent", **RESTRICTION | {"decision": "permit"}),
    add("consent_records_psychotherapy_alone", "consent", sensitivity_labels=["PSYTHPN"]),
    add("consent_records_psychotherapy_alone", "consent", consent_type="psychotherapy_notes"),
    add(
        "consent_records_psychotherapy_alone",
        "consent",
        consent_type="psychotherapy_notes",
        sensitivity_labels=["PSYTHPN", "HIV"],
    ),
    add("consent_records_part2_named", "consent", sensitivity_labels=["42CFRPart2"]),
    add("consent_records_part2_named", "consent", consent_type="part2_tpo"),
    add("consent_records_by_authorization", "consent", consent_type="treatment"),
    add("consent_records_by_authorization", "consent", consent_type="tpo", purposes=["TREAT", "HMARKT"]),
    add("consent_records_operations_go_on", "consent", **RESTRICTION | {"purposes": ["HPAYMT", "HOPERAT"]}),
    add(
        "consent_records_operations_go_on",
        "consent",
        **RESTRICTION | {"purposes": ["HOPERAT"], "resource_types": ["Coverage", "Patient"]},
    ),
    add("consent_records_own_access_stays", "consent", **RESTRICTION | {"purposes": ["PATRQT"]}),
    add("consent_records_self_paid_restricts", "consent", self_paid=True),
    add("consent_records_self_paid_restricts", "consent", **RESTRICTION | {"purposes": ["TREAT"]}, self_paid=True),
    add("consent_records_forwards", "consent", ends_at=MAY_6),
    add("consent_records_not_over", "consent", ends_at=MAY_6 + timedelta(days=1)),
    add("consent_records_data_forwards", "consent", data_from=date(2024, 5, 7), data_until=date(2024, 5, 6)),
    add("consent_records_signature_whole", "consent", **DRAFT, signature_method=None),
    add("consent_records_signature_whole", "consent", signed_at=datetime(2090, 1, 1, tzinfo=MAY_6.tzinfo)),
    add("consent_records_verification_whole", "consent", verified_at=MAY_6),
    add("consent_records_verification_whole", "consent", verified_by=Of("administrator")),
    add("consent_records_withdrawal_whole", "consent", withdrawal_received_at=MAY_6),
    add("consent_records_withdrawal_whole", "consent", **WITHDRAWN | {"withdrawal_received_at": None}),
    add("consent_records_revoked_in_writing", "consent", **WITHDRAWN | {"withdrawal_channel": "verbal"}),
    add("consent_records_digest", "consent", document_digest="A" * 64),
    add("consent_records_digest", "consent", document_digest="a" * 63),
    add("consent_records_calendar", "consent", ends_at=BEYOND),
    says("consent_records_calendar", "consent", ends_at="infinity"),
    change("consent_records_stand", "consent", decision="deny"),
    change("consent_records_stand", "consent", status="inactive"),
    add("consent_records_versions", "consent", version_no=2),
    add("consent_records_versions", "consent", **WITHDRAWN | {"version_no": 3}),
    add("consent_records_versions", "consent", **WITHDRAWN | {"consent_type": "marketing"}),
    add("consent_records_versions", "consent", **WITHDRAWN | {"patient": Of("other_patient")}),
    add("consent_records_versions", "consent", **WITHDRAWN | {"status": "draft"}),
    add("consent_records_versions", "consent", status="inactive"),
    add("consent_records_versions", "consent", status="entered-in-error"),
    add(
        "consent_records_same_patient",
        "consent",
        consent_uid=UUID(int=1),
        patient=Of("other_patient"),
        encounter=Of("encounter"),
    ),
    add("consent_records_patient_current", "consent", patient=Of("merged_patient")),
]

PROVISIONS = [
    add("consent_provisions_once", "exception"),
    add("consent_provisions_decision_known", "exception", number=2, decision="maybe"),
    says("consent_provisions_purposes_known", "exception", number=2, purposes="{{HRESCH},{HRESCH}}"),
    add("consent_provisions_labels_known", "exception", number=2, sensitivity_labels=["SHY"]),
    add("consent_provisions_resources_known", "exception", number=2, resource_types=["Cat"]),
    add(
        "consent_provisions_data_forwards",
        "exception",
        number=2,
        data_from=date(2024, 5, 7),
        data_until=date(2024, 5, 6),
    ),
    add("consent_provisions_numbered", "exception", number=0),
    says("consent_provisions_calendar", "exception", number=2, data_until="infinity"),
    change("consent_provisions_stand", "exception", roles=["nurse"]),
    add("consent_provisions_with_consent", "exception", consent=Of("consent_of_yesterday")),
    add("consent_provisions_opposite", "exception", number=2, decision="permit"),
    add("consent_provisions_within", "exception", number=2, purposes=["TREAT"]),
    add("consent_provisions_as_a_consent", "exception", consent=Of("refusal"), decision="permit"),
    add("consent_provisions_same_patient", "exception", number=2, patient=Of("other_patient")),
]

EFFECTS = [
    change("consent_effects_decision_known", "consent_effect", decision="maybe"),
    change("consent_effects_forwards", "consent_effect", ends_at=MAY_6),
    add("consent_effects_once", "consent_effect"),
]

RULES = [
    add("consent_rules_once", "consent_rule"),
    change("consent_rules_decision_known", "consent_rule", decision="maybe"),
    change("consent_rules_emergency_known", "consent_rule", in_emergency="maybe"),
    change("consent_rules_forwards", "consent_rule", ends_at=MAY_6),
    change("consent_rules_calendar", "consent_rule", ends_at=BEYOND),
]

BREAKS = [*CONSENTS, *PROVISIONS, *EFFECTS, *RULES]
