"""Show the whole plan in its order, ORM and SQL: with transaction mode, way back, SQL and hash. Changes nothing."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sql_migrations.subcommands.console import OK, Console, add_json, add_place, foreign_run, project_run

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sql_migrations.steps import Step


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--no-sql", action="store_true", help="Leave out the statements.")
    add_place(parser)
    add_json(parser)


def run(console: Console, *, no_sql: bool, directory: Any, database: str, layout: str | None, **_: Any) -> int:
    """Exit code 0: the plan can be carried out as far as can be told before; 1: it cannot, and why."""
    from sql_migrations import steps as plan_steps  # noqa: PLC0415 -- loads the parser, which costs 0.2 s

    if directory is not None:
        with foreign_run(console, directory, database, layout, changing=False) as opened:
            opened.refuse_problems()
            steps = plan_steps.foreign_steps(opened)
    else:
        with project_run(console, database, changing=False) as opened_project:
            executor = opened_project.executor()
            steps = plan_steps.project_steps(opened_project, executor)
    for number, step in enumerate(steps, start=1):
        _show(console, number, step, sql=not no_sql and not step.applied)
    pending = sum(not step.applied for step in steps)
    console.line(f"{len(steps)} migrations, {pending} to apply. Plan hash: {plan_steps.steps_hash(steps)}")
    console.document(
        {"plan_hash": plan_steps.steps_hash(steps), "steps": [step.as_dict(sql=not no_sql) for step in steps]}
    )
    return OK


def _show(console: Console, number: int, step: Step, *, sql: bool) -> None:
    mark = "x" if step.applied else " "
    console.line(f"{number:>4} [{mark}] {step.label}  ({step.kind}; {step.mode}; {step.way_back})")
    if sql:
        for line in step.sql().splitlines():
            console.line(f"           {line}".rstrip())
