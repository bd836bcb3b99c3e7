"""On random clinics, row-level security, visible_to and require say the same, and what a plain reading says.

The plain reading takes the facts of a clinic one by one, in Python; it shares nothing with the SQL but the policy.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from random import Random

import pytest
from django.utils import timezone

from appointments.models import Appointment
from compliance.access import permits, visible_to
from compliance.access.policy import policy
from compliance.audit.context import acting
from compliance.models import BreakGlassGrant, CareRelationship, User
from patients.models import Allergy, Patient
from providers.models import Provider
from tests.compliance.screens import npi
from tests.logins import as_app

pytestmark = pytest.mark.django_db
PATIENTS = 60
BORN = date(1980, 2, 29)
ROLES = ("physician", "nurse", "pharmacist", "front_desk", "billing", "compliance_officer", "researcher", "patient")
PURPOSES = ("TREAT", "HOPERAT", "HPAYMT", "PATRQT", "HRESCH")
LIVE = ("booked", "arrived", "checked-in", "fulfilled")


@dataclass
class Clinic:
    """Accounts and patients, and the same facts as pairs of (account, patient) that tie them now."""

    accounts: list[User] = field(default_factory=list)
    patients: list[Patient] = field(default_factory=list)
    care: set[tuple[int, int]] = field(default_factory=set)
    own: set[tuple[int, int]] = field(default_factory=set)
    person: dict[int, int] = field(default_factory=dict)

    def may_see(self, account: User, patient: Patient, purpose: str, table: str) -> bool:
        """Read the policy and the facts, one by one."""
        known = policy().role(account.role)
        rules = (
            [rule for rule in known.rules() if rule.purpose == purpose and rule.table_name == table] if known else []
        )
        reach = {rule.reach for rule in rules if rule.action == "read"} if account.is_active else set()
        same = [other for other, person in self.person.items() if person == self.person[patient.pk]]
        return (
            "all" in reach
            or ("care" in reach and any((account.pk, one) in self.care for one in same))
            or ("own" in reach and any((account.pk, one) in self.own for one in same))
        )


def clinic(random: Random) -> Clinic:
    """Make a clinic in which each account has something to do with some patients, by each of the ways there are."""
    made = Clinic()
    now = timezone.now()
    for number in range(PATIENTS):
        patient = Patient.objects.create(
            mrn=f"W-{number}",
            assigning_authority="W",
            family_name="Quill",
            birth_date=BORN,
            administrative_gender="other",
        )
        Allergy.objects.create(patient=patient, substance="Latex", category="environment")
        made.patients.append(patient)
        made.person[patient.pk] = patient.pk
    for number, role in enumerate(ROLES * 2):
        account = User.objects.create_user(f"{role}{number}@clinic.example", role=role, is_active=random.random() < 0.9)
        made.accounts.append(account)
        _treats(random, made, account, now)
        _sees(random, made, account, now, number)
    for patient, account in zip(random.sample(made.patients, 2), made.accounts[-1:], strict=False):
        Patient.objects.filter(pk=patient.pk).update(user=account)
        made.own.add((account.pk, patient.pk))
    cared_for = Patient.objects.exclude(general_practitioner=None)  # a patient has one, and the last one holds
    made.care |= set(cared_for.values_list("general_practitioner__user", "pk"))
    _merge(random, made, now)
    return made


def _treats(random: Random, made: Clinic, account: User, now: datetime) -> None:
    """Care relationships that hold, have ended or have not begun, and charts that were opened in an emergency."""
    for patient in random.sample(made.patients, 6):
        starts, ends = random.choice([(-9, None), (-9, 9), (-9, -1), (1, 9)])
        CareRelationship.objects.create(
            patient=patient,
            user=account,
            starts_at=now + timedelta(days=starts),
            ends_at=None if ends is None else now + timedelta(days=ends),
        )
        if starts < 0 and (ends is None or ends > 0):
            made.care.add((account.pk, patient.pk))
    for patient in random.sample(made.patients, 3):
        ago, closed = random.choice([(10, None), (10, 5), (70, None)])
        opened = now - timedelta(minutes=ago)
        BreakGlassGrant.objects.create(
            patient=patient,
            user=account,
            reason="Found unconscious at the door",
            opened_at=opened,
            ends_at=opened + timedelta(hours=1),
            proved_at=opened,
            closed_at=None if closed is None else now - timedelta(minutes=closed),
        )
        if ago < 60 and closed is None:
            made.care.add((account.pk, patient.pk))


def _sees(random: Random, made: Clinic, account: User, now: datetime, number: int) -> None:
    """A provider's appointments, near and far, and the patients whose general practitioner one is."""
    if account.role != "physician":
        return
    provider = Provider.objects.create(
        npi=npi(f"{number + 1:09}"), family_name="T", given_name="B", active_from=date(2020, 1, 1), user=account
    )
    for hour, patient in enumerate(random.sample(made.patients, 6)):
        days, status = random.choice([-40, -29, -1, 1, 6, 9]), random.choice(["booked", "fulfilled", "proposed"])
        starts = now + timedelta(days=days, minutes=hour)
        Appointment.objects.create(
            patient=patient, provider=provider, status=status, starts_at=starts, ends_at=starts + timedelta(seconds=30)
        )
        if -30 < days < 7 and status in LIVE:
            made.care.add((account.pk, patient.pk))
    for patient in random.sample(made.patients, 2):
        Patient.objects.filter(pk=patient.pk).update(general_practitioner=provider)


