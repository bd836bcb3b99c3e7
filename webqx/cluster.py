"""One PostgreSQL cluster on this machine: made, started, looked at, stopped. Where it stands, embedded.py decides."""

from __future__ import annotations

import os
import shlex
import tempfile
import time
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import quote

from webqx import sockets
from webqx.errors import ServerError

if TYPE_CHECKING:
    import subprocess
    from collections.abc import Mapping

    from webqx.account import Account

OWNER, APP, DATABASE = "webqx_owner", "webqx_app", "webqx"
# First use of a slow disk, or recovery after a crash: far above the usual 0.2 s.
PATIENCE_SECONDS = 60

# What docs/make-logins.sql does on any other server. The owner makes test databases besides (CREATEDB). It may become
# the application, to try what that may do, and end its sessions. It has every right of the application's anyway.
PLAIN = "LOGIN NOSUPERUSER NOCREATEROLE NOREPLICATION NOBYPASSRLS"
SETUP = f"""\
CREATE ROLE {OWNER} {PLAIN} CREATEDB;
CREATE ROLE {APP} {PLAIN} NOCREATEDB;
GRANT {APP} TO {OWNER};
CREATE DATABASE {DATABASE} OWNER {OWNER};
REVOKE TEMPORARY ON DATABASE {DATABASE} FROM PUBLIC;
"""


# The wheel has no ICU, and a system's own locales change with its C library, which breaks indexes; this one does not.
INITDB = (
    "--locale-provider=builtin",
    "--builtin-locale=C.UTF-8",
    "--locale=C",
    "--encoding=UTF8",
    "--data-checksums",
    "--username=postgres",
    "--auth=peer",
    "--no-instructions",
)
# postmaster.pid: process id, data folder, start time, port, socket folder, address, shared memory, status.
PID_FILE_LINES = 8


class State(Enum):
    """What a look at the cluster shows."""

    DOWN = "stopped"
    BUSY = "starting or stopping"
    LOST = "running, but its socket is gone"
    READY = "running"


@dataclass(frozen=True, slots=True)
class PidFile:
    """The lines of postmaster.pid that matter here."""

    pid: int
    data: str
    socket_folder: str
    status: str


