"""Writes that commit: from outside through psql, in a SQL file of the plan, and each statement by itself."""

from __future__ import annotations

import os
import shutil
import subprocess
from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

import pytest
from django.core.management import call_command
from django.db import InternalError, connection, transaction

from compliance.audit.context import acting
from sql_migrations.graph import sql_dir
from tests.compliance.audit.matrix import paths
from tests.compliance.audit.matrix.subject import insert, typed, update
from tests.compliance.audit.matrix.tables import KEPT, TABLES, subject
from tests.compliance.audit.matrix.test_writes import ACTOR, as_somebody, difference
from tests.compliance.audit.matrix.trail import Named, observed, tried
from webqx import binaries

if TYPE_CHECKING:
    from pathlib import Path

    from pytest_django.fixtures import SettingsWrapper

PATHS = paths.load()
NOBODY = Named(None, False, "trigger")
DEPLOY = Named(None, True, "trigger")  # the file is the source
OUTSIDE = [path for path in PATHS.values() if "psql" in path.via]
# In one transaction, an earlier statement may have said who acts. Here each stands by itself.
ALONE = [name for name, path in PATHS.items() if not path.needs_commits and not path.own]


@pytest.fixture
def db(committed_database: None) -> None:
    """The people of tests.people live in a database where everything commits."""


def psql(text: str) -> None:
    url = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{connection.settings_dict['NAME']}").geturl()
    program = str(binaries.installed() / "psql")
    done = subprocess.run(
        [program, "-X", "-q", "-v", "ON_ERROR_STOP=1", url], input=text, text=True, capture_output=True, check=False
    )
    if done.returncode:
        raise InternalError(done.stderr)


def test_what_psql_writes_is_recorded_and_names_nobody(request: pytest.FixtureRequest, db: None) -> None:
    wrong = {}
    for table in TABLES:
        rows = replace(subject(table, request), psql=psql)
        for path in OUTSIDE:
            if not path.applies(rows):
                continue
            if path.deletes and table in KEPT:
                with pytest.raises(InternalError, match=KEPT[table]):
                    path.write(rows)
            elif problem := difference(tried(path, rows), path.expected(rows), NOBODY):
                wrong[table, path.name] = problem

    assert wrong == {}


def test_what_a_sql_file_of_the_plan_writes_is_recorded(
    request: pytest.FixtureRequest, db: None, tmp_path: Path, settings: SettingsWrapper
) -> None:
    call_command("migrate", verbosity=0, interactive=False)  # what it syncs by itself is in step then
    path, text = PATHS["a raw SQL migration"], []
    expected: Counter[str] = Counter()
    for table in TABLES:
        rows = replace(subject(table, request), deploy=text.append)
        path.write(rows)
        expected += path.expected(rows)
    folder = tmp_path / "sql_migrations"
    shutil.copytree(sql_dir(), folder, ignore=lambda _, names: [name for name in names if not name.endswith(".sql")])
    (folder / "20300101_000000_write_everywhere.sql").write_text("".join(text), encoding="utf-8")
    settings.SQL_MIGRATIONS_DIR = folder

    outcome = observed(lambda: call_command("migrate", verbosity=0, interactive=False))

    assert difference(outcome, expected, DEPLOY) == ""


def test_each_way_to_write_says_who_acts_outside_a_transaction_too(request: pytest.FixtureRequest, db: None) -> None:
    rows = subject("locations", request)
    wrong = {}
    for name in ALONE:
        path = PATHS[name]
        for write, by in ((as_somebody(path.write), Named(ACTOR, True, "trigger")), (path.write, NOBODY)):
            if path.refused or not path.applies(rows):
                continue
            rows.rows.all().delete()
            rows = replace(rows, row=rows.new(0), spare=rows.new(1))
            rows.row.save()
            rows.spare.save()
            if problem := difference(tried(replace(path, write=write), rows), path.expected(rows), by):
                wrong[name, by] = problem

    assert wrong == {}


@pytest.mark.parametrize("begin", ["BEGIN;", "/* why */ begin work ;", "START TRANSACTION;\n", "begin transaction; ;"])
def test_a_string_that_begins_a_transaction_of_its_own_says_who_acts(
    request: pytest.FixtureRequest, db: None, begin: str
) -> None:
    rows = subject("locations", request)
    text = f"{begin} {typed(insert(rows.new(2)))} {typed(update(rows.changed(), rows.change(1)))} COMMIT"

    def write() -> None:
        with acting(actor=ACTOR), connection.cursor() as cursor:
            cursor.execute(text)
        rows.new(3).save()

    outcome = observed(write)

    assert outcome.counted == {"create": 2, "update": 1}
    assert outcome.said == outcome.done
    # The last one was written when nobody acted any more.
    assert outcome.named == {Named(ACTOR, True, "trigger"), NOBODY}


def test_what_must_come_first_in_a_transaction_still_does(request: pytest.FixtureRequest, db: None) -> None:
    rows = subject("locations", request)
    change = typed(update(rows.changed(), rows.change(1)))

    with acting(actor=ACTOR), connection.cursor() as cursor:
        cursor.execute(f"BEGIN; SET TRANSACTION ISOLATION LEVEL SERIALIZABLE; {change} COMMIT")
        cursor.execute(f"BEGIN ISOLATION LEVEL SERIALIZABLE; {typed(insert(rows.new(2)))} COMMIT")

    assert rows.rows.count() == 3


def test_a_transaction_that_is_rolled_back_leaves_nothing(request: pytest.FixtureRequest, db: None) -> None:
    subjects = [subject(table, request) for table in TABLES]

    def write() -> None:
        for rows in subjects:
            with transaction.atomic():
                rows.new(2).save()
                rows.changed().save()
                transaction.set_rollback(True)

    outcome = observed(write)

    assert outcome.done == outcome.said == []
