"""The undisturbed run, node by node: what a database must hold for what it has recorded."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tests.chaos import databases, evidence
from tests.chaos.zygote_client import PROJECT, Zygote

if TYPE_CHECKING:
    from tests.chaos.evidence import Recorded

Node = tuple[str, str]
FORWARDS = (("migrate",),)
BACKWARDS = (("migrate", "sql_migrations", "zero", "--yes"), ("migrate", "ward", "zero", "--yes"))
PLAN: tuple[Node, ...] = (
    ("ward", "0001_initial"),
    ("ward", "0002_first_wards"),
    ("sql_migrations", "20250101_090000_create_staff"),
    ("sql_migrations", "20250102_090000_load_specialities"),
    ("ward", "0003_bed_speciality"),
    ("sql_migrations", "20250103_090000_index_beds"),
    ("sql_migrations", "20250104_090000_night_shift"),
    ("sql_migrations", "20250105_090000_rota"),
)
Catalogue = list[str]


@dataclass
class Reference:
    """`after[k]` is the catalogue with the first k nodes; `steps[j]` those of a journalled file after 0, 1, … steps.

    `j` is the journal's name of the file: the file's own forwards, with `.down` backwards. `head` is a database with
    the whole plan, to be copied.
    """

    after: list[Catalogue] = field(default_factory=list)
    steps: dict[str, list[Catalogue]] = field(default_factory=dict)
    head: str = ""

    def disagreement(self, found: Recorded, catalogue: Catalogue) -> str:
        """Say how a database's records and its catalogue disagree; empty when every node is whole or not there."""
        applied = len(found.nodes)
        if found.nodes != set(PLAN[:applied]):
            return f"recorded, but not a beginning of the plan: {sorted(found.nodes)}"
        if found.files != {name for app, name in PLAN[:applied] if app == "sql_migrations"}:
            return f"django_migrations and the history disagree: {sorted(found.nodes)} and {sorted(found.files)}"
        for allowed in self._allowed(applied, found):
            if allowed == catalogue:
                return ""
        return f"recorded: {applied} nodes, journal {found.journal}; but the catalogue is another:\n" + "\n".join(
            sorted(set(catalogue) ^ set(self.after[applied]))
        )

    def _allowed(self, applied: int, found: Recorded) -> list[Catalogue]:
        if not found.journal:
            return [self.after[applied]]
        name, unit, state = found.journal[-1]
        running = PLAN[applied - 1][1] + ".down" if name.endswith(".down") else PLAN[applied][1]
        if {row[0] for row in found.journal} != {running}:
            return []  # a journal of a file that is neither the next nor the last
        # A statement in flight, outside of any transaction, may have taken effect or not.
        return [self.steps[name][unit + 1]] if state == "done" else self.steps[name][unit : unit + 2]


def build(zygote: Zygote) -> Reference:
    """Apply the plan node by node, and every journalled file step by step, by psycopg alone."""
    reference = Reference()
    name = databases.create()
    reference.after.append(_catalogue(name))
    for app, node in PLAN:
        _walk(reference, node, name, forwards=True)
        ended = zygote.run((("migrate", app, node),), databases.url(name))
        assert ended.code == 0, ended.output
        reference.after.append(_catalogue(name))
        _walk(reference, node, name, forwards=False)
        assert reference.steps.get(node, [reference.after[-1]])[-1] == reference.after[-1], node
        assert reference.steps.get(f"{node}.down", [reference.after[-2]])[-1] == reference.after[-2], node
    reference.head = name
    return reference


def _walk(reference: Reference, node: str, template: str, *, forwards: bool) -> None:
    """Run the text between a file's `-- step` lines, one after the other, in a copy, and look after each."""
    file = PROJECT / "sql" / f"{node}{'' if forwards else '.down'}.sql"
    steps = re.split(r"^-- step\n", file.read_text(), flags=re.MULTILINE)[1:] if file.exists() else []
    if not steps:
        return
    with databases.database(template) as copy, databases.connect(copy) as connection:
        seen = [evidence.catalogue(connection)]
        for step in steps:
            connection.execute(step)  # type: ignore[call-overload]
            seen.append(evidence.catalogue(connection))
    reference.steps[node if forwards else f"{node}.down"] = seen


def _catalogue(name: str) -> Catalogue:
    with databases.connect(name) as connection:
        return evidence.catalogue(connection)
