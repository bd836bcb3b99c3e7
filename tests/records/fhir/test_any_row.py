"""Whatever a row may hold, its resources are ones that fhir.resources takes."""

from __future__ import annotations

import json
import uuid
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest
from django.contrib.postgres.fields import ArrayField
from django.db import models
from hypothesis import given, settings
from hypothesis import strategies as st

from compliance.models import ConsentProvision, ConsentRecord, User
from providers.models import Provider
from records.fhir.errors import NotFhir
from records.fhir.patient import patient
from records.fhir.validation import check
from tests.records.fhir.test_columns import RESOURCES, columns

if TYPE_CHECKING:
    from hypothesis.strategies import SearchStrategy

# What a rule of the database or a validator of the field holds to a form is made in that form; all other text is any.
FORMED = {
    "code": ["J02.9", "8310-5", "7980"],
    "language": ["es", "zh-Hant", "yue-Hant-HK"],
    "telehealth_url": ["https://meet.example/a?b=c#d"],
    "taxonomy_code": ["207R00000X"],
    "dea_schedules": [["II"], ["III", "IV", "V"]],
    "document_digest": ["0a" * 32],
}
FORMED |= dict.fromkeys(("reason_code", "indication_code", "rxcui", "ndc11"), FORMED["code"])
# PostgreSQL stores any character but NUL; surrogates are no characters.
TEXT = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]), max_size=40)
# Years that Python, PostgreSQL and FHIR have in common.
MOMENTS = st.datetimes(min_value=datetime(1, 1, 2), max_value=datetime(9999, 12, 30), timezones=st.just(UTC))  # noqa: DTZ001
MADE: dict[type[models.Field[Any, Any]], SearchStrategy[Any]] = {
    models.BooleanField: st.booleans(),
    models.DateTimeField: MOMENTS,
    models.DateField: MOMENTS.map(datetime.date),
    models.DecimalField: st.decimals(min_value=0, max_value=10**6, places=3),
    models.IntegerField: st.integers(1, 32767),
    models.UUIDField: st.uuids(),
    models.BinaryField: st.binary(min_size=32, max_size=32),
    models.JSONField: st.dictionaries(TEXT, st.none() | TEXT | st.integers() | st.lists(TEXT, max_size=2), max_size=3),
    models.CharField: TEXT,
    models.TextField: TEXT,
}


def values(field: models.Field[Any, Any]) -> SearchStrategy[Any]:
    """Make what a field may hold, None included where it may be NULL."""
    if field.name in FORMED:
        made: SearchStrategy[Any] = st.sampled_from(FORMED[field.name])
    elif field.related_model is User:
        made = TEXT.map(lambda name: Provider(uid=uuid.uuid4(), user=User(pk=1, first_name=name)).user)
    elif field.related_model:
        made = st.builds(field.related_model, uid=st.uuids())
    elif isinstance(field, ArrayField):
        known = [code for code, _ in field.base_field.choices or []]
        made = st.lists(st.sampled_from(known) if known else TEXT, unique=True)
    elif field.choices:
        made = st.sampled_from([code for code, _ in field.choices])
    else:
        made = next(MADE[kind] for kind in type(field).__mro__ if kind in MADE)
    return st.none() | made if field.null else made


def rows(model: type[models.Model]) -> SearchStrategy[models.Model]:
    made = st.builds(model, **{field.name: values(field) for field in columns(model).values()})
    return st.builds(with_exceptions, made, st.lists(rows(ConsentProvision))) if model is ConsentRecord else made


def with_exceptions(row: ConsentRecord, exceptions: list[ConsentProvision]) -> ConsentRecord:
    row._prefetched_objects_cache = {"provisions": exceptions}
    return row


@pytest.mark.parametrize("model", RESOURCES, ids=lambda model: model._meta.db_table)
@settings(max_examples=50)
@given(data=st.data())
def test_any_row_makes_valid_resources(model: type[models.Model], data: st.DataObject) -> None:
    row = data.draw(rows(model))

    for make in RESOURCES[model]:
        resource = make(row)
        check(resource)
        assert resource == json.loads(json.dumps(resource))


@pytest.mark.parametrize(
    ("broken", "place"),
    [
        ({"gender": "lady"}, "Patient.gender"),
        ({"nickname": "Goldie"}, "Patient.nickname"),
        ({"name": [{"use": "stage", "text": "Goldie"}]}, "Patient.name[0].use"),
        ({"link": [{"type": "replaces"}]}, "Patient.link[0].other"),
    ],
)
def test_what_is_not_fhir_is_refused_by_the_name_of_the_element(broken: dict[str, Any], place: str) -> None:
    resource = {"resourceType": "Patient", "id": "1", **broken}

    with pytest.raises(NotFhir) as refused:
        check(resource)

    assert refused.value.places == [place]
    assert "Goldie" not in str(refused.value)
    assert "lady" not in str(refused.value)


def test_a_list_that_must_have_an_element_may_not_be_missing() -> None:
    with pytest.raises(NotFhir, match=r"Appointment\.participant"):
        check({"resourceType": "Appointment", "id": "1", "status": "booked", "participant": []})


def test_control_characters_become_spaces() -> None:
    row = next(model for model in RESOURCES if model.__name__ == "Patient")(
        family_name="Quill\x0bfeather\x1f", given_name="\x07", birth_date=datetime(1990, 1, 1, tzinfo=UTC).date()
    )
    row.created_at = row.updated_at = datetime.now(UTC)

    assert patient(row)["name"][0]["family"] == "Quill feather "
