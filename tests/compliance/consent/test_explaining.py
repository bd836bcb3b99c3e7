"""Why: all that spoke with its weight, what decided, and what would change it, which then does change it."""

from __future__ import annotations

import json
import re
from datetime import timedelta
from itertools import combinations
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection
from django.utils import timezone

from compliance.audit.context import acting
from compliance.audit.errors import NotRecorded
from compliance.consent.deciding import Basis, decide
from compliance.consent.explaining import document, explain
from compliance.consent.value_sets import ConsentLabel
from compliance.models import AuditLog, BreakGlassGrant, ConsentRecord, User
from compliance.purposes import Purpose
from tests.compliance.consent.world import World, opened
from tests.logins import as_app

if TYPE_CHECKING:
    from collections.abc import Callable

    from compliance.consent.explaining import Explanation
    from patients.models import Patient
    from tests.compliance.consent.conftest import Gives

pytestmark = pytest.mark.django_db


def spoke(explanation: Explanation) -> list[tuple[str, int, str, bool, bool]]:
    return [(one.about, one.weight, one.what, one.permits, one.decided) for one in explanation.reasons]


def test_all_that_spoke_is_told_the_weightiest_first(
    patient: Patient, physician: User, gives: Gives, restricts: Gives
) -> None:
    any_information = gives(consent_type="treatment", purposes=["TREAT"])
    no_hiv = restricts(sensitivity_labels=["HIV"])

    told = explain(patient, physician, "TREAT", ["HIV"])

    assert spoke(told) == [
        ("HIV", 5, f"consent {no_hiv.pk}", False, True),
        ("HIV", 3, f"consent {any_information.pk}", True, False),
        ("HIV", 1, "rule", True, False),
    ]
    assert re.fullmatch(
        r"Restriction that the patient asked for: version 1, recorded on \d{4}-\d\d-\d\d \d\d:\d\d:\d\d UTC\.",
        told.reasons[0].why,
    )
    assert told.reasons[0].citation == "45 CFR 164.522(a)"
    assert told.reasons[1].why.endswith(", until 2090-01-01 00:00:00 UTC.")
    assert (told.reasons[2].why, told.reasons[2].citation) == (
        "Treatment needs no authorization.",
        "45 CFR 164.506(c)(2); emergencies: 164.522(a)(1)(iii)",
    )


def test_of_several_labels_each_has_what_spoke_about_it_and_one_decided(
    patient: Patient, physician: User, gives: Gives
) -> None:
    notes = gives(consent_type="psychotherapy_notes", purposes=["TREAT"], sensitivity_labels=["PSYTHPN"])

    told = explain(patient, physician, "TREAT", ["PSYTHPN", "42CFRPart2"])

    assert spoke(told) == [
        ("42CFRPart2", 4, "rule", False, True),
        ("42CFRPart2", 1, "rule", True, False),
        ("PSYTHPN", 5, f"consent {notes.pk}", True, False),
        ("PSYTHPN", 4, "rule", False, False),
        ("PSYTHPN", 1, "rule", True, False),
    ]
    assert (told.decision.permits, told.decision.label) == (False, "42CFRPart2")


def test_an_exception_and_an_emergency_say_what_they_are(patient: Patient, physician: User, gives: Gives) -> None:
    consent = gives(
        consent_type="treatment", purposes=["TREAT"], exceptions=[{"decision": "deny", "roles": ["physician"]}]
    )
    told = explain(patient, physician, "TREAT")
    assert spoke(told)[0] == ("*", 3, f"exception 1 to consent {consent.pk}", False, True)
    assert told.decision.basis == Basis.EXCEPTION

    opened(patient, physician)

    told = explain(patient, physician, "TREAT")
    assert spoke(told)[0] == ("*", 6, "emergency", True, True)
    assert told.decision.basis == Basis.EMERGENCY


def test_for_nobody_it_is_what_holds_for_whoever_has_no_role(patient: Patient, gives: Gives) -> None:
    gives(exceptions=[{"decision": "deny", "roles": ["researcher"]}])
    researcher = User.objects.create_user("study@clinic.example", role="researcher")

    assert explain(patient, None, "HRESCH").decision.permits
    assert not explain(patient, researcher, "HRESCH").decision.permits


def test_the_past_is_explained_by_what_held_then(patient: Patient, physician: User, restricts: Gives) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE consent_rules SET starts_at = starts_at - interval '1 year'")
    restricts()

    told = explain(patient, physician, "TREAT", at=timezone.now() - timedelta(days=1))

    assert spoke(told) == [("*", 1, "rule", True, True)]


