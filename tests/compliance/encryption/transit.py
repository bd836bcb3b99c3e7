"""A server that speaks the protocol of Vault's transit engine, as far as a key-encryption key needs it.

No Vault and no OpenBao could be had for the tests, so this is written after their API pages and OpenBao's source
(builtin/logical/transit): https://openbao.org/api-docs/secret/transit/. It encrypts for real, and refuses as they do.
"""

from __future__ import annotations

import base64
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import TYPE_CHECKING, Any

import tink
from tink import aead

if TYPE_CHECKING:
    from collections.abc import Iterator

aead.register()
TOKEN = "hvs.a-token-for-tests-only"
AUTHENTICATION_FAILED = "cipher: message authentication failed"


class Refusal(Exception):
    def __init__(self, status: int, *errors: str) -> None:
        self.status, self.errors = status, errors


class Transit(ThreadingHTTPServer):
    """`trouble` is what every request is answered with, when it is set: a status and errors, or bytes as they are."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.trouble: Refusal | bytes | None = None
        self.asked: list[str] = []
        self.bodies: list[dict[str, Any]] = []
        self.versions = [self.new_key()]
        self.wrong_key_status = 400

    @staticmethod
    def new_key() -> Any:
        return tink.new_keyset_handle(aead.aead_key_templates.AES256_GCM_RAW).primitive(aead.Aead)

    @property
    def uri(self) -> str:
        return f"hcvault+http://127.0.0.1:{self.server_port}/transit/keys/webqx"

    def answer(self, path: str, token: str | None, asked: dict[str, Any]) -> dict[str, Any]:
        if isinstance(self.trouble, Refusal):
            raise self.trouble
        if token != TOKEN:
            raise Refusal(403, "permission denied")
        if path == "/v1/transit/encrypt/webqx":
            return {"ciphertext": self.sealed(base64.b64decode(asked["plaintext"])), "key_version": len(self.versions)}
        if path == "/v1/transit/decrypt/webqx":
            return {"plaintext": base64.b64encode(self.unsealed(asked["ciphertext"])).decode()}
        if path.startswith("/v1/transit/"):
            raise Refusal(400, "encryption key not found")
        raise Refusal(404, f'no handler for route "{path.removeprefix("/v1/")}". route entry not found.')

    def sealed(self, plain: bytes) -> str:
        return f"vault:v{len(self.versions)}:" + base64.b64encode(self.versions[-1].encrypt(plain, b"")).decode()

    def unsealed(self, sealed: str) -> bytes:
        if not sealed.startswith("vault:v"):
            raise Refusal(400, "invalid ciphertext: no prefix")
        version, _, text = sealed.removeprefix("vault:v").partition(":")
        try:
            plain: bytes = self.versions[int(version) - 1].decrypt(base64.b64decode(text), b"")
        except tink.TinkError:
            raise Refusal(self.wrong_key_status, AUTHENTICATION_FAILED) from None
        return plain


class Handler(BaseHTTPRequestHandler):
    server: Transit

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append(self.path)
        self.server.bodies.append(body)
        if isinstance(self.server.trouble, bytes):
            self.reply(200, self.server.trouble)
            return
        try:
            data = self.server.answer(self.path, self.headers.get("X-Vault-Token"), body)
        except Refusal as refused:
            self.reply(refused.status, json.dumps({"errors": refused.errors}).encode())
            return
        whole = {"request_id": "0", "lease_id": "", "renewable": False, "lease_duration": 0, "data": data}
        self.reply(200, json.dumps({**whole, "wrap_info": None, "warnings": None, "auth": None}).encode())

    def reply(self, status: int, body: bytes) -> None:
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def serving() -> Iterator[Transit]:
    with Transit() as server:
        running = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
        running.start()
        try:
            yield server
        finally:
            server.shutdown()
            running.join()
