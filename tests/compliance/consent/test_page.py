"""docs/consent.md says what the rules say, and its examples come out as it says."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from django.db import connection

from compliance.consent import checks, giving, restricting, verifying, withdrawing
from compliance.consent.defaults import defaults
from compliance.consent.describing import tables
from compliance.consent.explaining import explain
from compliance.consent.voices import WEIGHTS
from compliance.models import ConsentRecord, User
from tests.compliance.consent.world import World, opened

if TYPE_CHECKING:
    from collections.abc import Callable

pytestmark = pytest.mark.django_db
PAGE = (Path(__file__).parents[3] / "docs" / "consent.md").read_text(encoding="utf-8")


def table(first: str) -> list[list[str]]:
    """Give the rows of the table whose head begins with a word."""
    (found,) = re.findall(rf"^\| {first} \|.*\n\|[- |]+\|\n((?:\|.*\n)+)", PAGE, flags=re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in found.splitlines()]


def test_the_page_has_the_rules_of_the_file() -> None:
    assert tables(defaults()) in PAGE, "Put in what `manage.py consent rules --markdown` prints."


def test_the_page_has_the_weights() -> None:
    assert {int(weight): what for weight, what in table("weight")} == WEIGHTS


HIV, STD, NOTES, PART_2 = "HIV", "STD", "PSYTHPN", "42CFRPart2"
SETTING: dict[str, Callable[[World], Any]] = {
    "nothing": lambda w: None,
    "a restriction on treatment": lambda w: w.restricts(),
    "a restriction on treatment that names HIV": lambda w: w.restricts(sensitivity_labels=[HIV]),
    "a restriction on treatment, and an authorization that names HIV": lambda w: (
        w.restricts(),
        w.gives(purposes=["TREAT"], sensitivity_labels=[HIV]),
    ),
    "a restriction and an authorization that both name HIV": lambda w: (
        w.restricts(sensitivity_labels=[HIV]),
        w.gives(purposes=["TREAT"], sensitivity_labels=[HIV]),
    ),
    "a consent to treatment": lambda w: w.gives(consent_type="treatment", purposes=["TREAT"]),
    "a Part 2 consent that names Part 2 records": lambda w: w.gives(
        consent_type="part2_tpo", purposes=["TREAT"], sensitivity_labels=[PART_2]
    ),
    "an authorization for research, with nurses as an exception": lambda w: w.gives(
        exceptions=[{"decision": "deny", "roles": ["nurse"]}]
    ),
    "a restriction on treatment, and an open emergency": lambda w: (w.restricts(), opened(w.patient, w.physician)),
    "an open emergency": lambda w: opened(w.patient, w.physician),
}
ASKED: dict[str, tuple[str, list[str]]] = {
    "treatment": ("TREAT", []),
    "research": ("HRESCH", []),
    "treatment with psychotherapy notes": ("TREAT", [NOTES]),
    "their own request, for Part 2 records": ("PATRQT", [PART_2]),
    "treatment with HIV": ("TREAT", [HIV]),
    "treatment with HIV and STD": ("TREAT", [HIV, STD]),
    "treatment with Part 2 records": ("TREAT", [PART_2]),
    "research by a nurse": ("HRESCH", []),
    "research by a physician": ("HRESCH", []),
}


@pytest.mark.parametrize("example", table("what there is"), ids=lambda row: f"{row[0]}, {row[1]}")
def test_an_example_comes_out_as_the_page_says(world: World, example: list[str]) -> None:
    before, asked, answer, weight = example
    SETTING[before](world)
    nurse = User.objects.create_user("nurse@clinic.example", role="nurse")
    purpose, labels = ASKED[asked]

    told = explain(world.patient, nurse if asked.endswith("nurse") else world.physician, purpose, labels)

    assert ("permit" if told.decision.permits else "deny") == answer
    assert {one.weight for one in told.reasons if one.decided} == {int(weight)}


def test_the_page_has_every_step_with_the_permission_that_it_takes() -> None:
    steps = {
        name: permission
        for names, permission, _ in table("step")
        for name in re.findall(r"`(\w+)`", names)
        for permission in re.findall(r"`(\w+)`", permission)
    }
    modules = {name: vars(module) for module in (giving, restricting, verifying, withdrawing) for name in vars(module)}

    assert {name for name in steps if callable(modules.get(name, {}).get(name))} == set(steps)
    assert set(steps.values()) == {codename for codename, _ in ConsentRecord._meta.permissions}


def test_the_page_names_the_checks_and_no_others() -> None:
    source = Path(checks.__file__).read_text(encoding="utf-8")

    assert set(re.findall(r"compliance\.E\d+", PAGE)) == set(re.findall(r"compliance\.E\d+", source))


def test_the_statements_of_the_page_run() -> None:
    statements = [one for one in re.findall(r"```sql\n(.*?)```", PAGE, flags=re.DOTALL) if "x_rays" not in one]
    assert len(statements) == 2

    with connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)


def test_the_functions_that_the_page_names_are_there() -> None:
    named = set(re.findall(r"`(consent_(?:decision|lets|reasons|subject))\b", PAGE))
    with connection.cursor() as cursor:
        cursor.execute("SELECT proname FROM pg_proc WHERE proname = ANY (%s)", [sorted(named)])
        assert {name for (name,) in cursor.fetchall()} == named
