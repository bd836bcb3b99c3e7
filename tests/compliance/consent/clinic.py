"""A small clinic whose charts hold something of each kind, and accounts that reach them in each way there is."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import TYPE_CHECKING, Any

from django.contrib.auth.models import Group
from django.utils import timezone

from appointments.models import Appointment, Encounter
from compliance.access.policy import policy
from compliance.models import CareRelationship, User
from patients.models import Allergy, InsuranceInfo, Patient
from providers.models import Provider
from records.models import MedicalRecord, Prescription
from tests.compliance.consent.oracle import Asked
from tests.compliance.screens import npi
from tests.people import may

if TYPE_CHECKING:
    from django.db.models import Model

MODELS: tuple[type[Model], ...] = (
    Patient,
    InsuranceInfo,
    Allergy,
    Appointment,
    Encounter,
    MedicalRecord,
    Prescription,
)
VIEW = {model._meta.db_table: f"{model._meta.app_label}.view_{model._meta.model_name}" for model in MODELS}
PATIENTS = 3
VISITS = (date(2024, 1, 10), date(2024, 6, 10))


@dataclass(frozen=True)
class Kept:
    """One row, with what a consent asks of it."""

    row: Any
    patient: int
    resource: str
    labels: tuple[str, ...] = ()
    author: int | None = None
    dated: date | None = None
    encounter: int | None = None

    @property
    def table(self) -> str:
        return str(self.row._meta.db_table)


@dataclass(frozen=True)
class Account:
    """Somebody, all their roles and what they act for."""

    user: User
    roles: frozenset[str]
    purpose: str


@dataclass
class Clinic:
    """What there is; `care` and `own` tie accounts to patients by key."""

    patients: list[Patient] = field(default_factory=list)
    rows: list[Kept] = field(default_factory=list)
    accounts: dict[str, Account] = field(default_factory=dict)
    encounters: list[Encounter] = field(default_factory=list)
    care: set[tuple[int, int]] = field(default_factory=set)
    own: set[tuple[int, int]] = field(default_factory=set)

    def reach(self, account: Account, table: str) -> set[str]:
        """Read the policy: any of all, care and own."""
        if account.purpose == "HRESCH":
            return {"all"}
        roles = [known for name in account.roles if (known := policy().role(name)) is not None]
        return {
            rule.reach
            for role in roles
            for rule in role.rules()
            if (rule.purpose, rule.table_name, rule.action) == (account.purpose, table, "read")
        }

    def asked(self, kept: Kept, account: Account, at: datetime, purpose: str | None = None) -> Asked:
        return Asked(
            patient=kept.patient,
            account=account.user.pk,
            roles=account.roles,
            purpose=purpose or account.purpose,
            labels=kept.labels,
            at=at,
            resource=kept.resource,
            author=kept.author,
            dated=kept.dated,
            encounter=kept.encounter,
        )


def clinic() -> Clinic:
    """Make it. The last patient is in nobody's care."""
    made = Clinic()
    doctors = [_provider(made, "writes", 1), _provider(made, "reads", 2)]
    nurse = _account(made, "nurse", "nurse", "TREAT")
    for number in range(PATIENTS):
        patient = Patient.objects.create(
            mrn=f"C-{number}",
            assigning_authority="C",
            family_name="Quill",
            birth_date=date(1980, 2, 29),
            administrative_gender="other",
        )
        made.patients.append(patient)
        _chart(made, patient, doctors)
        for user in (doctors[0].user, doctors[1].user, nurse.user)[: 0 if number == PATIENTS - 1 else 3]:
            CareRelationship.objects.create(patient=patient, user=user, starts_at=timezone.now() - timedelta(days=9))
            made.care.add((user.pk, patient.pk))
    _account(made, "billing", "billing", "HPAYMT")
    helps = _account(made, "helps with bills", "front_desk", "HPAYMT", "billing")
    made.accounts["desk"] = Account(helps.user, helps.roles, "HOPERAT")
    own = _account(made, "patient", "patient", "PATRQT")
    Patient.objects.filter(pk=made.patients[0].pk).update(user=own.user)
    made.own.add((own.user.pk, made.patients[0].pk))
    may(_account(made, "researcher", "researcher", "HRESCH").user, *VIEW.values())
    for account in made.accounts.values():
        account.user.refresh_from_db()
    return made


