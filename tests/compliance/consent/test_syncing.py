"""rules.toml is what the database holds; a rule that was changed still explains what it decided; what checks say."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest
from django.db import connection
from django.utils import timezone

from compliance.consent import checks, syncing
from compliance.consent.deciding import decide
from compliance.consent.defaults import defaults
from compliance.models import AuditLog, ConsentRule

if TYPE_CHECKING:
    from compliance.consent.defaults import Defaults
    from compliance.models import User
    from patients.models import Patient

pytestmark = pytest.mark.django_db


def with_research() -> Defaults:
    """The rules of a clinic that uses data for research without asking."""
    known = defaults()
    changed = tuple(
        rule._replace(decision="permit", reason="We always do.") if rule.purpose == "HRESCH" else rule
        for rule in known.rules
    )
    assert changed != known.rules
    return replace(known, rules=changed)


def as_if_long_ago() -> None:
    ConsentRule.objects.update(starts_at=timezone.now() - timedelta(days=30))


def test_migrate_leaves_the_rules_of_the_file() -> None:
    assert syncing.standing() == set(defaults().rules)


def test_a_changed_rule_ends_and_another_begins_and_yesterday_is_explained_by_the_old_one(
    patient: Patient, physician: User
) -> None:
    as_if_long_ago()
    yesterday = timezone.now() - timedelta(days=1)
    (old,) = ConsentRule.objects.filter(purpose="HRESCH")

    syncing.sync(with_research())

    now, then = decide(patient, physician, "HRESCH"), decide(patient, physician, "HRESCH", at=yesterday)
    assert (now.permits, now.why) == (True, "We always do.")
    assert (then.permits, then.why) == (False, old.reason)
    old.refresh_from_db()
    new = ConsentRule.objects.get(purpose="HRESCH", ends_at=None)
    assert old.ends_at == new.starts_at


def test_syncing_again_changes_nothing_and_leaves_no_entry() -> None:
    before = list(ConsentRule.objects.order_by("pk").values())
    entries = AuditLog.objects.count()

    syncing.sync(defaults())

    assert list(ConsentRule.objects.order_by("pk").values()) == before
    assert AuditLog.objects.count() == entries


def test_each_change_is_in_the_trail_with_the_door_it_came_through() -> None:
    as_if_long_ago()
    entries = AuditLog.objects.filter(table_name="consent_rules", source="migrate: rules.toml")
    before = entries.count()

    syncing.sync(with_research())

    assert sorted(entries.values_list("event_type", flat=True)[: entries.count() - before]) == ["create", "update"]


def test_a_rule_that_is_gone_from_the_file_ends_and_its_purpose_is_denied(patient: Patient, physician: User) -> None:
    as_if_long_ago()
    known = defaults()
    syncing.sync(replace(known, rules=tuple(rule for rule in known.rules if rule.purpose != "TREAT")))

    assert not decide(patient, physician, "TREAT").permits
    assert decide(patient, physician, "TREAT", at=timezone.now() - timedelta(days=1)).permits


# What the checks say.


def errors() -> list[tuple[str, str]]:
    return [
        (str(found.id).removeprefix("compliance."), found.msg.split(":")[0].split()[0])
        for found in checks.findings("default")
    ]


def run(*statements: str) -> None:
    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_the_checks_are_content_with_what_migrate_leaves() -> None:
    assert errors() == []


def test_rules_that_are_not_the_files_are_found() -> None:
    run("UPDATE consent_rules SET decision = 'permit' WHERE purpose = 'HRESCH'")

    assert errors() == [("E035", "consent_rules")]
    assert "1 rules are missing, and 1 stand there" in next(checks.findings("default")).msg


@pytest.mark.parametrize(
    ("breaks", "found"),
    [
        (["ALTER POLICY access_read ON allergies USING (true)"], ("E037", "allergies")),
        (["ALTER POLICY access_change ON allergies USING (true)"], ("E037", "allergies")),
        (["CREATE POLICY more ON allergies FOR SELECT USING (true)"], ("E037", "allergies")),
        (["CREATE POLICY more ON allergies USING (true)"], ("E037", "allergies")),
        (
            ["DROP FUNCTION consent_decision(allergies, bigint, text, timestamptz)"],
            ("E036", "allergies"),
        ),
        (["DROP FUNCTION consent_lets(allergies, bigint, text) CASCADE"], ("E036", "allergies")),
        (["SELECT consent_subject('locations', 'Location', patient => 'r.id')"], ("E038", "locations")),
    ],
)
def test_a_table_that_does_not_ask_and_one_that_should_not_are_found(breaks: list[str], found: tuple[str, str]) -> None:
    run(*breaks)

    assert errors() == [found]


def test_a_policy_that_only_withholds_more_need_not_ask() -> None:
    run("CREATE POLICY less ON allergies AS RESTRICTIVE FOR SELECT USING (true)")

    assert errors() == []


def test_on_the_way_back_to_zero_nothing_is_asked() -> None:
    run("DROP FUNCTION consent_default(text) CASCADE")

    assert errors() == []
