"""Which models are under audit: each says so itself, with `@audited`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeVar

from auditlog.registry import AuditlogModelRegistry

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.db.models import Model

Audited = TypeVar("Audited", bound="type[Model]")


@dataclass(frozen=True, slots=True)
class Declaration:
    """How a model is audited: the column that says whose data a row is, and what is masked though it is no PHI."""

    patient: str = ""
    masked: tuple[str, ...] = ()


DECLARED: dict[type[Model], Declaration] = {}
# django-auditlog hears of reads only: a trigger sees each change, also those that send no signal.
registry = AuditlogModelRegistry(create=False, update=False, delete=False, m2m=False)


def audited(*, patient: str = "", masked: tuple[str, ...] = ()) -> Callable[[Audited], Audited]:
    """Declare a model as audited. `patient` is the column with the patient's key; empty for what is nobody's data.

    A SQL file puts the table under audit: SELECT audit_table('table', 'app.model', 'patient_id');
    """

    def declare(model: Audited) -> Audited:
        DECLARED[model] = Declaration(patient, masked)
        registry.register(model)
        return model

    return declare
