"""Every audited table, written in every way: one right entry for each row that changed, and none for any other."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

import pytest
from django.db import DatabaseError, IntegrityError, transaction
from django.db.models import ProtectedError, RestrictedError

from compliance.audit.context import acting
from tests.compliance.audit.matrix import paths, screens
from tests.compliance.audit.matrix.paths import Who
from tests.compliance.audit.matrix.tables import KEPT, TABLES, subject
from tests.compliance.audit.matrix.trail import Named, Outcome, observed, tried, undone

if TYPE_CHECKING:
    from collections.abc import Callable

    from django.test import Client

    from compliance.models import User
    from tests.compliance.audit.matrix.paths import Path
    from tests.compliance.audit.matrix.subject import Subject

pytestmark = pytest.mark.django_db
PATHS = {name: path for name, path in paths.load().items() if not path.needs_commits}
REFUSALS = (DatabaseError, ProtectedError, RestrictedError)
ACTOR = 4242


@pytest.mark.parametrize("table", TABLES)
def test_each_way_to_write_leaves_one_right_entry_for_each_row(
    request: pytest.FixtureRequest, client: Client, administrator: User, table: str
) -> None:
    rows = subject(table, request)
    rows = replace(rows, post=screens.poster(client, administrator, rows.model))
    wrong = {}
    for name, path in PATHS.items():
        if path.applies(rows) and (problem := found_wrong(path, rows, table, administrator)):
            wrong[name] = problem

    assert wrong == {}


def found_wrong(path: Path, rows: Subject, table: str, administrator: User) -> str:
    """Walk a path with somebody acting and with nobody, each undone again."""
    walked = refused if path.refused or (path.deletes and table in KEPT) else written
    if path.who is Who.REQUEST:
        return walked(path, rows, Named(administrator.pk, True, "trigger"))
    by_somebody = replace(path, write=as_somebody(path.write))
    return walked(by_somebody, rows, Named(ACTOR, True, "trigger")) or walked(path, rows, Named(None, False, "trigger"))


def as_somebody(write: Callable[[Subject], object]) -> Callable[[Subject], object]:
    def acted(rows: Subject) -> None:
        with acting(actor=ACTOR):
            write(rows)

    return acted


def written(path: Path, rows: Subject, by: Named) -> str:
    try:
        with undone():
            outcome = tried(path, rows)
    except Exception as error:
        return f"raises {type(error).__name__}: {error}"
    return difference(outcome, path.expected(rows), by)


def difference(outcome: Outcome, expected: Counter[str], by: Named) -> str:
    if outcome.counted != expected:
        return f"did {outcome.counted}, and should have done {expected}"
    if outcome.said != outcome.done:
        return f"did {outcome.done}\nand the trail says {outcome.said}"
    if outcome.said and outcome.named != {by}:
        return f"names {outcome.named}, and {by} did it"
    return ""


def refused(path: Path, rows: Subject, by: Named) -> str:
    def write() -> None:
        with pytest.raises(REFUSALS), transaction.atomic():
            path.write(rows)

    with undone():
        if path.given:
            path.given(rows)
        outcome = observed(write)
    return difference(outcome, Counter(), by)


@pytest.mark.parametrize("table", TABLES)
def test_what_is_rolled_back_leaves_nothing_and_what_survives_a_savepoint_stays(
    request: pytest.FixtureRequest, table: str
) -> None:
    rows = subject(table, request)

    def write() -> None:
        with transaction.atomic():
            rows.new(2).save()
            with undone():
                rows.new(3).save()
                rows.changed().save()
            rows.new(4).save()

    outcome = observed(write)

    assert outcome.counted == {"create": 2}
    assert outcome.said == outcome.done


@pytest.mark.parametrize("table", TABLES)
def test_a_write_that_fails_halfway_leaves_nothing(request: pytest.FixtureRequest, table: str) -> None:
    rows = subject(table, request)

    def write() -> None:
        again = rows.fresh()
        with pytest.raises(IntegrityError), transaction.atomic():
            rows.rows.bulk_create([rows.new(2), again])

    outcome = observed(write)

    assert outcome.done == outcome.said == []
