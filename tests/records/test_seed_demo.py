"""Demo data: coherent, the same at every run, all there or not at all."""

from __future__ import annotations

import io
import os
import re
import signal
import subprocess
import sys
import time
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import psycopg
import pytest
from django.core.management import CommandError, call_command
from django.db import transaction
from django.db.models import F, Min
from django.db.models.functions import TruncDate

from appointments.models import Appointment, Encounter
from patients.models import Allergy, InsuranceInfo, Patient
from providers.hours import windows
from providers.models import Provider
from records.demo.clinic import dea, npi
from records.demo.conditions import CONDITIONS
from records.demo.tables import MODELS
from records.models import MedicalRecord, Prescription
from records.signing import verify_content
from tests.conftest import TEMPLATE

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.db.models import Model
    from pytest_django.fixtures import SettingsWrapper

BASE = Path(__file__).resolve().parents[2]
AS_OF = "2026-03-04"
CLINIC = ZoneInfo("America/New_York")
PATIENCE_SECONDS = 30


def seed(patients: int = 40, *more: str) -> str:
    said = io.StringIO()
    call_command("seed_demo", f"--patients={patients}", f"--as-of={AS_OF}", *more, stdout=said)
    return said.getvalue()


@pytest.fixture
def demo(db: None) -> None:
    seed()


def age(born: date, day: date) -> int:
    return day.year - born.year - ((day.month, day.day) < (born.month, born.day))


def content(model: type[Model]) -> list[tuple[Any, ...]]:
    """Every row of a table but for its times; keys count from the first of their table."""
    times = {"created_at", "updated_at", "recorded_at"}
    fields = [field for field in model._meta.concrete_fields if field.name not in times]
    pointed = {
        field.attname: field.related_model or model for field in fields if field.is_relation or field.primary_key
    }
    first = {name: to._default_manager.aggregate(first=Min("pk"))["first"] for name, to in pointed.items()}
    names = [field.attname for field in fields]
    return [
        tuple(
            row[name] - first[name] if name in pointed and row[name] is not None else str(row[name]) for name in names
        )
        for row in model._default_manager.order_by("pk").values(*names)
    ]


def told(*options: str) -> dict[str, list[tuple[Any, ...]]]:
    """Seed, look at everything, and undo it."""
    with transaction.atomic():
        seed(20, *options)
        rows = {model._meta.db_table: content(model) for model in MODELS}
        transaction.set_rollback(True)
    return rows


@pytest.mark.usefixtures("demo")
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.db_table)
def test_the_rows_pass_the_validation_of_their_model(model: type[Model]) -> None:
    rows = list(model._default_manager.order_by("?")[:25])

    assert rows
    for row in rows:
        row.full_clean()


@pytest.mark.django_db
def test_the_same_numbers_tell_the_same_history() -> None:
    assert told() == told()


@pytest.mark.django_db
def test_another_seed_tells_another_history() -> None:
    one, other = told(), told("--seed=2")

    assert not {row[1] for row in one["patients"]} & {row[1] for row in other["patients"]}


@pytest.mark.django_db
@pytest.mark.parametrize("patients", [1, 6, 10])  # of six and of ten, the last but one is registered twice
def test_as_many_patients_as_were_asked_for(patients: int) -> None:
    assert f"{patients} patient" in seed(patients)
    assert Patient.objects.count() == patients


@pytest.mark.django_db
def test_teams_share_the_patients() -> None:
    assert "37 patients" in seed(37, "--teams=3")
    assert Provider.objects.filter(patients__isnull=False).distinct().count() > 3


@pytest.mark.usefixtures("demo")
def test_appointments_lie_in_the_hours_of_their_provider() -> None:
    for one in Appointment.objects.filter(starts_at__isnull=False).select_related("provider"):
        assert one.starts_at is not None
        assert one.ends_at is not None
        hours = windows(one.provider, one.starts_at.astimezone(CLINIC).date())
        assert any(window.starts_at <= one.starts_at and one.ends_at <= window.ends_at for window in hours), one


