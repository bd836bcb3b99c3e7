"""Values as bytes, before they are sealed. The first byte says what kind of value follows, and how it is written.

So the empty text, 0 and an empty list stay what they are, and no value is ever read as one of another kind. NULL is
not sealed: that there is nothing, everybody may see.
"""

from __future__ import annotations

import json
from datetime import date
from typing import TYPE_CHECKING, Any

from compliance.encryption.errors import Unreadable

if TYPE_CHECKING:
    from json import JSONDecoder, JSONEncoder

TEXT, DATE, INTEGER, JSON = (bytes([kind]) for kind in range(1, 5))


def of_text(value: str) -> bytes:
    return TEXT + value.encode()


def text(plain: bytes) -> str:
    return _body(plain, TEXT).decode()


def of_date(value: date) -> bytes:
    return DATE + value.isoformat().encode()


def to_date(plain: bytes) -> date:
    return date.fromisoformat(_body(plain, DATE).decode())


def of_integer(value: int) -> bytes:
    return INTEGER + str(value).encode()


def integer(plain: bytes) -> int:
    return int(_body(plain, INTEGER))


def of_json(value: Any, encoder: type[JSONEncoder] | None = None) -> bytes:
    """Write JSON with its names in order, as jsonb does not keep their order either: equal objects give equal bytes."""
    written = json.dumps(value, cls=encoder, sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return JSON + written.encode()


def to_json(plain: bytes, decoder: type[JSONDecoder] | None = None) -> Any:
    return json.loads(_body(plain, JSON), cls=decoder)


def _body(plain: bytes, kind: bytes) -> bytes:
    if plain[:1] != kind:
        raise Unreadable("it holds a value of another kind than its column.")
    return plain[1:]
