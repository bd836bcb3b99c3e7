"""The audited tables of this project: what a new row of each differs in, and what is changed in one that stands."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group, Permission
from django.db.models import F

from appointments.models import Encounter, Location
from compliance.models import AccessRule, User
from patients.models import Allergy, Patient
from records.models import MedicalRecord, Prescription
from tests.breaking import beside
from tests.compliance.audit.matrix.subject import Button, Relation, Subject
from tests.compliance.breaks import ROWS

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    import pytest
    from django.db.models import Model

NPIS = ("1000000004", "1000000012", "1000000020", "1000000038", "1000000046", "1000000053")
ROLES = ("consulting", "covering", "nursing", "pharmacy", "coordinating")
Values = "Callable[[int], Mapping[str, Any]]"
# Table: what the n-th new row says other than the fixture's, and the n-th change.
CLINICAL: dict[str, tuple[Values, Values]] = {
    "patients": (
        lambda n: {"mrn": f"N-{n}"},
        lambda n: {"assigning_authority": f"Clinic {n}", "city": f"Town {n}", "confidential_contact": {"note": str(n)}},
    ),
    "insurance_info": (
        lambda n: {"coverage_order": n + 1},
        lambda n: {"payer_name": f"Payer {n}", "copay": n},
    ),
    "allergies": (lambda n: {}, lambda n: {"substance": f"Substance {n}"}),
    "providers": (
        lambda n: {"npi": NPIS[n]},
        lambda n: {"specialty": f"Specialty {n}", "active_to": date(2040, 1, n)},
    ),
    "provider_availability": (lambda n: {"weekday": n + 1}, lambda n: {"ends_at": time(16, n)}),
    "locations": (lambda n: {"name": f"Room 1{n}"}, lambda n: {"city": f"Town {n}"}),
    "appointments": (
        lambda n: {"status": "proposed"},
        lambda n: {"service_type": f"Service {n}", "reason_text": f"Reason {n}"},
    ),
    "encounters": (lambda n: {"appointment_id": None}, lambda n: {"reason_text": f"Reason {n}"}),
    "medical_records": (lambda n: {}, lambda n: {"title": f"Title {n}", "structured": {"n": n}}),
    "prescriptions": (lambda n: {}, lambda n: {"sig": f"{n} a day", "quantity": n}),
    "break_glass_grants": (
        lambda n: (
            dict.fromkeys(("opened_at", "proved_at"), datetime(2010 + n, 1, 1, 9, tzinfo=UTC))
            | {"ends_at": datetime(2010 + n, 1, 1, 10, tzinfo=UTC)}
        ),
        lambda n: {"review_note": f"Note {n}"},
    ),
    "care_relationships": (
        lambda n: {"starts_at": datetime(2010 + n, 1, 1, tzinfo=UTC), "ends_at": datetime(2010 + n, 6, 1, tzinfo=UTC)},
        lambda n: {"role": ROLES[n]},
    ),
}


NOW = datetime(2024, 5, 6, 10, tzinfo=UTC)


def _renewal(row: Any) -> Any:
    made = beside(row)
    made.prior_prescription = row
    return made


# A new row that refers to this one.
HOLDERS: dict[str, Callable[[Any], Model]] = {
    "patients": lambda row: Allergy(patient=row, substance="Latex", category="environment"),
    "providers": lambda row: Patient(
        mrn="H-1",
        assigning_authority="Example Clinic",
        family_name="Holder",
        birth_date=NOW.date(),
        administrative_gender="unknown",
        general_practitioner=row,
    ),
    "locations": lambda row: Location(name="A corner of it", kind="ro", part_of=row),
    "appointments": lambda row: Encounter(
        patient_id=row.patient_id, provider_id=row.provider_id, appointment=row, starts_at=row.starts_at
    ),
    "encounters": lambda row: MedicalRecord(
        patient_id=row.patient_id,
        author_id=row.provider_id,
        encounter=row,
        record_type="progress_note",
        title="Held",
        effective_at=row.starts_at,
    ),
    "medical_records": lambda row: Prescription(
        patient_id=row.patient_id,
        prescriber_id=row.author_id,
        medical_record=row,
        drug_name="Amoxicillin",
        sig="As told",
        quantity=1,
        quantity_unit="capsule",
        authored_on=NOW.date(),
    ),
    "prescriptions": _renewal,
}
# What signs a row.
SIGNED: dict[str, Mapping[str, Any]] = {
    "medical_records": {
        "status": "final",
        "signed_at": NOW,
        "signed_by_id": F("author_id"),
        "attestation_mode": "professional",
        "content_digest": bytes(32),
    },
    "prescriptions": {"status": "active", "signed_at": NOW},
}
# A button of each screen that has some.
BUTTONS: dict[str, Callable[[Subject], Button]] = {
    "patients": lambda made: Button("merge", {"survivor": made.fresh("spare").mrn}),
    "insurance_info": lambda _: Button("verify"),
    "appointments": lambda _: Button("cancel", {"reason": "pat-mv", "note": ""}),
    "care_relationships": lambda _: Button("end"),
    "prescriptions": lambda _: Button("hold", {"reason": "salg"}, given=SIGNED["prescriptions"]),
}


def subject(table: str, request: pytest.FixtureRequest) -> Subject:
    """Make the rows of a table that write paths are tried on. Raises KeyError for a table that nobody described."""
    return SPECIAL[table](request) if table in SPECIAL else _clinical(table, request)


def _clinical(table: str, request: pytest.FixtureRequest) -> Subject:
    row = request.getfixturevalue(ROWS[table])
    differs, change = CLINICAL[table]

    def new(number: int) -> Any:
        made = beside(row)
        for name, value in differs(number).items():
            setattr(made, name, value)
        return made

    made = _with_spare(Subject(type(row), row, row, new, change, signed=SIGNED.get(table, {})))
    holder, button = HOLDERS.get(table), BUTTONS.get(table)
    return replace(made, holder=(lambda: holder(row)) if holder else None, button=button(made) if button else None)


def _with_spare(made: Subject) -> Subject:
    spare = made.new(1)
    spare.save()
    return replace(made, spare=spare)


def _patients(request: pytest.FixtureRequest) -> Subject:
    provider = request.getfixturevalue("provider")
    return replace(_clinical("patients", request), referrers=provider.patients)


def _users(request: pytest.FixtureRequest) -> Subject:
    row = request.getfixturevalue("administrator")

    def new(number: int) -> User:
        return User(
            email=f"user{number}@clinic.example", password=f"hash {number}", date_of_birth=date(1990, 1, number)
        )

    def change(number: int) -> dict[str, Any]:
        return {"first_name": f"Ada {number}", "role": ["nurse", "physician", "auditor", "billing"][number - 1]}

    password = {"usable_password": "true", "password1": "new horse battery", "password2": "new horse battery"}
    return _with_spare(Subject(User, row, row, new, change, stamped=True, typed=password))


def _rules(request: pytest.FixtureRequest) -> Subject:
    def new(number: int) -> AccessRule:
        return AccessRule(
            role=f"role {number}",
            purpose="TREAT",
            permission="patients.view_patient",
            table_name="patients",
            action="read",
            reach="care",
        )

    row = new(0)
    row.save()
    return _with_spare(Subject(AccessRule, row, row, new, lambda n: {"purpose": f"PURPOSE{n}"}))


def _groups(request: pytest.FixtureRequest) -> Subject:
    row = Group.objects.create(name="Night shift")
    made = Subject(
        Group, row, row, lambda n: Group(name=f"Team {n}"), lambda n: {"name": f"Renamed {n}"}, cascade=2 + 1
    )
    made = _with_spare(made)
    made.spare.permissions.set(Permission.objects.order_by("pk")[:2])  # type: ignore[attr-defined]
    request.getfixturevalue("administrator").groups.add(made.spare)
    return made


def _links(relation: Relation, *, changes_to: Callable[[int], Any]) -> Subject:
    """Make the subject of a table that joins two: its first two targets are joined, by `row` and `spare`."""
    manager = relation.manager
    model, own, other = manager.through, manager.source_field.attname, manager.target_field.attname
    manager.add(relation.targets[0])
    manager.add(relation.targets[1])
    row, spare = model._default_manager.filter(**{own: relation.owner.pk}).order_by("id")

    def new(number: int) -> Any:
        return model(**{own: relation.owner.pk, other: relation.targets[number].pk})

    return Subject(model, row, spare, new, lambda n: {other: changes_to(n).pk}, relation)


def _some_groups() -> list[Group]:
    return Group.objects.bulk_create(Group(name=f"Group {number}") for number in range(10))


def _user_groups(request: pytest.FixtureRequest) -> Subject:
    groups = _some_groups()
    owner = User.objects.create_user("linked@clinic.example")
    relation = Relation(owner, "groups", groups, {"name": "Made through the account"})
    return _links(relation, changes_to=lambda n: groups[5 + n])


def _user_permissions(request: pytest.FixtureRequest) -> Subject:
    owner = User.objects.create_user("allowed@clinic.example")
    return _permissions(owner, "user_permissions")


def _group_permissions(request: pytest.FixtureRequest) -> Subject:
    return _permissions(Group.objects.create(name="Linked"), "permissions")


def _permissions(owner: User | Group, name: str) -> Subject:
    permissions = list(Permission.objects.order_by("pk")[:10])
    content = permissions[0].content_type_id
    target = {"name": "Made here", "codename": "made_here", "content_type_id": content}
    relation = Relation(owner, name, permissions, target, target_is_audited=False)
    return _links(relation, changes_to=lambda n: permissions[5 + n])


SPECIAL: dict[str, Callable[[pytest.FixtureRequest], Subject]] = {
    "patients": _patients,
    "users": _users,
    "access_rules": _rules,
    "auth_group": _groups,
    "users_groups": _user_groups,
    "users_user_permissions": _user_permissions,
    "auth_group_permissions": _group_permissions,
}
# What no path deletes, and what is said of it.
KEPT = {
    "users": "deactivated, not deleted",
    "break_glass_grants": "what was opened in an emergency stands as it was",
}
TABLES = [*CLINICAL, *(table for table in SPECIAL if table not in CLINICAL)]
