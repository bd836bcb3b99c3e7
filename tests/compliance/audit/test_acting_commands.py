"""Whoever runs `manage.py` may say in whose name and what for, with every command."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.db import connection

from compliance.audit import commands
from compliance.audit.context import current
from compliance.audit.errors import NoSuchActor
from compliance.models import AuditLog, User

BASE = Path(__file__).resolve().parents[3]


@pytest.mark.parametrize(
    ("argv", "environ", "said"),
    [
        (["m", "shell"], {}, ("", "", ["m", "shell"])),
        (["m", "shell", "--as", "a@x", "-c", "1"], {}, ("a@x", "", ["m", "shell", "-c", "1"])),
        (["m", "--as=a@x", "load", "--purpose", "TREAT", "f"], {}, ("a@x", "TREAT", ["m", "load", "f"])),
        (["m", "load"], {"WEBQX_AS": "a@x", "WEBQX_PURPOSE": "HOPERAT"}, ("a@x", "HOPERAT", ["m", "load"])),
        (["m", "load", "--as", "b@x"], {"WEBQX_AS": "a@x"}, ("b@x", "", ["m", "load"])),
        (["m", "load", "--a", "x", "--help"], {}, ("", "", ["m", "load", "--a", "x", "--help"])),
    ],
)
def test_its_words_are_taken_out_of_a_command_line(
    argv: list[str], environ: dict[str, str], said: tuple[str, str, list[str]]
) -> None:
    assert commands.words(argv, environ) == said


@pytest.mark.django_db
def test_a_command_acts_for_the_account_that_is_named(administrator: User) -> None:
    with commands.said(commands.Words("ROOT@clinic.example", "TREAT", ["manage.py", "loaddata", "file.json"])):
        context = current()

    assert context is not None
    assert (context.actor, context.email, context.role) == (administrator.pk, administrator.email, "admin")
    assert (context.purpose, context.source) == ("TREAT", "manage.py loaddata")


@pytest.mark.django_db
@pytest.mark.parametrize("email", ["nobody@clinic.example", "gone@clinic.example", "'; --"])
def test_an_account_that_is_not_there_or_not_active_is_refused(email: str) -> None:
    User.objects.create_user("gone@clinic.example", is_active=False)

    with (
        pytest.raises(NoSuchActor, match=r"--as \(or WEBQX_AS\) names no active account\."),
        commands.said(commands.Words(email, "", ["manage.py", "shell"])),
    ):
        pytest.fail("it ran")


@pytest.mark.django_db
def test_where_there_are_no_accounts_yet_it_says_so() -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE users RENAME TO people")

    with (
        pytest.raises(NoSuchActor, match=r"cannot be looked up: ProgrammingError\. Leave it out"),
        commands.said(commands.Words("a@x", "", ["manage.py", "migrate"])),
    ):
        pytest.fail("it ran")


@pytest.fixture
def committed_user(committed_database: None) -> User:
    return User.objects.create_user("ada@clinic.example", role="nurse")


def test_manage_py_itself_says_it(committed_user: User) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    write = "from appointments.models import Location; Location.objects.create(name='Room 9', kind='ro')"
    ran = subprocess.run(
        [sys.executable, "manage.py", "shell", "--as", "ada@clinic.example", "--purpose", "HOPERAT", "-c", write],
        cwd=BASE,
        env={**os.environ, "DATABASE_URL": url},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    entry = AuditLog.objects.get(table_name="locations")
    assert (entry.actor_id, entry.purpose_of_use) == (committed_user.pk, "HOPERAT")
    assert (entry.source, entry.actor_role, entry.attributed) == ("manage.py shell", "nurse", True)
