"""Find what stands at a path of a resource, as docs/fhir.md writes paths."""

from __future__ import annotations

import base64
import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

_STEP = re.compile(r"([A-Za-z0-9]+)(?:\(([^)]+)\))?")


def at(resource: dict[str, Any], path: str) -> list[Any]:
    """List the values at `Patient.name.family` or `Patient.extension(us-core-race).extension(text).valueString`.

    `*` is any resource. An extension is named by the end of its URL; data of an attachment is decoded.
    """
    kind, _, steps = path.partition(".")
    if kind not in ("*", resource["resourceType"]):
        return []
    found: list[Any] = [resource]
    for name, url in _STEP.findall(steps):
        found = list(_next(found, name, url))
    return found


def _next(found: list[Any], name: str, url: str) -> Iterator[Any]:
    for one in found:
        value = one.get(name, [])
        for child in value if isinstance(value, list) else [value]:
            if not url or child["url"] == url or child["url"].endswith(f"/{url}"):
                yield base64.b64decode(child).decode() if name == "data" and isinstance(child, str) else child
