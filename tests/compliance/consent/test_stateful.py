"""Whatever is given, revised, withdrawn, restricted, opened, merged and over, in any order: every path says the same.

After each step row-level security, lists, pages, counts, capabilities and the trail's question are held against a plain
reading of the written rules, now and for a moment that has passed.
"""

from __future__ import annotations

import contextlib
import dataclasses
import time
from datetime import timedelta
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection, transaction
from django.db.models import Value
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from compliance.access import permits, visible_to
from compliance.audit.context import acting
from compliance.consent.deciding import about, decide
from compliance.consent.giving import give, mark_entered_in_error, revise
from compliance.consent.restricting import restrict, restrict_self_paid
from compliance.consent.withdrawing import withdraw
from compliance.errors import RuleBroken
from compliance.models import BreakGlassGrant, ConsentEffect, ConsentRecord
from patients.merging import merge, unmerge
from patients.models import Patient
from records.models import MedicalRecord
from tests.compliance.consent.clinic import MODELS, PATIENTS, VIEW, Account, Clinic, Kept, clinic
from tests.compliance.consent.oracle import DENY, PERMIT, Consent, Emergency, Oracle, Scope
from tests.compliance.consent.shapes import Shape, shapes, typed_in
from tests.logins import as_app

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from datetime import datetime

    from django.db.backends.utils import CursorWrapper

    from compliance.models import User

pytestmark = pytest.mark.django_db
PATIENT = st.integers(0, PATIENTS - 1)
# Of periods that end, or have yet to begin, in the midst of a run.
SOON = timedelta(milliseconds=60)
ROWS = " UNION ALL ".join(
    f"SELECT '{model._meta.db_table}' AS of_table, id FROM {model._meta.db_table}" for model in MODELS
)
COUNTS = " UNION ALL ".join(
    f"SELECT '{table}', (SELECT count(*) FROM {table}), (SELECT max(id) FROM {table})" for table in VIEW
)
ABOUT = f"SELECT of_table, id, d.permits, d.consent_id FROM ({ROWS}) AS r, consent_about(of_table, id, %s, %s, %s) AS d"


