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
    """How a model is audited: the column that says whose data a row is, and what is masked though it is no PHI.

    `clear` are the columns to show of a table whose columns have no PHI class, since it is not ours.
    """

    patient: str = ""
    masked: tuple[str, ...] = ()
    clear: tuple[str, ...] = ()


DECLARED: dict[type[Model], Declaration] = {}
# django-auditlog hears of reads only: a trigger sees each change, also those that send no signal.
registry = AuditlogModelRegistry(create=False, update=False, delete=False, m2m=False)


def audited(
    *, patient: str = "", masked: tuple[str, ...] = (), clear: tuple[str, ...] = ()
) -> Callable[[Audited], Audited]:
    """Declare a model as audited. `patient` is the column with the patient's key; empty for what is nobody's data.

    The tables that Django makes for its many-to-many fields go with it. A SQL file puts the table under audit:
    SELECT audit_table('table', 'app.model', 'patient_id');
    """

    def declare(model: Audited) -> Audited:
        DECLARED[model] = Declaration(patient, masked, clear)
        registry.register(model)
        return model

    return declare


def declarations() -> dict[type[Model], Declaration]:
    """Give every model that is declared, and the tables between models, which hold keys and nothing else."""
    found = dict(DECLARED)
    for model in DECLARED:
        for field in model._meta.local_many_to_many:  # noqa: SLF001
            through = field.remote_field.through
            if through is not None and through._meta.auto_created:  # noqa: SLF001
                columns = (column.column for column in through._meta.concrete_fields)  # noqa: SLF001
                found[through] = Declaration(clear=tuple(name for name in columns if name))
    return found
