"""What is asked at the end of each `migrate` of everything. An answer is a problem, with which the migrate ends."""

from __future__ import annotations

from typing import TYPE_CHECKING

from compliance import login_checks
from compliance.access import row_checks
from compliance.audit import checks as audit_checks
from compliance.consent import checks as consent_checks

if TYPE_CHECKING:
    from collections.abc import Iterator


def problems(using: str) -> Iterator[str]:
    """Say what is wrong with a database: tables without audit, charts without a guard, consents not asked, rights."""
    yield from audit_checks.after_migrate(using)
    yield from row_checks.after_migrate(using)
    yield from consent_checks.after_migrate(using)
    yield from login_checks.after_migrate(using)
