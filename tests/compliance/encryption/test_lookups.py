"""What can be asked about an encrypted column finds the right rows; what cannot be is an error with a way out."""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING, Any

import pytest
from django.db.models import Count, Exists, F, Max, Min, OuterRef, Q, Subquery, Value
from django.db.models.functions import Coalesce, Length, Lower

from compliance.encryption.errors import NotComparable
from tests.compliance.encryption.looking import sql

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.compliance.encryption.probe import Probe

pytestmark = pytest.mark.django_db
BORN = date(1990, 1, 31)


@pytest.fixture
def row(probes: type[Probe]) -> Probe:
    probes.objects.create(ssn="987-65-4321", family_name="Löwe", birth_date=BORN)
    probes.objects.create(note="nothing else")
    return probes.objects.create(ssn="123-45-6789", family_name="  de  la CRUZ", birth_date=BORN, note="n")


@pytest.mark.parametrize(
    "asked",
    [
        {"ssn": "123-45-6789"},
        {"ssn": "123456789"},
        {"ssn__exact": "123 45 6789"},
        {"ssn__iexact": "123-45-6789"},
        {"ssn__in": ["000-00-0000", "123-45-6789", None]},
        {"family_name": "De La Cruz"},
        {"family_name": "\uff24\uff25 la cruz"},
        {"family_name__begins": "DE L"},
        {"family_name__begins": "Dela Rosa"},
        {"family_name_start": "de la"},
        {"name_and_birth": ("de la cruz", BORN)},
        {"name_and_birth__in": [("nobody", BORN), ("de la cruz", BORN)]},
        {"note__isnull": False, "family_name__isnull": False},
    ],
)
def test_a_row_is_found_by_what_the_normaliser_calls_equal(
    probes: type[Probe], row: Probe, asked: dict[str, Any]
) -> None:
    assert probes.objects.get(**asked) == row
    assert row not in probes.objects.exclude(**asked)


def test_an_exclusion_keeps_the_rows_without_a_value(probes: type[Probe], row: Probe) -> None:
    assert probes.objects.exclude(ssn="123-45-6789").count() == 2
    assert probes.objects.filter(~Q(ssn__in=["123-45-6789", "987-65-4321"])).count() == 1
    assert probes.objects.filter(ssn=None).count() == 1
    assert probes.objects.filter(ssn__in=[]).count() == 0
    assert probes.objects.filter(Q(ssn="123-45-6789") | Q(family_name="LÖWE")).count() == 2


@pytest.mark.parametrize(
    "asked",
    [
        {"ssn": "123-45-6788"},
        {"family_name": "de la cruz x"},
        {"family_name__begins": "löx"},
        {"name_and_birth": ("de la cruz", date(1990, 1, 30))},
        {"name_and_birth": ("löwe", date(1990, 2, 1))},
    ],
)
def test_no_row_is_found_by_anything_else(probes: type[Probe], row: Probe, asked: dict[str, Any]) -> None:
    assert not probes.objects.filter(**asked).exists()


