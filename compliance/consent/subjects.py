"""Which models consents are about: each says so itself, with `@consented`."""

from __future__ import annotations

from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from django.db.models import Model

Consented = TypeVar("Consented", bound="type[Model]")

CONSENTED: set[type[Model]] = set()


def consented(model: Consented) -> Consented:
    """Declare that a patient's consent decides about each row of a model.

    A SQL file says what of a row it asks for: SELECT consent_subject('table', 'FHIR resource type', labels => …);
    `manage.py check --database default` compares the two.
    """
    CONSENTED.add(model)
    return model


def is_consented(model: type[Model]) -> bool:
    """Say whether consents are about a model's rows, or a proxy's."""
    return (model._meta.concrete_model or model) in CONSENTED  # noqa: SLF001 - Django's API
