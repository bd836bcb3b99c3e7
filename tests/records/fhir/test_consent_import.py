"""A Consent from elsewhere is recorded as it is, or refused with the path of what there is no place for."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from compliance.errors import AccessDenied, RuleBroken
from compliance.models import AuditLog, ConsentRecord
from records.fhir.consent_import import import_consent
from records.fhir.errors import ImportRefused
from tests.people import may
from tests.records.fhir import consents
from tests.records.fhir.consents import GIVER, HIV, HL7, PROJECT, actor, refused

if TYPE_CHECKING:
    from appointments.models import Encounter
    from compliance.models import User
    from patients.models import Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db


def test_an_opt_in_to_treatment_is_recorded_and_holds(patient: Patient, administrator: User) -> None:
    during = {"start": "2024-05-06", "end": "2999-12-31"}
    made = import_consent(
        consents.resource(
            patient,
            provision=consents.provision(period=during, securityLabel=[HIV], provision=[consents.exception()]),
        ),
        patient,
        by=administrator,
    )

    assert (made.consent_type, made.status, made.decision, made.version_no) == ("treatment", "active", "permit", 1)
    assert (made.patient, made.recorded_by, made.purposes) == (patient, administrator, ["TREAT"])
    assert made.starts_at == datetime(2024, 5, 6, tzinfo=UTC)
    # FHIR counts the last day in as a whole.
    assert made.ends_at == datetime(3000, 1, 1, tzinfo=UTC)
    assert list(made.provisions.values_list("decision", "sensitivity_labels")) == [("deny", ["HIV"])]
    assert made.effects.filter(ends_at__gt=datetime(2999, 1, 1, tzinfo=UTC)).count() == len(["consent", "exception"])


@pytest.mark.parametrize(("code", "status"), [("draft", "draft"), ("proposed", "draft"), ("rejected", "not-done")])
def test_what_does_not_hold_is_recorded_as_a_draft_or_as_declined(
    patient: Patient, administrator: User, code: str, status: str
) -> None:
    made = import_consent(consents.resource(patient, status=code), patient, by=administrator)

    assert made.status == status
    assert not made.effects.exists()


def test_an_import_is_in_the_trail_as_one(patient: Patient, administrator: User) -> None:
    made = import_consent(consents.resource(patient), patient, by=administrator)

    entry = AuditLog.objects.get(event_type="import")
    assert (entry.patient_id, entry.actor_id, entry.object_pk) == (patient.pk, administrator.pk, str(made.pk))
    assert entry.additional_data == {"format": "FHIR R4"}


def test_who_may_not_give_consents_imports_none(patient: Patient, physician: Provider) -> None:
    with pytest.raises(AccessDenied):
        import_consent(consents.resource(patient), patient, by=physician.user)

    assert not ConsentRecord.objects.exists()


def test_a_restriction_takes_the_permission_to_agree_to_one(patient: Patient, clerk: User, physician: Provider) -> None:
    restriction = consents.resource(
        patient,
        scope={"coding": [{"system": f"{HL7}/consentscope", "code": "patient-privacy"}]},
        category=[{"coding": [{"system": f"{PROJECT}/consent-type", "code": "restriction"}]}],
        policyRule={"coding": [{"system": f"{HL7}/v3-ActCode", "code": "OPTOUT"}]},
    )
    with pytest.raises(AccessDenied):
        import_consent(restriction, patient, by=may(clerk, "compliance.give_consentrecord"))

    made = import_consent(restriction, patient, by=may(physician.user, "compliance.restrict_consentrecord"))
    assert (made.consent_type, made.decision) == ("restriction", "deny")


def test_another_patients_consent_is_refused_although_only_the_number_differs(
    patient: Patient, other_patient: Patient, administrator: User
) -> None:
    number = {"system": f"{PROJECT}/authority/Example%20Clinic", "value": other_patient.mrn}
    who = {"reference": f"urn:uuid:{patient.uid}", "identifier": number}

    assert "Consent.patient" in refused(consents.resource(patient, patient=who), patient, administrator)


def test_a_patient_is_known_by_the_record_number_alone(patient: Patient, administrator: User) -> None:
    number = {"system": f"{PROJECT}/authority/Example%20Clinic", "value": patient.mrn}
    whole = consents.resource(patient, patient={"identifier": number}, performer=[{"identifier": number}])

    assert import_consent(whole, patient, by=administrator).patient == patient


def test_a_representative_gives_it_by_an_authority(patient: Patient, administrator: User) -> None:
    giver = {**GIVER, "patient": {"reference": f"urn:uuid:{patient.uid}"}}
    made = import_consent(
        consents.resource(patient, contained=[giver], performer=[{"reference": "#grantor"}]), patient, by=administrator
    )

    assert (made.grantor_kind, made.grantor_name) == ("representative", "Basil Quillfeather")
    assert made.representative_authority == "guardian"


def test_a_visit_of_somebody_else_is_refused(
    patient: Patient, encounter: Encounter, other_patient: Patient, administrator: User
) -> None:
    data = [{"meaning": "dependents", "reference": {"reference": f"Encounter/{encounter.uid}"}}]
    resource = consents.resource(other_patient, provision=consents.provision(data=data))

    problems = refused(resource, other_patient, administrator)
    assert list(problems) == ["Consent.provision.data[0].reference.reference"]


def test_an_account_of_that_number_and_another_name_is_somebody_else(
    patient: Patient, administrator: User, clerk: User
) -> None:
    def about(name: str) -> dict[str, Any]:
        who = actor("IRCP", identifier={"system": f"{PROJECT}/account", "value": str(clerk.pk)}, display=name)
        return consents.resource(patient, provision=consents.provision(provision=[consents.exception(actor=[who])]))

    assert (
        "no such account"
        in refused(about("Basil Inkwell"), patient, administrator)["Consent.provision.provision[0].actor[0].reference"]
    )
    assert import_consent(about("Ned Inkwell"), patient, by=administrator).provisions.get().user == clerk


def test_a_consent_that_is_here_is_not_recorded_again(patient: Patient, administrator: User) -> None:
    made = import_consent(consents.resource(patient, status="draft"), patient, by=administrator)
    (again,) = consents.versions(made)

    with pytest.raises(ImportRefused, match=r"^Consent\.identifier: This consent is recorded already"):
        import_consent(again, patient, by=administrator)


def test_a_consent_of_a_type_that_is_not_whole_is_refused_by_its_rule(patient: Patient, administrator: User) -> None:
    research = {
        "scope": {"coding": [{"system": f"{HL7}/consentscope", "code": "research"}]},
        "category": [{"coding": [{"system": f"{PROJECT}/consent-type", "code": "research"}]}],
    }
    with pytest.raises(RuleBroken, match="An authorization holds once it says what is disclosed"):
        import_consent(consents.resource(patient, **research), patient, by=administrator)

    assert import_consent(consents.resource(patient, status="draft", **research), patient, by=administrator).pk


def test_a_merged_record_takes_no_consent(merged_patient: Patient, administrator: User) -> None:
    with pytest.raises(RuleBroken, match="has been merged"):
        import_consent(consents.resource(merged_patient), merged_patient, by=administrator)
