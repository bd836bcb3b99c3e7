"""Measure what row-level security costs a clinician's pages, in a small clinic and in a large one.

python -m benchmarks.access [--sizes 10000 1000000] [--care 300] [--rounds 200]

Each page is asked for as the application's login, which row-level security binds, and as the owner, whom it does not;
the code is the same. Exit code 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command
from django.db import connection

from benchmarks.replay import report
from benchmarks.replay.server import scratch
from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from benchmarks.replay.server import Server

PAGE_AIM, SQL_AIM, GROWTH_AIM = 1.3, 2.0, 1.5
# Turns of each clinic, and pages that do not count at the beginning of each: the session is a new one.
TURNS, WARMING = 5, 5
Times = dict[str, dict[str, list[tuple[float, float]]]]  # milliseconds of page and statements, by page and by role
# As many patients as are said, without their entries in the trail: it is not what is measured here.
MADE = """
ALTER TABLE patients DISABLE TRIGGER zz_audit_row;
INSERT INTO patients (mrn, assigning_authority, family_name, given_name, birth_date, administrative_gender)
SELECT 'B-' || n, 'Benchmark', 'Name' || n, 'G', date '1950-01-01' + n %% 20000, 'unknown'
  FROM generate_series(1, %(size)s) AS n;
ALTER TABLE patients ENABLE ALWAYS TRIGGER zz_audit_row;
INSERT INTO providers (npi, family_name, given_name, active_from, user_id)
VALUES ('1234567893', 'Thistlewood', 'Barnaby', '2020-01-01', %(account)s);
-- Spread over the whole table, as people come.
INSERT INTO care_relationships (patient_id, user_id, role, starts_at)
SELECT id, %(account)s, 'treating', now() - interval '1 day'
  FROM patients WHERE id %% greatest(%(size)s / %(care)s, 1) = 0 LIMIT %(care)s;
INSERT INTO appointments (patient_id, provider_id, status, starts_at, ends_at)
SELECT patient_id, providers.id, 'booked', at, at + interval '20 minutes'
  FROM (SELECT patient_id, date_trunc('day', now()) + row_number() OVER (ORDER BY id) * interval '20 minutes' AS at
          FROM care_relationships LIMIT 24) AS today, providers;
