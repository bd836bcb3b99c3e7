"""A decision is one question to the database, and so is a list, which an index serves."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from compliance.access import permits, visible_to
from compliance.audit.context import acting
from compliance.consent.deciding import about, decide
from compliance.models import CareRelationship, User
from patients.models import Patient
from tests.logins import as_app

if TYPE_CHECKING:
    from compliance.models import ConsentRecord

pytestmark = pytest.mark.django_db


def test_a_decision_is_one_question(
    patient: Patient, physician: User, consent: ConsentRecord, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        decide(patient, physician, "HRESCH", ["HIV", "STD", "42CFRPart2"])
    with django_assert_num_queries(1):
        about(patient, physician, "HRESCH")
    assert physician.has_perm("patients.view_patient")  # which is asked for once
    with django_assert_num_queries(1):
        permits(physician, "patients.view_patient", patient)


def test_a_hundred_patients_in_care_are_one_question_that_an_index_serves(
    physician: User, django_assert_num_queries: Any
) -> None:
    people = Patient.objects.bulk_create(
        Patient(
            mrn=f"L-{number}",
            assigning_authority="L",
            family_name="Quill",
            birth_date=date(1980, 2, 29),
            administrative_gender="other",
        )
        for number in range(300)
    )
    CareRelationship.objects.bulk_create(
        CareRelationship(patient=one, user=physician, starts_at=datetime(2024, 5, 6, tzinfo=UTC))
        for one in people[:100]
    )
    account = User.objects.get(pk=physician.pk)
    with acting(account), as_app():
        visible_to(Patient.objects.all(), account)  # whose roles are asked for once
        with django_assert_num_queries(1):
            assert len(visible_to(Patient.objects.order_by("pk"), account)) == 100
        with connection.cursor() as cursor:
            # A table as small as this one would be read from end to end, whatever indexes there are.
            cursor.execute("SET LOCAL enable_seqscan = off")
        plan = visible_to(Patient.objects.all(), account).explain()

    assert "Index Cond: (id = ANY" in plan, plan
    assert "Seq Scan on patients" not in plan, plan
