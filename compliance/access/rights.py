"""What an account may do on one page. The database is asked once for the page, and once for a patient on it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from django.db import connection

from compliance.access import purpose_of
from compliance.access.policy import policy
from compliance.access.rule import Reach
from compliance.audit import subjects

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.contrib.auth.models import AnonymousUser
    from django.db.models import Model
    from django.http import HttpRequest

    from compliance.accounts.models import User

_KEPT = "_access_rights"


@dataclass(frozen=True, slots=True, eq=False)
class Rights:
    """The rules that hold for an account and a purpose at one moment: `reaches` is {permission: its reaches}."""

    account: int | None
    roles: frozenset[str]
    purpose: str | None
    reaches: Mapping[str, frozenset[str]]
    _patients: dict[int, frozenset[str]] = field(default_factory=dict)

    def may(self, permission: str, row: Model | None = None) -> bool:
        """Say whether this is permitted; with a row, whether it is with what belongs to the row's patient."""
        if not (reaches := self.reaches.get(permission)):
            return False
        patient = None if row is None else subjects.patient_of(row)
        return patient is None or Reach.ALL in reaches or not reaches.isdisjoint(self._within(patient))

    def hidden(self, model: type[Model]) -> frozenset[str]:
        """Name the columns of a model that are not shown."""
        label = model._meta.label_lower  # noqa: SLF001 - Django's API
        columns = policy().columns.get(label)
        if not columns or self.purpose is None:
            return frozenset(name for names in (columns or {}).values() for name in names)
        return policy().hidden(self.roles, self.purpose, label)

    def withholds(self, model: type[Model]) -> bool:
        """Say whether there may be rows of a model, or are columns, that are not shown."""
        reaches = self.reaches.get(viewing(model), frozenset())
        return bool(subjects.patient_column(model) and Reach.ALL not in reaches) or bool(self.hidden(model))

    def _within(self, patient: int) -> frozenset[str]:
        """Say as whose a patient is reached: as one in care, as oneself."""
        if patient not in self._patients:
            with connection.cursor() as cursor:
                cursor.execute(
                    "SELECT reach FROM unnest(%s::text[]) AS reach WHERE %s = ANY (access_patients(%s, ARRAY[reach]))",
                    [[Reach.CARE.value, Reach.OWN.value], patient, self.account],
                )
                self._patients[patient] = frozenset(reach for (reach,) in cursor.fetchall())
        return self._patients[patient]


def viewing(model: type[Model]) -> str:
    """Name the permission to see rows of a model."""
    return f"{model._meta.app_label}.view_{model._meta.model_name}"  # noqa: SLF001 - Django's API


def rights_of(user: User | AnonymousUser) -> Rights:
    """Ask what an account may do now, for what it acts for. Nobody may do anything."""
    if not user.is_authenticated or (purpose := purpose_of(user)) is None:
        return Rights(None, frozenset(), None, {})
    with connection.cursor() as cursor:
        cursor.execute("SELECT role, permission, reach FROM access_rules_of(%s, %s)", [user.pk, purpose])
        rules = cursor.fetchall()
    reaches: dict[str, set[str]] = {}
    for _, permission, reach in rules:
        reaches.setdefault(permission, set()).add(reach)
    return Rights(
        user.pk,
        frozenset(role for role, _, _ in rules),
        purpose,
        {permission: frozenset(found) for permission, found in reaches.items()},
    )


def rights_in(request: HttpRequest) -> Rights:
    """Give the rights of whoever sent a request, asked for at its first question."""
    known: dict[str, Rights] = request.__dict__
    if (found := known.get(_KEPT)) is None or found.account != request.user.pk:
        found = known[_KEPT] = rights_of(request.user)
    return found
