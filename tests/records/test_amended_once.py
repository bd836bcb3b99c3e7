"""One amendment stands in a record's place; a mistaken one leaves room for a right one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest
from django.db import IntegrityError, transaction
from django.utils import timezone

from compliance.rules import broken_by
from records.models import MedicalRecord

if TYPE_CHECKING:
    from providers.models import Provider

pytestmark = pytest.mark.django_db


@pytest.fixture
def signature(provider: Provider) -> dict[str, Any]:
    return {
        "signed_at": timezone.now(),
        "signed_by": provider,
        "attestation_mode": "professional",
        "content_digest": bytes(32),
    }


@pytest.fixture
def original(record: MedicalRecord, signature: dict[str, Any]) -> MedicalRecord:
    MedicalRecord.objects.filter(pk=record.pk).update(status="final", **signature)
    record.refresh_from_db()
    return record


def amendment(of: MedicalRecord, **other: Any) -> MedicalRecord:
    names = ("patient", "author", "record_type", "title", "effective_at")
    return MedicalRecord.objects.create(amends=of, **{name: getattr(of, name) for name in names}, **other)


def test_a_record_has_one_amendment(original: MedicalRecord) -> None:
    amendment(original)

    with pytest.raises(IntegrityError) as refused, transaction.atomic():
        amendment(original)
    assert "has been amended already" in str(broken_by(refused.value))


def test_a_mistaken_amendment_leaves_room_for_a_right_one(original: MedicalRecord, signature: dict[str, Any]) -> None:
    mistaken = amendment(original, status="amended", **signature)
    assert list(MedicalRecord.objects.standing()) == [mistaken]

    mistaken.status = "entered-in-error"
    mistaken.save()
    assert list(MedicalRecord.objects.standing()) == [original]
    right = amendment(original, status="amended", **signature)
    assert list(MedicalRecord.objects.standing()) == [right]
