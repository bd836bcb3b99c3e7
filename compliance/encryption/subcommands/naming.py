"""What several of the subcommands take."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from argparse import ArgumentParser


def add_key(parser: ArgumentParser) -> None:
    """Take the number of a key."""
    parser.add_argument("key", type=int, metavar="KEY", help="The key's number, as manage.py keys status shows it.")


def add_haste(parser: ArgumentParser) -> None:
    """Take --now."""
    parser.add_argument(
        "--now",
        action="store_true",
        dest="hasty",
        help="Do not wait until every process must have heard of the step before: no other process runs.",
    )
