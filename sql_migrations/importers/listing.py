"""What lies in a foreign folder, and how its files become SqlFiles. Knows no layout."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from sql_migrations.errors import BadEncoding, BadHeader, SqlFileError
from sql_migrations.files import SqlFile, decode
from sql_migrations.header import NO_HEADER, Header, Transaction, parse_header

if TYPE_CHECKING:
    import re
    from collections.abc import Iterable
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class Import:
    """A foreign folder as migrations in the order that its own tool gives them, and what to know about it."""

    path: Path
    layout: str
    files: tuple[SqlFile, ...]
    warnings: tuple[str, ...]


class Layout(Protocol):
    """What a module of this package offers."""

    NAME: str

    def claims(self, listing: Listing) -> bool:
        """Say whether the folder looks like this layout."""

    def read(self, listing: Listing) -> list[SqlFile]:
        """Return the migrations in order; `listing.leave_out` takes what is not used, `listing.warn` the rest."""


@dataclass
class Listing:
    """A folder's entries, sorted by name, each file read once. Collects what the reader has to say."""

    path: Path
    names: tuple[str, ...]
    folders: tuple[str, ...]
    warnings: list[str] = field(default_factory=list)
    _raw: dict[Path, bytes] = field(default_factory=dict, repr=False)
    _prose: list[str] = field(default_factory=list)
    _left_out: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    @property
    def sql(self) -> list[str]:
        """The names of the SQL files."""
        return [name for name in self.names if is_sql(name)]

    def matching(self, pattern: re.Pattern[str]) -> dict[str, re.Match[str]]:
        """Return the SQL files whose whole name matches, with the match."""
        found = ((name, pattern.fullmatch(name)) for name in self.sql)
        return {name: match for name, match in found if match is not None}

    def raw(self, path: Path) -> bytes:
        """Read a file, once."""
        if path not in self._raw:
            try:
                self._raw[path] = path.read_bytes()
            except OSError as problem:
                raise SqlFileError(f"it cannot be read: {problem.strerror}.", file=path.name) from None
        return self._raw[path]

    def text(self, path: Path) -> str | None:
        """Decode a file. None if it is not text: SqlFile.text() then says so, with the place, when it is to be used."""
        try:
            return decode(self.raw(path), file=path.name)
        except BadEncoding:
            return None

    def texts(self) -> Iterable[str]:
        """Return the text of every SQL file here that is text."""
        return (text for name in self.sql if (text := self.text(self.path / name)) is not None)

    def warn(self, sentence: str) -> None:
        """Keep a sentence for the reader of the report."""
        self.warnings.append(sentence)

    def leave_out(self, name: str, reason: str) -> None:
        """Say that a file is not used. One reason makes one warning, however many files it concerns."""
        self._left_out[reason].append(name)

    def all_warnings(self) -> tuple[str, ...]:
        """Return every warning, those on files that are not used last."""
        left = [f"{', '.join(names)}: left out, {reason}." for reason, names in self._left_out.items()]
        prose = [f"{', '.join(self._prose)}: read as a comment, though it looks like a header."] if self._prose else []
        return (*self.warnings, *prose, *left)

    def sql_file(
        self,
        path: Path,
        name: str,
        *,
        up: str | None = None,
        down: str | None = None,
        down_path: Path | None = None,
        transaction: Transaction = "auto",
    ) -> SqlFile:
        """Make a migration of a file. `up` and `down` are its sections where it holds both directions."""
        raw = self.raw(path)
        if down_path is not None and not self.raw(down_path).strip():
            self.warn(f"{self.shown(down_path)} is empty: {name} counts as having no way back.")
            down_path = None
        declared = self._header(path, up)
        if declared.transaction == "none":
            transaction = "none"
        header = Header(transaction=transaction) if transaction == "none" else NO_HEADER
        return SqlFile(name, path, hashlib.sha256(raw).hexdigest(), header, down_path, up, down)

    def _header(self, path: Path, text: str | None) -> Header:
        """Read this project's own header lines. Only `Transaction` counts in a foreign folder: edges lead nowhere."""
        text = self.text(path) if text is None else text
        try:
            header = parse_header(text or "", file=path.name)
        except BadHeader as problem:  # mostly another tool's comment: sqitch writes `-- requires: users`
            self._prose.append(f"{self.shown(path)}:{problem.line}")
            return NO_HEADER
        for edge in (*header.depends, *header.before):
            self.warn(
                f"{self.shown(path)}:{edge.line}: the header's edge to {edge} is ignored: only this folder is read."
            )
        return header

    def shown(self, path: Path) -> str:
        """Name a file so that it is found: its path below the folder."""
        return path.relative_to(self.path).as_posix() if path.is_relative_to(self.path) else str(path)


def list_folder(path: Path) -> Listing:
    """List a folder. Hidden files are not read, but a hidden SQL file is named."""
    entries = sorted(path.iterdir(), key=lambda entry: entry.name)
    visible = [entry for entry in entries if not entry.name.startswith(".")]
    listing = Listing(
        path,
        tuple(entry.name for entry in visible if entry.is_file()),
        tuple(entry.name for entry in visible if entry.is_dir()),
    )
    for entry in visible:
        if is_sql(entry.name) and not entry.exists():
            raise SqlFileError("it is a link to a file that is not there. Take it away, or mend it.", file=entry.name)
    for entry in entries:
        if entry not in visible and is_sql(entry.name):
            listing.leave_out(entry.name, "hidden files are not read")
    return listing


def is_sql(name: str) -> bool:
    """Say whether a name is a SQL file's."""
    return name.lower().endswith(".sql")


def stem(name: str) -> str:
    """Take `.sql` off a name, in whatever case."""
    return name[: -len(".sql")] if is_sql(name) else name


def pair(listing: Listing, matches: dict[str, re.Match[str]]) -> list[tuple[str, Path, Path | None]]:
    """Pair `1_x.up.sql` (or `1_x.sql`) with `1_x.down.sql`, or with another way down of that number.

    Returns (name, up, down) by number, then name. The matches have the groups `name`, `number` and `way`.
    """
    ups: dict[str, str] = {}
    downs: dict[str, str] = {}
    for name, match in sorted(matches.items(), key=lambda item: (int(item[1]["number"]), item[0])):
        way = downs if (match["way"] or "up").lower() == "down" else ups
        if way.setdefault(match["name"], name) != name:
            listing.leave_out(name, f"{way[match['name']]} is the same migration")
    numbers = {int(matches[name]["number"]): name for name in downs.values()}
    chosen = {key: downs.get(key) or numbers.get(int(matches[name]["number"])) for key, name in ups.items()}
    for name in downs.values():
        if name not in chosen.values():
            listing.leave_out(name, "there is no migration that it would roll back")
    return [
        (key, listing.path / name, listing.path / down if (down := chosen[key]) else None) for key, name in ups.items()
    ]