INSERT INTO allergies (patient_id, substance, category, clinical_status)
SELECT patient_id, 'Substance ' || n, 'medication', 'active' FROM care_relationships, generate_series(1, 3) AS n
"""


def clinic(server: Server, size: int, care: int) -> None:
    """Make a clinic in which a physician has so many of the patients in care."""
    from compliance.models import User  # noqa: PLC0415 - models load after the settings

    server.new(f"clinic_{size}")
    _enter(size)
    call_command("migrate", verbosity=0, interactive=False)
    account = User.objects.create_user("doctor@clinic.example", role="physician", is_staff=True)
    with connection.cursor() as cursor:
        for statement in MADE.split(";\n"):
            cursor.execute(statement, {"size": size, "care": care, "account": account.pk})
        cursor.execute("VACUUM (ANALYZE)")


def pages() -> dict[str, str]:
    """Give the address of each page; the chart is of a patient in care."""
    from compliance.models import CareRelationship  # noqa: PLC0415 - models load after the settings

    chart = CareRelationship.objects.order_by("pk").values_list("patient_id", flat=True)[0]
    return {
        "a chart's first page": f"/admin/patients/patient/{chart}/change/",
        "the patients in care": "/admin/patients/patient/",
        "the day's appointments": "/admin/appointments/appointment/",
        "the allergies of those in care": "/admin/patients/allergy/",
    }


def measure(rounds: int, taken: Times) -> None:
    """Ask for each page, bound and not in turn, and note the milliseconds of the page and of its statements."""
    from django.test import Client  # noqa: PLC0415 - needs the settings

    from compliance.models import User  # noqa: PLC0415

    client = Client()
    client.force_login(User.objects.get(email="doctor@clinic.example"))
    for name, address in pages().items():
        of_page = taken.setdefault(name, {APP: [], "none": []})
        for number in range(rounds + WARMING):
            for role, times in of_page.items():
                with _as(role):
                    timed = _timed(lambda: client.get(address))  # noqa: B023 - called at once
                if number >= WARMING:
                    times.append(timed)


def _timed(ask: Callable[[], Any]) -> tuple[float, float]:
    spent = [0.0]

    def statement(execute: Callable[..., Any], *arguments: Any) -> Any:
        started = time.perf_counter()
        try:
            return execute(*arguments)
        finally:
            spent[0] += time.perf_counter() - started

    started = time.perf_counter()
    with connection.execute_wrapper(statement):
        answer = ask()
    taken = time.perf_counter() - started
    assert answer.status_code == 200, answer.status_code
    return taken * 1000, spent[0] * 1000


@contextlib.contextmanager
def _as(role: str) -> Iterator[None]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT set_config('role', %s, false)", [role])
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET ROLE")


def _medians(times: Sequence[tuple[float, float]]) -> tuple[float, float]:
    return statistics.median(page for page, _ in times), statistics.median(sql for _, sql in times)


def _enter(size: int) -> None:
    """Turn to the clinic of that size, with both aliases: what is recorded apart is recorded there too."""
    from django.db import connections  # noqa: PLC0415 - needs the settings

    for alias in ("default", "audit"):
        connections[alias].close()
        connections[alias].settings_dict["NAME"] = f"clinic_{size}"


def table(found: dict[int, Times]) -> list[str]:
    """Print a row for each page and size, and give the aims that are missed."""
    print("| page | patients | page ms, bound | not bound | ratio | SQL ms, bound | not bound | ratio |")
    print("|---|---:|---:|---:|---:|---:|---:|---:|")
    missed = []
    for name in next(iter(found.values())):
        for size, measured in found.items():
            (page, sql), (free_page, free_sql) = _medians(measured[name][APP]), _medians(measured[name]["none"])
            cells = [f"{page:.1f}", f"{free_page:.1f}", f"{page / free_page:.2f}"]
            cells += [f"{sql:.2f}", f"{free_sql:.2f}", f"{sql / free_sql:.2f}"]
            print(f"| {name} | {size:,} | {' | '.join(cells)} |")
            if page / free_page > PAGE_AIM or sql / free_sql > SQL_AIM:
                missed.append(f"{name} at {size:,} patients")
        small, *_, large = [_medians(measured[name][APP])[1] for measured in found.values()]
        print(f"| {name} | SQL, largest by smallest | | | | | | {large / small:.2f} |")
        if large / small > GROWTH_AIM:
            missed.append(f"{name}, which grows with the clinic")
    return missed


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.access", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--care", type=int, default=300, help="patients in the physician's care (default: 300)")
    parser.add_argument("--rounds", type=int, default=200)
    options = parser.parse_args()
    os.environ |= {"WEBQX_ENV": "development", "DJANGO_SETTINGS_MODULE": "webqx.settings", "DATABASE_OWNER_URL": ""}
    with scratch(fsync=False) as server:
        os.environ["DATABASE_URL"] = server.url
        django.setup()
        from django.conf import settings  # noqa: PLC0415 - needs the environment

        settings.ALLOWED_HOSTS, settings.DEBUG = ["testserver"], False
        report.machine(server.version(), fsync="off", commit_milliseconds=0)
        found: dict[int, Times] = {size: {} for size in options.sizes}
        for size in options.sizes:
            clinic(server, size, options.care)
        for _ in range(TURNS):  # so that what else the machine does falls upon all of them
            for size in options.sizes:
                _enter(size)
                measure(options.rounds // TURNS, found[size])
        _enter(options.sizes[0])
        missed = table(found)
    if missed:
        sys.exit(f"Missed: {'; '.join(missed)}.")


if __name__ == "__main__":
    main()