@pytest.mark.usefixtures("demo")
def test_a_child_is_insured_through_an_adult_of_the_household() -> None:
    as_of = date.fromisoformat(AS_OF)
    children = [
        one for one in InsuranceInfo.objects.select_related("patient") if age(one.patient.birth_date, as_of) < 18
    ]
    holders = {
        one.member_id: one.patient for one in InsuranceInfo.objects.filter(relationship="self", kind="insurance")
    }

    assert any(age(one.patient.birth_date, as_of) == 5 for one in children)
    for one in (one for one in children if one.kind == "insurance"):
        holder = holders[one.subscriber_id]
        assert one.relationship == "child"
        assert (holder.family_name, holder.birth_date) == (one.patient.family_name, one.subscriber_birth_date)
        assert age(holder.birth_date, one.patient.birth_date) >= 18


@pytest.mark.django_db
def test_nothing_happens_before_birth_or_after_death() -> None:
    seed(200)

    for model, day in ((Encounter, "starts_at"), (MedicalRecord, "effective_at"), (Prescription, "authored_on")):
        rows = model._default_manager.annotate(day=TruncDate(day, tzinfo=CLINIC) if day != "authored_on" else F(day))
        assert rows.exists()
        assert not rows.filter(day__lt=F("patient__birth_date")).exists()
        assert not rows.filter(**{f"{day}__gt": F("patient__deceased_at")}).exists()
    assert Patient.objects.filter(is_deceased=True).exists()
    assert not Allergy.objects.filter(onset_on__lt=F("patient__birth_date")).exists()
    assert not Prescription.objects.filter(patient__is_deceased=True, status="active").exists()


@pytest.mark.usefixtures("demo")
def test_people_come_for_what_fits_their_age_and_sex() -> None:
    conditions = {one.code: one for one in CONDITIONS}
    for encounter in Encounter.objects.select_related("patient"):
        assert encounter.starts_at is not None
        years = age(encounter.patient.birth_date, encounter.starts_at.astimezone(CLINIC).date())
        assert conditions[encounter.reason_code].fits(years, encounter.patient.birth_sex), encounter


@pytest.mark.usefixtures("demo")
def test_a_note_tells_of_its_code_and_of_what_was_prescribed() -> None:
    for note in MedicalRecord.objects.filter(record_type="progress_note"):
        assert note.code in note.body
        assert note.code_display in note.title
    prescribed = Prescription.objects.select_related("medical_record")
    assert prescribed
    for one in prescribed:
        assert f"Prescribed: {one.drug_name} {one.strength}" in one.medical_record.body
        assert (one.indication_code, one.authored_on) == (
            one.medical_record.code,
            one.medical_record.effective_at.astimezone(CLINIC).date(),
        )


@pytest.mark.usefixtures("demo")
def test_what_is_signed_verifies() -> None:
    signed = MedicalRecord.objects.filter(signed_at__isnull=False)

    assert signed.filter(structured__isnull=False).exists()
    for record in signed.select_related("patient", "author", "encounter", "amends", "signed_by"):
        assert verify_content(record), record


@pytest.mark.django_db
def test_a_demo_of_some_size_shows_every_kind_of_thing() -> None:
    seed(600)

    assert set(Appointment.objects.values_list("status", flat=True)) == set(Appointment.Status.values)
    assert set(MedicalRecord.objects.values_list("record_type", flat=True)) == set(MedicalRecord.Type.values)
    assert set(MedicalRecord.objects.values_list("status", flat=True)) == set(MedicalRecord.Status.values)
    assert set(Prescription.objects.values_list("status", flat=True)) == set(Prescription.Status.values) - {"unknown"}
    assert set(Prescription.objects.values_list("dea_schedule", flat=True)) >= {None, "II", "III", "IV", "V"}
    assert Prescription.objects.filter(prior_prescription__isnull=False, status="active").exists()
    assert Appointment.objects.filter(rescheduled_from__status="cancelled").exists()
    assert Patient.objects.filter(merged_into__isnull=False).exists()
    assert set(InsuranceInfo.objects.values_list("kind", "coverage_order")) >= {("self-pay", 1), ("insurance", 2)}
    tolerated = Prescription.objects.exclude(status="entered-in-error")
    avoided = Allergy.objects.exclude(verification_status__in=["refuted", "entered-in-error"])
    pairs = set(avoided.values_list("patient_id", "code"))
    assert not pairs & set(tolerated.values_list("patient_id", "rxcui"))


