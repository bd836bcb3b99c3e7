"""Measure what a decision about consent costs, and a list that consents filter, among few consents and among many.

python -m benchmarks.consent [--sizes 10000 1000000] [--rounds 2000]

A size is a number of patients, each of whom has said one thing. Everything is asked for as the application's login,
which row-level security binds. Exit code 1 when an aim is missed.
"""

from __future__ import annotations

import argparse
import os
import random
import statistics
import sys
import time
from typing import TYPE_CHECKING, Any

import django
from django.core.management import call_command
from django.db import connection

from benchmarks.access.__main__ import _as, _enter
from benchmarks.replay import report
from benchmarks.replay.server import scratch
from webqx.cluster import APP

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from benchmarks.replay.server import Server

GROWTH_AIM = 1.5
TURNS, WARMING, ROWS = 5, 3, 100
Times = dict[str, list[float]]  # milliseconds of each time, by what was asked
# In every hundred patients: 20 restrict what is sensitive, 2 restrict treatment or payment, 10 authorize research, and
# 68 have agreed to treatment, payment and operations. The triggers that would write what follows row by row are
# relieved by one statement that writes the same.
MADE = """
ALTER TABLE patients DISABLE TRIGGER zz_audit_row;
ALTER TABLE consent_records DISABLE TRIGGER USER;
INSERT INTO patients (mrn, assigning_authority, family_name, given_name, birth_date, administrative_gender)
SELECT 'B-' || n, 'Benchmark', 'Name' || n, 'G', date '1950-01-01' + n %% 20000, 'unknown'
  FROM generate_series(1, %(size)s) AS n;
INSERT INTO consent_records (
    uid, consent_uid, version_no, recorded_by_id, patient_id, consent_type, status, decision, purposes,
    sensitivity_labels, starts_at, information_description, disclosers, recipients, expires_event, signed_at,
    signature_method, statements_shown)
SELECT gen_random_uuid(), gen_random_uuid(), 1, %(account)s, id, type, 'active',
    CASE WHEN type = 'restriction' THEN 'deny' ELSE 'permit' END, purposes, labels, now() - interval '1 day',
    'Records', '{Clinic}', '{University}', 'end of the study', now() - interval '2 days', 'ink',
    '{revocation,conditioning,redisclosure}'
  FROM (SELECT id, CASE WHEN id %% 100 < 22 THEN 'restriction' WHEN id %% 100 < 32 THEN 'research' ELSE 'tpo' END,
               CASE WHEN id %% 100 < 21 THEN '{TREAT}' WHEN id %% 100 < 22 THEN '{HPAYMT}'
                    WHEN id %% 100 < 32 THEN '{HRESCH}' ELSE '{TREAT,HPAYMT,HOPERAT}' END::text[],
               CASE WHEN id %% 100 < 20 THEN '{HIV}' ELSE '{}' END::text[]
          FROM patients) AS said (id, type, purposes, labels);
INSERT INTO consent_effects (patient_id, consent_id, kind, purpose, label, decision, starts_at)
SELECT patient_id, id, consent_kind(consent_type, '', '', NULL, NULL, NULL), purpose,
       CASE WHEN sensitivity_labels = '{}' THEN '*' ELSE sensitivity_labels[1] END, decision, starts_at
  FROM consent_records, unnest(purposes) AS purpose;
ALTER TABLE patients ENABLE ALWAYS TRIGGER zz_audit_row;
ALTER TABLE consent_records ENABLE TRIGGER USER;
-- Spread over the whole table, as people come.
INSERT INTO care_relationships (patient_id, user_id, role, starts_at)
SELECT id, %(account)s, 'treating', now() - interval '1 day'
  FROM patients WHERE id %% greatest(%(size)s / 300, 1) = 0 LIMIT 300;
INSERT INTO access_rules (role, purpose, permission, table_name, action, reach)
VALUES ('researcher', 'HRESCH', 'patients.view_patient', 'patients', 'read', 'all')
"""


def clinic(server: Server, size: int) -> None:
    """Make a clinic of so many patients, with a physician, a front desk and a researcher."""
    from compliance.models import User  # noqa: PLC0415 - models load after the settings

    server.new(f"clinic_{size}")
    _enter(size)
    call_command("migrate", verbosity=0, interactive=False)
    account = User.objects.create_user("physician@clinic.example", role="physician")
    User.objects.create_user("front_desk@clinic.example", role="front_desk")
    User.objects.create_user("researcher@clinic.example", role="researcher")
    with connection.cursor() as cursor:
        for statement in MADE.split(";\n"):
            cursor.execute(statement, {"size": size, "account": account.pk})
        cursor.execute("VACUUM (ANALYZE)")


