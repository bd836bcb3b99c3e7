"""The plan for people to read: each step with its transaction mode, its way back and its SQL. Changes nothing."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations import contents
from sql_migrations.errors import NotReversible, SqlFileError
from sql_migrations.graph import SqlMigration
from sql_migrations.plan import hash_of, whole_plan
from sql_migrations.reversing.reverse import derive
from sql_migrations.statements import parse
from sql_migrations.syntax.objects import from_json
from sql_migrations.syntax.units import plan

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from django.db.migrations import Migration

    from sql_migrations.deploy import Deploy
    from sql_migrations.executor import Executor
    from sql_migrations.files import SqlFile
    from sql_migrations.foreign import ForeignRun
    from sql_migrations.history import History
    from sql_migrations.statements import Script


@dataclass(frozen=True, slots=True)
class Step:
    """One node of the plan. `mode` and `way_back` are words for people; `sql` makes the text when it is asked for."""

    label: str
    kind: Literal["ORM", "SQL"]
    applied: bool
    mode: str
    way_back: str
    sha256: str
    sql: Callable[[], str] = field(repr=False)

    def as_dict(self, *, sql: bool) -> dict[str, Any]:
        """Return the step for JSON; the text only of what is still to be applied."""
        facts = {name: getattr(self, name) for name in ("label", "kind", "applied", "mode", "way_back", "sha256")}
        return {**facts, "sql": self.sql()} if sql and not self.applied else facts


def steps_hash(steps: Sequence[Step]) -> str:
    """Hash steps as `plan.plan_hash` hashes nodes."""
    return hash_of((step.label, step.sha256) for step in steps)


def project_steps(run: Deploy, executor: Executor) -> list[Step]:
    """Return the steps of this project's plan."""
    applied = executor.loader.applied_migrations
    return [
        _sql_step(str(node), node.file, (node.app_label, node.name) in applied, run.history)
        if isinstance(node, SqlMigration)
        else _orm_step(executor, node, (node.app_label, node.name) in applied)
        for node in whole_plan(executor)
    ]


def foreign_steps(run: ForeignRun) -> list[Step]:
    """Return the steps of a foreign folder."""
    pending = {file.name for file in run.pending()}
    return [_sql_step(file.name, file, file.name not in pending, run.history) for file in run.folder.files]


def _orm_step(executor: Executor, node: Migration, applied: bool) -> Step:
    stuck = [operation.describe() for operation in node.operations if not operation.reversible]
    return Step(
        label=str(node),
        kind="ORM",
        applied=applied,
        mode="one transaction" if node.atomic else "no transaction: the migration says atomic = False",
        way_back=f"no way back: {stuck[0]}" if stuck else "reversible",
        sha256="",
        sql=lambda: "\n".join(executor.loader.collect_sql([(node, False)])),
    )


def _sql_step(label: str, file: SqlFile, applied: bool, history: History) -> Step:
    script = parse(file.text(), file=file.label)
    how = plan(script, transaction=file.header.transaction)
    return Step(
        label=label,
        kind="SQL",
        applied=applied,
        mode="one transaction" if how.mode == "transaction" else f"journalled: {how.reason}",
        way_back=_by_file(file) if file.reversible_by_file else _derived(file, script, applied, history),
        sha256=file.sha256,
        sql=file.text,
    )


def _by_file(file: SqlFile) -> str:
    try:
        contents.check_backwards(file)
    except SqlFileError as broken:
        return f"no way back: {' '.join(str(broken).split())}"
    return "reversible by its .down.sql"


def _derived(file: SqlFile, script: Script, applied: bool, history: History) -> str:
    made = [from_json(key) for key in history.created_by(file.name)] if applied else None
    try:
        derive(script, made)
    except NotReversible as stuck:
        return f"no way back: {stuck.problem.removeprefix('the way back cannot be derived: ')}"
    return "reversible, derived"
