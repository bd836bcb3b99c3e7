"""Tests run on a real PostgreSQL: a server of their own, made when they start and removed when they end.

WEBQX_TEST_DATABASE_URL, else DATABASE_OWNER_URL or DATABASE_URL, names another server instead. Its user must be allowed
to make databases and to become webqx_app: tests set up as the owner, and requests run with the application's rights.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import hypothesis
import psycopg
import pytest
from psycopg import sql

from webqx import embedded
from webqx.cluster import APP, OWNER

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from django.test import Client
    from pytest_django import DjangoDbBlocker

# The same examples in every run, so that what is red is red again; and no test is timed.
hypothesis.settings.register_profile("webqx", derandomize=True, deadline=None)
hypothesis.settings.load_profile("webqx")

pytest_plugins = ["tests.people"]
SERVER = pytest.StashKey[contextlib.ExitStack]()
TEMPLATE = "test_webqx_template"
# A role for tests about anything but access: every permission, with everybody's rows, for any purpose.
EVERYTHING = r"""
INSERT INTO auth_group (name) VALUES ('everything');
INSERT INTO auth_group_permissions (group_id, permission_id)
SELECT auth_group.id, auth_permission.id FROM auth_group, auth_permission WHERE auth_group.name = 'everything';
INSERT INTO access_rules (role, purpose, permission, table_name, action, reach)
SELECT 'everything', purpose, app_label || '.' || codename,
    coalesce((SELECT table_name FROM access_rules AS known WHERE known.permission LIKE '%\_' || model LIMIT 1), model),
    CASE WHEN codename LIKE 'view\_%' THEN 'read' ELSE 'write' END, 'all'
FROM auth_permission JOIN django_content_type AS kind ON kind.id = content_type_id,
    unnest('{TREAT,HOPERAT,HPAYMT,PATRQT}'::text[]) AS purpose
"""
WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")


def pytest_configure(config: pytest.Config) -> None:
    """Point the settings at the test server before they are loaded. Workers of pytest-xdist inherit the environment."""
    if not hasattr(config, "workerinput"):
        config.stash[SERVER] = stack = contextlib.ExitStack()
        named = ("WEBQX_TEST_DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_URL")
        url = next(filter(None, map(os.environ.get, named)), None)
        if not url:
            url = stack.enter_context(embedded.throwaway(OWNER))
        os.environ.update(
            DATABASE_URL=url,
            DATABASE_OWNER_URL="",  # one login: what tests start gets the database of DATABASE_URL, whatever it does
            WEBQX_ENV="development",
            DJANGO_SECRET_KEY="a key for tests only",
            DJANGO_SETTINGS_MODULE="webqx.settings",
        )
        keys = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="webqx-keys-")))
        os.environ.update(PHI_KEYSET=str(keys / "keyset.json"), PHI_KEY_URI=(keys / "key").as_uri())
        _can_become_the_application()
        _drop(TEMPLATE)  # what an earlier run left on a server that outlives it

    from django.conf import settings  # noqa: PLC0415 - loading the settings needs the environment above

    # The template's migrate syncs; a later one would take out the role that only tests have.
    settings.ACCESS_POLICY_SYNC = False
    # Argon2 is slow on purpose, and tests make many users.
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


def pytest_unconfigure(config: pytest.Config) -> None:
    if stack := config.stash.get(SERVER, None):
        stack.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Let every test with a database reach the trail's own connection too, but where a database of its own commits."""
    for item in items:
        mark, names = item.get_closest_marker("django_db"), getattr(item, "fixturenames", ())
        if "committed_database" not in names and (mark or "db" in names):
            said = {**(mark.kwargs if mark else {}), "databases": ["default", "audit"]}
            item.add_marker(pytest.mark.django_db(**said), append=False)


@pytest.fixture(scope="session")
def django_db_setup(django_test_environment: None, django_db_blocker: DjangoDbBlocker) -> Iterator[None]:
    """Migrate one database per run, and give each worker a copy of it."""
    from django.db import connection, connections  # noqa: PLC0415 - needs the settings

    name = f"test_webqx_{WORKER}"
    with django_db_blocker.unblock():
        _migrate_template()
        _drop(name)
        _create(name, template=TEMPLATE)
        connection.settings_dict["NAME"] = name
        connections.settings["audit"]["NAME"] = name
        # What the trail records apart goes with the rest of a test when that is rolled back.
        connections["audit"] = connections["default"]
    _know_everything()
    yield
    with django_db_blocker.unblock():
        connection.close()
        _drop(name)


