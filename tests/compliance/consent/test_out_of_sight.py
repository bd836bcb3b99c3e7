"""What somebody would not be shown afterwards they cannot write: PostgreSQL refuses, and a sentence says so."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from compliance.audit.context import acting
from compliance.errors import OutOfSight
from compliance.models import CareRelationship, User
from records.charting import chart
from records.models import MedicalRecord
from tests.logins import as_app

if TYPE_CHECKING:
    from patients.models import Patient
    from providers.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def nurse(patient: Patient) -> User:
    user = User.objects.create_user("nurse@clinic.example", role="nurse")
    CareRelationship.objects.create(patient=patient, user=user, role="nursing", starts_at="2024-01-01T00:00Z")
    return user


def test_a_scribe_cannot_write_a_part_2_record_that_they_would_not_be_shown(
    patient: Patient, provider: Provider, nurse: User
) -> None:
    with as_app(), acting(nurse, purpose="TREAT"), pytest.raises(OutOfSight, match="consent would not let you see it"):
        chart(patient, by=nurse, record_type="progress_note", title="Visit", author=provider, is_part2=True)

    assert not MedicalRecord.objects.exists()


def test_who_writes_it_sees_it(patient: Patient, provider: Provider, nurse: User) -> None:
    provider.user = nurse
    provider.save()
    with as_app(), acting(nurse, purpose="TREAT"):
        written = chart(patient, by=nurse, record_type="progress_note", title="Visit", is_part2=True)
        assert MedicalRecord.objects.get() == written