def test_the_first_that_spoke_is_always_the_one_that_decides(
    patient: Patient, physician: User, gives: Gives, restricts: Gives
) -> None:
    gives(exceptions=[{"decision": "deny", "sensitivity_labels": ["HIV"]}])
    gives(consent_type="part2_tpo", purposes=["TREAT", "HPAYMT"], sensitivity_labels=["42CFRPart2", "SUD"])
    restricts(purposes=["TREAT", "HPAYMT", "HDIRECT"], sensitivity_labels=["SUD", "STD"])
    restricts(purposes=["HPAYMT"])
    known = ["HIV", "SUD", "STD", "PSYTHPN", "42CFRPart2"]
    asked = [[], *([one] for one in ConsentLabel.values), *map(list, combinations(known, 2)), known]

    for purpose in Purpose.values:
        for labels in asked:
            told, decision = explain(patient, physician, purpose, labels), decide(patient, physician, purpose, labels)
            assert told.decision == decision
            assert {one.permits for one in told.reasons if one.decided} == {decision.permits}, (purpose, labels)
            assert next(one.consent for one in told.reasons if one.decided) == decision.consent


def test_a_question_that_cannot_be_answered_has_no_reasons(patient: Patient, physician: User) -> None:
    told = explain(patient, physician, "FUN")

    assert (told.decision.basis, told.reasons, told.otherwise) == (Basis.ERROR, (), ())
    assert AuditLog.objects.latest().consent_decision == "deny"


def test_what_holds_and_did_not_speak_is_named_and_what_is_over_is_not(
    patient: Patient, physician: User, restricts: Gives, world: World
) -> None:
    of_hiv, of_allergies = restricts(sensitivity_labels=["HIV"]), restricts(resource_types=["AllergyIntolerance"])
    restricts(purposes=["HPAYMT"])
    restricts(starts_at=timezone.now() + timedelta(days=1), sensitivity_labels=["STD"])
    restricts(sensitivity_labels=["SUD"])
    world.withdraw()

    assert explain(patient, physician, "TREAT").silent == (of_hiv.pk, of_allergies.pk)
    assert explain(patient, physician, "TREAT", ["HIV"]).silent == (of_allergies.pk,)
    assert explain(patient, physician, "TREAT", resource="AllergyIntolerance").silent == (of_hiv.pk,)
    assert explain(patient, physician, "ETREAT", ["HIV"]).silent == (of_allergies.pk,)


# What would change it.


def nothing(_: World) -> None:
    pass


EXAMPLES: list[tuple[str, list[str], Callable[[World], Any], str, Callable[[World], Any]]] = [
    ("HRESCH", [], nothing, "an authorization for HRESCH", lambda w: w.gives()),
    (
        "TREAT",
        ["PSYTHPN"],
        nothing,
        "an authorization that names PSYTHPN, for TREAT",
        lambda w: w.gives(consent_type="psychotherapy_notes", purposes=["TREAT"], sensitivity_labels=["PSYTHPN"]),
    ),
    (
        "TREAT",
        ["42CFRPart2"],
        nothing,
        "a Part 2 consent that names 42CFRPart2, for TREAT",
        lambda w: w.gives(consent_type="part2_tpo", purposes=["TREAT"], sensitivity_labels=["42CFRPart2"]),
    ),
    ("TREAT", ["42CFRPart2"], nothing, "opening an emergency", lambda w: opened(w.patient, w.physician)),
    ("TREAT", [], lambda w: w.restricts(), "withdrawing consent {newest}", World.withdraw),
    ("TREAT", [], lambda w: w.restricts(), "opening an emergency", lambda w: opened(w.patient, w.physician)),
    (
        "TREAT",
        ["HIV"],
        lambda w: w.restricts(),
        "an authorization that names HIV, for TREAT",
        lambda w: w.gives(purposes=["TREAT"], sensitivity_labels=["HIV"]),
    ),
    (
        "HRESCH",
        [],
        lambda w: w.gives(exceptions=[{"decision": "deny", "roles": ["physician"]}]),
        "a new version of consent {newest} without its exception 1",
        World.without_exceptions,
    ),
    ("HRESCH", [], lambda w: w.gives(), "withdrawing consent {newest}, or its end", World.withdraw),
    (
        "HPAYMT",
        [],
        nothing,
        "a restriction for HPAYMT, once it is agreed to",
        lambda w: w.restricts(purposes=["HPAYMT"]),
    ),
    (
        "TREAT",
        ["HIV"],
        nothing,
        "a restriction that names HIV for TREAT, once it is agreed to",
        lambda w: w.restricts(sensitivity_labels=["HIV"]),
    ),
    (
        "TREAT",
        [],
        lambda w: (w.restricts(), opened(w.patient, w.physician)),
        "the end of the emergency",
        lambda w: BreakGlassGrant.objects.update(closed_at=timezone.now()),
    ),
]


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: f"{example[0]} {example[3]}")
def test_what_is_said_to_change_it_does_change_it(world: World, example: tuple[Any, ...]) -> None:
    purpose, labels, before, said, change = example
    before(world)
    told = explain(world.patient, world.physician, purpose, labels)

    assert said.format(newest=ConsentRecord.objects.order_by("-pk").values_list("pk", flat=True).first()) in (
        told.otherwise
    )
    change(world)
    assert decide(world.patient, world.physician, purpose, labels).permits is not told.decision.permits


