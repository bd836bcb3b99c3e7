"""One person's chart as the entries of a FHIR Bundle: in a fixed order, with one query for each table.

Rows come by cursor and leave as entries, so that the longest chart takes the memory of a few of its documents.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from django.db import DataError
from django.db.models import Prefetch
from django.db.models.expressions import RawSQL

from appointments.models import Appointment, Encounter, Location
from compliance.access import visible_to
from compliance.models import CareRelationship, ConsentProvision, ConsentRecord, User
from patients.models import Allergy, InsuranceInfo, Patient
from providers.models import Provider
from records.fhir.allergy import allergy_intolerance
from records.fhir.care_team import care_team, practitioner, practitioner_role
from records.fhir.consent import consent
from records.fhir.coverage import coverage
from records.fhir.document import SUPERSEDED, document_reference
from records.fhir.errors import NoSuchPatient, Unreadable
from records.fhir.medication import medication_request
from records.fhir.patient import patient
from records.fhir.validation import check
from records.fhir.visits import appointment, encounter, location
from records.models import MedicalRecord, Prescription

if TYPE_CHECKING:
    import uuid
    from collections.abc import Callable, Iterator, Mapping, Sequence

    from django.db.models import Model, QuerySet
    from django.db.models.expressions import BaseExpression

    from records.fhir.elements import Element

# A document may be a megabyte; a few dozen of them are what is held at a time.
ROWS_AT_A_TIME = 50


@dataclass(frozen=True, slots=True)
class Part:
    """A table of the chart: its rows have a patient, and each is made into one resource.

    Rows of the tables `inside`, by the name of their relation, are a part of it and have the same patient.
    """

    model: type[Model]
    resource: Callable[[Any], Element]
    order: str
    beside: Mapping[str, BaseExpression] = field(default_factory=dict)  # what it needs that is in none of its columns
    inside: Mapping[str, type[Model]] = field(default_factory=dict)


CHART = (
    Part(InsuranceInfo, coverage, "period_start"),
    Part(Allergy, allergy_intolerance, "created_at"),
    Part(CareRelationship, care_team, "starts_at"),
    Part(Appointment, appointment, "starts_at"),
    Part(Encounter, encounter, "starts_at"),
    Part(MedicalRecord, document_reference, "effective_at", {"superseded": SUPERSEDED}),
    Part(Prescription, medication_request, "authored_on"),
    Part(ConsentRecord, consent, "recorded_at", inside={"provisions": ConsentProvision}),
)
# Every table with rows of a patient in a chart.
TABLES = (*(part.model for part in CHART), *(model for part in CHART for model in part.inside.values()))

# The rooms and places of the visits, and what these are in.
_PLACES = """
    WITH RECURSIVE places (id) AS (
        ({rooms})
        UNION
        SELECT inner_place.part_of_id FROM locations AS inner_place JOIN places ON inner_place.id = places.id
    )
    SELECT id FROM places
"""


@dataclass(frozen=True, slots=True)
class Charts:
    """The charts of patients, by their keys: as far as an account is shown them, or whole for None.

    What a consent or a rule withholds from the account is not there, and nothing is that would tell of it.
    """

    keys: Sequence[int]
    account: User | None

    def rows(self, model: type[Model]) -> QuerySet[Any]:
        """Read a table that has rows of patients."""
        rows: QuerySet[Any] = model._default_manager.filter(patient__in=self.keys)  # noqa: SLF001 - Django's API
        return rows if self.account is None else visible_to(rows, self.account)


def person(uid: uuid.UUID) -> list[Patient]:
    """Find the records of the person whom this uid is about: the one that goes on, then those merged into it.

    Raises NoSuchPatient.
    """
    asked = Patient.objects.filter(uid=uid).only("pk").first()
    if asked is None:
        raise NoSuchPatient
    found = Patient.objects.same_person_as(asked).select_related("general_practitioner", "merged_into")
    return sorted(found, key=lambda one: (one.merged_into_id is not None, one.pk))


def entries(people: Sequence[Patient], account: User | None = None) -> Iterator[Element]:
    """Give the entries of these patients' charts, each one valid, as far as an account is shown them; None for all.

    Raises NotFhir at the first that is not, and Unreadable at a row that Python cannot read.
    """
    for one in _resources(people, Charts([one.pk for one in people], account)):
        check(one)
        yield {"fullUrl": f"urn:uuid:{one['id']}", "resource": one}


def _resources(people: Sequence[Patient], charts: Charts) -> Iterator[Element]:
    for one in people:
        yield patient(one, [other for other in people if other.merged_into_id == one.pk])
    for provider in _flowing(_providers(charts)):
        yield practitioner(provider)
        yield practitioner_role(provider)
    for place in _flowing(_places(charts)):
        yield location(place)
    for part in CHART:
        for row in _flowing(_rows(part, charts)):
            yield part.resource(row)


def _flowing(rows: QuerySet[Any]) -> Iterator[Any]:
    try:
        yield from rows.iterator(chunk_size=ROWS_AT_A_TIME)
    except DataError:
        # The error that is left out would show the value.
        raise Unreadable(rows.model._meta.db_table) from None  # noqa: SLF001 - Django's API


def _rows(part: Part, charts: Charts) -> QuerySet[Any]:
    """Read a table's rows, and those inside them, with the uid and no more of the rows that they refer to."""
    inside = [Prefetch(name, queryset=_narrow(charts.rows(model))) for name, model in part.inside.items()]
    rows = charts.rows(part.model).annotate(**part.beside).prefetch_related(*inside)
    return _narrow(rows).order_by(part.order, "pk")


def _narrow(rows: QuerySet[Any]) -> QuerySet[Any]:
    own = [column.name for column in _columns(rows.model)]
    named = list(_named_by(rows.model))
    return rows.select_related(*{name.rpartition("__")[0] for name in named}).only(*own, *named)


def _named_by(model: type[Model]) -> Iterator[str]:
    """Name what a resource says about the rows that a row refers to: their uid; of an account, whose it is."""
    for column in _columns(model):
        if column.related_model is User:
            yield from (f"{column.name}__{name}" for name in ("first_name", "last_name", "provider__uid"))
        elif column.related_model:
            yield f"{column.name}__uid"


def _providers(charts: Charts) -> QuerySet[Provider]:
    """Find all providers whom these charts name, by themselves or by their account."""
    first, *others = _keys_of_providers(charts)
    return Provider.objects.filter(pk__in=first.union(*others)).order_by("pk")


def _keys_of_providers(charts: Charts) -> Iterator[QuerySet[Any, Any]]:
    yield Patient.objects.filter(pk__in=charts.keys).values_list("general_practitioner_id")
    for model in TABLES:
        rows = charts.rows(model)
        for column in _columns(model):
            if column.related_model is Provider:
                yield rows.values_list(column.attname)
            elif column.related_model is User:
                yield rows.values_list(f"{column.name}__provider__pk")


def _places(charts: Charts) -> QuerySet[Location]:
    rooms = charts.rows(Appointment).values_list("room_id")
    asked = rooms.union(charts.rows(Encounter).values_list("location_id")).query
    sql, values = asked.sql_with_params()
    named = RawSQL(_PLACES.format(rooms=sql), values)  # noqa: S611 - its values are parameters
    return Location.objects.filter(pk__in=named).select_related("part_of").order_by("pk")


def _columns(model: type[Model]) -> Sequence[Any]:
    return model._meta.concrete_fields  # noqa: SLF001 - Django's API