class Consents(RuleBasedStateMachine):
    """The steps. `here` are the clinic and who records; each example is rolled back."""

    here: tuple[Clinic, User]

    def __init__(self) -> None:
        super().__init__()
        self.clinic, self.by = self.here
        self.names = list(self.clinic.accounts)
        self.oracle = Oracle()
        self.versions: dict[int, tuple[ConsentRecord, Shape]] = {}
        self.moments: list[datetime] = []
        self.steps = 0
        self.example = transaction.atomic()
        self.example.__enter__()

    def teardown(self) -> None:
        transaction.set_rollback(True)
        self.example.__exit__(None, None, None)

    @initialize()
    def begins(self) -> None:
        self.oracle.merges.append((clock(), {}))

    # What people do.

    @rule(number=PATIENT, shape=shapes(), period=st.sampled_from(["open", "open", "long", "soon over", "soon begun"]))
    def gives(self, number: int, shape: Shape, period: str) -> None:
        patient, now = self.current(number), clock()
        starts, ends = {
            "open": (now, None),
            "long": (now, now + timedelta(days=30)),
            "soon over": (now, now + SOON),
            "soon begun": (now + SOON, None),
        }[period]
        said: dict[str, Any] = {**shape.facts(), "starts_at": starts, "ends_at": ends}
        if shape.decision == DENY and shape.of_type == "restriction":
            del said["purposes"]
            act: Callable[..., ConsentRecord] = lambda **more: restrict(  # noqa: E731
                patient, by=self.by, purposes=sorted(shape.scope.purposes), **said, **more
            )
        else:
            act = lambda **more: give(  # noqa: E731
                patient, by=self.by, consent_type=shape.of_type, decision=shape.decision, **said, **more
            )
        self.writes(act, patient.pk, shape, starts, ends)
        if period.startswith("soon"):
            self.moments.append(clock())
            time.sleep(SOON.total_seconds())

    @rule(number=st.integers(0, PATIENTS * 2 - 1))
    def pays_alone(self, number: int) -> None:
        encounter, now = self.clinic.encounters[number], clock()
        if encounter.patient_id in self.oracle.merged():
            return
        shape = Shape("restriction", DENY, Scope(frozenset({"HPAYMT"})), ())
        patient = next(one for one in self.clinic.patients if one.pk == encounter.patient_id)
        self.writes(
            lambda **_: restrict_self_paid(patient, encounter, by=self.by, starts_at=now),
            patient.pk,
            shape,
            now,
            None,
            encounter=encounter.pk,
        )

    @precondition(lambda self: self.versions)
    @rule(data=st.data())
    def revises(self, data: st.DataObject) -> None:
        old, shape = self.one(data)
        new = data.draw(shapes(shape.of_type, shape.decision))
        if old.encounter_id is not None or (old.ends_at is not None and old.ends_at < clock() + timedelta(days=1)):
            return
        self.writes(
            lambda **more: revise(old, by=self.by, **new.facts(), **more),
            old.patient_id,
            new,
            old.starts_at,
            old.ends_at,
            follows=old,
        )

    @precondition(lambda self: self.versions)
    @rule(data=st.data(), error=st.booleans())
    def takes_back(self, data: st.DataObject, error: bool) -> None:
        old, _ = self.one(data)
        with as_app():
            if error:
                mark_entered_in_error(old, by=self.by)
            else:
                withdraw(old, by=self.by, channel=ConsentRecord._meta.get_field("withdrawal_channel").choices[0][0])
        self.ends(old.pk, clock())
        del self.versions[old.pk]

    @rule(number=PATIENT, name=st.sampled_from(["reads", "nurse"]), short=st.booleans())
    def opens(self, number: int, name: str, short: bool) -> None:
        patient, account, now = self.current(number), self.clinic.accounts[name].user, clock()
        if any(
            (one.patient, one.account) == (patient.pk, account.pk) and one.holds(now) for one in self.oracle.emergencies
        ):
            return
        ends = now + (SOON if short else timedelta(hours=1))
        grant = BreakGlassGrant.objects.create(
            patient=patient, user=account, reason="Found at the door", opened_at=now, ends_at=ends, proved_at=now
        )
        self.oracle.emergencies.append(Emergency(grant.pk, patient.pk, account.pk, now, ends))
        if short:
            self.moments.append(clock())
            time.sleep(SOON.total_seconds())

    @precondition(lambda self: any(one.holds(clock()) for one in self.oracle.emergencies))
    @rule(data=st.data())
    def closes(self, data: st.DataObject) -> None:
        now = clock()
        one = data.draw(st.sampled_from([one for one in self.oracle.emergencies if one.holds(now)]))
        BreakGlassGrant.objects.filter(pk=one.key).update(closed_at=now)
        one.ends = now

    @rule(ends=PATIENT, goes_on=PATIENT)
    def merges(self, ends: int, goes_on: int) -> None:
        one, merged = self.current(ends), self.oracle.merged()
        others = [other for other in self.clinic.patients if other.pk not in {one.pk, *merged}]
        if not others:
            return
        other = others[goes_on % len(others)]
        with acting(self.by), as_app():
            merge(one, into=other, by=self.by)
        self.oracle.merges.append((clock(), {**merged, one.pk: other.pk}))

    @precondition(lambda self: self.oracle.merged())
    @rule(data=st.data())
    def takes_apart(self, data: st.DataObject) -> None:
        merged = self.oracle.merged()
        key = data.draw(st.sampled_from(sorted(merged)))
        with acting(self.by), as_app():
            unmerge(next(one for one in self.clinic.patients if one.pk == key), by=self.by)
        self.oracle.merges.append((clock(), {one: other for one, other in merged.items() if one != key}))

    # How the plain reading learns of it.

    def current(self, number: int) -> Patient:
        """Give one of the records that go on."""
        left = [one for one in self.clinic.patients if one.pk not in self.oracle.merged()]
        return left[number % len(left)]

    def one(self, data: st.DataObject) -> tuple[ConsentRecord, Shape]:
        return self.versions[data.draw(st.sampled_from(sorted(self.versions)))]

    def ends(self, key: int, at: datetime) -> None:
        for consent in self.oracle.consents:
            if consent.key == key and (consent.ends is None or consent.ends > at):
                consent.ends = max(at, consent.starts)

    def writes(
        self,
        act: Callable[..., ConsentRecord],
        patient: int,
        shape: Shape,
        starts: datetime,
        ends: datetime | None,
        *,
        follows: ConsentRecord | None = None,
        encounter: int | None = None,
    ) -> None:
        accounts = [self.clinic.accounts[name].user.pk for name in self.names]
        exceptions = tuple(
            dataclasses.replace(one, user=None if one.user is None else accounts[one.user % len(accounts)])
            for one in shape.exceptions
        )
        before = clock()
        scope = shape.scope
        kind = (shape.of_type, scope.resources, scope.data_from, scope.data_until, encounter)
        consent = Consent(0, patient, shape.decision, scope, encounter, exceptions, max(starts, before), ends, kind)
        clash = self.clashes(consent, follows) or same_twice(scope, exceptions)
        try:
            with as_app():
                written = act(
                    exceptions=[
                        {
                            **typed_in(one),
                            "decision": opposite(shape.decision),
                            "roles": sorted(one.roles),
                            "user_id": one.user,
                        }
                        for one in exceptions
                    ]
                )
        except RuleBroken as refused:
            if not clash:
                raise AssertionError(f"refused without need: {refused}") from refused
            return
        assert not clash, "a second one of its kind was taken"
        if follows is not None:
            self.ends(follows.pk, before)
            del self.versions[follows.pk]
        consent.key = written.pk
        self.oracle.consents.append(consent)
        self.versions[written.pk] = (written, shape)

    def clashes(self, new: Consent, follows: ConsentRecord | None) -> bool:
        """Whether there is one of its kind then: of one patient, purpose and label, one holds at a time."""
        return any(
            old.patient == new.patient
            and old.kind == new.kind
            and (follows is None or old.key != follows.pk)
            and old.scope.purposes & new.scope.purposes
            and (old.scope.labels or {"*"}) & (new.scope.labels or {"*"})
            and old.overlaps(new)
            and new.overlaps(old)
            for old in self.oracle.consents
        )

    # Every path against the plain reading.

    @invariant()
    def holds(self) -> None:
        self.steps += 1
        accounts = list(self.clinic.accounts.values())
        for account in accounts:
            self.holds_now(account)
        self.holds_in_each_way(accounts[self.steps % len(accounts)])
        if self.moments:
            self.holds_then(accounts[self.steps * 3 % len(accounts)], self.moments[self.steps % len(self.moments)])
        assert_no_row_twice()
        self.moments.append(clock())

    def holds_now(self, account: Account) -> None:
        """Lists and row-level security, for each account after each step."""
        now = clock()
        expected = self.expected(account, now)

        listed = [
            visible_to(model._default_manager.order_by(), account.user, account.purpose)
            .annotate(of_table=Value(model._meta.db_table))
            .values_list("of_table", "pk")
            for model in MODELS
        ]
        assert set(listed[0].union(*listed[1:], all=True)) == expected, (account, "visible_to")
        with self.asking(account) as cursor:
            cursor.execute(ROWS)
            assert set(cursor.fetchall()) == expected, (account, "row-level security")

    def holds_in_each_way(self, account: Account) -> None:
        """All other ways to ask, for one account after each step."""
        now = clock()
        expected = self.expected(account, now)
        with self.asking(account) as cursor:
            cursor.execute(COUNTS)
            assert set(cursor.fetchall()) == {totals(table, expected) for table in VIEW}, (account, "totals")
            assert pages() == sorted(key for table, key in expected if table == "medical_records"), (account, "pages")
        self.tells(account, now, None)
        place = self.steps * 7 % len(self.clinic.rows)
        for kept in (self.clinic.rows[place], self.clinic.rows[-1 - place]):
            asked = self.clinic.asked(kept, account, now)
            said = about(kept.row, account.user, account.purpose)
            assert said is not None
            assert said.permits == self.oracle.decide(asked).permits, (account, kept, said)
            assert said.consent in self.oracle.decide(asked).consents, (account, kept, said)
            may = permits(account.user, VIEW[kept.table], kept.row, purpose=account.purpose)
            assert may == ((kept.table, kept.row.pk) in expected), (account, kept, "require")
            for purpose in ("ETREAT", "HMARKT", account.purpose):
                self.decides(kept, account, purpose)

    def decides(self, kept: Kept, account: Account, purpose: str) -> None:
        """Without a row, as of a patient: nobody wrote it, and it is of no day and of no visit."""
        asked = self.clinic.asked(kept, account, clock(), purpose)
        asked = dataclasses.replace(asked, author=None, dated=None, encounter=None)
        said = decide(Patient(pk=kept.patient), account.user, purpose, kept.labels, resource=kept.resource)
        assert said.permits == self.oracle.decide(asked).permits, (account, kept, purpose, said)

    def expected(self, account: Account, now: datetime) -> set[tuple[str, int]]:
        return {
            (kept.table, kept.row.pk)
            for kept in self.clinic.rows
            if self.reaches(kept, account, now) and self.oracle.decide(self.clinic.asked(kept, account, now)).permits
        }

    @contextlib.contextmanager
    def asking(self, account: Account) -> Iterator[CursorWrapper]:
        with acting(account.user, purpose=account.purpose), as_app(), connection.cursor() as cursor:
            yield cursor

    def holds_then(self, account: Account, at: datetime) -> None:
        self.tells(account, at, at)
        kept = self.clinic.rows[self.steps % len(self.clinic.rows)]
        said = about(kept.row, account.user, account.purpose, at)
        assert said is not None
        assert said.permits == self.oracle.decide(self.clinic.asked(kept, account, at)).permits

    def tells(self, account: Account, moment: datetime, at: datetime | None) -> None:
        """The question that the trail and capabilities ask, about every row there is."""
        with connection.cursor() as cursor:
            cursor.execute(ABOUT, [account.user.pk, account.purpose, at or clock()])
            told = {(table, key): (permits, consent) for table, key, permits, consent in cursor.fetchall()}
        for kept in self.clinic.rows:
            answer = self.oracle.decide(self.clinic.asked(kept, account, moment))
            permits_, consent = told[kept.table, kept.row.pk]
            assert permits_ == answer.permits, (account.user, kept, moment, "consent_about")
            assert consent in answer.consents, (account.user, kept, moment, "whose consent")

    def reaches(self, kept: Kept, account: Account, now: datetime) -> bool:
        reach, user = self.clinic.reach(account, kept.table), account.user.pk
        same = [
            one.pk for one in self.clinic.patients if self.oracle.goes_on(one.pk) == self.oracle.goes_on(kept.patient)
        ]
        opened = any(one.account == user and one.patient in same and one.holds(now) for one in self.oracle.emergencies)
        return (
            "all" in reach
            or ("care" in reach and (opened or any((user, one) in self.clinic.care for one in same)))
            or ("own" in reach and any((user, one) in self.clinic.own for one in same))
        )


