"""Bring other tools' migrations into the project: all checked, named by the convention, and nothing half written."""

from __future__ import annotations

import contextlib
import re
import shutil
import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING

from sql_migrations import importers, infer, stamps
from sql_migrations.errors import SqlFileError, SqlMigrationsError
from sql_migrations.files import decode
from sql_migrations.graph import APP
from sql_migrations.importers import Import, convention
from sql_migrations.names import slug
from sql_migrations.rewriting import Written, body, rewrite
from sql_migrations.statements import parse
from sql_migrations.syntax.units import plan
from sql_migrations.syntax.uses import refuse_own_tables
from sql_migrations.tables import History

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from django.db.migrations.loader import MigrationLoader

    from sql_migrations.files import SqlFile
    from sql_migrations.header import Transaction
    from sql_migrations.statements import Script

# V1.2__, R__, 0001_, 2024-01-15-143000_: what a foreign name has before its words.
_NUMBER = re.compile(r"(?:[VURB](?=\d|__))?[\d\W_]*(?:do\.)?")
_UP = re.compile(r"[._-](?:up|do|apply)$", re.IGNORECASE)
# A file name has 255 bytes: 16 for the timestamp, 9 for `.down.sql`, and some to spare for editors' own endings.
_LONGEST = 200


class ImportRefused(SqlMigrationsError):
    """Files cannot be imported, and nothing was written. `problems` has one error for each."""

    def __init__(self, problems: Sequence[SqlFileError]) -> None:
        self.problems = tuple(problems)
        count = f"{len(problems)} problem{'s' if len(problems) > 1 else ''}"
        super().__init__("\n".join([*map(str, problems), f"Nothing was imported: {count}."]))


@dataclass(frozen=True, slots=True)
class ImportReport:
    """What an import did or, after a dry run, would do."""

    layout: str
    target: Path
    written: tuple[Written, ...]
    warnings: tuple[str, ...]
    dry_run: bool


