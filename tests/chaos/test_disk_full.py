"""No room left, on a real full disk: the error is shown, nothing is applied, and a run with room carries on."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

import psycopg
import pytest

from tests.chaos import databases

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.chaos.sandbox import Sandbox

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_MEGABYTE = "SELECT repeat('x', 1000) FROM generate_series(1, 1000)"


@pytest.fixture
def small_disk(sandbox: Sandbox) -> Iterator[tuple[str, Path]]:
    """A tablespace of 1 MB and where it is mounted."""
    name, place = f"chaos_small_{_WORKER}", Path(tempfile.mkdtemp(prefix="chaos-disk-", dir="/tmp"))
    try:
        superuser = psycopg.connect(databases.url(sandbox.database, user="postgres"), autocommit=True)
    except psycopg.OperationalError:
        pytest.skip("making a tablespace takes the superuser, as whom this server does not let us in")
    with superuser:
        (data,) = superuser.execute("SHOW data_directory").fetchone() or ("",)
        if not Path(data).exists() or not _mounted(place, Path(data).stat().st_uid):
            pytest.skip("mounting a small disk takes root, and a server on this machine")
        try:
            superuser.execute(f"CREATE TABLESPACE {name} LOCATION '{place}'")
            superuser.execute(f"GRANT CREATE ON TABLESPACE {name} TO PUBLIC")
            yield name, place
            for table in ("big", "small"):
                superuser.execute(f"DROP TABLE IF EXISTS {table}")
            superuser.execute(f"DROP TABLESPACE {name}")
        finally:
            subprocess.run(["umount", place], check=True)
            place.rmdir()


def _mounted(place: Path, owner: int) -> bool:
    options = f"size=1m,mode=0700,uid={owner}"
    return subprocess.run(["mount", "-t", "tmpfs", "-o", options, "chaos", place], check=False).returncode == 0


@pytest.mark.parametrize("header", ["", "-- Transaction: none\n"])
def test_a_full_disk(sandbox: Sandbox, small_disk: tuple[str, Path], header: str) -> None:
    tablespace, place = small_disk
    file = sandbox.add(
        "big",
        f"{header}CREATE TABLE small (t text) TABLESPACE {tablespace};\n"
        f"CREATE TABLE big TABLESPACE {tablespace} AS {_MEGABYTE};\n",
    )
    ended = sandbox.migrate()

    assert ended.code == 1
    assert f"{file.name}:{2 if header == '' else 3}:1: could not extend file" in ended.output
    assert "No space left on device" in ended.output
    assert "HINT: Check free disk space." in ended.output
    assert "Traceback" not in ended.output
    assert not sandbox.has("big")
    assert sandbox.has("small") == bool(header)
    assert not sandbox.is_applied(file)

    subprocess.run(["mount", "-o", "remount,size=16m", place], check=True)
    again = sandbox.migrate()
    assert again.code == 0, again.output
    assert sandbox.is_applied(file)
    assert sandbox.value("SELECT count(*) FROM big") == 1000


def test_a_full_disk_in_an_orm_migration(sandbox: Sandbox) -> None:
    """Stands in for the disk by the error that PostgreSQL gives: Django chooses where its tables lie."""
    assert sandbox.migrate("ward", "zero", "--yes").code == 0
    with sandbox.connect() as other:
        other.execute(
            "CREATE FUNCTION full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN "
            "RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$;"
            "CREATE TRIGGER full_disk BEFORE INSERT ON django_migrations FOR EACH ROW WHEN (new.app = 'ward') "
            "EXECUTE FUNCTION full_disk()"
        )
        ended = sandbox.migrate()
        other.execute("DROP FUNCTION full_disk CASCADE")

    assert ended.code == 1
    assert "Traceback" not in ended.output
    assert "ward.0001_initial: could not extend file" in ended.output
    assert not sandbox.has("ward_ward")
    assert sandbox.migrate().code == 0
