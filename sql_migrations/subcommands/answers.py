"""`--in-flight NAME=done|again`: what a person says became of the statement that a half-run file stopped in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations.errors import SqlMigrationsError

if TYPE_CHECKING:
    from argparse import ArgumentParser

    from sql_migrations.history import History
    from sql_migrations.journal import Answer


def add_in_flight(parser: ArgumentParser) -> None:
    """Add --in-flight."""
    parser.add_argument(
        "--in-flight",
        metavar="NAME=done|again",
        help="Say what became of the statement that a half-run file stopped in.",
    )


def read(words: str | None) -> dict[str, Answer]:
    """Return the answer by file name. Raises SqlMigrationsError for another word than done or again."""
    if words is None:
        return {}
    name, _, answer = words.partition("=")
    name = name.removesuffix(".sql").removesuffix(".down")
    if answer == "done":
        return {name: "done"}
    if answer == "again":
        return {name: "again"}
    raise SqlMigrationsError("--in-flight takes NAME=done or NAME=again.")


def check(answers: dict[str, Answer], history: History) -> None:
    """Refuse an answer that answers nothing."""
    for name in answers:
        if not {name, f"{name}.down"} & history.half_applied():
            raise SqlMigrationsError(f"{name} is not half applied: none of its statements is in flight.")
