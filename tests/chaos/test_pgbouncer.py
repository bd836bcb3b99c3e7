"""PgBouncer: refused where two clients may get one server session, else it works."""

from __future__ import annotations

import os
import pwd
import shutil
import subprocess
import time
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.chaos import databases
from tests.chaos.proxy import Trap

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from tests.chaos.proxy import Proxy
    from tests.chaos.sandbox import Sandbox

_PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
pytestmark = pytest.mark.skipif(_PROGRAM is None, reason="pgbouncer is not installed")
# PgBouncer refuses to run as root. It connects by way of the proxy, so that the server sees this process's user.
_USER = "nobody"


@pytest.fixture
def pool(sandbox: Sandbox, proxy: Proxy) -> Iterator[Callable[[str], str]]:
    """A function that starts PgBouncer in a pool mode and returns the URL of the sandbox's database there."""
    running: list[subprocess.Popen[bytes]] = []
    proxy.trap = Trap()  # one that lets everything pass
    folder = proxy.folder / "pgbouncer"
    folder.mkdir()
    owner = databases.owner()

    def start(mode: str) -> str:
        settings = {
            "listen_addr": "",
            "unix_socket_dir": str(folder),
            "listen_port": "6432",
            "auth_type": "any",
            "pool_mode": mode,
            "ignore_startup_parameters": "extra_float_digits",
        }
        target = f"host={proxy.folder} port={databases.port()} user={owner}"
        lines = [
            "[databases]",
            f"* = {target}",
            "[pgbouncer]",
            *(f"{name} = {value}" for name, value in settings.items()),
        ]
        (folder / "pgbouncer.ini").write_text("\n".join(lines))
        command = [str(_PROGRAM), str(folder / "pgbouncer.ini")]
        identity = {}
        if os.geteuid() == 0:
            _open_to_others(proxy.folder)
            os.chown(folder, pwd.getpwnam(_USER).pw_uid, -1)
            identity = {"user": _USER}
        running.append(subprocess.Popen(command, stderr=subprocess.DEVNULL, **identity))  # type: ignore[call-overload]
        url = f"postgresql://{owner}@/{sandbox.database}?host={folder}&port=6432"
        _wait_for(url)
        return url

    yield start
    for process in running:
        process.terminate()
        process.wait()
    shutil.rmtree(folder)


def _open_to_others(folder: Path) -> None:
    folder.chmod(0o711)
    for entry in folder.iterdir():
        if entry.is_socket():
            entry.chmod(0o777)


def _wait_for(url: str) -> None:
    deadline = time.monotonic() + 10
    while True:
        try:
            psycopg.connect(url).close()
        except psycopg.OperationalError:
            assert time.monotonic() < deadline
            time.sleep(0.05)
        else:
            return


@pytest.mark.parametrize("mode", ["transaction", "statement"])
def test_a_pool_that_shares_sessions_is_refused(sandbox: Sandbox, pool: Callable[[str], str], mode: str) -> None:
    file = sandbox.add("more", "CREATE TABLE more (id int);\n")
    ended = sandbox.migrate(url=pool(mode))

    assert ended.code == 1
    assert "Traceback" not in ended.output
    assert "this connection goes through a pooler in transaction mode" in ended.output
    assert not sandbox.is_applied(file)
    # Follow the advice: the pool, which is still there, holds no lock.
    direct = sandbox.migrate()
    assert direct.code == 0, direct.output
    assert "Waiting" not in direct.output


def test_a_pool_that_lends_whole_sessions_works(sandbox: Sandbox, pool: Callable[[str], str]) -> None:
    file = sandbox.add("more", "CREATE TABLE more (id int);\n")
    ended = sandbox.migrate(url=pool("session"))

    assert ended.code == 0, ended.output
    assert sandbox.is_applied(file)
