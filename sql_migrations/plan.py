"""The whole plan, ORM and SQL, and its hash: two people who see one hash see one order of one text."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from sql_migrations.graph import SqlMigration

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Sequence

    from django.db.migrations import Migration

    from sql_migrations.deploy import Deploy
    from sql_migrations.executor import Executor
    from sql_migrations.files import SqlFile
    from sql_migrations.foreign import ForeignRun
    from sql_migrations.history import History


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


def whole_plan(executor: Executor) -> list[Migration]:
    """Return every node in the order in which an empty database would get them."""
    return [node for node, _ in executor.migration_plan(executor.loader.graph.leaf_nodes(), clean_start=True)]


def plan_hash(executor: Executor) -> str:
    """Hash the order of all nodes, and the bytes of the SQL files among them: SHA-256 in hex."""
    return _hash((str(node), _sha256(node)) for node in whole_plan(executor))


def steps_hash(steps: Sequence[Step]) -> str:
    """Hash steps as `plan_hash` does."""
    return _hash((step.label, step.sha256) for step in steps)


def _hash(nodes: Iterable[tuple[str, str]]) -> str:
    digest = hashlib.sha256()
    for label, content in nodes:
        digest.update(f"{label} {content}\n".encode())
    return digest.hexdigest()


def _sha256(node: Migration) -> str:
    return node.file.sha256 if isinstance(node, SqlMigration) else ""


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
    from sql_migrations.statements import parse  # noqa: PLC0415 -- loads the parser, which costs 0.2 s
    from sql_migrations.syntax.units import plan  # noqa: PLC0415

    script = parse(file.text(), file=file.label)
    how = plan(script, transaction=file.header.transaction)
    return Step(
        label=label,
        kind="SQL",
        applied=applied,
        mode="one transaction" if how.mode == "transaction" else f"journalled: {how.reason}",
        way_back=_way_back(file, applied, history),
        sha256=file.sha256,
        sql=file.text,
    )


def _way_back(file: SqlFile, applied: bool, history: History) -> str:
    from sql_migrations import contents  # noqa: PLC0415 -- loads the parser
    from sql_migrations.errors import NotReversible, SqlFileError  # noqa: PLC0415
    from sql_migrations.reversing.reverse import derive  # noqa: PLC0415
    from sql_migrations.statements import parse  # noqa: PLC0415
    from sql_migrations.syntax.objects import from_json  # noqa: PLC0415

    if file.reversible_by_file:
        try:
            contents.check_backwards(file)
        except SqlFileError as broken:
            return f"no way back: {' '.join(str(broken).split())}"
        return "reversible by its .down.sql"
    script = parse(file.text(), file=file.label)
    made = [from_json(key) for key in history.created_by(file.name)] if applied else None
    try:
        derive(script, made)
    except NotReversible as stuck:
        return f"no way back: {stuck.problem.removeprefix('the way back cannot be derived: ')}"
    return "reversible, derived"
