"""Runs management commands in forked children of one process that has loaded everything: a command starts in 10 ms.

Reads a JSON object per line: {"commands": [[…], …], "url": …, "output": path, "settings": {…}}. Answers each with
{"started": pid}, and later {"ended": pid, "code": exit code, or minus the signal}.
"""

from __future__ import annotations

import json
import os
import select
import signal
import sys
import traceback
from typing import TYPE_CHECKING, Any

import django
import environ
from django.conf import settings
from django.core.management import ManagementUtility

django.setup()

# What a command would import by and by. After this a child has nothing left to load.
import postgast  # noqa: E402
from django.db.backends.postgresql import base  # noqa: E402, F401
from django.db.migrations import executor  # noqa: E402, F401

from sql_migrations import catalogue, deploy, plan, runner  # noqa: E402, F401
from sql_migrations.management.commands import migrate  # noqa: E402, F401

if TYPE_CHECKING:
    from collections.abc import Iterator

postgast.parse("SELECT 1")


def _child(request: dict[str, Any]) -> None:
    signal.set_wakeup_fd(-1)
    signal.signal(signal.SIGCHLD, signal.SIG_DFL)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    output = os.open(request["output"], os.O_WRONLY | os.O_CREAT | os.O_APPEND)
    os.dup2(output, 1)
    os.dup2(output, 2)
    settings.DATABASES["default"].update(environ.Env.db_url_config(request["url"]))
    for name, value in request["settings"].items():
        setattr(settings, name, value)
    code = 0
    for command in request["commands"]:
        try:
            ManagementUtility(["manage.py", *command]).execute()
        except SystemExit as ended:
            code = ended.code if isinstance(ended.code, int) else 1
        except BaseException:
            traceback.print_exc()
            code = 1
        if code:
            break
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(code)


def _say(fact: dict[str, int]) -> None:
    sys.stdout.write(json.dumps(fact) + "\n")
    sys.stdout.flush()


def main() -> None:
    """Serve until the other side closes."""
    read_end, write_end = os.pipe()
    os.set_blocking(write_end, False)
    signal.set_wakeup_fd(write_end)
    signal.signal(signal.SIGCHLD, lambda *_: None)
    children: set[int] = set()
    while True:
        ready, _, _ = select.select([0, read_end], [], [])
        if 0 in ready:
            requests = os.read(0, 1 << 16).splitlines()
            if not requests:
                return
            children.update(map(_fork, requests))
        if read_end in ready:
            os.read(read_end, 1 << 10)
            children -= set(_ended(children))


def _fork(request: bytes) -> int:
    pid = os.fork()
    if pid == 0:
        _child(json.loads(request))
    _say({"started": pid})
    return pid


def _ended(children: set[int]) -> Iterator[int]:
    for pid in children:
        ended, status = os.waitpid(pid, os.WNOHANG)
        if ended:
            _say({"ended": pid, "code": os.waitstatus_to_exitcode(status)})
            yield pid


if __name__ == "__main__":
    main()
