"""Which of the two database logins a process uses: the application's, unless manage.py runs a command of the owner's.

It is a variable of the process and not of the environment: what a command starts, such as the rebuild of `verify` on a
server of its own, must not become the owner by inheritance.
"""

from __future__ import annotations

from argparse import ArgumentParser
from typing import TYPE_CHECKING

from webqx.cluster import APP, OWNER

if TYPE_CHECKING:
    from collections.abc import Sequence

# The commands that make tables, or look at what only their owner can look at. Every other one, also one that is
# installed later, is the application's: what it may do then is what everybody who serves may do.
OWNERS = frozenset({
    "migrate",
    "makemigrations",  # the engine's commands read its history, which the application may not yet
    "showmigrations",
    "sqlmigrate",
    "squashmigrations",
    "optimizemigration",
    "sql_migrations",
    "check",  # looks into the default month of the trail
    "data_dictionary",
    "audit partitions",
    "consent explain",  # for whoever runs this system: row-level security shows consents to who may see them
    "seed_demo",  # fills tables with COPY, and sets their sequences
    "remove_stale_contenttypes",
    "dbshell",
    "inspectdb",
})  # fmt: skip

_process = {"login": APP}


def login() -> str:
    """Return the login of this process, by its name in cluster.py."""
    return _process["login"]


def connect_as(login: str) -> None:
    """Choose the login of this process. It takes effect when the settings are loaded, so say it before."""
    _process["login"] = login


def connect_for(argv: Sequence[str]) -> None:
    """Choose the login that a command line of manage.py needs."""
    connect_as(OWNER if _command(argv) & OWNERS else APP)


def _command(argv: Sequence[str]) -> set[str]:
    """Give the command's name, alone and with the word that follows it: {"audit", "audit partitions"}."""
    parser = ArgumentParser(add_help=False, allow_abbrev=False)
    for option in ("--as", "--purpose", "--settings", "--pythonpath"):  # the words that may stand before a command
        parser.add_argument(option)
    _, rest = parser.parse_known_args(argv[1:])
    words = [word for word in rest if not word.startswith("-")]
    return {" ".join(words[:count]) for count in (1, 2)}
