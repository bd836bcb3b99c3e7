"""The admin's pages as tests reach them, and rows like one that there is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from uuid import uuid4

from django.urls import reverse

if TYPE_CHECKING:
    from django.db.models import Model

# Models load after the settings.
# ruff: noqa: PLC0415


def page(model: type[Model], view: str, *args: object) -> str:
    return reverse(f"admin:{model._meta.app_label}_{model._meta.model_name}_{view}", args=args)


def typed(answer: Any) -> dict[str, Any]:
    """What a browser sends when nothing is changed on the page."""
    form = answer.context["adminform"].form
    sent: dict[str, Any] = {}
    for bound in form:
        value = bound.value()
        widget = bound.field.widget
        if hasattr(widget, "decompress") and not isinstance(value, list):
            value = widget.decompress(value)
        if hasattr(widget, "widgets"):
            sent.update({f"{bound.html_name}_{n}": "" if one is None else str(one) for n, one in enumerate(value)})
        elif value not in {None, False} if not isinstance(value, list) else value:
            sent[bound.html_name] = value
    return sent


def multiply(model: type[Model], number: int) -> Model:
    """Save another row like the first, for people of its own."""
    from patients.models import Patient
    from providers.models import Provider

    row: Any = model._default_manager.order_by("pk").first()
    fields = {field.name: field for field in model._meta.concrete_fields}
    for name, field in fields.items():
        if field.related_model in {Patient, Provider} and getattr(row, name) and name != "signed_by":
            setattr(row, name, another(getattr(row, name), number))
        elif field.is_relation and field.null:
            setattr(row, name, None)
    return another(row, number)


def another(row: Any, number: int) -> Any:
    row.pk, row.uid, row._state.adding = None, uuid4(), True
    if hasattr(row, "mrn"):
        row.mrn = str(row.uid)
    if hasattr(row, "npi"):
        row.npi = npi(f"{number:09}")
    if hasattr(row, "consent_uid"):
        row.consent_uid = uuid4()
    if hasattr(row, "part_of"):
        row.name = f"Room {row.uid}"
    row.save()
    return row


def npi(digits: str) -> str:
    """Complete nine digits to an NPI: the tenth makes the Luhn sum over 80840 and all of them a multiple of ten."""
    nine = f"1{digits[-8:]}"
    doubled = [int(digit) * (2 if place % 2 == 0 else 1) for place, digit in enumerate(reversed(f"80840{nine}"))]
    return f"{nine}{-sum(value - 9 * (value > 9) for value in doubled) % 10}"
