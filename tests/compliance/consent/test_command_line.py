"""`manage.py consent explain` takes --as and --purpose for whom it asks about; WEBQX_AS says who asks."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.db import connection

from compliance.audit import commands
from compliance.models import AuditLog

if TYPE_CHECKING:
    from compliance.models import User
    from patients.models import Patient

BASE = Path(__file__).resolve().parents[3]


@pytest.fixture
def db(committed_database: None) -> None:
    """Let the people live where another process sees them."""


def test_whom_it_asks_about_is_not_who_asks() -> None:
    environ = {"WEBQX_AS": "officer@x"}
    asked = ["consent", "explain", "--as", "doctor@x", "--purpose", "TREAT"]

    assert commands.words(["m", *asked], {}) == ("", "", ["m", *asked])
    assert commands.words(["m", *asked], environ) == ("officer@x", "", ["m", *asked])
    assert commands.words(["m", "--as", "officer@x", "--purpose=HOPERAT", *asked], {}) == (
        "officer@x",
        "HOPERAT",
        ["m", *asked],
    )
    assert commands.words(["m", "consent", "rules", "--as", "a@x"], {}) == ("a@x", "", ["m", "consent", "rules"])


def test_manage_py_itself_leaves_these_words_to_it_and_says_who_asks(
    patient: Patient, physician: User, reviewer: User
) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    words = ["consent", "explain", "--patient", str(patient.uid), "--purpose", "TREAT", "--as", physician.email]
    ran = subprocess.run(
        [sys.executable, "manage.py", *words],
        cwd=BASE,
        env={**os.environ, "DATABASE_URL": url, "WEBQX_AS": reviewer.email, "WEBQX_PURPOSE": "HOPERAT"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ran.returncode == 0, ran.stderr
    assert ran.stdout.startswith(f"Permitted: the chart, for TREAT, to {physician.email}.\n")
    entry = AuditLog.objects.get(event_type="query")
    assert (entry.actor_id, entry.source, entry.purpose_of_use) == (reviewer.pk, "manage.py consent", "HOPERAT")
    assert entry.additional_data["explained"]["account"] == physician.pk
