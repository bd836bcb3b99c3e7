"""Several sessions give, withdraw, revise and merge at the same moment: nothing is lost, nothing is there twice."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import pytest
from django.db import connection, transaction

from compliance.consent.deciding import decide
from compliance.consent.giving import activate, draft, give, revise
from compliance.consent.restricting import restrict
from compliance.consent.value_sets import ConsentType, WithdrawalChannel
from compliance.consent.withdrawing import withdraw
from compliance.models import AuditLog, ConsentEffect, ConsentRecord, User
from compliance.purposes import Purpose
from patients.merging import merge, unmerge
from patients.models import Patient
from tests.compliance.consent.shapes import SIGNED
from tests.sessions import behind, in_sessions, somebody_waits

if TYPE_CHECKING:
    from collections.abc import Callable

LETTER = WithdrawalChannel.LETTER
ROOT = Path(__file__).parents[3]
# Gives with an exception, and stays for good between the consent and its exception.
GIVES = """
import sys, time
import django
django.setup()
from compliance.consent.giving import give
from compliance.models import User
from patients.models import Patient
from tests.compliance.consent.shapes import SIGNED
def exceptions():
    print("given", flush=True)
    time.sleep(600)
    yield {}
patient, by = map(int, sys.argv[1:])
give(Patient.objects.get(pk=patient), by=User.objects.get(pk=by), consent_type="research", purposes=["HRESCH"],
     exceptions=exceptions(), **SIGNED)
"""


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where several sessions see them."""


def researched(patient: Patient, by: User) -> ConsentRecord:
    return give(patient, by=by, consent_type=ConsentType.RESEARCH, purposes=["HRESCH"], **SIGNED)


def permitted(patient: Patient, by: User) -> bool:
    return decide(patient, by, "HRESCH").permits


def in_force(*patients: Patient) -> list[tuple[int, int]]:
    """Which patients have an effect of which version for research now, in order; what stands there twice is twice."""
    there = ConsentEffect.objects.filter(patient__in=patients, ends_at__isnull=True, purpose="HRESCH")
    return sorted(there.values_list("patient_id", "consent_id"))


def test_a_withdrawal_behind_a_merge_ends_what_the_merge_handed_on(
    patient: Patient, other_patient: Patient, administrator: User
) -> None:
    consent = researched(patient, administrator)

    outcome = behind(
        lambda: merge(patient, into=other_patient, by=administrator),
        lambda: withdraw(consent, by=administrator, channel=LETTER),
    )

    assert outcome.status == "inactive"
    assert in_force(patient, other_patient) == []
    assert not permitted(other_patient, administrator)


def test_a_merge_behind_a_withdrawal_hands_nothing_on(
    patient: Patient, other_patient: Patient, administrator: User
) -> None:
    consent = researched(patient, administrator)

    outcome = behind(
        lambda: withdraw(consent, by=administrator, channel=LETTER),
        lambda: merge(patient, into=other_patient, by=administrator),
    )

    assert outcome == patient
    assert in_force(patient, other_patient) == []


def test_a_merge_behind_a_consent_hands_it_on(patient: Patient, other_patient: Patient, administrator: User) -> None:
    behind(
        lambda: researched(patient, administrator),
        lambda: merge(patient, into=other_patient, by=administrator),
    )

    assert [one for one, _ in in_force(patient, other_patient)] == sorted([patient.pk, other_patient.pk])


def test_a_consent_behind_an_unmerge_is_of_one_record_alone(
    patient: Patient, other_patient: Patient, administrator: User
) -> None:
    merge(patient, into=other_patient, by=administrator)

    given = behind(
        lambda: unmerge(patient, by=administrator),
        lambda: researched(other_patient, administrator),
    )

    assert in_force(patient, other_patient) == [(other_patient.pk, given.pk)]


def test_two_consents_of_one_person_at_once_are_handed_on_once(
    patient: Patient, other_patient: Patient, administrator: User
) -> None:
    merge(patient, into=other_patient, by=administrator)
    first = researched(other_patient, administrator)
    versions = []

    outcome = behind(
        lambda: versions.append(revise(first, by=administrator, form_version="2")),
        lambda: restrict(other_patient, by=administrator, purposes=[Purpose.HRESCH], resource_types=["Coverage"]),
    )

    both = [versions[0].pk, outcome.pk]
    assert in_force(patient, other_patient) == sorted((one.pk, key) for one in (patient, other_patient) for key in both)


