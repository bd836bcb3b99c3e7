"""A socket between a client and PostgreSQL that counts what carries statements, and kills the client at one of them."""

from __future__ import annotations

import contextlib
import os
import select
import shutil
import signal
import socket
import tempfile
import threading
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

When = Literal["before", "answered"]
# Query, Sync (which ends Parse, Bind, Execute: they travel together), and the two messages of COPY.
_CARRIES = b"QSdc"
# ReadyForQuery, and CopyInResponse: PostgreSQL has answered and waits for more.
_WAITS = b"ZG"
_CHUNK = 1 << 16


@dataclass
class Trap:
    """Kill process `victim` at message number `at` (from 1) of the run: before PostgreSQL gets it, or after its answer.

    The client never gets that answer. `seen` is every message so far, as its type and how its text begins.
    """

    at: int = 0
    when: When = "before"
    seen: list[str] = field(default_factory=list)
    victim: int = 0
    known: threading.Event = field(default_factory=threading.Event)

    def start(self, victim: int) -> None:
        """Tell whom to kill. The trap waits for that."""
        self.victim = victim
        self.known.set()

    def counts(self, kind: bytes, body: bytes) -> bool:
        """Count a message, and say whether it is the one."""
        self.seen.append(f"{kind.decode()} {body[:60].decode(errors='replace')}")
        return len(self.seen) == self.at

    def kill(self) -> None:
        """Kill as kill -9 does."""
        assert self.known.wait(10)
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.victim, signal.SIGKILL)


class Proxy:
    """Listens in a folder of its own as PostgreSQL would, and passes everything on to the socket `target`."""

    def __init__(self, target: Path) -> None:
        self.target, self.trap = target, Trap()
        self.folder = Path(tempfile.mkdtemp(prefix="chaos-", dir="/tmp"))
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(str(self.folder / target.name))
        self._listener.listen(20)
        threading.Thread(target=self._accept, daemon=True).start()

    def close(self) -> None:
        """Stop listening."""
        self._listener.close()
        shutil.rmtree(self.folder, ignore_errors=True)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._listener.accept()
                server = socket.socket(socket.AF_UNIX)
                server.connect(str(self.target))
                threading.Thread(target=_serve, args=(client, server, self.trap), daemon=True).start()


def _serve(client: socket.socket, server: socket.socket, trap: Trap) -> None:
    """Pass messages on until one side closes, or the trap closes both."""
    with client, server, contextlib.suppress(OSError):
        pending = client.recv(_CHUNK)
        length = int.from_bytes(pending[:4], "big")  # the first message has no type: start-up, or cancel
        server.sendall(pending[:length])
        pending = pending[length:]
        while True:
            readable, _, _ = select.select([client, server], [], [])
            if server in readable:
                answer = server.recv(_CHUNK)
                if not answer:
                    return
                client.sendall(answer)
            if client in readable:
                part = client.recv(_CHUNK)
                if not part:
                    return
                pending = _pass_on(pending + part, server, trap)


def _pass_on(pending: bytes, server: socket.socket, trap: Trap) -> bytes:
    """Send whole messages to the server and return what is left. Raises OSError once the client is dead."""
    while len(pending) >= 5 and len(pending) > (length := int.from_bytes(pending[1:5], "big")):
        message, pending = pending[: length + 1], pending[length + 1 :]
        kind = message[:1]
        if kind in _CARRIES and trap.counts(kind, message[5:]):
            if trap.when == "answered":
                server.sendall(message)
                if kind != b"d":  # COPY data is not answered
                    _swallow_answer(server)
            trap.kill()
            raise ConnectionAbortedError
        server.sendall(message)
    return pending


def _swallow_answer(server: socket.socket) -> None:
    """Read PostgreSQL's messages up to the one with which it waits for the client."""
    answer = b""
    while True:
        while len(answer) >= 5 and len(answer) > (length := int.from_bytes(answer[1:5], "big")):
            if answer[:1] in _WAITS:
                return
            answer = answer[length + 1 :]
        part = server.recv(_CHUNK)
        if not part:
            return
        answer += part
