"""Chromium on the admin of a running server. Without one on PATH these tests are skipped; .ci/run installs it."""

from __future__ import annotations

import shutil
import threading
from typing import TYPE_CHECKING

import pytest
from django.db.backends.signals import connection_created
from playwright.sync_api import sync_playwright
from pytest_django.live_server_helper import LiveServer

from tests.people import PASSWORD
from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Iterator

    from django.db.backends.base.base import BaseDatabaseWrapper
    from playwright.sync_api import Browser, ConsoleMessage, Page
    from pytest_django.fixtures import SettingsWrapper

    from compliance.models import User

_PROGRAM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


@pytest.fixture(scope="module")
def chromium(django_db_setup: None) -> Iterator[Browser]:
    """Chromium, for as long as the tests of one module run.

    Playwright runs an event loop in this thread meanwhile, beside which Django would refuse to ask the database.
    """
    if _PROGRAM is None:
        pytest.skip("no Chromium is on PATH")
    with pytest.MonkeyPatch.context() as environment, sync_playwright() as playwright:
        environment.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "true")
        # A container's root may have no user namespaces, and its /dev/shm is small.
        browser = playwright.chromium.launch(executable_path=_PROGRAM, args=["--no-sandbox", "--disable-dev-shm-usage"])
        yield browser
        browser.close()


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where the server, which runs in a thread, sees them."""


def _serve(connection: BaseDatabaseWrapper, **_: object) -> None:
    """Let a connection that the server makes, in whichever thread, have the application's rights only."""
    if threading.current_thread() is not threading.main_thread():
        connection.connection.execute("SELECT set_config('role', %s, false)", [APP])


@pytest.fixture
def served(db: None, settings: SettingsWrapper) -> Iterator[str]:
    """The URL of a running server, which has the application's rights."""
    connection_created.connect(_serve, dispatch_uid="tests.browser")
    # Not the fixture live_server: it empties the tables afterwards, and evidence cannot be emptied.
    settings.ALLOWED_HOSTS = ["localhost"]
    server = LiveServer("localhost")
    yield server.url
    server.stop()
    connection_created.disconnect(dispatch_uid="tests.browser")


@pytest.fixture
def window(chromium: Browser, served: str, administrator: User) -> Iterator[Page]:
    """A window in which an administrator has logged in. No page in it may write an error on the console."""
    context = chromium.new_context(base_url=served, viewport={"width": 1280, "height": 900})
    context.set_default_timeout(15_000)  # milliseconds; half of Playwright's own
    page = context.new_page()
    complaints: list[str] = []

    def listen(message: ConsoleMessage) -> None:
        if message.type == "error":
            complaints.append(message.text)

    context.on("console", listen)
    context.on("weberror", lambda error: complaints.append(str(error.error)))
    page.goto("/admin/")
    page.get_by_label("E-mail address").fill(administrator.email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/admin/")
    yield page
    context.close()
    assert complaints == []
