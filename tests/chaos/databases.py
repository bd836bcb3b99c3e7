"""Databases of one test worker: made empty or as copies, watched, and dropped."""

from __future__ import annotations

import contextlib
import itertools
import os
import time
from typing import TYPE_CHECKING
from urllib.parse import parse_qs, quote, urlsplit

import psycopg
from psycopg import sql

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

_WORKER = os.environ.get("PYTEST_XDIST_WORKER", "main")
_CLIENTS = "SELECT FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
_numbers = itertools.count(1)


def url(name: str, *, through: Path | None = None, user: str = "") -> str:
    """Give the URL of a database, by way of a proxy's folder if one is named, as another user if one is named."""
    parts = urlsplit(os.environ["DATABASE_URL"])._replace(path=f"/{name}")
    if through is not None:
        parts = parts._replace(query=f"host={quote(str(through), safe='')}&port={port()}")
    if user:
        parts = parts._replace(netloc=f"{user}@")
    return parts.geturl()


def socket_folder() -> str:
    """Return the folder of the test server's socket, empty for a server on the network."""
    return parse_qs(urlsplit(os.environ["DATABASE_URL"]).query).get("host", [""])[0]


def port() -> str:
    """Return the test server's port."""
    return parse_qs(urlsplit(os.environ["DATABASE_URL"]).query).get("port", ["5432"])[0]


def connect(name: str, **more: str) -> psycopg.Connection:
    """Connect in autocommit."""
    return psycopg.connect(url(name), autocommit=True, **more)  # type: ignore[arg-type]


def create(template: str = "template0") -> str:
    """Make a database as a copy, and return its name."""
    name = f"chaos_{_WORKER}_{next(_numbers)}"
    with _server() as server:
        server.execute(sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name)))
        server.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), sql.Identifier(template)))
    return name


def drop(name: str) -> None:
    """Drop a database, whoever uses it."""
    statement = sql.SQL("DROP DATABASE IF EXISTS {}").format(sql.Identifier(name))
    with _server() as server:
        try:
            server.execute(statement)  # PostgreSQL waits for sessions that are ending, and for autovacuum
        except psycopg.errors.ObjectInUse:
            server.execute(statement + sql.SQL(" WITH (FORCE)"))


@contextlib.contextmanager
def database(template: str = "template0") -> Iterator[str]:
    """Lend a copy of a database for a `with`."""
    name = create(template)
    try:
        yield name
    finally:
        drop(name)


def wait_until_left(name: str) -> None:
    """Wait until the sessions of dead clients have gone, with the transactions that they left open."""
    deadline = time.monotonic() + 10
    with _server() as server:
        while server.execute(_CLIENTS, [name]).fetchone():
            assert time.monotonic() < deadline, "a session outlives its client"
            time.sleep(0.005)


def _server() -> psycopg.Connection:
    return psycopg.connect(os.environ["DATABASE_URL"], autocommit=True)


def owner() -> str:
    """Return the role as which tests connect."""
    return urlsplit(os.environ["DATABASE_URL"]).username or ""