def questions(size: int) -> dict[str, tuple[str, str, Callable[[Any], Any]]]:
    """Give what is asked: by whom, for what purpose, and the one query that asks it."""
    from compliance.access import visible_to  # noqa: PLC0415 - models load after the settings
    from compliance.consent.deciding import decide  # noqa: PLC0415
    from patients.models import Patient  # noqa: PLC0415

    chosen = random.Random(7)

    def decision(purpose: str, labels: Sequence[str] = ()) -> Callable[[Any], Any]:
        return lambda user: decide(Patient(pk=chosen.randint(1, size)), user, purpose, labels)

    def page(purpose: str) -> Callable[[Any], Any]:
        after = max(size // 2, 1)
        rows = Patient.objects.order_by("pk")
        return lambda user: list(
            visible_to(rows.filter(pk__gt=0 if purpose == "TREAT" else after), user, purpose)[:ROWS]
        )

    return {
        "a decision: treatment": ("physician", "TREAT", decision("TREAT")),
        "a decision: treatment, HIV": ("physician", "TREAT", decision("TREAT", ["HIV"])),
        "a decision: research": ("researcher", "HRESCH", decision("HRESCH")),
        f"a list of {ROWS}: a physician's patients": ("physician", "TREAT", page("TREAT")),
        f"a list of {ROWS}: the front desk's": ("front_desk", "HOPERAT", page("HOPERAT")),
        f"a list of {ROWS}: a researcher's": ("researcher", "HRESCH", page("HRESCH")),
    }


def measure(size: int, rounds: int, taken: Times) -> None:
    """Ask each question so many times, and note the milliseconds. Each is one query, or this fails."""
    from compliance.access.holders import roles_of  # noqa: PLC0415 - models load after the settings
    from compliance.audit.context import acting  # noqa: PLC0415
    from compliance.models import User  # noqa: PLC0415

    for name, (role, purpose, ask) in questions(size).items():
        user = User.objects.get(email=f"{role}@clinic.example")
        roles_of(user)  # which a request asks once
        user.usual_purpose, user.has_perm("patients.view_patient")  # what a request has asked by then
        with _as(APP), acting(user, purpose=purpose):
            assert _queries(lambda: ask(user)) == 1, name  # noqa: B023 - called at once
            times = taken.setdefault(name, [])
            # A list takes many times as long as a decision.
            for number in range((rounds // 10 if name.startswith("a list") else rounds) + WARMING):
                started = time.perf_counter()
                ask(user)
                if number >= WARMING:
                    times.append((time.perf_counter() - started) * 1000)


def _queries(ask: Callable[[], Any]) -> int:
    asked = 0

    def count(execute: Callable[..., Any], *arguments: Any) -> Any:
        nonlocal asked
        asked += 1
        return execute(*arguments)

    with connection.execute_wrapper(count):
        ask()
    return asked


def table(found: dict[int, Times]) -> list[str]:
    """Print a row for each question and size, and give the aims that are missed."""
    print("| asked | patients with a consent | median ms | p95 ms | p95, largest by smallest |")
    print("|---|---:|---:|---:|---:|")
    missed = []
    for name in next(iter(found.values())):
        p95 = {size: statistics.quantiles(times[name], n=20)[-1] for size, times in found.items()}
        small, *_, large = p95.values()
        for size, times in found.items():
            growth = f"{large / small:.2f}" if size == max(found) else ""
            print(f"| {name} | {size:,} | {statistics.median(times[name]):.2f} | {p95[size]:.2f} | {growth} |")
        if name.startswith("a decision") and large / small > GROWTH_AIM:
            missed.append(f"{name} grows with the number of consents")
    return missed


def main() -> None:
    """Parse, measure, report."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.consent", description=__doc__)
    parser.add_argument("--sizes", type=int, nargs="+", default=[10_000, 1_000_000])
    parser.add_argument("--rounds", type=int, default=2000)
    options = parser.parse_args()
    os.environ |= {"WEBQX_ENV": "development", "DJANGO_SETTINGS_MODULE": "webqx.settings", "DATABASE_OWNER_URL": ""}
    with scratch(fsync=False) as server:
        os.environ["DATABASE_URL"] = server.url
        django.setup()
        from django.conf import settings  # noqa: PLC0415 - needs the environment

        settings.DEBUG = False
        report.machine(server.version(), fsync="off", commit_milliseconds=0)
        found: dict[int, Times] = {size: {} for size in options.sizes}
        for size in options.sizes:
            clinic(server, size)
        for _ in range(TURNS):  # so that what else the machine does falls upon all of them
            for size in options.sizes:
                _enter(size)
                measure(size, options.rounds // TURNS, found[size])
        _enter(options.sizes[0])
        missed = table(found)
    if missed:
        sys.exit(f"Missed: {'; '.join(missed)}.")


if __name__ == "__main__":
    main()
