"""Every column of a chart is exported where docs/fhir.md says, or stands there with the reason why not."""

from __future__ import annotations

import copy
import json
import re
import uuid
from base64 import b64encode
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.apps import apps
from django.contrib.postgres.fields import ArrayField
from django.db import models

from appointments.models import Location
from compliance.models import ConsentProvision, User
from patients.models import Patient
from providers.models import Provider
from records.fhir import bundle
from records.fhir.care_team import practitioner, practitioner_role
from records.fhir.consent import exception
from records.fhir.elements import filled
from records.fhir.patient import patient
from records.fhir.visits import location
from tests.records.fhir import paths

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.records.fhir.conftest import Chart

pytestmark = pytest.mark.django_db

PAGE = (Path(__file__).parents[3] / "docs/fhir.md").read_text(encoding="utf-8")
CARRIED = re.findall(r"^\| `([\w*]+)\.(\w+)` \| `(\S+)` \|$", PAGE, flags=re.MULTILINE)
LEFT_OUT = re.findall(r"^\| `([\w*]+)\.([\w*]+)` \| ([^`].*) \|$", PAGE, flags=re.MULTILINE)


def inside_consent(row: ConsentProvision) -> dict[str, Any]:
    """Put what is made of an exception where it stands."""
    whole: dict[str, Any] = filled(
        {
            "resourceType": "Consent",
            "scope": {"text": "any"},
            "category": [{"text": "any"}],
            "status": "draft",
            "provision": {"provision": [exception(row)]},
        }
    )
    return {"id": str(row.pk), **whole}


RESOURCES: dict[type[models.Model], list[Callable[[Any], dict[str, Any]]]] = {
    Patient: [patient],
    Provider: [practitioner, practitioner_role],
    Location: [location],
    **{part.model: [part.resource] for part in bundle.CHART},
    ConsentProvision: [inside_consent],
}
# What FHIR says in other words than the columns.
DIGEST = "cd" * 32
IN_FHIR: dict[str, dict[Any, str]] = {
    "consent_records.grantor_kind": {"patient": "Patient", "representative": "RelatedPerson"},
    "consent_records.decision": {"permit": "OPTIN", "deny": "OPTOUT"},
    "consent_records.document_digest": {DIGEST: b64encode(bytes.fromhex(DIGEST)).decode()},
}
DOMAIN = ("patients", "providers", "appointments", "records")


def columns(model: type[models.Model]) -> dict[str, models.Field[Any, Any]]:
    return {field.column: field for field in model._meta.concrete_fields}


def carried(model: type[models.Model]) -> Iterator[tuple[models.Field[Any, Any], str]]:
    """Give the fields of a model that the page says are carried, with the path of each."""
    for table, column, path in CARRIED:
        if table in ("*", model._meta.db_table) and column in columns(model):
            yield columns(model)[column], path


EACH = [
    pytest.param(model, field, path, id=f"{model._meta.db_table}.{field.column}")
    for model in RESOURCES
    for field, path in carried(model)
]


def another(field: models.Field[Any, Any], value: Any) -> Any:
    """Make a value that a field can have and that is found nowhere else."""
    if field.related_model is User:
        user = User(pk=uuid.uuid4().int % 10**9)
        Provider(uid=uuid.uuid4(), user=user)
        return user
    if field.related_model:
        return field.related_model(uid=uuid.uuid4())
    if isinstance(field, ArrayField):
        known = [code for code, _ in field.base_field.choices or [(f"{field.column} is distinct", "")]]
        return [next((code for code in known if code not in value), known[0])]
    if field.name == "document_digest":
        return DIGEST
    if field.choices:
        return next(code for code, _ in field.choices if code not in ("presumed", value))
    made = {
        models.BooleanField: not value,
        models.DateTimeField: datetime(1999, 9, 8, 7, 6, 5, 4, tzinfo=UTC),
        models.DateField: date(1999, 9, 8),
        models.DecimalField: Decimal("7.125"),
        models.IntegerField: 4711,
        models.UUIDField: uuid.uuid4(),
        models.JSONField: {"phone": f"{field.column} is distinct"},
        models.BinaryField: bytes(range(100, 132)),
    }
    found = next((one for kind, one in made.items() if isinstance(field, kind)), None)
    return f"{field.column} is distinct" if found is None else found


def as_fhir(value: Any) -> Any:
    """Say how FHIR writes a value."""
    if isinstance(value, User):
        return as_fhir(value.provider)
    if isinstance(value, models.Model):
        return f"urn:uuid:{value.uid}"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    forms: dict[type, Callable[[Any], Any]] = {
        date: date.isoformat,
        Decimal: float,
        uuid.UUID: str,
        bytes: lambda content: b64encode(content).decode(),
        list: lambda codes: codes[0],
        dict: lambda named: named["phone"],
    }
    return forms.get(type(value), lambda same: same)(value)


def found(row: models.Model, path: str) -> list[Any]:
    """List the values that the resources of a row have at a path."""
    return [one for make in RESOURCES[type(row)] for one in paths.at(make(row), path)]


def shows(row: models.Model, field: models.Field[Any, Any], path: str) -> bool:
    """Change a field of a row in memory, and look whether the new value is there then, and was not before."""
    value = another(field, getattr(row, field.name))
    changed = copy.copy(row)
    setattr(changed, field.name, value)
    before, after = found(row, path), found(changed, path)
    wanted = as_fhir(value)
    for said, in_fhir in IN_FHIR.get(f"{row._meta.db_table}.{field.name}", {}).items():
        wanted = in_fhir if value == said else wanted
    there = (
        isinstance(value, bool) or wanted in after or str(wanted) in after or json.dumps(value, default=str) in after
    )
    return before != after and there


@pytest.mark.parametrize(("model", "field", "path"), EACH)
def test_a_column_that_changes_shows_at_its_element(
    chart: Chart, model: type[models.Model], field: models.Field[Any, Any], path: str
) -> None:
    assert any(shows(row, field, path) for row in model._default_manager.all()), path


@pytest.mark.parametrize("model", RESOURCES, ids=lambda model: model._meta.db_table)
def test_every_column_stands_on_the_page(model: type[models.Model]) -> None:
    on_page = {column for table, column, _ in [*CARRIED, *LEFT_OUT] if table in ("*", model._meta.db_table)}

    assert set(columns(model)) <= on_page


def test_every_table_about_patients_is_exported_or_stands_on_the_page() -> None:
    whole_tables = {table for table, column, _ in LEFT_OUT if column == "*"}
    about = {
        model
        for model in apps.get_models()
        if model._meta.app_label in DOMAIN or Patient in {field.related_model for field in columns(model).values()}
    }

    assert {model._meta.db_table for model in about - set(RESOURCES)} == whole_tables


def test_the_page_names_only_columns_that_exist() -> None:
    known = {(model._meta.db_table, column) for model in apps.get_models() for column in columns(model)}
    everywhere = {("*", column) for _, column in known}

    named = {(table, column) for table, column, _ in [*CARRIED, *LEFT_OUT] if column != "*"}
    assert named <= known | everywhere


def test_no_column_is_both_carried_and_left_out() -> None:
    assert not {one[:2] for one in CARRIED} & {one[:2] for one in LEFT_OUT}