@dataclass(frozen=True, slots=True)
class Cluster:
    """A data folder, the programs that serve it, the user they run as, and where the socket goes if not as usual."""

    data: Path
    binaries: Path
    account: Account
    socket_folder: Path | None = None

    def create(
        self, configuration: Mapping[str, str], *, users: tuple[str, ...], lock: int, durable: bool = True
    ) -> None:
        """Make the cluster beside its place and rename it, so that a process killed half-way leaves nothing half made.

        `users` are the system users that may connect, as any role: the kernel tells the server who is at the socket
        (peer), so that there is no password to keep, to guess or to print. The programs hold the caller's lock too:
        when the caller is killed they go on for a while, and whoever cleans up after them must wait until they end.
        """
        new = Path(tempfile.mkdtemp(prefix=f"{self.data.name}.new-", dir=self.data.parent))
        if os.geteuid() == 0:
            os.chown(new, self.account.uid, self.account.gid)
        options = [*INITDB, *(f"--set={name}={value}" for name, value in configuration.items())]
        if not durable:
            options.append("--no-sync")
        self._must("initdb", *options, "-D", new, holding=lock)
        self.account.write(new / "pg_hba.conf", "local all all peer map=webqx\nlocal replication all peer map=webqx\n")
        self.account.write(new / "pg_ident.conf", "".join(f'webqx "{user}" all\n' for user in users))
        single = ("postgres", "--single", "-c", "exit_on_error=true")
        self._must(*single, "-D", new, "postgres", text=SETUP, holding=lock)
        new.rename(self.data)

    def start(self) -> None:
        """Start the server and wait until it answers. The caller holds the lock, so nobody else starts it meanwhile."""
        self._check_version()
        deadline = time.monotonic() + PATIENCE_SECONDS
        while (state := self.state()) is not State.READY:
            if time.monotonic() > deadline:
                raise self._problem(f"did not get ready in {PATIENCE_SECONDS} s.")
            if state is State.BUSY:
                time.sleep(0.05)
            elif state is State.LOST:
                self.stop()
            else:
                self._launch()

    def _launch(self) -> None:
        self._remove_stale_pid_file()
        folder = self.socket_folder or sockets.folder_for(self.data, self.account)
        options = f"-c unix_socket_directories={shlex.quote(str(folder))} -c port={sockets.PORT}"
        # PGDATA and not -D: pg_ctl puts its arguments into a shell command, where a $ in a path would be expanded.
        started = self._pg_ctl("-w", "-t", str(PATIENCE_SECONDS), "-l", "start.log", "-o", options, "start")
        if started.returncode == 0:
            return
        if self.socket_folder is None:
            sockets.remove(folder, self.account)
        if "pre-existing shared memory block" in self.log_tail():
            time.sleep(0.5)  # a killed server's last process is still on its way out
            return
        raise self._problem(f"does not start: {started.stderr.strip()}")

    def _problem(self, what: str) -> ServerError:
        return ServerError(f"The built-in PostgreSQL in {self.data} {what}{self.log_tail()}")

    def stop(self, mode: str = "fast") -> None:
        pid_file = self.pid_file()
        stopped = self._pg_ctl("-w", "-t", str(PATIENCE_SECONDS), "-m", mode, "stop")
        if stopped.returncode and self.state() is not State.DOWN:
            msg = f"The built-in PostgreSQL in {self.data} does not stop: {stopped.stderr.strip()}"
            raise ServerError(msg)
        if pid_file and self.socket_folder is None:
            sockets.remove(Path(pid_file.socket_folder), self.account)

    def state(self) -> State:
        """Look, without starting a process: the pid file says where, the socket says whether."""
        pid_file = self.pid_file()
        if pid_file is None or not self._serves(pid_file):
            return State.DOWN
        if pid_file.status != "ready":
            return State.BUSY
        return State.READY if sockets.answers(Path(pid_file.socket_folder)) else State.LOST

    def url(self, role: str = OWNER, database: str = DATABASE) -> str:
        """Where the running server is, for libpq: `postgresql://webqx_owner@/webqx?host=…&port=5432`."""
        pid_file = self.pid_file()
        if pid_file is None:
            msg = f"The built-in PostgreSQL in {self.data} is not running."
            raise ServerError(msg)
        return f"postgresql://{role}@/{database}?host={quote(pid_file.socket_folder)}&port={sockets.PORT}"

    def pid_file(self) -> PidFile | None:
        try:
            lines = (self.data / "postmaster.pid").read_text().splitlines()
            status = lines[7].strip() if len(lines) >= PID_FILE_LINES else "starting"
            return PidFile(int(lines[0]), lines[1], lines[4], status)
        except (FileNotFoundError, IndexError, ValueError):
            return None  # none, or one that is just being written

    def log_tail(self, lines: int = 12) -> str:
        """The end of the newest server log, indented below a first line that names it; empty when there is none."""
        logs = [*self.data.glob("log/*.log"), *self.data.glob("start.log")]
        if not logs:
            return ""
        newest = max(logs, key=lambda log: log.stat().st_mtime_ns)
        tail = newest.read_text(errors="replace").splitlines()[-lines:]
        return "\n".join([f"\nThe end of {newest}:", *(f"    {line}" for line in tail)])

    def _serves(self, pid_file: PidFile) -> bool:
        """Whether that process is this cluster's server.

        A process id alone proves nothing: after a crash, or in a new container, it may be another program's, and a
        copied data folder carries the pid file of the original. A server's working directory is its data folder.
        """
        try:
            return Path(f"/proc/{pid_file.pid}/cwd").samefile(self.data)
        except FileNotFoundError:
            if Path("/proc/self").exists():
                return False
        except PermissionError:
            pass  # root in a container that may not look at other users' processes
        return pid_file.data == str(self.data) and _is_alive(pid_file.pid)

    def _remove_stale_pid_file(self) -> None:
        """PostgreSQL refuses to start while the id in a stale file belongs to any live process of its user."""
        pid_file = self.pid_file()
        if pid_file and not self._serves(pid_file):
            (self.data / "postmaster.pid").unlink(missing_ok=True)

    def _check_version(self) -> None:
        made_by = (self.data / "PG_VERSION").read_text().strip()
        shown = self._must("postgres", "--version").strip()
        binaries = shown.rpartition(" ")[2].partition(".")[0]
        if made_by != binaries:
            msg = (
                f"The data in {self.data} was made by PostgreSQL {made_by}, and the installed binaries are {shown}. "
                f"Dump it with the old version and load it with the new one, or move the folder away to begin anew."
            )
            raise ServerError(msg)

    def _pg_ctl(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        return self.account.run(self.binaries / "pg_ctl", *arguments, cwd=self.data, extra={"PGDATA": str(self.data)})

    def _must(self, program: str, *arguments: str | Path, text: str | None = None, holding: int | None = None) -> str:
        done = self.account.run(self.binaries / program, *arguments, text=text, holding=holding)
        if done.returncode:
            msg = f"{program} for the built-in PostgreSQL in {self.data} failed: {done.stderr.strip()}"
            raise ServerError(msg)
        return done.stdout


def _is_alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
