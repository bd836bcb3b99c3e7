"""A folder of SQL migration files. Nothing here talks to a database or parses SQL."""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from sql_migrations.errors import BadEncoding, BadHeader, BadName, DuplicateTimestamp, SqlFileError
from sql_migrations.header import NO_HEADER, Header, parse_header
from sql_migrations.names import DOWN, FORMAT, STAMP, check_name

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class SqlFile:
    """One migration: forwards text and, where there is a `.down.sql` beside it, its backwards text.

    `name` is the stem and the node's name; `sha256` is of the file's bytes as they lie on disk. The text is read
    when it is needed: a run with nothing to do keeps names and hashes only. Folders of other tools may keep both
    directions in one file; for those the texts are given.
    """

    name: str
    path: Path
    sha256: str
    header: Header = NO_HEADER
    down_path: Path | None = None
    given: str | None = field(default=None, repr=False)
    given_down: str | None = field(default=None, repr=False)

    @property
    def label(self) -> str:
        """The name that errors begin with: with its folder where every migration has one, and an `up.sql` in it."""
        return self._within(self.path)

    @property
    def down_label(self) -> str:
        """The name that errors in the rollback text begin with."""
        return self._within(self.down_path or self.path)

    def _within(self, path: Path) -> str:
        return f"{self.name}/{path.name}" if path.parent.name == self.name else path.name

    @property
    def reversible_by_file(self) -> bool:
        """Say whether the author wrote the way back."""
        return self.down_path is not None or self.given_down is not None

    def text(self) -> str:
        """Read the forwards text. Raises SqlFileError when it is not text, or no longer the file that was hashed."""
        if self.given is not None:
            return self.given
        raw = self.path.read_bytes()
        if hashlib.sha256(raw).hexdigest() != self.sha256:
            raise SqlFileError(
                "the file changed while the command was running. Run the command again.", file=self.label
            )
        return decode(raw, file=self.label)

    def down_text(self) -> str | None:
        """Read the backwards text that the author wrote, None without one."""
        if self.given_down is not None or self.down_path is None:
            return self.given_down
        return decode(self.down_path.read_bytes(), file=self.down_label)


@dataclass(frozen=True, slots=True)
class Folder:
    """The files of one folder in their order, and what is wrong with those that cannot take part."""

    path: Path
    files: tuple[SqlFile, ...]
    problems: tuple[SqlFileError, ...]


def scan(path: Path) -> Folder:
    """List a folder. Nothing is raised for a bad file: the problem is kept, and `migrate` refuses to go past it."""
    present = {entry.name: entry for entry in os.scandir(path) if _concerns_us(entry)}
    names = sorted(present)
    downs = [name for name in names if name.endswith(DOWN)]
    problems: list[SqlFileError] = [
        SqlFileError(f"there is no {name.removesuffix(DOWN)}.sql that it would roll back.", file=name)
        for name in downs
        if f"{name.removesuffix(DOWN)}.sql" not in present
    ]
    files: list[SqlFile] = []
    for name in names:
        if name.endswith(DOWN):
            continue
        try:
            check_name(name)
        except BadName as bad:
            problems.append(bad)
            continue
        if not present[name].is_file():
            problems.append(
                SqlFileError("it is not a file that can be read. Take it away, or mend the link.", file=name)
            )
            continue
        down = f"{name.removesuffix('.sql')}{DOWN}"
        try:
            file, problem = _read(path / name, path / down if down in present else None)
        except OSError as error:
            problems.append(SqlFileError(f"it cannot be read: {error.strerror}.", file=name))
            continue
        if files and files[-1].name[:STAMP] == name[:STAMP]:
            problems.append(_same_timestamp(files[-1], file))
        files.append(file)
        problems += [problem] if problem else []
    return Folder(path, tuple(files), tuple(problems))


def _concerns_us(entry: os.DirEntry[str]) -> bool:
    """Say whether an entry is, or was surely meant to be, a SQL file. Editors' hidden and backup files are not."""
    name = entry.name
    return ".sql" in name.lower() and not name.startswith(".") and not name.endswith("~") and not entry.is_dir()


def _same_timestamp(first: SqlFile, second: SqlFile) -> DuplicateTimestamp:
    moment = datetime.strptime(second.name[:STAMP], FORMAT) + timedelta(seconds=1)  # noqa: DTZ007 -- an order
    free = f"{moment:%Y%m%d_%H%M%S}{second.name[STAMP:]}.sql"
    problem = f"{first.label} has the same timestamp. Rename the later one: git mv {second.label} {free}"
    return DuplicateTimestamp(problem, file=second.label)


def _read(path: Path, down: Path | None) -> tuple[SqlFile, SqlFileError | None]:
    raw = path.read_bytes()
    digest = hashlib.sha256(raw).hexdigest()
    # A header fits in 64 KiB. What is no text at all is said when the file is to be applied.
    head = raw[:65536].decode("utf-8-sig", errors="replace")
    try:
        header, problem = parse_header(head, file=path.name), None
    except BadHeader as error:
        header, problem = NO_HEADER, error
    return SqlFile(path.stem, path, digest, header, down), problem


def decode(raw: bytes, *, file: str) -> str:
    """Return the text of a file: UTF-8, with or without a byte order mark. Line ends stay as they are."""
    if raw.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise BadEncoding("the file is UTF-16 (byte offset 0). Save it as UTF-8.", file=file)
    try:
        # A byte order mark is the editor's, not the author's: PostgreSQL would stumble over it.
        text = raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        problem = f"byte 0x{raw[error.start]:02x} at byte offset {error.start} is not UTF-8. Save the file as UTF-8."
        raise BadEncoding(problem, file=file, line=line) from None
    if (nul := text.find("\x00")) >= 0:
        offset = len(text[:nul].encode()) + (len(raw) - len(text.encode()))
        problem = f"there is a NUL character at byte offset {offset}. PostgreSQL has no such text; take it out."
        raise BadEncoding.at(problem, file=file, text=text, offset=nul)
    return text
