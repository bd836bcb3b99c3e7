"""Record as applied what an existing database already has: after building it from zero to compare, never on trust."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations import catalogue, rebuild
from sql_migrations.errors import SqlMigrationsError
from sql_migrations.graph import APP, SqlMigration, folder
from sql_migrations.history_rows import Entry
from sql_migrations.plan import plan_hash, whole_plan
from sql_migrations.progress import counted
from sql_migrations.statements import parse

if TYPE_CHECKING:
    from django.db.migrations import Migration

    from sql_migrations.deploy import Deploy
    from sql_migrations.executor import Executor
    from sql_migrations.files import SqlFile
    from sql_migrations.graph import Key


class NotTheSame(SqlMigrationsError):
    """The database is not what the files would make of an empty one. Nothing was recorded."""

    def __init__(self, differences: list[str], way_out: str) -> None:
        self.differences = tuple(differences)
        lines = "\n".join(f"  {difference}" for difference in differences)
        found = counted(len(differences), "difference")
        super().__init__(
            f"Nothing was recorded: the database differs from what the plan builds ({found}).\n{lines}\n{way_out}"
        )


def adopt(run: Deploy, executor: Executor, target: str) -> list[str]:
    """Record the prefix of the plan that ends with `target`. Returns the labels of what was recorded.

    Raises NotTheSame when what the prefix builds on an empty database is not what this one holds.
    """
    prefix = _prefix(executor, target)
    way_out = "Mend the database or the files until they agree, or adopt a shorter prefix with --to."
    _compare(run, [(node.app_label, node.name) for node in prefix], way_out=way_out)
    new = [node for node in prefix if (node.app_label, node.name) not in executor.loader.applied_migrations]
    proven = {name for name, standing in run.history.standings().items() if standing.applied}
    unproven = [node for node in prefix if isinstance(node, SqlMigration) and node.name not in proven]
    if not new and not unproven:
        return []
    executor.recorder.ensure_schema()
    run.history.ensure_schema()
    run.history.plan_hash = plan_hash(executor)
    with run.session.connection.transaction():
        for node in new:
            executor.recorder.record_applied(node.app_label, node.name)
        for node in unproven:
            run.history.append(_entry("adopt", node.file))
    return [str(node) for node in prefix if node in new or node in unproven]


def accept_edit(run: Deploy, executor: Executor, name: str) -> None:
    """Record the present text of an applied file as what was applied, if the plan with it builds this very database."""
    file = next((file for file in folder().files if name in {file.name, file.label}), None)
    if file is None or (APP, file.name) not in executor.loader.applied_migrations:
        raise SqlMigrationsError(f"{name} is not an applied SQL file. See: manage.py sql_migrations status")
    applied = [key for key in executor.loader.applied_migrations if key in executor.loader.graph.nodes]
    _compare(run, applied, way_out="Put the applied text back, or make the database what the new text says.")
    run.history.ensure_schema()
    run.history.append(_entry("accept-edit", file))


def _prefix(executor: Executor, target: str) -> list[Migration]:
    plan = whole_plan(executor)
    for number, node in enumerate(plan):
        if target.removesuffix(".sql") in {node.name if node.app_label == APP else "", str(node)}:
            return plan[: number + 1]
    raise SqlMigrationsError(f"there is no {target} in the plan. See: manage.py sql_migrations plan")


def _compare(run: Deploy, nodes: list[Key], *, way_out: str) -> None:
    run.fresh()
    differences = catalogue.differences(rebuild.rebuilt(nodes), catalogue.describe(run.session))
    if differences:
        raise NotTheSame(differences, way_out)


def _entry(event: str, file: SqlFile) -> Entry:
    tokens = parse(file.text(), file=file.label).tokens_sha256()
    return Entry(event, file.name, sha256=file.sha256, tokens_sha256=tokens)  # type: ignore[arg-type]