def clock() -> datetime:
    with connection.cursor() as cursor:
        cursor.execute("SELECT clock_timestamp()")
        return cursor.fetchone()[0]  # type: ignore[no-any-return]


def opposite(decision: str) -> str:
    return "permit" if decision == DENY else DENY


def same_twice(whole: Scope, exceptions: tuple[Scope, ...]) -> bool:
    """Whether two exceptions speak of the same: of one scope, purpose and label, there is one."""
    if len(exceptions) < 2:
        return False
    keys = [(one.resources, one.data_from, one.data_until, one.roles, one.user) for one in exceptions]
    purposes = [one.purposes or whole.purposes for one in exceptions]
    labels = [one.labels or whole.labels or {"*"} for one in exceptions]
    return keys[0] == keys[1] and bool(purposes[0] & purposes[1]) and bool(set(labels[0]) & set(labels[1]))


def totals(table: str, rows: set[tuple[str, int]]) -> tuple[str, int, int | None]:
    keys = [key for of_table, key in rows if of_table == table]
    return table, len(keys), max(keys, default=None)


def pages() -> list[int]:
    """Read a list as the admin does: by the key of the last row, three at a time."""
    found: list[int] = []
    while page := list(
        MedicalRecord.objects.filter(pk__gt=found[-1] if found else 0).order_by("pk").values_list("pk", flat=True)[:3]
    ):
        found += page
    return found