def import_files(
    sources: Path | Sequence[Path],
    target: Path,
    *,
    loader: MigrationLoader | None = None,
    layout: str | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> ImportReport:
    """Import folders and files into `target`, after its newest file, in the order of the tool that they are of.

    With a `loader`, the inferred `-- Depends:` lines are written. Raises ImportRefused with the problems of all files.
    """
    now, sources = now or datetime.now(UTC), [sources] if isinstance(sources, Path) else list(sources)
    imports = _read(sources, target, layout)
    warnings = [warning for one in imports for warning in one.warnings]
    files = [file for one in imports for file in one.files]
    if twice := [path for path, count in Counter(file.path for file in files).items() if count > 1]:
        raise SqlMigrationsError(f"{twice[0]} was named twice. Name each folder or file once.")
    scripts = _check(files)
    names = _names(files, target, now, warnings)
    edges = _Edges(loader, warnings)
    written = []
    for one in imports:
        renamed = {file.name: names[file.path] for file in one.files}
        for file in one.files:
            name = names[file.path]
            lines = edges.missing(replace(file, name=name), scripts[file.path])
            foreign = one.layout != convention.NAME
            written.append(rewrite(file, name, lines, names=renamed, foreign=foreign, warnings=warnings))
    _warn_of_present(written, target, warnings)
    if not dry_run:
        _write(written, target)
    return ImportReport(
        ", ".join(dict.fromkeys(one.layout for one in imports)), target, tuple(written), tuple(warnings), dry_run
    )


def _read(sources: Sequence[Path], target: Path, layout: str | None) -> list[Import]:
    if not target.is_dir():
        raise SqlMigrationsError(f"{target} is not a folder: there is nowhere to import to.")
    imports = []
    for folder, group in groupby(sources, key=lambda path: None if path.is_dir() else path.parent):
        paths = list(group)
        imports += (
            [importers.read(path, layout=layout) for path in paths]
            if folder is None
            else [importers.read_files(paths, layout=layout)]
        )
    for one in imports:
        if one.path.resolve() == target.resolve():
            raise SqlMigrationsError(
                f"{one.path} is the folder that would be imported to: its files are there already."
            )
    return imports


def _check(files: Iterable[SqlFile]) -> dict[Path, Script]:
    """Parse every file, both ways. Raises ImportRefused with everything that is wrong, not only the first."""
    scripts: dict[Path, Script] = {}
    problems: list[SqlFileError] = []
    for file in files:
        try:
            scripts[file.path] = _checked(file.text(), file.label, file.header.transaction)
        except SqlFileError as problem:
            problems.append(problem)
        try:
            if (down := file.down_text()) is not None:
                _checked(down, file.down_label, "auto")
        except SqlFileError as problem:
            if str(problem) not in map(str, problems):  # a file for both directions that is no text
                problems.append(problem)
    if problems:
        raise ImportRefused(problems)
    return scripts


def _checked(text: str, label: str, transaction: Transaction) -> Script:
    script = parse(text, file=label)
    refuse_own_tables(script)
    plan(script, transaction=transaction)
    return script


def _names(files: Sequence[SqlFile], target: Path, now: datetime, warnings: list[str]) -> dict[Path, str]:
    """Choose the new stems, by path of the old file."""
    floor = stamps.newest(target)
    told = [stamps.told_by(file.name, now=now) for file in files]
    chosen = stamps.assign(told, floor=floor, now=now)
    moved = sum(own is not None and own != new for own, new in zip(told, chosen, strict=True))
    if without := told.count(None):
        warnings.append(
            f"{without} of {len(files)} files have no date in their name: they got one that keeps the order."
        )
    if moved:
        after = f", below the newest file present, {stamps.stamp(floor)}," if floor else ""
        warnings.append(
            f"{moved} of {len(files)} files got a later timestamp than their own, which would break the order{after} "
            "or lie in the future."
        )
    if floor and stamps.ahead(chosen, now):
        warnings.append(f"the timestamps run ahead of the clock: they must follow {stamps.stamp(floor)}.")
    return {
        file.path: f"{stamps.stamp(moment)}_{_words(file, warnings)}"
        for file, moment in zip(files, chosen, strict=True)
    }


def _words(file: SqlFile, warnings: list[str]) -> str:
    number = _NUMBER.match(file.name)
    rest = file.name[number.end() if number else 0 :]
    words = slug(_UP.sub("", rest)) if rest.lower() not in {"up", "do", "apply"} else ""
    words = words or f"migration_{slug(file.name)}".rstrip("_")
    if len(words) > _LONGEST:
        words = words[:_LONGEST].rpartition("_")[0] or words[:_LONGEST]
        warnings.append(f"{file.name}: the name is too long and was cut to {words}.")
    return words


class _Edges:
    """The `-- Depends:` lines of the files, each line once: the files form a chain, so that later ones inherit it."""

    def __init__(self, loader: MigrationLoader | None, warnings: list[str]) -> None:
        self._loader, self._history = loader, History(loader) if loader else None
        self._given: set[str] = set()
        self._warnings = warnings

    def missing(self, file: SqlFile, script: Script) -> list[str]:
        if self._loader is None or self._history is None:
            return []
        conflicts = infer.owner_conflicts(script, self._loader, history=self._history)
        self._warnings += [str(conflict) for conflict in conflicts]
        self._given |= {f"-- Depends: {edge}" for edge in file.header.depends}
        lines = infer.edges(script, self._loader, after=(APP, file.name), history=self._history)
        missing = [line for line in lines if line not in self._given]
        self._given |= set(missing)
        return missing


def _warn_of_present(written: Iterable[Written], target: Path, warnings: list[str]) -> None:
    present = {}
    for path in sorted(target.glob("*.sql")):
        # What is wrong with a file that is there already is not this command's to say.
        with contextlib.suppress(SqlFileError):
            present[body(decode(path.read_bytes(), file=path.name))] = path.name
    warnings += [
        f"{one.source.name} has the same content as {same}, which is there already."
        for one in written
        if (same := present.get(body(one.text))) is not None
    ]


def _write(written: Iterable[Written], target: Path) -> None:
    """Write everything aside, then move it in. Whatever goes wrong, Ctrl-C too, no file of this import remains."""
    aside = Path(tempfile.mkdtemp(prefix=".import-", dir=target))
    moved: list[Path] = []
    try:
        texts = {name: text for one in written for name, text in one.texts.items()}
        for name, text in texts.items():
            (aside / name).write_bytes(text.encode())
        for name in texts:
            if (target / name).exists():
                raise SqlMigrationsError(f"{target / name} appeared meanwhile. Run the import again.")
            moved.append(target / name)
            (aside / name).rename(target / name)
    except BaseException:
        for path in moved:
            path.unlink(missing_ok=True)
        raise
    finally:
        shutil.rmtree(aside, ignore_errors=True)
