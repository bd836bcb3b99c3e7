"""What PHI_KEY_URI says: where the key is that the keyset is sealed with, and whether production may use it there.

It knows no Django, since the settings themselves ask it.
"""

from __future__ import annotations

import re
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import TypeAlias
from urllib.parse import SplitResult, unquote, urlsplit

from compliance.encryption.errors import KeyUriRefused

SHAPES = "file:///etc/webqx/key or hcvault://vault.example.org:8200/transit/keys/webqx"
# Between a server and a proxy of Vault's on the same machine, which has the token and does the TLS.
PLAIN_HCVAULT = "hcvault+http"
CLOUDS = ("aws-kms:", "gcp-kms:")  # as Tink names them
LOOPBACK = {"localhost", "127.0.0.1", "::1"}
OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class KeyFile:
    """A key in clear, in a file."""

    path: Path

    def __str__(self) -> str:
        return f"file:{self.path}"


@dataclass(frozen=True, slots=True)
class VaultKey:
    """A key that never leaves HashiCorp Vault, or OpenBao: `path` as transit/keys/webqx."""

    address: str
    path: str

    def __str__(self) -> str:
        return f"{self.path} at {self.address}"


KeyPlace: TypeAlias = KeyFile | VaultKey


def parse(uri: str) -> KeyPlace:
    """Read a URI. Raises KeyUriRefused, which does not repeat it: somebody may have put a secret into it."""
    if uri.startswith(CLOUDS):
        raise KeyUriRefused(f"names a cloud's key service, which is not built in (see docs/keys.md): {SHAPES}.")
    try:
        parts = urlsplit(uri)
        port = parts.port
    except ValueError:
        raise KeyUriRefused(f"must look like {SHAPES}.") from None
    if parts.query or parts.fragment or parts.username is not None:
        raise KeyUriRefused(f"must look like {SHAPES}, without a user, a ? or a #; the token is VAULT_TOKEN.")
    if parts.scheme == "file":
        return _file(parts)
    if parts.scheme in {"hcvault", PLAIN_HCVAULT}:
        return _vault(parts, port)
    raise KeyUriRefused(f"must look like {SHAPES}.")


def _file(parts: SplitResult) -> KeyFile:
    path = Path(unquote(parts.path))
    if parts.netloc or not path.is_absolute() or not path.name:
        raise KeyUriRefused("must name a file by its whole path, as file:///etc/webqx/key.")
    return KeyFile(path)


def _vault(parts: SplitResult, port: int | None) -> VaultKey:
    host = parts.hostname or ""
    if not host or not re.fullmatch(r"/[\w./-]+/keys/[\w.-]+", parts.path):
        raise KeyUriRefused("must look like hcvault://vault.example.org:8200/transit/keys/webqx.")
    plain = parts.scheme == PLAIN_HCVAULT
    if plain and host not in LOOPBACK:
        raise KeyUriRefused(f"speaks without TLS to another machine: {PLAIN_HCVAULT} is for a proxy on this one.")
    shown = f"[{host}]" if ":" in host else host
    address = f"{'http' if plain else 'https'}://{shown}" + (f":{port}" if port else "")
    return VaultKey(address, parts.path.removeprefix("/"))


def why_not_in_production(place: KeyPlace, *, base: Path, keyset: Path) -> str | None:
    """Say why production must not use a key where it is, or None. The problem goes on where "PHI_KEY_URI" begins.

    `base` is the folder of the project, with .env in it; `keyset` the file that the key opens. A key that lies beside
    either is in every copy of that folder, and whoever has the copy needs nothing more.
    """
    if not isinstance(place, KeyFile):
        return None
    path = place.path.resolve()
    if path.is_relative_to(base.resolve()):
        return f"names {path}, beside the settings of the database: keep the key apart, or in a key server."
    if path.parent == keyset.resolve().parent:
        return f"names {path}, beside the keyset that it opens: keep the key apart, or in a key server."
    if open_to_others(path):
        return f"names {path}, which others than its owner may use: chmod 600 {path}"
    return None


def open_to_others(path: Path) -> bool:
    """Tell whether a file that is there has a mode that lets in its group, or everybody."""
    try:
        return bool(path.stat().st_mode & OTHERS)
    except OSError:
        return False
