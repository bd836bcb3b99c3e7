"""The reads that are measured: each is what the project itself asks, for one key."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import TYPE_CHECKING, Any

from appointments.models import Appointment
from patients.models import Allergy, Patient
from records.models import MedicalRecord, Prescription

if TYPE_CHECKING:
    import random
    from collections.abc import Callable, Sequence

    from django.db.models import Model, QuerySet

Queries = list["QuerySet[Any]"]
DAY = timedelta(days=1)


@dataclass(frozen=True)
class Read:
    """What is asked, as one query or several, of a row whose values are the key."""

    name: str
    model: type[Model]
    key: tuple[str, ...]
    queries: Callable[..., Queries]

    def keys(self, dice: random.Random, count: int) -> list[Sequence[Any]]:
        """Pick keys of rows that are there, anywhere in the table."""
        rows = self.model._default_manager  # noqa: SLF001 - Django's API
        first, last = (rows.order_by(order).values_list("pk", flat=True)[0] for order in ("pk", "-pk"))
        picked = rows.filter(pk__in=dice.choices(range(first, last + 1), k=count)).values_list(*self.key)
        found = [key for key in picked if None not in key]
        dice.shuffle(found)
        return found


def by_mrn(mrn: str) -> Queries:
    """Find a patient by the record number."""
    return [Patient.objects.with_mrn(mrn)]


def by_name(family_name: str, born: Any) -> Queries:
    """Find a patient by the family name, or its beginning, and the date of birth."""
    return [Patient.objects.named(family_name, born)]


def day_of(provider: int, starts_at: datetime) -> Queries:
    """List a provider's appointments of one day."""
    midnight = datetime.combine(starts_at.date(), time(), UTC)
    return [Appointment.objects.filter(provider=provider).starting(midnight, midnight + DAY).order_by("starts_at")]


def chart_of(patient: int) -> Queries:
    """Open a patient's chart: the documents that stand, the prescriptions, the allergies, the appointments."""
    return [
        MedicalRecord.objects.standing().filter(patient=patient).order_by("-effective_at"),
        Prescription.objects.filter(patient=patient).order_by("-authored_on"),
        Allergy.objects.filter(patient=patient),
        Appointment.objects.filter(patient=patient).order_by("-starts_at"),
    ]


READS = (
    Read("a patient by MRN", Patient, ("mrn",), by_mrn),
    Read("a patient by family name and birth date", Patient, ("family_name", "birth_date"), by_name),
    Read("a provider's day", Appointment, ("provider_id", "starts_at"), day_of),
    Read("a patient's chart, four queries", Patient, ("pk",), chart_of),
)
