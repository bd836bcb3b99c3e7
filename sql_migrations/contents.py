"""What a pending file's text tells before it runs: does it parse, can it be carried out, what does it touch?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from sql_migrations import infer
from sql_migrations.graph import APP
from sql_migrations.statements import parse
from sql_migrations.units import plan
from sql_migrations.uses import refuse_own_tables

if TYPE_CHECKING:
    from django.db.migrations.loader import MigrationLoader

    from sql_migrations.files import SqlFile
    from sql_migrations.statements import Script


def check(file: SqlFile) -> Script:
    """Parse a file and its rollback. Raises a SqlFileError for what could never be carried out."""
    script = parse(file.text(), file=file.label)
    refuse_own_tables(script)
    plan(script, transaction=file.header.transaction)
    if (text := file.down_text()) is not None:
        down = parse(text, file=file.down_label)
        refuse_own_tables(down)
        plan(down, transaction="auto")
    return script


def owner_conflicts(script: Script, loader: MigrationLoader) -> list[str]:
    """Say of every table that the file creates and an ORM model owns, who owns it."""
    return [str(conflict) for conflict in infer.owner_conflicts(script, loader)]


def missing_edges(file: SqlFile, script: Script, loader: MigrationLoader) -> list[str]:
    """Return the header lines that the file should have for the ORM tables it touches, and has not."""
    wanted = infer.edges(script, loader, after=(APP, file.name))
    declared = {f"Depends: {edge}" for edge in file.header.depends} | {f"Before: {edge}" for edge in file.header.before}
    return [line for line in wanted if line not in declared]
