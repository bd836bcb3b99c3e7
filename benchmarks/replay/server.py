"""The scratch server that every contender works on, and a database of its own for each run."""

from __future__ import annotations

from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import psycopg

from webqx import embedded

if TYPE_CHECKING:
    from collections.abc import Iterator

_TICKS = 100  # per second, in /proc/PID/stat; the same on every Linux of today
_LOGGED = ("LOG:  statement: ", "LOG:  execute ")


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL of which `url` names one database, and its data folder."""

    url: str
    data: Path

    @property
    def socket_folder(self) -> str:
        """Where clients find its socket."""
        return parse_qs(urlsplit(self.url).query)["host"][0]

    def url_of(self, database: str) -> str:
        """Name another database of this server."""
        return urlsplit(self.url)._replace(path=f"/{database}").geturl()

    def new(self, database: str) -> None:
        """Make an empty database, and leave nothing to be written to disk later that is not the run's own."""
        self._run(f"DROP DATABASE IF EXISTS {database}", f"CREATE DATABASE {database} TEMPLATE template0", "CHECKPOINT")

    def drop(self, database: str) -> None:
        """Drop a database."""
        self._run(f"DROP DATABASE {database}")

    def version(self) -> str:
        """PostgreSQL's version number."""
        with psycopg.connect(self.url) as connection:
            return f"{connection.info.server_version // 10000}.{connection.info.server_version % 10000}"

    def cpu_seconds(self) -> float:
        """User and system time of all sessions that have ended."""
        pid = int((self.data / "postmaster.pid").read_text().split()[0])
        after_name = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        # cutime and cstime are fields 16 and 17 of proc(5); the state, field 3, comes first here.
        return (int(after_name[13]) + int(after_name[14])) / _TICKS

    @contextmanager
    def counting(self, database: str) -> Iterator[list[int]]:
        """Log a database's statements while the block runs; the list holds their number afterwards."""
        counted: list[int] = []
        log = self.data / "start.log"
        self._run(f"ALTER DATABASE {database} SET log_statement = 'all'")
        before = log.stat().st_size
        yield counted
        with log.open("rb") as stream:
            stream.seek(before)
            lines = stream.read().decode(errors="replace").splitlines()
        self._run(f"ALTER DATABASE {database} RESET log_statement")
        counted.append(sum(any(mark in line for mark in _LOGGED) for line in lines))

    def configure(self, *, fsync: bool, commit_milliseconds: float) -> None:
        """Make commits wait for the disk, as in production, or not; or as long as a slower disk would take."""
        value = "on" if fsync else "off"
        settings = dict.fromkeys(("fsync", "synchronous_commit", "full_page_writes"), value)
        # Without other sessions too: commit_delay is meant for servers with many.
        settings |= {"commit_delay": f"{commit_milliseconds * 1000:.0f}", "commit_siblings": "0"}
        changes = (f"ALTER SYSTEM SET {name} = {value}" for name, value in settings.items())
        self._run(*changes, "SELECT pg_reload_conf()")

    def _run(self, *statements: str) -> None:
        with psycopg.connect(self.url, autocommit=True) as connection:
            for statement in statements:
                connection.execute(statement.encode())


@contextmanager
def scratch(*, fsync: bool, commit_milliseconds: float = 0, on_disk: bool = False) -> Iterator[Server]:
    """Start a server that lasts as long as the block."""
    with embedded.throwaway(on_disk=on_disk) as url:
        with psycopg.connect(url) as connection:
            (data,) = connection.execute("SHOW data_directory").fetchone() or ("",)
        server = Server(url, Path(data))
        server.configure(fsync=fsync, commit_milliseconds=commit_milliseconds)
        yield server