def test_the_value_that_is_asked_for_is_not_sent(
    probes: type[Probe], row: Probe, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(2) as sent:
        probes.objects.get(ssn="123-45-6789", family_name="de la cruz", note__isnull=False)
        probes.objects.filter(ssn__in=["123-45-6789"]).first()

    shown = str([query["sql"] for query in sent.captured_queries])
    assert "123" not in shown.replace("123-45", "") or "6789" not in shown
    assert "cruz" not in shown.lower()
    assert "cruz" not in repr(probes.objects.filter(family_name="de la cruz").query.where).lower()


TEXT_LOOKUPS = [
    *("contains", "icontains", "startswith", "istartswith", "endswith"),
    *("regex", "iregex", "search", "trigram_similar", "no_such"),
]
REFUSED: dict[str, Callable[[Any], Any]] = {
    **{
        f"filter {lookup}": lambda rows, lookup=lookup: rows.filter(**{f"family_name__{lookup}": "a"})
        for lookup in TEXT_LOOKUPS
    },
    **{
        f"filter {lookup}": lambda rows, lookup=lookup: rows.filter(**{f"birth_date__{lookup}": BORN})
        for lookup in ["gt", "gte", "lt", "lte", "year", "month"]
    },
    "range": lambda rows: rows.filter(birth_date__range=(BORN, BORN)),
    "exclude": lambda rows: rows.exclude(birth_date__lt=BORN),
    "no index": lambda rows: rows.filter(note="n"),
    "in, no index": lambda rows: rows.filter(birth_date__in=[BORN]),
    "one slot": lambda rows: rows.exclude(ssn_index="123-45-6789"),
    "two letters": lambda rows: rows.filter(family_name__begins="de "),
    "no letters": lambda rows: rows.filter(ssn__begins="123"),
    "a part of JSON": lambda rows: rows.filter(contact__phone="1"),
    "with a column": lambda rows: rows.filter(family_name=F("city")),
    "with itself": lambda rows: rows.filter(family_name=F("ssn")),
    "with an expression": lambda rows: rows.filter(family_name=Value("a")),
    "with a subquery": lambda rows: rows.filter(family_name__in=rows.values("family_name")),
    "a plain column with it": lambda rows: rows.filter(city=F("family_name")),
    "one value for two": lambda rows: rows.filter(name_and_birth="Lopez"),
    "order": lambda rows: rows.order_by("family_name"),
    "order, downwards": lambda rows: rows.order_by("-birth_date"),
    "order by an expression": lambda rows: rows.order_by(F("family_name").desc(nulls_last=True)),
    "order by an annotation": lambda rows: rows.annotate(x=F("family_name")).order_by("x"),
    "order by an annotation alone": lambda rows: rows.values(x=F("family_name")).order_by("-x"),
    "order of a union": lambda rows: rows.values("ssn").union(rows.values("ssn"), all=True).order_by("ssn"),
    "latest": lambda rows: rows.latest("birth_date"),
    "distinct": lambda rows: rows.values("family_name").distinct(),
    "distinct annotation": lambda rows: rows.values(x=F("family_name")).distinct(),
    "distinct on": lambda rows: rows.order_by("id").distinct("family_name"),
    "group": lambda rows: rows.values("family_name").annotate(n=Count("id")),
    "max": lambda rows: rows.aggregate(Max("weight")),
    "min": lambda rows: rows.annotate(x=Min("birth_date")),
    "count distinct": lambda rows: rows.aggregate(Count("ssn", distinct=True)),
    "function": lambda rows: rows.annotate(x=Lower("family_name")),
    "length": lambda rows: rows.filter(pk__in=rows.annotate(x=Length("note")).filter(x__gt=3).values("pk")),
    "coalesce": lambda rows: rows.values_list(Coalesce("ssn", "family_name")),
    "dates": lambda rows: rows.dates("birth_date", "year"),
}


@pytest.mark.parametrize("ask", REFUSED.values(), ids=REFUSED)
def test_what_postgresql_cannot_see_is_refused_with_a_way_out(
    probes: type[Probe], row: Probe, ask: Callable[[Any], Any]
) -> None:
    with pytest.raises(NotComparable, match=r"^probes\.\w+ is encrypted: PostgreSQL cannot ") as refused:
        list(ask(probes.objects.all()))

    assert refused.value.column.startswith("probes.")
    assert str(refused.value).count(".") >= 3


@pytest.mark.parametrize(
    ("asked", "instead"),
    [
        ({"ssn__startswith": "1"}, "Instead, a whole value is found by exact or in."),
        (
            {"family_name__contains": "x"},
            (
                "Instead, a whole value is found by exact or in, and the first 3 letters are found by begins, and "
                "name_and_birth finds family_name and birth_date together."
            ),
        ),
        ({"birth_date__gt": BORN}, "Instead, name_and_birth finds family_name and birth_date together."),
        ({"note": "x"}, "It has no blind index, so that no row is found by it; declare a BlindIndex to change that."),
    ],
)
def test_the_error_says_how_rows_are_found(probes: type[Probe], asked: dict[str, Any], instead: str) -> None:
    with pytest.raises(NotComparable) as refused:
        probes.objects.filter(**asked)

    assert str(refused.value).endswith(instead)


def test_what_does_not_look_at_values_works(probes: type[Probe], row: Probe) -> None:
    rows = probes.objects.order_by("id")

    assert rows.distinct().count() == 3
    assert len(rows.values("id", "ssn").distinct()) == 3
    assert [one.ssn for one in rows.annotate(n=Count("id"))][2] == row.ssn
    assert rows.filter(Exists(probes.objects.filter(pk=OuterRef("pk"), ssn="123-45-6789"))).get() == row
    newest = probes.objects.order_by("-id").values("ssn")[:1]
    assert rows.annotate(newest=Subquery(newest)).values_list("newest", flat=True)[0] == row.ssn
    assert rows.values("ssn").union(rows.values("ssn"), all=True).count() == 6
    assert rows.select_for_update().get(ssn="123-45-6789") == row
    assert rows.in_bulk([row.pk])[row.pk].ssn == row.ssn


def test_a_search_reads_the_index_and_not_the_table(probes: type[Probe], row: Probe) -> None:
    sql("SET LOCAL enable_seqscan = off")

    plan = probes.objects.filter(ssn="123-45-6789").explain()

    assert "probes_ssn_once" in plan
    assert "Seq Scan" not in plan