def assert_no_row_twice() -> None:
    """What was handed on to another record of the person stands there once."""
    open_now = ConsentEffect.objects.filter(inherited=True, ends_at__isnull=True)
    said = list(open_now.values_list("patient_id", "consent_id", "provision_id", "purpose", "label"))
    assert len(said) == len(set(said))


def says(of_type: str, decision: str, purpose: str, *labels: str, exceptions: tuple[Scope, ...] = ()) -> Shape:
    return Shape(of_type, decision, Scope(frozenset({purpose}), frozenset(labels)), exceptions)


STORIES: dict[str, list[Callable[[Consents], Any]]] = {
    "no goes before yes": [
        lambda here: here.gives(0, says("research", PERMIT, "HRESCH"), "open"),
        lambda here: here.gives(0, says("restriction", DENY, "HRESCH"), "open"),
    ],
    "what names a label goes before what does not": [
        lambda here: here.gives(0, says("restriction", DENY, "TREAT"), "open"),
        lambda here: here.gives(0, says("treatment", PERMIT, "TREAT", "HIV"), "open"),
        lambda here: here.gives(1, says("part2_tpo", PERMIT, "TREAT", "42CFRPart2"), "open"),
        lambda here: here.gives(1, says("treatment", DENY, "TREAT"), "open"),
    ],
    "an exception goes before its consent, and an account has the roles of its groups": [
        lambda here: here.gives(
            0, says("tpo", PERMIT, "HPAYMT", exceptions=(Scope(roles=frozenset({"billing"})),)), "open"
        ),
        lambda here: here.gives(
            1, says("restriction", DENY, "TREAT", exceptions=(Scope(roles=frozenset({"nurse"})),)), "open"
        ),
    ],
    "a consent goes over to all records of a person, and what is given later too": [
        lambda here: here.gives(0, says("research", PERMIT, "HRESCH"), "open"),
        lambda here: here.merges(0, 0),
        lambda here: here.gives(0, says("restriction", DENY, "TREAT", "HIV"), "open"),
        lambda here: here.merges(0, 0),
    ],
    "what has ended has ended, and an emergency goes before a refusal": [
        lambda here: here.gives(0, says("research", PERMIT, "HRESCH"), "soon over"),
        lambda here: here.gives(0, says("restriction", DENY, "TREAT"), "open"),
        lambda here: here.opens(0, "nurse", short=False),
        lambda here: here.pays_alone(2),
    ],
}


@pytest.mark.parametrize("story", STORIES)
def test_every_path_agrees_in_each_of_these_stories(administrator: User, story: str) -> None:
    """What chance may miss in a short run; every account is asked in each way at the end."""
    Consents.here = (clinic(), administrator)
    here = Consents()
    try:
        here.begins()
        for step in STORIES[story]:
            step(here)
            here.holds()
        for account in here.clinic.accounts.values():
            here.holds_in_each_way(account)
    finally:
        here.teardown()


def test_every_path_agrees_with_a_plain_reading_of_the_rules(administrator: User) -> None:
    Consents.here = (clinic(), administrator)
    run_state_machine_as_test(
        Consents,
        settings=settings(
            settings.get_profile("webqx"),
            max_examples=16,
            # To shrink what is red takes minutes: its steps are printed as they were.
            phases=[Phase.generate],
            stateful_step_count=9,
            suppress_health_check=list(HealthCheck),
            report_multiple_bugs=False,
        ),
    )
