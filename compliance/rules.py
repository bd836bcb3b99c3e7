"""Rules that the database keeps, each with its name and the sentence that a person reads when it refuses."""

from __future__ import annotations

import contextlib
from datetime import UTC, date, datetime
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import DateRangeField, DateTimeRangeField, RangeBoundary, RangeOperators
from django.db import DataError, IntegrityError, ProgrammingError
from django.db.models import BaseConstraint, BooleanField, CheckConstraint, F, Func, IntegerField, Q, TextChoices
from django.db.models.lookups import Exact

from compliance.errors import OutOfSight, RuleBroken

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from django.db.backends.base.schema import BaseDatabaseSchemaEditor
    from django.db.models import Model
    from django.db.models.functions import Coalesce

UNIQUE_VIOLATION, FOREIGN_KEY_VIOLATION, NOT_NULL_VIOLATION = "23505", "23503", "23502"
INSUFFICIENT_PRIVILEGE = "42501"


def rule(condition: Q | Func, *, name: str, message: str) -> CheckConstraint:
    """Make a CHECK with the sentence that a person reads when it refuses."""
    return CheckConstraint(condition=condition, name=name, violation_error_message=message)


def one_of(field: str, values: type[TextChoices], *, name: str, what: str | None = None) -> CheckConstraint:
    """Hold a field to its value set. NULL passes: whether it may stand there, NOT NULL says.

    `what` is what the sentence calls such a value, when that is not the name of the field.
    """
    message = f"This is not a known {what or field.replace('_', ' ')}."
    return rule(Q((f"{field}__in", values.values)), name=name, message=message)


def some_of(field: str, values: type[TextChoices], *, name: str, what: str) -> CheckConstraint:
    """Hold an array to a list of values of a set, each of which the sentence calls `what`.

    To `<@` an array of arrays is as good as a list of their elements, but nobody could read it. An empty array has no
    dimensions: NULL, which passes.
    """
    flat = Exact(Func(F(field), function="array_ndims", output_field=IntegerField()), 1)
    message = f"One of these is not a known {what}."
    return rule(Q((f"{field}__contained_by", values.values)) & Q(flat), name=name, message=message)


def said(*fields: str, name: str) -> CheckConstraint:
    """Refuse empty text. What is unknown is NULL, so that there is one way of saying nothing."""
    condition = Q()
    for field in fields:
        condition &= Q((f"{field}__isnull", True)) | ~Q((field, ""))
    return rule(condition, name=name, message="Leave out what is unknown: empty text is not taken.")


def in_order(start: str, end: str, *, name: str, message: str) -> CheckConstraint:
    """Let a period end on or after the day or moment on which it begins, or stay open (NULL)."""
    return rule(Q((f"{end}__isnull", True)) | Q((f"{end}__gte", F(start))), name=name, message=message)


def in_calendar(*, name: str, dates: Iterable[str] = (), moments: Iterable[str] = ()) -> CheckConstraint:
    """Refuse what PostgreSQL has and Python cannot read: infinity, and the years before 1 or after 9999.

    One such row, written by hand, would break every list that it stands in. A column that will be encrypted is left to
    its field.
    """
    span = {
        **dict.fromkeys(dates, (date.min, date.max)),
        **dict.fromkeys(moments, (datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC))),
    }
    condition = Q(*((f"{field}__range", bounds) for field, bounds in span.items()))
    return rule(
        condition, name=name, message="A date lies between the years 1 and 9999; leave out an end that is open."
    )


def passes(function: str, *fields: str, name: str, message: str) -> CheckConstraint:
    """Make a CHECK that calls a SQL function, which a file in sql_migrations defines. NULL passes."""
    return rule(Func(*fields, function=function, output_field=BooleanField()), name=name, message=message)


def days(start: str, end: str) -> Func:
    """The days from one date to another, both included. An end that is NULL is open."""
    return Func(start, end, RangeBoundary(inclusive_upper=True), function="daterange", output_field=DateRangeField())


def moments(start: str, end: str | Coalesce) -> Func:
    """The time from one moment up to, not including, another. An end that is NULL is open."""
    return Func(start, end, RangeBoundary(), function="tstzrange", output_field=DateTimeRangeField())


def never_twice(*same: str, during: Func, name: str, message: str, condition: Q | None = None) -> ExclusionConstraint:
    """Make an EXCLUDE: rows that agree on `same` (and meet the condition) do not overlap in time."""
    return NeverTwice(
        name=name,
        expressions=[*((field, RangeOperators.EQUAL) for field in same), (during, RangeOperators.OVERLAPS)],
        condition=condition,
        violation_error_message=message,
    )


