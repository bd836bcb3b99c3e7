"""PgBouncer: refused where two clients may get one server session, else it works."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import subprocess
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, urlsplit

import psycopg
import pytest
from django.db import connection

from tests.chaos import databases
from tests.chaos.proxy import Trap
from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    from django.db.backends.base.base import BaseDatabaseWrapper

    from tests.chaos.proxy import Proxy
    from tests.chaos.sandbox import Sandbox

_PROGRAM = shutil.which("pgbouncer") or shutil.which("pgbouncer", path="/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
pytestmark = pytest.mark.skipif(_PROGRAM is None, reason="pgbouncer is not installed")
# PgBouncer refuses to run as root. It connects by way of the proxy, so that the server sees this process's user.
_USER = "nobody"


@pytest.fixture
def pool(proxy: Proxy) -> Iterator[Callable[..., str]]:
    """A function that starts PgBouncer in a pool mode and returns the URL of a database there."""
    running: list[subprocess.Popen[bytes]] = []
    proxy.trap = Trap()  # one that lets everything pass
    folder = proxy.folder / "pgbouncer"
    folder.mkdir()
    owner = databases.owner()

    def start(mode: str, database: str, sessions: int = 20) -> str:
        settings = {
            "listen_addr": "",
            "unix_socket_dir": str(folder),
            "listen_port": "6432",
            "auth_type": "any",
            "pool_mode": mode,
            "default_pool_size": str(sessions),
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
        url = f"postgresql://{owner}@/{database}?host={folder}&port=6432"
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
def test_a_pool_that_shares_sessions_is_refused(sandbox: Sandbox, pool: Callable[..., str], mode: str) -> None:
    file = sandbox.add("more", "CREATE TABLE more (id int);\n")
    ended = sandbox.migrate(url=pool(mode, sandbox.database))

    assert ended.code == 1
    assert "Traceback" not in ended.output
    assert "this connection goes through a pooler in transaction mode" in ended.output
    assert not sandbox.is_applied(file)
    # Follow the advice: the pool, which is still there, holds no lock.
    direct = sandbox.migrate()
    assert direct.code == 0, direct.output
    assert "Waiting" not in direct.output


def test_a_pool_that_lends_whole_sessions_works(sandbox: Sandbox, pool: Callable[..., str]) -> None:
    file = sandbox.add("more", "CREATE TABLE more (id int);\n")
    ended = sandbox.migrate(url=pool("session", sandbox.database))

    assert ended.code == 0, ended.output
    assert sandbox.is_applied(file)


@pytest.fixture
def shared(pool: Callable[..., str], committed_database: None) -> Iterator[list[BaseDatabaseWrapper]]:
    """Two connections of Django's to the project's own tables, which share one session of the server."""
    where = urlsplit(pool("transaction", str(connection.settings_dict["NAME"]), sessions=1))
    made = [connection.copy(), connection.copy()]
    for one in made:
        one.settings_dict |= {"HOST": parse_qs(where.query)["host"][0], "PORT": "6432"}
    yield made
    for one in made:
        one.close()


def _write(through: BaseDatabaseWrapper, name: str) -> int:
    with through.cursor() as cursor:
        cursor.execute("UPDATE locations SET name = %s RETURNING pg_backend_pid()", [name])
        return int(cursor.fetchone()[0])


def test_who_acts_reaches_no_statement_of_another_client(shared: list[BaseDatabaseWrapper]) -> None:
    from compliance.audit.context import acting  # noqa: PLC0415 - needs the settings
    from compliance.models import AuditLog  # noqa: PLC0415

    first, second = shared
    with connection.cursor() as cursor:
        cursor.execute("INSERT INTO locations (uid, name, kind) VALUES (gen_random_uuid(), 'made', 'ro')")
    with acting(actor=1):
        sessions = {_write(first, "by the first")}
    sessions.add(_write(second, "by nobody"))
    with acting(actor=2):
        sessions.add(_write(second, "by the second"))
    sessions.add(_write(first, "by nobody again"))
    first.set_autocommit(False)
    with acting(actor=1):
        _write(first, "in a transaction")
    first.commit()
    sessions.add(_write(second, "by nobody after it"))

    assert len(sessions) == 1
    entries = AuditLog.objects.filter(table_name="locations").order_by("id")
    assert [(entry.changes["name"][1], entry.actor_id) for entry in entries] == [
        ("made", None),
        ("by the first", 1),
        ("by nobody", None),
        ("by the second", 2),
        ("by nobody again", None),
        ("in a transaction", 1),
        ("by nobody after it", None),
    ]


def test_what_a_patient_takes_back_is_gone_for_the_next_client_of_a_shared_session(
    shared: list[BaseDatabaseWrapper],
) -> None:
    from compliance.audit.context import acting  # noqa: PLC0415 - needs the settings
    from compliance.consent.restricting import restrict  # noqa: PLC0415
    from compliance.models import CareRelationship, User  # noqa: PLC0415
    from patients.models import Patient  # noqa: PLC0415
    from tests.people import may_do_everything  # noqa: PLC0415

    officer = may_do_everything(User.objects.create_superuser("officer@clinic.example", "x"))
    physician = User.objects.create_user("doctor@clinic.example", role="physician")
    patient = Patient.objects.create(
        mrn="1", assigning_authority="P", family_name="Q", birth_date="1980-02-29", administrative_gender="other"
    )
    CareRelationship.objects.create(patient=patient, user=physician, starts_at="2024-01-01T00:00Z")

    def seen(through: BaseDatabaseWrapper) -> list[tuple[int, int]]:
        """As the application, which the pool's login is not: for one transaction, as the pool lends its session."""
        with acting(physician), transaction_of(through), through.cursor() as cursor:
            cursor.execute(f"SET LOCAL ROLE {APP}")
            cursor.execute("SELECT id, pg_backend_pid() FROM patients")
            return list(cursor.fetchall())

    before = [seen(one) for one in shared]
    assert before[0] == before[1]
    assert [key for key, _ in before[0]] == [patient.pk]

    restrict(patient, by=officer, purposes=["TREAT"])  # type: ignore[list-item]

    assert [seen(one) for one in shared] == [[], []]


@contextlib.contextmanager
def transaction_of(through: BaseDatabaseWrapper) -> Iterator[None]:
    through.set_autocommit(False)
    try:
        yield
    finally:
        through.rollback()
        through.set_autocommit(True)
