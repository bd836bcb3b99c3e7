"""Which database login a real process uses, with two URLs, and with one."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request
from http.cookiejar import CookieJar
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import psycopg
import pytest

from tests.conftest import TEMPLATE
from webqx import binaries, embedded
from webqx.cluster import APP, OWNER, PLAIN

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

BASE = Path(__file__).resolve().parents[2]
WHO = "from django.db import connection as c; k = c.cursor(); k.execute('SELECT session_user'); print(k.fetchone()[0])"


@pytest.fixture
def urls(django_db_setup: None, database_url: Callable[[str], str]) -> dict[str, str]:
    """Both URLs of a migrated database, on a server that lets the tests connect as the application."""
    owners = database_url(TEMPLATE)
    parts = urlsplit(owners)
    if parts.password:
        pytest.skip("the tests know no password of the application's on this server")
    serving = parts._replace(netloc=f"{APP}@{parts.netloc.rpartition('@')[2]}").geturl()
    return {"DATABASE_URL": serving, "DATABASE_OWNER_URL": owners}


def manage(*arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=BASE,
        env=os.environ | settings,
        capture_output=True,
        text=True,
        check=False,
    )


def who(done: subprocess.CompletedProcess[str]) -> str:
    assert done.returncode == 0, done.stderr
    return done.stdout.split()[-1]


def test_a_shell_is_the_application_and_dbshell_the_owner(urls: dict[str, str]) -> None:
    path = os.pathsep.join([str(binaries.installed()), os.environ["PATH"]])
    asked = ("dbshell", "--", "-AtXc", "SELECT session_user")

    assert who(manage("shell", "-c", WHO, **urls)) == APP
    assert who(manage(*asked, PATH=path, **urls)) == urlsplit(urls["DATABASE_OWNER_URL"]).username


def test_migrate_is_the_owners_and_the_application_cannot(urls: dict[str, str]) -> None:
    done = manage("migrate", **urls)
    assert (done.returncode, "No migrations to apply." in done.stdout) == (0, True)

    refused = manage("migrate", "records", "zero", "--yes", **urls | {"DATABASE_OWNER_URL": ""})
    assert refused.returncode == 1
    assert "Traceback" not in refused.stderr


def test_with_one_url_that_login_does_everything(urls: dict[str, str]) -> None:
    alone = {"DATABASE_URL": urls["DATABASE_OWNER_URL"], "DATABASE_OWNER_URL": ""}

    assert manage("migrate", **alone).returncode == 0
    assert who(manage("shell", "-c", WHO, **alone)) == urlsplit(alone["DATABASE_URL"]).username
    assert "compliance.W043" in manage("check", "--database", "default", **alone).stderr
    assert "compliance.W043" not in manage("check", "--database", "default", **urls).stderr


@pytest.fixture
def served(urls: dict[str, str]) -> Iterator[str]:
    """The address of a running development server."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
        cwd=BASE,
        env=os.environ | urls,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    yield f"http://127.0.0.1:{port}"
    process.terminate()
    process.wait()


def test_the_site_is_served_by_the_application(served: str, urls: dict[str, str]) -> None:
    browser = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(CookieJar()))
    page = _when_it_answers(browser, f"{served}/admin/login/")
    found = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', page)
    assert found
    wrong = {"csrfmiddlewaretoken": found[1], "username": "nobody@clinic.example", "password": "wrong"}
    browser.open(f"{served}/admin/login/", urllib.parse.urlencode(wrong).encode())

    with psycopg.connect(urls["DATABASE_OWNER_URL"]) as connection:
        failed = "SELECT db_role FROM audit_logs WHERE event_type = 'login_failed'"
        assert connection.execute(failed).fetchall() == [(APP,)]


def _when_it_answers(browser: urllib.request.OpenerDirector, address: str) -> str:
    deadline = time.monotonic() + 60
    while True:
        try:
            return str(browser.open(address).read().decode())
        except urllib.error.URLError:
            assert time.monotonic() < deadline, "the server does not answer"
            time.sleep(0.1)


def test_the_script_for_other_servers_makes_the_logins_of_the_built_in_one() -> None:
    facts = (
        "SELECT rolname::text, rolcanlogin, rolsuper, rolcreaterole, rolreplication, rolbypassrls FROM pg_roles "
        "WHERE rolname LIKE 'webqx%' ORDER BY rolname"
    )
    database = (
        "SELECT pg_get_userbyid(datdba)::text, has_database_privilege('webqx_app', oid, 'TEMPORARY') FROM pg_database "
        "WHERE datname = 'webqx'"
    )
    with embedded.throwaway("postgres") as url:
        postgres = urlsplit(url)._replace(path="/postgres").geturl()
        with psycopg.connect(postgres, autocommit=True) as server:
            before = server.execute(facts).fetchall(), server.execute(database).fetchall()
            server.execute("DROP DATABASE webqx")
            server.execute(f"DROP ROLE {OWNER}, {APP}")
            script = [binaries.installed() / "psql", "-Xq", "-f", BASE / "docs" / "make-logins.sql", postgres]
            done = subprocess.run(script, capture_output=True, text=True, check=False)
            after = server.execute(facts).fetchall(), server.execute(database).fetchall()

    assert (done.returncode, done.stderr) == (0, "")
    assert len(before[0]) == 2
    assert before == after
    assert all(word in (BASE / "docs" / "make-logins.sql").read_text() for word in PLAIN.split())