def test_a_version_reaches_a_record_with_which_its_own_is_merged_meanwhile(
    patient: Patient, other_patient: Patient, administrator: User
) -> None:
    """Its record was merged while it waited, and the one that goes on is being merged again before it is committed."""
    third = Patient.objects.create(
        mrn="A-9",
        assigning_authority="C",
        birth_date=patient.birth_date,
        administrative_gender="unknown",
        family_name="Q",
    )
    consent = draft(patient, by=administrator, consent_type=ConsentType.RESEARCH, purposes=["HRESCH"], **SIGNED)
    written, go_on = threading.Event(), threading.Event()

    @transaction.atomic
    def slowly() -> ConsentRecord:
        new = activate(consent, by=administrator)
        written.set()
        go_on.wait(timeout=30)
        return new

    outcomes: list[Any] = []
    with transaction.atomic():
        merge(patient, into=other_patient, by=administrator)
        revising = threading.Thread(target=lambda: outcomes.extend(in_sessions(slowly)))
        revising.start()
        while not somebody_waits():
            assert revising.is_alive()
    written.wait(timeout=30)
    again = threading.Thread(target=in_sessions, args=[lambda: merge(other_patient, into=third, by=administrator)])
    again.start()
    while again.is_alive() and not somebody_waits():
        time.sleep(0.01)
    go_on.set()
    revising.join()
    again.join()

    (new,) = outcomes
    assert in_force(patient, other_patient, third) == sorted(
        (one.pk, new.pk) for one in (patient, other_patient, third)
    )


@pytest.mark.parametrize("merged", [False, True])
def test_of_many_who_give_and_withdraw_at_once_each_gets_an_answer_and_nothing_is_left_over(
    patient: Patient, other_patient: Patient, administrator: User, *, merged: bool
) -> None:
    """Eight sessions, each ten times: of one kind one holds at a time, others are told that there is one."""
    if merged:
        merge(other_patient, into=patient, by=administrator)
    together = threading.Barrier(8)

    def gives_and_withdraws() -> list[str]:
        together.wait(timeout=60)
        return [
            attempt(lambda: withdraw(researched(patient, administrator), by=administrator, channel=LETTER))
            for _ in range(10)
        ]

    outcomes = [one for session in in_sessions(*[gives_and_withdraws] * 8) for one in session]

    assert set(outcomes) <= {"ConsentRecord", "RuleBroken"}, outcomes
    assert outcomes.count("ConsentRecord") >= 1
    assert in_force(patient, other_patient) == []
    assert not permitted(patient, administrator)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM consent_effects AS a JOIN consent_effects AS b"
            " ON a.id < b.id AND a.patient_id = b.patient_id AND a.purpose = b.purpose AND a.label = b.label"
            " AND a.kind = b.kind"
            " AND tstzrange(a.starts_at, a.ends_at) && tstzrange(b.starts_at, b.ends_at)"
        )
        assert cursor.fetchone() == (0,)


def attempt(verb: Callable[[], Any]) -> str:
    try:
        return type(verb()).__name__
    except Exception as error:
        return type(error).__name__


def test_a_client_that_is_killed_in_the_midst_of_giving_leaves_nothing(patient: Patient, administrator: User) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    gives = subprocess.Popen(
        [sys.executable, "-c", GIVES, str(patient.pk), str(administrator.pk)],
        env={**os.environ, "DATABASE_URL": url},
        cwd=ROOT,
        stdout=subprocess.PIPE,
    )
    assert gives.stdout is not None
    assert gives.stdout.readline() == b"given\n"
    gives.kill()
    gives.wait()
    gives.stdout.close()

    assert researched(patient, administrator).version_no == 1, "what was half given stands in the way"
    assert ConsentRecord.objects.count() == 1
    assert [one for one, _ in in_force(patient)] == [patient.pk]
    assert AuditLog.objects.filter(table_name="consent_records", event_type="create").count() == 1