class NeverTwice(ExclusionConstraint):
    """An EXCLUDE that leaves a period which ends before it begins to the CHECK that is about that."""

    def validate(
        self, model: type[Model], instance: Model, exclude: Iterable[str] | None = None, using: str = "default"
    ) -> None:
        during: Any = self.expressions[-1][0]
        # Django leaves the condition out of this: a status that is no status would end in a FieldError.
        parts = [during, *([self.condition] if self.condition else [])]
        refers: Any = self._expression_refs_exclude  # type: ignore[attr-defined] # Django's own; its stubs lack it
        if exclude and any(refers(model, part, exclude) for part in parts):
            return
        start, end = (_bound(instance, bound) for bound in during.get_source_expressions()[:2])
        if start is None or end is None or start <= end:
            super().validate(model, instance, exclude, using)


def _bound(instance: Model, bound: Any) -> Any:
    """Give where a row's period begins or ends: a column's value, or the first that COALESCE finds."""
    if isinstance(bound, F):
        return getattr(instance, bound.name)  # type: ignore[attr-defined] # Django's own; its stubs lack it
    values = (_bound(instance, one) for one in bound.get_source_expressions())
    return next((value for value in values if value is not None), None)


class HeldInSql(BaseConstraint):
    """A rule that a file in sql_migrations puts into the database, since Django cannot say it.

    It is a constraint of that name, or a trigger that raises check_violation with that CONSTRAINT. It is declared on
    the model for the people who read the model, for the data dictionary and for its sentence.
    """

    def constraint_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Add nothing to CREATE TABLE."""
        return ""

    def create_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        """Say so in what sqlmigrate prints. Django runs it as it is, so that it cannot be nothing."""
        return f"-- {self.name} is held by a file in sql_migrations"

    def remove_sql(self, model: type[Model] | None, schema_editor: BaseDatabaseSchemaEditor | None) -> str:
        return ""

    def validate(
        self,
        model: type[Model],
        instance: Model,
        exclude: Iterable[str] | None = None,
        using: str = "default",
    ) -> None:
        """Leave it to the database, which sees what others write meanwhile."""

    def __eq__(self, other: object) -> bool:
        return self.deconstruct() == other.deconstruct() if isinstance(other, HeldInSql) else NotImplemented

    def __hash__(self) -> int:
        return hash(self.name)


def held_in_sql(name: str, message: str) -> HeldInSql:
    """Declare a rule that a file in sql_migrations puts into the database."""
    return HeldInSql(name=name, violation_error_message=message)


def declared(name: str) -> BaseConstraint | None:
    """Return the rule of that name, on whichever model it is declared."""
    rules = (rule for model in apps.get_models() for rule in model._meta.constraints)  # noqa: SLF001 - Django's API
    return next((rule for rule in rules if rule.name == name), None)


def sentence(name: str) -> str | None:
    """Return what the rule of that name says to people: a declared one, or the uniqueness of one field."""
    if found := declared(name):
        return str(found.violation_error_message)
    fields = (field for model in apps.get_models() for field in model._meta.local_concrete_fields if field.unique)  # noqa: SLF001
    for field in fields:
        # The name that PostgreSQL gives to the UNIQUE of a column.
        if name == f"{field.model._meta.db_table}_{field.column}_key":  # noqa: SLF001
            labels = {"model_name": field.model._meta.verbose_name, "field_label": field.verbose_name}  # noqa: SLF001
            return str(field.error_messages["unique"]) % labels
    return None


def broken_by(error: IntegrityError | DataError) -> RuleBroken:
    """Say in a sentence, without any value, which rule an error is about."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    name: str = getattr(diagnosis, "constraint_name", None) or ""
    if found := sentence(name):
        return RuleBroken(name, found)
    sentences = {
        UNIQUE_VIOLATION: "There is one like this already.",
        FOREIGN_KEY_VIOLATION: "It refers to something that does not exist, or something else still refers to it.",
        NOT_NULL_VIOLATION: f"{getattr(diagnosis, 'column_name', None) or 'A value'} is needed.",
    }
    return RuleBroken(name, sentences.get(getattr(diagnosis, "sqlstate", ""), "The database refuses this."))


@contextlib.contextmanager
def explained() -> Iterator[None]:
    """Turn an IntegrityError inside a `with` into RuleBroken, the sentence of the rule that was broken.

    A row that row-level security does not take becomes OutOfSight.
    """
    try:
        yield
    except IntegrityError as error:
        raise broken_by(error) from error
    except ProgrammingError as error:
        if not is_out_of_sight(error):
            raise
        raise OutOfSight from error


def is_out_of_sight(error: Exception) -> bool:
    """Say whether row-level security refused a row. Its code is that of a missing privilege too; the words tell."""
    diagnosis: Any = getattr(error.__cause__, "diag", None)
    state, words = getattr(diagnosis, "sqlstate", None), getattr(diagnosis, "message_primary", None) or ""
    return state == INSUFFICIENT_PRIVILEGE and "row-level security" in words
