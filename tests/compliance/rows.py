"""Rows at random for Hypothesis: one that is taken, with up to four columns valid, nearly valid or absurd."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.contrib.postgres.fields import ArrayField
from django.db import models
from hypothesis import strategies as st

from compliance.storable import EMPTY

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from hypothesis.strategies import DrawFn, SearchStrategy

# What the database says, or a capability, and nobody types in.
OWN = {"id", "uid", "version", "created_at", "updated_at"}
OF_VERSIONS = {"consent_uid", "version_no", "supersedes", "recorded_at", "recorded_by"}
CODES = ["J02.9", "2345-7", "138875005", "723", "00093310901", "08"]
# Right for the columns of these names; everything near them is tried too.
RIGHT: dict[str, list[Any]] = {
    "npi": ["1234567893", "1993999998", "1558598797"],
    "dea_number": ["AF1234563", "MT1234563"],
    "taxonomy_code": ["207R00000X"],
    "license_state": ["CA", "NV"],
    "state": ["CA", "PR"],
    "postal_code": ["94110", "94110-1234"],
    "language": ["es", "zh-Hant"],
    "ssn": ["123-45-6789"],
    "rxcui": ["723"],
    "ndc11": ["00093310901"],
    "pharmacy_ncpdp": ["1234567"],
    "rx_bin": ["610014", "61001400"],
    "rx_pcn": ["MEDDPRIME"],
    "time_zone": ["America/New_York", "UTC", "Europe/Zurich"],
    "email": ["a@clinic.example"],
    "telehealth_url": ["https://meet.example/room"],
    "document_digest": ["0" * 64, "A" * 64],
    "content_digest": [bytes(32), bytes(31), b""],
    "code": CODES,
    "reason_code": CODES,
    "indication_code": CODES,
    "confidential_contact": [{"phone": "555-0100"}],
}
DAYS = [date(2024, 5, 6), date(2024, 5, 7), date(2024, 11, 6), date(2023, 1, 1), date.min, date.max]
MOMENTS = [
    *(datetime(2024, 5, 6, 9, 0, tzinfo=UTC) + timedelta(minutes=minutes) for minutes in (-1, 0, 29, 30, 31, 100_000)),
    *(datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)),
]


@st.composite
def changes(
    draw: DrawFn, model: type[models.Model], keys: Mapping[type[models.Model], Sequence[int]]
) -> dict[str, Any]:
    """Draw up to four columns of a model with their values; `keys` are those that foreign keys may point to."""
    fields = [field for field in model._meta.concrete_fields if field.name not in OWN | OF_VERSIONS]
    chosen = draw(st.lists(st.sampled_from(fields), max_size=4, unique_by=lambda field: field.name))
    return {field.attname: draw(values(field, keys)) for field in chosen}


def values(field: Any, keys: Mapping[type[models.Model], Sequence[int]]) -> SearchStrategy[Any]:
    if isinstance(field, models.ForeignKey):
        return st.sampled_from([*keys[field.related_model], None, -1])
    if isinstance(field, ArrayField):
        choices = [value for value, _ in field.base_field.choices or ()]
        element = st.sampled_from(choices) if choices else texts(field.base_field.max_length)
        return st.lists(element, max_size=4) | st.sampled_from([None, [None], ["x"], [""], ["\0"]])
    if field.choices:
        right = st.sampled_from([value for value, _ in field.choices])
        return right | (near(right) if isinstance(field, models.CharField) else st.integers(-1, 9)) | st.none()
    if isinstance(field, models.CharField) and field.name in RIGHT:
        right = st.sampled_from(RIGHT[field.name])
        return right | near(right) | texts(field.max_length)
    if field.name in RIGHT:
        return st.sampled_from([*RIGHT[field.name], None])
    return PLAIN[field.get_internal_type()](field)


def near(right: SearchStrategy[str]) -> SearchStrategy[str]:
    """Give what a careless hand makes of a right value."""
    slips = [
        *(lambda text: text + "\n", lambda text: " " + text, lambda text: text[:-1], lambda text: text + "0"),
        *(str.lower, str.upper, lambda text: text + "\0", lambda text: text[:1] + "\ud800" + text[1:]),
    ]
    return st.builds(lambda text, slip: slip(text), right, st.sampled_from(slips))


def texts(longest: int | None) -> SearchStrategy[str | None]:
    """Give text of any characters, also those that PostgreSQL has not, and at the limits of a column's length.

    Not text that is too long by spaces only: SQL cuts those off, see test_sql_rounds_and_cuts.
    """
    limit = longest or 10_000
    at_limit = [letter * length for letter in ("x", "é", "😀") for length in (limit, limit + 1)]
    return st.sampled_from([None, "", " ", EMPTY[:limit], *at_limit]) | st.text(st.characters(), max_size=min(8, limit))


def decimals(field: Any) -> SearchStrategy[Decimal | None]:
    """Give numbers of a column's decimal places. SQL rounds those that have more, see test_sql_rounds_and_cuts."""
    whole = 10 ** (field.max_digits - field.decimal_places)
    edges = ["NaN", "sNaN", "Infinity", "-Infinity", "0", "-0", str(whole), f"-{whole}", str(whole - 1)]
    return (
        st.none()
        | st.sampled_from([Decimal(edge) for edge in edges])
        | st.decimals(-5, whole, places=field.decimal_places, allow_nan=False)
    )


# jsonb keeps a number as it is written; Python writes large floats with an exponent, and reads them back as an int.
FLOATS = st.floats(-1e15, 1e15) | st.sampled_from([float("nan"), float("inf"), float("-inf")])
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | FLOATS | st.text(st.characters(), max_size=4),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.text(st.characters(), max_size=4), inner, max_size=3)
    ),
    max_leaves=6,
)
PLAIN = {
    "CharField": lambda field: texts(field.max_length),
    "TextField": lambda field: texts(None),
    "BooleanField": lambda field: st.sampled_from([True, False, None]),
    "SmallIntegerField": lambda field: st.none() | st.integers(-2, 9) | st.sampled_from([100, 32767, 32768, -32769]),
    "DecimalField": decimals,
    "DateField": lambda field: st.none() | st.sampled_from(DAYS) | st.dates(),
    "DateTimeField": lambda field: st.none() | st.sampled_from(MOMENTS) | st.datetimes(timezones=st.just(UTC)),
    "TimeField": lambda field: st.none() | st.times() | st.sampled_from([time(0), time(9), time(9, 0, 1), time.max]),
    "JSONField": lambda field: JSON,
    "BinaryField": lambda field: st.none() | st.binary(max_size=33),
}
