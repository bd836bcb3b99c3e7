"""Write docs/access-policy.md from the policy, or say whether it is up to date."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from django.conf import settings

from compliance.access.describing import page
from compliance.access.policy import policy
from sql_migrations.subcommands.console import OK, Console

if TYPE_CHECKING:
    from argparse import ArgumentParser

PROBLEMS = 1


def arguments(parser: ArgumentParser) -> None:
    """Declare the words of this subcommand."""
    parser.add_argument("--check", action="store_true", help="Leave with 1 if the page is stale; write nothing.")
    parser.add_argument(
        "--output",
        type=Path,
        default=Path(settings.BASE_DIR) / "docs" / "access-policy.md",
        metavar="FILE",
        help="docs/access-policy.md if nothing is said.",
    )


def run(console: Console, *, check: bool, output: Path, **_: Any) -> int:
    """Exit code 0; 1 when the page is not what the policy says."""
    text = page(policy())
    up_to_date = output.is_file() and output.read_text(encoding="utf-8") == text
    if check:
        stale = f"{output} is stale. Write it anew: manage.py access policy"
        console.line("The page of the access policy is up to date." if up_to_date else stale)
        return OK if up_to_date else PROBLEMS
    if up_to_date:
        console.line("Nothing to write: the page of the access policy is up to date.")
        return OK
    output.write_text(text, encoding="utf-8")
    console.line(f"Wrote {output}")
    return OK
