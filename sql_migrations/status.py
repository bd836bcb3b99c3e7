"""Compare the files on disk with what the database says was applied: the standing of every file, and what to do.

Nothing here parses SQL unless a file's bytes have changed since it was applied.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Literal

from sql_migrations.errors import SqlFileError
from sql_migrations.names import FORMAT, STAMP

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator, Mapping, Sequence

    from sql_migrations.files import SqlFile
    from sql_migrations.history import Standing

State = Literal[
    "applied", "pending", "edited", "renamed", "missing", "out of order", "unproven", "half applied", "failed"
]
# States of a file that the next run applies.
UNAPPLIED: frozenset[State] = frozenset({"pending", "half applied", "failed"})
# States in which `migrate` does not go on.
BLOCKING: frozenset[State] = frozenset({"edited", "renamed", "missing", "out of order", "unproven"})


@dataclass(frozen=True, slots=True)
class FileStatus:
    """The standing of one file. `explanation` is a sentence with the way out; empty when all is well."""

    name: str
    state: State
    explanation: str = ""

    @property
    def blocking(self) -> bool:
        """Say whether `migrate` refuses to go on."""
        return self.state in BLOCKING


def compare(
    files: Sequence[SqlFile],
    applied: Collection[str],
    standings: Mapping[str, Standing],
    failures: Mapping[str, str] | None = None,
    half_applied: Mapping[str, str] | None = None,
    *,
    ordered: bool = True,
) -> list[FileStatus]:
    """Return the status of every file on disk and of every applied name, by name.

    `applied` are the names that count as applied (Django's record; for a foreign folder, the history's). `ordered`
    False is for foreign folders whose names do not say their order.
    """
    on_disk = {file.name: file for file in files}
    by_history = {name for name, standing in standings.items() if standing.applied}
    gone = {standings[name].sha256: name for name in by_history if name not in on_disk}
    order = {file.name: number for number, file in enumerate(files)}
    last = max((order[name] for name in applied if name in order), default=-1)
    renamed: set[str] = set()
    found: list[FileStatus] = []
    for file in files:
        if file.name in applied:
            half_undone = (half_applied or {}).get(f"{file.name}.down")
            found.append(_applied(file, standings.get(file.name), half_undone, ordered=ordered))
        elif file.name in by_history:
            found.append(FileStatus(file.name, "unproven", _lost(file)))
        elif old := gone.get(file.sha256):
            renamed.add(old)
            found.append(FileStatus(file.name, "renamed", _renamed(file, old)))
        elif order[file.name] < last:
            found.append(
                FileStatus(file.name, "out of order", _out_of_order(file, files[last], files, ordered=ordered))
            )
        else:
            found.append(_unapplied(file, failures or {}, half_applied or {}))
    found += _missing(sorted({*applied, *by_history} - set(on_disk) - renamed))
    found += _orphaned(half_applied or {}, {*applied, *on_disk})
    return found


def _unapplied(file: SqlFile, failures: Mapping[str, str], half_applied: Mapping[str, str]) -> FileStatus:
    failure = f"the last attempt failed: {failures[file.name]}" if file.name in failures else ""
    if file.name in half_applied:
        return FileStatus(file.name, "half applied", " ".join((half_applied[file.name], failure)).strip())
    return FileStatus(file.name, "failed" if failure else "pending", failure)


def _applied(file: SqlFile, standing: Standing | None, half_undone: str | None, *, ordered: bool) -> FileStatus:
    if half_undone:
        return FileStatus(file.name, "half applied", f"its rollback is {half_undone}")
    if standing is None or not standing.applied:
        said = "never applied it" if standing is None else "has it rolled back"
        return FileStatus(
            file.name,
            "unproven",
            f"{file.label} is recorded in django_migrations, but the history {said}. If the database has what it does: "
            f"manage.py sql_migrations adopt --to {file.name}",
        )
    if file.sha256 == standing.sha256:
        return FileStatus(file.name, "applied")
    if _tokens(file) == standing.tokens_sha256:
        return FileStatus(file.name, "applied", f"{file.label}: its comments were edited after it was applied.")
    said = (
        f"{file.label} was edited after it was applied. Put the applied text back (git log -p {file.label}) and write "
        "the change as a new file."
    )
    # Only this project's own files can be rebuilt and compared, which is what accepting an edit takes.
    accept = (
        f" If the database already is what the new text says: manage.py sql_migrations adopt --accept-edit {file.name}"
    )
    return FileStatus(file.name, "edited", said + accept if ordered else said)


def _tokens(file: SqlFile) -> str:
    """Hash the file's tokens; empty for a text that does not parse, which is no comment's fault."""
    from sql_migrations.statements import parse  # noqa: PLC0415 -- the parser costs 0.2 s that most runs do not need

    try:
        return parse(file.text(), file=file.label).tokens_sha256()
    except SqlFileError:
        return ""


def _renamed(file: SqlFile, old: str) -> str:
    place = file.label.split("/", maxsplit=1)[0]
    return (
        f"{file.label} was applied under the name {old}. Rename it back: git mv {place} {place.replace(file.name, old)}"
    )


def _out_of_order(file: SqlFile, newest: SqlFile, files: Sequence[SqlFile], *, ordered: bool) -> str:
    said = f"{file.label} sorts before {newest.label}, which is applied"
    if not ordered:
        return f"{said}. To apply it all the same: manage.py sql_migrations replay --dir … --out-of-order {file.name}"
    fresh = f"{_next_stamp(files)}{file.name[STAMP:]}.sql"
    return (
        f"{said}. Rename it to sort last: git mv {file.label} {fresh} "
        "(where it is applied already and cannot be renamed: "
        f"manage.py sql_migrations replay --out-of-order {file.name})"
    )


def _next_stamp(files: Sequence[SqlFile]) -> str:
    newest = datetime.strptime(files[-1].name[:STAMP], FORMAT).replace(tzinfo=UTC)
    return max(datetime.now(UTC), newest + timedelta(seconds=1)).strftime(FORMAT)


def _lost(file: SqlFile) -> str:
    return (
        f"{file.label} is applied as the history says, but its row in django_migrations is gone. If the database still "
        f"has what it does: manage.py sql_migrations adopt --to {file.name}"
    )


def _orphaned(half_applied: Mapping[str, str], known: Collection[str]) -> Iterator[FileStatus]:
    """Name the files that were taken away after some of their steps had run: what those did is in the database."""
    for name in sorted(half_applied):
        if name.removesuffix(".down") not in known:
            yield FileStatus(
                name,
                "missing",
                f"{name}.sql is gone, and {half_applied[name]} Bring it back, or undo its steps by hand and then: "
                f"manage.py sql_migrations replay --restart {name}",
            )


def _missing(names: Sequence[str]) -> Iterator[FileStatus]:
    for name in names:
        yield FileStatus(
            name,
            "missing",
            f"{name}.sql was applied here, but the file is gone. Bring it back "
            f"(git log --diff-filter=D -- '*{name}*'), or roll it back from the version that has it.",
        )
