"""A folder of SQL files, and two databases to run it into: through psql, and through `replay --dir`."""

from __future__ import annotations

import io
import re
import subprocess
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import psycopg
from django.core.management import CommandError, call_command

from webqx import binaries

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

# pg_dump's own framing differs from dump to dump; SET default_… comes before the first table, whichever that is.
_FRAMING = re.compile(r"\\(?:un)?restrict |SET default_|--|$")
_OWN = re.compile(r"-- (?:Data for )?Name: (?:FUNCTION |TABLE |TRIGGER )?sql_migration_|-- Name: \w+ sql_migration_")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command came to: exit code, standard output, standard error or the error's sentence."""

    code: int
    out: str
    err: str

    @property
    def said(self) -> str:
        """Everything that was written."""
        return f"{self.out}\n{self.err}"


@dataclass
class Bench:
    """A folder; databases are made when they are asked for."""

    folder: Path
    make: Callable[[], str]
    _urls: dict[str, str] = field(default_factory=dict)

    @property
    def url(self) -> str:
        """The URL of the database that `replay --dir` works on."""
        return self.database("replay")

    def database(self, name: str) -> str:
        """Return the URL of the database of that name, made empty at first."""
        if name not in self._urls:
            self._urls[name] = self.make()
        return self._urls[name]

    def write(self, **files: str | bytes) -> Bench:
        """Write files; `_1` stands for `1.sql`, so that keywords can name them."""
        for name, content in files.items():
            raw = content.encode() if isinstance(content, str) else content
            (self.folder / f"{name.lstrip('_')}.sql").write_bytes(raw)
        return self

    def command(self, subcommand: str, *words: str) -> Ran:
        """Run `sql_migrations SUBCOMMAND --dir … --database …`."""
        out, err = io.StringIO(), io.StringIO()
        place = ("--dir", str(self.folder), "--database", self.url)
        try:
            call_command("sql_migrations", subcommand, *place, *words, stdout=out, stderr=err)
        except CommandError as refused:
            return Ran(refused.returncode, out.getvalue(), f"{err.getvalue()}{refused}")
        except SystemExit as left:
            return Ran(int(left.code or 0), out.getvalue(), err.getvalue())
        return Ran(0, out.getvalue(), err.getvalue())

    def replay(self, *words: str) -> Ran:
        """Replay the folder."""
        return self.command("replay", *words)

    def applied(self, *words: str) -> Ran:
        """Replay the folder, which must succeed."""
        ran = self.replay(*words)
        assert ran.code == 0, ran.said
        return ran

    def refused(self, *words: str) -> str:
        """Replay the folder, which must fail, and return the sentences."""
        ran = self.replay(*words)
        assert ran.code == 1, ran.said
        return ran.err

    def rows(self, query: str, *values: Any) -> list[tuple[Any, ...]]:
        """Ask the replayed database."""
        with psycopg.connect(self.url) as connection:
            return connection.execute(query, values).fetchall()

    def value(self, query: str, *values: Any) -> Any:
        """Ask the replayed database for one value."""
        return self.rows(query, *values)[0][0]

    def events(self) -> list[tuple[str, str]]:
        """Return (event, name) of the history, in order."""
        return self.rows("SELECT event, name FROM sql_migration_history ORDER BY id")

    def objects(self) -> set[str]:
        """Name every relation, function, type and trigger of the replayed database that is not PostgreSQL's own."""
        return {name for (name,) in self.rows(_OBJECTS)}

    def psql(self, *names: str) -> None:
        """Run files through psql, each in a session of its own, as `psql -f` does."""
        paths = [self.folder / name for name in names] or sorted(self.folder.glob("*.sql"))
        for path in paths:
            options = ("-X", "-q", "-v", "ON_ERROR_STOP=1", "-f", str(path))
            ran = _program("psql", self.database("psql"), *options)
            assert ran.returncode == 0, ran.stderr

    def equals_psql(self) -> str:
        """Run the folder both ways, compare schema and data, and return the dump of both."""
        self.psql()
        self.applied()
        replayed = dump(self.url)
        assert replayed == dump(self.database("psql"))
        return "\n".join(replayed)


def dump(url: str) -> list[str]:
    """Dump schema and data, without what pg_dump adds and without the history's own tables."""
    ran = _program("pg_dump", url, "--inserts", "-T", "*.sql_migration_*")
    assert ran.returncode == 0, ran.stderr
    entries = re.split(r"\n(?=--\n-- (?:Data for )?Name: )", ran.stdout)
    kept = [entry for entry in entries if not _OWN.match(entry.removeprefix("--\n"))]
    return [line for entry in kept for line in entry.splitlines() if not _FRAMING.match(line)]


def raw_dump(url: str, *options: str) -> str:
    """Dump everything in a database, the history too, as pg_dump writes it."""
    ran = _program("pg_dump", url, *options)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def whole_dump(url: str) -> str:
    """Dump everything without the key that differs each time."""
    return re.sub(r"\\(un)?restrict .*", "", raw_dump(url))


def _program(name: str, url: str, *options: str) -> subprocess.CompletedProcess[str]:
    words = (str(binaries.installed() / name), "-d", url, *options)
    return subprocess.run(words, capture_output=True, text=True, check=False)


_OBJECTS = """
    SELECT c.relname FROM pg_class AS c WHERE c.relnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION SELECT p.proname FROM pg_proc AS p WHERE p.pronamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION SELECT t.typname FROM pg_type AS t WHERE t.typnamespace::regnamespace::text !~ '^(pg_|information_schema)'
    UNION SELECT t.tgname FROM pg_trigger AS t WHERE NOT t.tgisinternal
    UNION SELECT n.nspname FROM pg_namespace AS n WHERE n.nspname !~ '^(pg_|information_schema)'
    UNION SELECT e.evtname FROM pg_event_trigger AS e
    UNION SELECT x.extname FROM pg_extension AS x
"""
