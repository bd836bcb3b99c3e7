"""The schema of a database as sorted lines of text, to compare two databases or to fingerprint one.

The lines do not depend on OIDs, on the order of columns, on who owns the objects, or on what the tables hold.
"""

from __future__ import annotations

import hashlib
import re
from collections import defaultdict
from typing import TYPE_CHECKING

from django.conf import settings
from psycopg.pq import TransactionStatus

from sql_migrations.catalogue import grants, objects, tables
from sql_migrations.catalogue.spelling import spelled

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from sql_migrations.session import Session

_QUERIES = (*tables.QUERIES, *objects.QUERIES, *grants.QUERIES)
# What changes how PostgreSQL prints names and constants. Set for one transaction only.
SETTINGS = {
    "search_path": "pg_catalog, pg_temp",
    "DateStyle": "ISO, YMD",
    "IntervalStyle": "postgres",
    "TimeZone": "UTC",
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "quote_all_identifiers": "off",
    # The queries are many and each is small: compiling them would take longer than running them.
    "jit": "off",
}
_SET = "SELECT " + ", ".join(f"set_config('{name}', '{value}', true)" for name, value in SETTINGS.items())
# The engine's own tables and Django's ledger, with what hangs on them: their name is the second part of the subject.
_OWN = re.compile(
    r"""(?:[a-z ]+?)\ (?:[^\s".]+|"[^"]*")\.(?:sql_migration_\w+|django_migrations(?:_pkey|_id_seq)?)(?=[.(:]|\Z)"""
)
# `index on`, `trigger x on`, `constraint x on`: how PostgreSQL names those in comments.
_OWN_TABLE = re.compile(r" on [^ ]+\.(?:sql_migration_\w+|django_migrations)\Z")


def describe(session: Session, *, ignore_own: bool = True) -> list[str]:
    """Describe every schema of the database that is not PostgreSQL's own: `kind name: facts`, sorted.

    One message to the server. `ignore_own` leaves out sql_migration_… and django_migrations. What stands in a schema of
    SQL_MIGRATIONS_UNPLANNED_SCHEMAS is left out always. Inside a transaction the settings of that transaction are put
    back.
    """
    idle = session.connection.pgconn.transaction_status == TransactionStatus.IDLE
    # One message outside a transaction block is one transaction, so that the settings end with it.
    before, after = ("", "") if idle else ("SAVEPOINT describe;", ";ROLLBACK TO describe;RELEASE describe")
    message = f"{before}{_SET};{';'.join(_QUERIES)}{after}"
    unplanned = _in_schemas(getattr(settings, "SQL_MIGRATIONS_UNPLANNED_SCHEMAS", ()))
    lines = sorted(line for line in _lines(session, message) if not unplanned.search(_subject(line)))
    return [line for line in lines if not _is_own(line)] if ignore_own else lines


def fingerprint(lines: Iterable[str]) -> str:
    """Hash a description: SHA-256, in hex."""
    digest = hashlib.sha256()
    for line in lines:
        digest.update(line.encode())
        digest.update(b"\n")
    return digest.hexdigest()


def differences(expected: Iterable[str], actual: Iterable[str]) -> list[str]:
    """Compare two descriptions: a sentence for each object that is missing, unexpected or different."""
    wanted, found = _by_subject(expected), _by_subject(actual)
    sentences = []
    for subject in sorted(wanted.keys() | found.keys()):
        want, have = wanted.get(subject, []), found.get(subject, [])
        if want == have:
            continue
        if want and have:
            sentences.append(f"differs: {subject}: expected {' and '.join(want)}; found {' and '.join(have)}")
        else:
            sentences.append(f"{'missing' if want else 'unexpected'}: {subject}: {' and '.join(want or have)}")
    return sentences


def _lines(session: Session, message: str) -> Iterator[str]:
    for result in session.results(message):
        # The settings' result has a column for each; the commands of a savepoint have none.
        if result.nfields == 1:
            for row in range(result.ntuples):
                value = result.get_value(row, 0) or b""
                line = value.decode(errors="replace").replace("\n", "\\n")
                yield spelled(line)


def _in_schemas(names: Iterable[str]) -> re.Pattern[str]:
    """Match the subject of a line about what is in one of these schemas; of no line when there are none."""
    schemas = "|".join(re.escape(name) for name in names)
    return re.compile(rf" (?:{schemas})\." if schemas else r"(?!)")


def _subject(line: str) -> str:
    return line.partition(": ")[0]


def _is_own(line: str) -> bool:
    if "sql_migration_" not in line and "django_migrations" not in line:
        return False
    subject = _subject(line)
    return bool(_OWN.match(subject) or _OWN_TABLE.search(subject))


def _by_subject(lines: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for line in lines:
        subject, _, facts = line.partition(": ")
        found[subject].append(facts)
    return {subject: sorted(facts) for subject, facts in found.items()}
