"""Writes docs/audit-completeness.md from the matrix and from what was measured of every contender."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.compliance.audit.matrix import paths

if TYPE_CHECKING:
    from collections.abc import Mapping

MEASURED = Path(__file__).with_name("completeness.json")
PAGE = Path(__file__).resolve().parents[2] / "docs" / "audit-completeness.md"
_HEAD = """\
# What the audit trail sees: every table, every way to write

Every audited table is written in every way that is listed here, and the tests compare the tables before and after with
what the trail says: one entry for each row that changed, with the right event, key, patient and columns, masked where
the column may hold health information; the actor where somebody acts, and none where nobody said who. What is rolled
back, fails or changes nothing leaves no entry. The tests are in `tests/compliance/audit/matrix`; they fail when a
table, a method of Django's that writes or one of psycopg's cursors is not among them.

This page is written by `python -m benchmarks.audit --only paths`, and a test holds it to the code.

## Tables

{tables}

Beside the ways below, these are walked on the tables that have them: {own}. What is refused
(accounts, signed records, rows that others refer to) is not done, and leaves no entry. TRUNCATE is refused on all.

And each table with a screen is looked at in every way: {reads}. Each look leaves one entry, of who
looked and at what.

## Ways to write, here and elsewhere

The same ways, walked by the same code on one table in small projects, each statement committed by itself while somebody
acts. The other tools are set up as their manuals say, for creates, updates, deletes and many-to-many relations. A cell
says how many of the changed rows were recorded; *nobody named* means that the entries lack who acted, and psql has no
way to know it. {versions}

{paths}

What the database cannot see, no trigger records: a SELECT typed by somebody with a login of their own, pg_dump, the
files of the server. And a superuser can switch triggers off; `manage.py check --database default` says when one is.
"""


def rendered(found: Mapping[str, Any]) -> str:
    """Write the page from what `python -m benchmarks.audit --only paths` measured."""
    names = list(found["paths"])
    versions = ", ".join(f"{name} {version}" for name, version in found["versions"].items())
    lines = [f"| way to write | {' | '.join(names)} |", f"|---{'|---' * len(names)}|"]
    every = paths.load()
    for name in every:
        if all(name in found["paths"][contender] for contender in names):
            cells = [cell(found["paths"][contender][name]) for contender in names]
            lines.append(f"| {name} | {' | '.join(cells)} |")
    return _HEAD.format(
        tables=", ".join(f"`{table}`" for table in found["tables"]),
        own="; ".join(name for name, path in every.items() if path.own),
        reads="; ".join(found["reads"]),
        versions=f"Measured with {versions}.",
        paths="\n".join(lines),
    )


def cell(result: Mapping[str, Any]) -> str:
    """Say what a path came to in a project."""
    if "refused" in result:
        return "refused"
    if "fails" in result:
        return f"the write fails: {result['fails']}"
    done, seen, named = result["done"], result["seen"], result["named"]
    if not done:
        return "no change, no entry" if not seen else f"no change, {seen} entry"
    counted = "all" if seen == done else f"**{seen} of {done}**"
    return f"{counted}, nobody named" if seen and not named else counted


def is_complete(result: Mapping[str, Any]) -> bool:
    """Whether each changed row has its entry, and nothing else has one."""
    return "refused" in result or ("done" in result and result["done"] == result["seen"])
