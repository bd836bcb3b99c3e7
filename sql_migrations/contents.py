"""What a pending file's text tells before it runs: does it parse, can it be carried out, what does it touch?"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from sql_migrations import infer
from sql_migrations.graph import APP
from sql_migrations.header import refuse_misplaced
from sql_migrations.statements import parse
from sql_migrations.syntax.units import plan
from sql_migrations.syntax.uses import refuse_own_tables
from sql_migrations.tables import History

if TYPE_CHECKING:
    from collections.abc import Mapping

    from django.db.migrations.loader import MigrationLoader

    from sql_migrations.files import SqlFile
    from sql_migrations.statements import Script


def check(file: SqlFile) -> Script:
    """Parse a file and its rollback. Raises a SqlFileError for what could never be carried out."""
    script = check_forwards(file)
    check_backwards(file)
    return script


def check_forwards(file: SqlFile) -> Script:
    """Parse a file. Raises a SqlFileError for what could never be carried out."""
    script = parse(file.text(), file=file.label)
    refuse_misplaced(script.blanked, file=file.label)
    refuse_own_tables(script)
    plan(script, transaction=file.header.transaction)
    return script


def check_backwards(file: SqlFile) -> None:
    """Parse the rollback that the author wrote, if there is one. Raises a SqlFileError like `check_forwards`."""
    if (text := file.down_text()) is not None:
        down = parse(text, file=file.down_label)
        refuse_own_tables(down)
        plan(down, transaction="auto")


@dataclass
class Plan:
    """The plan that the files stand in. Reads the ORM's migrations once, for all files."""

    loader: MigrationLoader

    @cached_property
    def _history(self) -> History:
        return History(self.loader)

    @cached_property
    def _tables(self) -> list[str]:
        return [table.replace('"', '""').casefold() for table in self._history.touches]

    def _concerns_orm(self, script: Script) -> bool:
        """Say whether the text can name a table of the ORM's at all. Most do not, and are spared the walk of the tree.

        U&"…" can spell any name.
        """
        text = script.text.casefold()
        return 'u&"' in text or any(table in text for table in self._tables)

    def owner_conflicts(self, script: Script) -> list[str]:
        """Say of every table that the file creates and an ORM model owns, who owns it."""
        if not self._concerns_orm(script):
            return []
        return [str(conflict) for conflict in infer.owner_conflicts(script, self.loader, history=self._history)]

    def missing_edges(self, file: SqlFile, script: Script) -> list[str]:
        """Return the header lines that the file should have for the ORM tables it touches, and has not."""
        if not self._concerns_orm(script):
            return []
        return infer.edges(script, self.loader, after=(APP, file.name), history=self._history)

    def renamed_or_dropped(self, scripts: Mapping[str, Script]) -> list[tuple[str, str]]:
        """Return a sentence and the line to add for every file that uses what the ORM renames or drops later."""
        found = infer.renamed_or_dropped({(APP, name): script for name, script in scripts.items()}, self.loader)
        return [(finding.problem, f"Add the line: {finding.line}") for finding in found]