@pytest.fixture
def client(db: None) -> Client:
    """Django's client, whose requests are served with the application's rights."""
    from tests.logins import ApplicationClient  # noqa: PLC0415 - needs the settings

    return ApplicationClient()


@pytest.fixture
def database_url() -> Iterator[Callable[[], str]]:
    """A function that makes a database, empty without a template, and returns its URL. The test's end drops them."""
    made: list[str] = []

    def make(template: str = "template0") -> str:
        name = f"test_empty_{WORKER}_{next(_numbers)}"
        _drop(name)
        _create(name, template=template)
        made.append(name)
        return urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}").geturl()

    yield make
    for name in made:
        _drop(name)


_numbers = itertools.count(1)


@pytest.fixture
def committed_database(
    django_db_setup: None, django_db_blocker: DjangoDbBlocker, database_url: Callable[[str], str]
) -> Iterator[None]:
    """A database of the test's own, where transactions commit: for what several connections do at once.

    A module of such tests puts it in the place of `db`, so that the people of tests.people live there.
    """
    from django.db import connection, connections  # noqa: PLC0415 - needs the settings

    usual, own = connection.settings_dict["NAME"], urlsplit(database_url(TEMPLATE)).path[1:]
    with django_db_blocker.unblock():
        connection.close()
        # Threads read the same settings.
        connection.settings_dict["NAME"] = connections.settings["audit"]["NAME"] = own
        # What the trail records is committed apart, as it is where this runs.
        with contextlib.suppress(AttributeError):  # beside an event loop there is none yet
            del connections["audit"]
        yield
        connections["audit"].close()
        connections["audit"] = connections["default"]
        connection.close()
        connection.settings_dict["NAME"] = connections.settings["audit"]["NAME"] = usual


def _migrate_template() -> None:
    """The first worker makes the template, under another name until it is whole; the others wait."""
    from django.core.management import call_command  # noqa: PLC0415 - needs the settings
    from django.db import connection  # noqa: PLC0415
    from django.test import override_settings  # noqa: PLC0415

    with _server() as server:
        server.execute("SELECT pg_advisory_lock(hashtext(%s))", [TEMPLATE])
        if server.execute("SELECT FROM pg_database WHERE datname = %s", [TEMPLATE]).fetchone() is not None:
            return
        unfinished = f"{TEMPLATE}_unfinished"
        _drop(unfinished)
        _create(unfinished)
        connection.settings_dict["NAME"] = unfinished
        with override_settings(ACCESS_POLICY_SYNC=True):
            call_command("migrate", verbosity=0, interactive=False)
        with connection.cursor() as cursor:
            cursor.execute(EVERYTHING)
        connection.close()
        rename = sql.SQL("ALTER DATABASE {} RENAME TO {}")
        server.execute(rename.format(sql.Identifier(unfinished), sql.Identifier(TEMPLATE)))


def _know_everything() -> None:
    """Let the policy in memory know that role too, so that it is shown every column."""
    from django.apps import apps  # noqa: PLC0415 - needs the settings

    from compliance.access.policy import Grant, Role, policy  # noqa: PLC0415

    purposes = ("TREAT", "HOPERAT", "HPAYMT")
    verbs = {
        model._meta.label_lower: {"view", "add", "change"} & {*model._meta.default_permissions}
        for model in apps.get_models()
    }
    every = tuple(Grant(tuple(sorted(of_one)), (label,), "all", purposes, None) for label, of_one in verbs.items())
    roles: Any = policy().roles
    roles["everything"] = Role(
        "everything", "Everything", purposes, second_factor=False, break_glass=False, grants=every
    )


def _server() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def _can_become_the_application() -> None:
    with _server() as server:
        try:
            server.execute(sql.SQL("SET ROLE {}").format(sql.Identifier(APP)))
        except psycopg.Error as problem:
            said = f"{problem.diag.message_primary}. Make the two logins there: see docs/database-logins.md."
            raise pytest.UsageError(f"The tests' server does not let its user become {APP}: {said}") from None


def _create(name: str, *, template: str = "template0") -> None:
    with _server() as server:
        create = sql.SQL("CREATE DATABASE {} TEMPLATE {}")
        server.execute(create.format(sql.Identifier(name), sql.Identifier(template)))
        server.execute(sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC").format(sql.Identifier(name)))


def _drop(name: str) -> None:
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))
