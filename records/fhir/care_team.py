"""Those who give care: providers as FHIR Practitioner and PractitionerRole, care_relationships as CareTeam."""

from __future__ import annotations

import uuid
from typing import TYPE_CHECKING

from compliance.access.care_relationship import CareRole
from records.fhir import systems
from records.fhir.elements import (
    Element,
    choice,
    coding,
    concept,
    day,
    identifier,
    member_of_staff,
    moment,
    own,
    period,
    reference,
    resource,
    telecom,
)

if TYPE_CHECKING:
    from compliance.models import CareRelationship
    from providers.models import Provider


def practitioner(row: Provider) -> Element:
    """Make the Practitioner: the person, with their registrations."""
    registered = [own("dea-schedule", valueCode=schedule) for schedule in row.dea_schedules]
    ends = period(None, day(row.dea_expires_on))
    return resource(
        "Practitioner",
        row,
        identifier=[
            identifier("NPI", systems.NPI, row.npi),
            identifier("DEA", systems.DEA, row.dea_number, period=ends, extension=registered),
        ],
        name=[
            {
                "family": row.family_name,
                "given": [row.given_name, row.middle_name],
                "suffix": [row.credentials],
            }
        ],
        telecom=[telecom("phone", row.phone, "work"), telecom("email", row.email, "work")],
        qualification=[_licence(row)],
    )


def practitioner_role(row: Provider) -> Element:
    """Make the PractitionerRole: what the practitioner does here, and from when to when."""
    found = resource(
        "PractitionerRole",
        row,
        extension=[own("accepting-patients", valueBoolean=row.accepting_patients)],
        period=period(day(row.active_from), day(row.active_to)),
        practitioner=reference(row),
        organization={"type": "Organization", "display": row.department} if row.department else None,
        specialty=[concept(coding(systems.TAXONOMY, row.taxonomy_code), text=row.specialty)],
    )
    # The row has one uid and two resources: the second one's is made from the first one's, the same each time.
    return {**found, "id": str(uuid.uuid5(row.uid, "PractitionerRole"))}


def _licence(row: Provider) -> Element:
    if not row.license_number:
        return {}
    return {
        "identifier": [
            identifier("LN", systems.own_system("license", row.license_state or "unknown"), row.license_number)
        ],
        "code": {"text": "State license"},
        "period": period(None, day(row.license_expires_on)),
        "issuer": {"display": row.license_state},
    }


def care_team(row: CareRelationship) -> Element:
    """Make the CareTeam of one relationship: one member, in one role, for a time."""
    during = period(moment(row.starts_at), moment(row.ends_at))
    return resource(
        "CareTeam",
        row,
        subject=reference(row.patient),
        period=during,
        participant=[
            {
                "role": [choice(systems.own_system("care-role"), CareRole, row.role)],
                "member": member_of_staff(row.user),
                "period": during,
            }
        ],
    )