def _account(made: Clinic, name: str, role: str, purpose: str, group: str | None = None) -> Account:
    user = User.objects.create_user(f"{name.replace(' ', '.')}@clinic.example", role=role)
    if group:
        user.groups.add(Group.objects.get(name=group))
    made.accounts[name] = Account(user, frozenset({role, group} - {None}), purpose)  # type: ignore[arg-type]
    return made.accounts[name]


def _provider(made: Clinic, name: str, number: int) -> Any:
    return Provider.objects.create(
        npi=npi(f"{number:09}"),
        family_name="T",
        given_name="B",
        active_from=date(2020, 1, 1),
        user=_account(made, name, "physician", "TREAT").user,
    )


def _chart(made: Clinic, patient: Patient, doctors: list[Any]) -> None:
    made.rows.append(Kept(patient, patient.pk, "Patient"))
    insurance = InsuranceInfo.objects.create(
        patient=patient, payer_name="Mutual", member_id="1", period_start=VISITS[0]
    )
    made.rows.append(Kept(insurance, patient.pk, "Coverage", dated=_written(insurance)))
    for labels in ((), ("HIV",)):
        allergy = Allergy.objects.create(patient=patient, substance=f"A {labels}", category="food", sensitivity=labels)
        made.rows.append(Kept(allergy, patient.pk, "AllergyIntolerance", labels, dated=_written(allergy)))
    for day, doctor in zip(VISITS, doctors, strict=True):
        _visit(made, patient, day, doctor)
    for kind, labels, part2, doctor in (
        ("psychotherapy_note", (), False, doctors[0]),
        ("progress_note", (), True, doctors[0]),
        ("progress_note", ("HIV",), True, doctors[1]),
        ("progress_note", ("HIV", "STD"), False, doctors[1]),
    ):
        _document(made, patient, VISITS[1], doctor, record_type=kind, sensitivity=list(labels), is_part2=part2)


def _visit(made: Clinic, patient: Patient, day: date, doctor: Any) -> None:
    starts = datetime(day.year, day.month, day.day, 9 + len(made.encounters) % 12, tzinfo=UTC)
    appointment = Appointment.objects.create(
        patient=patient, provider=doctor, starts_at=starts, ends_at=starts + timedelta(minutes=30)
    )
    encounter = Encounter.objects.create(
        patient=patient,
        provider=doctor,
        appointment=appointment,
        starts_at=starts,
        sensitivity=["STD"] * (day.month > 3),
    )
    made.encounters.append(encounter)
    made.rows.append(Kept(appointment, patient.pk, "Appointment", dated=day, encounter=encounter.pk))
    made.rows.append(
        Kept(encounter, patient.pk, "Encounter", tuple(encounter.sensitivity), dated=day, encounter=encounter.pk)
    )
    _document(made, patient, day, doctor, record_type="progress_note", encounter=encounter)
    prescription = Prescription.objects.create(
        patient=patient,
        prescriber=doctor,
        encounter=encounter,
        drug_name="Amoxicillin",
        sig="One a day",
        quantity=7,
        quantity_unit="capsule",
        days_supply=7,
        authored_on=day,
        sensitivity=["HIV"] * (day.month < 3),
    )
    made.rows.append(
        Kept(
            prescription,
            patient.pk,
            "MedicationRequest",
            tuple(prescription.sensitivity),
            doctor.user_id,
            day,
            encounter.pk,
        )
    )


def _document(made: Clinic, patient: Patient, day: date, doctor: Any, **facts: Any) -> None:
    record = MedicalRecord.objects.create(
        patient=patient,
        author=doctor,
        title="Seen",
        effective_at=datetime(day.year, day.month, day.day, 12, tzinfo=UTC),
        **facts,
    )
    labels = (
        *record.sensitivity,
        *(["PSYTHPN"] if record.record_type == "psychotherapy_note" else []),
        *(["42CFRPart2"] if record.is_part2 else []),
    )
    made.rows.append(Kept(record, patient.pk, "DocumentReference", labels, doctor.user_id, day, record.encounter_id))


def _written(row: Any) -> date:
    row.refresh_from_db()
    return row.created_at.astimezone(UTC).date()  # type: ignore[no-any-return]