@pytest.mark.usefixtures("demo")
def test_the_people_are_obviously_made_up() -> None:
    for one in Patient.objects.all():
        numbers = filter(None, (one.phone, one.mobile_phone, one.contact_phone))
        assert all(re.fullmatch(r"[2-9]\d\d-555-01\d\d", number) for number in numbers)
        assert one.ssn in {None, "078-05-1120", "219-09-9999"}
        assert one.city == "Demoville"
        assert one.email is None or one.email.endswith("@example.org")
        assert one.assigning_authority == "WebQx Demo"


def test_identifiers_of_providers_are_right_in_form_and_nobodys() -> None:
    assert (npi(0), npi(123), dea(123)) == ("2000000002", "2000001232", "X90001230")


@pytest.mark.usefixtures("demo")
def test_nobody_can_log_in_to_a_demo_account() -> None:
    accounts = [provider.user for provider in Provider.objects.select_related("user")]

    assert accounts
    assert not any(account is None or account.has_usable_password() for account in accounts)


@pytest.mark.usefixtures("demo")
def test_a_second_run_is_refused_and_adds_nothing() -> None:
    with pytest.raises(CommandError, match="demo data already"):
        seed(50, "--seed=2")

    assert Patient.objects.count() == 40


def test_other_patients_are_left_alone_unless_asked(patient: Patient) -> None:
    with pytest.raises(CommandError, match="not demo data"):
        seed()

    seed(40, "--beside-others")

    assert Patient.objects.exclude(pk=patient.pk).count() == 40


@pytest.mark.django_db
def test_production_is_refused_whatever_the_options(settings: SettingsWrapper) -> None:
    settings.PRODUCTION = True

    with pytest.raises(CommandError, match="production"):
        seed(40, "--beside-others")

    assert not Patient.objects.exists()


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--patients=0"], "At least one patient"),
        (["--patients=5", "--visits=100"], "1 to 40 visits"),
        (["--patients=5000", "--teams=2"], "need 5 teams"),
        (["--patients=2", "--teams=3"], "teams without a patient"),
        (["--patients=2", "--as-of=2999-01-01"], "has not come yet"),
        (["--patients=2", "--as-of=0001-01-01"], "lies before 2000-01-01"),
        (["--patients=2", "--as-of=yesterday"], "this is not a day, such as"),
        (["--patients=99999999999999999999"], "At most 10,000,000 patients"),
    ],
)
def test_numbers_that_do_not_go_together_are_refused(options: list[str], sentence: str) -> None:
    with pytest.raises(CommandError, match=sentence):
        call_command("seed_demo", *options)


@pytest.fixture
def halfway(
    django_db_setup: None, database_url: Callable[[str], str]
) -> Iterator[tuple[subprocess.Popen[str], psycopg.Connection]]:
    """A run in a process of its own that has written some patients of many, and a session beside it."""
    url = database_url(TEMPLATE)
    command = [sys.executable, "manage.py", "seed_demo", "--patients=2000", "--teams=100"]
    with (
        subprocess.Popen(
            command,
            cwd=BASE,
            env={**os.environ, "DATABASE_URL": url, "PYTHONUNBUFFERED": "1"},
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as run,
        psycopg.connect(url, autocommit=True) as beside,
    ):
        assert run.stdout is not None
        assert "patients 1 to 20" in run.stdout.readline()
        yield run, beside
        run.kill()


def left(beside: psycopg.Connection) -> dict[str, int]:
    """Count what is there once the other session has ended."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    others = (
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND backend_type = 'client backend'"
    )
    while beside.execute(others).fetchone() != (1,):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    tables = [model._meta.db_table for model in MODELS]
    return {table: beside.execute(f"SELECT count(*) FROM {table}").fetchone()[0] for table in tables}  # type: ignore[index, call-overload]


@pytest.mark.parametrize("kind", [signal.SIGKILL, signal.SIGINT])
def test_a_run_that_is_killed_half_way_leaves_nothing(
    kind: signal.Signals, halfway: tuple[subprocess.Popen[str], psycopg.Connection]
) -> None:
    run, beside = halfway

    run.send_signal(kind)
    _, complaint = run.communicate(timeout=PATIENCE_SECONDS)

    assert not any(left(beside).values())
    if kind == signal.SIGINT:
        assert (complaint, run.returncode) == ("Interrupted: nothing was written, the database is as before.\n", 130)
