"""How the trail answers when it is small and when it has grown: the first page, a patient's entries, an account's.

Whoever is asked for at first is mostly not in memory when the trail is large; asked for again they are. Two databases
with 84 months each. The entries are put in by the server itself, past the triggers that refuse what is
back-dated: only a superuser can do that, and only here.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import time
from typing import TYPE_CHECKING, LiteralString

import psycopg

if TYPE_CHECKING:
    from benchmarks.replay.server import Server

SMALL = 10_000
# Seven years, the last of which are the months ahead that migrate made.
MONTHS = 84
# So many entries for each patient and each account, in the small trail and in the large one.
PER_PATIENT, PER_ACTOR = 100, 1000
LOOKS = 300
_COLUMNS: LiteralString = "id, timestamp, action, event_type, object_pk, object_repr, table_name, actor_id, patient_id"
QUERIES: dict[str, LiteralString] = {
    "the first page": f"SELECT {_COLUMNS}, changes FROM audit_logs ORDER BY timestamp DESC, id DESC LIMIT 51",
    "the first page of a patient": f"SELECT {_COLUMNS}, changes FROM audit_logs WHERE patient_id = %s "
    "ORDER BY timestamp DESC, id DESC LIMIT 51",
    "the first page of an account": f"SELECT {_COLUMNS}, changes FROM audit_logs WHERE actor_id = %s "
    "ORDER BY timestamp DESC, id DESC LIMIT 51",
}
_PARTITIONS = """
    DO $$
    DECLARE first_day timestamptz; month text;
    BEGIN
        FOR back IN 1 .. %s LOOP
            first_day := date_trunc('month', now()) - make_interval(months => back);
            month := 'audit_logs_' || to_char(first_day, 'YYYY_MM');
            EXECUTE format('CREATE TABLE audit_partitions.%%I PARTITION OF audit_logs FOR VALUES FROM (%%L) TO (%%L)',
                month, first_day, first_day + interval '1 month');
        END LOOP;
    END $$
"""
# Evenly over the months that have passed; what a trigger writes of an UPDATE.
_FILL = """
    INSERT INTO audit_logs (
        timestamp, action, event_type, object_pk, object_id, object_repr, table_name, actor_id, actor_email, actor_role,
        patient_id, object_version, changes, attributed, cid, remote_addr, source, captured_by
    )
    SELECT now() - (n * interval '1 second' * (%(seconds)s::float8 / %(rows)s)), 1, 'update', n::text, n,
        'appointments ' || n, 'appointments', 1 + n * 7919 %% %(actors)s, 'clinician@clinic.example', 'physician',
        1 + n * 104729 %% %(patients)s, 2,
        '{"status": ["***", "***"], "version": ["1", "2"], '
        '"updated_at": ["2024-05-06T09:00:00+00:00", "2024-05-06T09:30:00+00:00"]}',
        true, '6f1c2b1e-9a7d-4f0e-8d3c-2b1a0f9e8d7c', '192.0.2.7', 'POST /admin/appointments/', 'trigger'
    FROM generate_series(%(first)s::bigint, %(last)s::bigint) AS n
"""
_SECONDS_A_MONTH = 30 * 24 * 3600
_BATCH = 500_000


def measure(server: Server, large: int) -> None:
    """Fill both trails and print what their pages take."""
    for name, rows in (("trail_small", SMALL), ("trail_large", large)):
        _fill(server, name, rows)
    taken: dict[str, dict[str, list[float]]] = {"trail_small": {}, "trail_large": {}}
    # In turn, so that whatever else the machine does falls on both.
    with psycopg.connect(server.url_of("trail_small")) as small, psycopg.connect(server.url_of("trail_large")) as big:
        for look in range(LOOKS):
            for name, connection, rows in (("trail_small", small, SMALL), ("trail_large", big, large)):
                for query in QUERIES:
                    for time_of_asking in ("at first", "again"):
                        seconds = _look(connection, query, look, rows)
                        taken[name].setdefault(f"{query}, {time_of_asking}", []).append(seconds)
        (size,) = big.execute("SELECT sum(pg_total_relation_size(inhrelid)) / 2^30 FROM pg_inherits").fetchone() or (0,)
    print(f"{SMALL:,} and {large:,} entries ({size:.1f} GiB with their indexes) over {MONTHS} months before this one\n")
    print("|  | small: median ms | large: median ms | ratio |\n|---|---:|---:|---:|")
    for query in taken["trail_small"]:
        few, many = (statistics.median(taken[name][query]) * 1000 for name in ("trail_small", "trail_large"))
        print(f"| {query} | {few:.2f} | {many:.2f} | {many / few:.2f} |")


def _look(connection: psycopg.Connection, query: str, look: int, rows: int) -> float:
    statement = QUERIES[query]
    count = rows // (PER_PATIENT if "patient" in query else PER_ACTOR)
    values = [1 + look * 37 % count] if "%s" in statement else None
    started = time.perf_counter()
    connection.execute(statement, values).fetchall()
    return time.perf_counter() - started


def _fill(server: Server, name: str, rows: int) -> None:
    server.new(name)
    environment = {
        **os.environ,
        "DATABASE_URL": server.url_of(name),
        "DJANGO_SETTINGS_MODULE": "webqx.settings",
    }
    subprocess.run([sys.executable, "manage.py", "migrate", "--verbosity", "0"], env=environment, check=True)
    with psycopg.connect(server.url_of(name), autocommit=True) as connection:
        connection.execute(_PARTITIONS.replace("%s", str(MONTHS)).replace("%%", "%").encode())
        connection.execute("SET session_replication_role = replica")
        connection.execute("ALTER TABLE audit_logs DISABLE TRIGGER refuse_forged")
        for first in range(1, rows + 1, _BATCH):
            said = {"rows": rows, "first": first, "last": min(first + _BATCH - 1, rows)}
            said |= {"seconds": MONTHS * _SECONDS_A_MONTH}
            said |= {"patients": rows // PER_PATIENT, "actors": rows // PER_ACTOR}
            connection.execute(_FILL, said)
            print(f"{name}: {said['last']:,} of {rows:,}", file=sys.stderr, flush=True)
        connection.execute("VACUUM ANALYZE audit_logs")