def _merge(random: Random, made: Clinic, now: datetime) -> None:
    """Chains of records of one person, two of them long."""
    for ends, middle, goes_on in zip(*[iter(random.sample(made.patients, 9))] * 3, strict=True):
        Patient.objects.filter(pk=middle.pk).update(merged_into=goes_on, merged_at=now)
        Patient.objects.filter(pk=ends.pk).update(merged_into=goes_on, merged_at=now)
        made.person |= {ends.pk: goes_on.pk, middle.pk: goes_on.pk}


@pytest.fixture(params=range(4))
def world(request: pytest.FixtureRequest) -> Clinic:
    return clinic(Random(request.param))


def test_policies_lists_and_capabilities_agree_with_a_plain_reading(world: Clinic) -> None:
    answers = set()
    for account in User.objects.filter(pk__in=[one.pk for one in world.accounts]):
        for purpose in PURPOSES:
            for model in (Patient, Allergy):
                table = model._meta.db_table
                expected = {p.pk for p in world.patients if world.may_see(account, p, purpose, table)}

                listed = {patient_of(row) for row in visible_to(model.objects.all(), account, purpose)}
                with acting(account, purpose=purpose), as_app():
                    shown = {patient_of(row) for row in model.objects.all()}
                opened = {
                    patient.pk
                    for patient in world.patients
                    if permits(account, f"patients.view_{model._meta.model_name}", patient, purpose=purpose)
                }

                assert (listed, shown, opened) == (expected, expected, expected), (account.role, purpose, table)
                answers.add("all" if len(expected) == PATIENTS else "some" if expected else "none")
    assert answers == {"all", "some", "none"}


def patient_of(row: Patient | Allergy) -> int:
    return row.pk if isinstance(row, Patient) else row.patient_id


def test_times_are_compared_as_moments_and_not_as_days_of_some_zone(patient: Patient, physician: User) -> None:
    """One that ends today in Kiritimati, where it is tomorrow already, has ended when that moment has passed."""
    ended = datetime.now(UTC) - timedelta(seconds=1)
    relationship = CareRelationship.objects.create(
        patient=patient, user=physician, starts_at=ended - timedelta(days=1), ends_at=ended + timedelta(hours=14)
    )
    assert permits(physician, "patients.view_patient", patient)

    CareRelationship.objects.filter(pk=relationship.pk).update(ends_at=ended)

    assert not permits(physician, "patients.view_patient", patient)