def test_two_refusals_are_both_to_be_withdrawn(world: World) -> None:
    keys = sorted(one.pk for one in (world.restricts(), world.restricts(sensitivity_labels=["HIV"])))

    (both, *_) = explain(world.patient, world.physician, "TREAT", ["HIV"]).otherwise

    assert sorted(map(int, re.findall(r"\d+", both))) == keys
    assert both.startswith("withdrawing consents ")


def test_a_refusal_where_a_rule_refuses_too_needs_both(world: World) -> None:
    refusal = world.restricts(sensitivity_labels=["PSYTHPN"])

    told = explain(world.patient, world.physician, "TREAT", ["PSYTHPN"])

    assert told.otherwise == (
        f"withdrawing consent {refusal.pk}, and then an authorization that names PSYTHPN, for TREAT",
    )


def test_of_several_labels_it_is_said_which_needs_what(world: World) -> None:
    told = explain(world.patient, world.physician, "HPAYMT", ["HIV", "PSYTHPN", "42CFRPart2"])

    assert told.otherwise == (
        "about 42CFRPart2: a Part 2 consent that names 42CFRPart2, for HPAYMT",
        "about PSYTHPN: an authorization that names PSYTHPN, for HPAYMT",
    )


@pytest.mark.parametrize(
    ("purpose", "labels", "otherwise"),
    [
        ("PATRQT", [], ()),
        (
            "HOPERAT",
            [],
            ("a restriction that names labels, parts of the chart or a visit: operations as a whole go on",),
        ),
        (
            "TREAT",
            ["PSYTHPN"],
            (
                "an authorization that names PSYTHPN, for TREAT",
                "being the one who wrote the record: its author may treat with it",
            ),
        ),
        ("ETREAT", [], ()),
    ],
)
def test_what_no_consent_can_change_is_not_said(
    world: World, purpose: str, labels: list[str], otherwise: tuple[str, ...]
) -> None:
    assert explain(world.patient, world.physician, purpose, labels).otherwise == otherwise


def test_the_end_of_an_emergency_changes_nothing_where_nothing_was_refused(world: World) -> None:
    opened(world.patient, world.physician)

    assert explain(world.patient, world.physician, "TREAT").otherwise == ()


# The trail.


def test_that_it_was_asked_is_in_the_trail_with_the_decision(
    patient: Patient, physician: User, reviewer: User, restricts: Gives
) -> None:
    refusal = restricts()

    with acting(reviewer), as_app():
        told = explain(patient, physician, "TREAT", at=timezone.now(), resource="DocumentReference")

    entry = AuditLog.objects.latest()
    assert (entry.event_type, entry.actor_id, entry.patient_ids) == ("query", reviewer.pk, [patient.pk])
    assert (entry.consent_decision, entry.consent_id, entry.consent_ids) == ("deny", refusal.pk, [refusal.pk])
    assert entry.additional_data["explained"] == {
        "account": physician.pk,
        "purpose": "TREAT",
        "labels": [],
        "resource": "DocumentReference",
        "at": told.at.isoformat(),
    }


def test_what_cannot_be_recorded_is_not_explained(patient: Patient, physician: User) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_logs RENAME TO gone")

    with pytest.raises(NotRecorded):
        explain(patient, physician, "TREAT")


def test_whoever_may_not_see_a_consent_is_told_of_it_by_its_number_only(
    patient: Patient, physician: User, restricts: Gives
) -> None:
    refusal = restricts()
    stranger = User.objects.create_user("stranger@clinic.example", role="physician")

    with acting(stranger), as_app():
        told = explain(patient, physician, "TREAT")

    assert (told.reasons[0].consent, told.reasons[0].why) == (refusal.pk, "Whoever asks may not see this consent.")


def test_a_document_is_what_json_takes_and_says_the_same(patient: Patient, physician: User, restricts: Gives) -> None:
    restricts()
    told = explain(patient, physician, "TREAT")

    said = json.loads(json.dumps(document(told)))

    assert (said["permits"], said["basis"], said["purpose"]) == (False, "consent", "TREAT")
    assert [one["weight"] for one in said["reasons"]] == [3, 1]
    assert said["otherwise"] == list(told.otherwise)
