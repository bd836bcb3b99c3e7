"""What every test stands on."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest
from django.db import connection

if TYPE_CHECKING:
    from collections.abc import Callable


def test_each_empty_database_is_new_and_empty(database_url: Callable[[], str]) -> None:
    first, second = database_url(), database_url()
    with psycopg.connect(first) as one:
        one.execute("CREATE TABLE left_behind ()")

    with psycopg.connect(second) as two:
        found = two.execute("SELECT count(*) FROM pg_class WHERE relnamespace = 'public'::regnamespace").fetchone()

    assert found == (0,)


@pytest.mark.django_db
def test_the_tests_database_is_migrated_and_belongs_to_an_ordinary_role() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT rolsuper, to_regclass('django_migrations') IS NOT NULL FROM pg_roles WHERE rolname = current_user"
        )

        assert cursor.fetchone() == (False, True)


def test_migrate_without_a_server_is_one_sentence(tmp_path: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "manage.py", "migrate"],
        cwd=Path(__file__).parents[2],
        env=os.environ | {"DATABASE_URL": f"postgresql://nobody@/nothing?host={tmp_path}&port=5432"},
        capture_output=True,
        text=True,
        check=False,
    )

    assert ended.returncode == 1
    assert "Traceback" not in ended.stderr
    assert "PostgreSQL cannot be reached" in ended.stderr
