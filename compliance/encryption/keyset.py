"""The keys themselves: one keyset that seals values, one that makes blind indexes, both in Tink's own format.

Tink has no keyset manager in Python: its keysets are protocol buffers, which are changed as such in `rotation`.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import TYPE_CHECKING, Any

import tink
from google.protobuf.message import DecodeError
from tink import aead, cleartext_keyset_handle, prf, proto_keyset_format, secret_key_access
from tink.proto import tink_pb2

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

aead.register()
prf.register()


class Kind(StrEnum):
    """What a key is for."""

    VALUES = "values"  # AES-256-GCM; what it seals begins with 0x01 and the key's number
    INDEXES = "indexes"  # a pseudo-random function, HKDF with SHA-256; says nothing of which key made an index


class Status(StrEnum):
    """Whether a key is in use. A disabled one can be enabled again; a destroyed one leaves only its number."""

    ENABLED = "enabled"
    DISABLED = "disabled"
    DESTROYED = "destroyed"


TEMPLATES = {Kind.VALUES: aead.aead_key_templates.AES256_GCM, Kind.INDEXES: prf.prf_key_templates.HKDF_SHA256}
PRIMITIVES = {Kind.VALUES: aead.Aead, Kind.INDEXES: prf.PrfSet}
STATUSES = {
    tink_pb2.ENABLED: Status.ENABLED,
    tink_pb2.DISABLED: Status.DISABLED,
    tink_pb2.DESTROYED: Status.DESTROYED,
}


class UnfitKeyset(Exception):
    """The keys are not such as this project makes. The message says what is wrong with them, without a key."""


@dataclass(frozen=True, slots=True)
class Key:
    """What may be said of a key. `dates` has the day of each step, as ISO 8601, by the step's name."""

    id: int
    kind: Kind
    status: Status
    primary: bool
    dates: Mapping[str, str]


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Keysets:
    """Both keysets in clear, as protocol buffers; `revision` counts how often their file was written.

    Its repr shows nothing: keys must not reach a log through it.
    """

    protos: Mapping[Kind, Any]
    revision: int = 0
    dates: Mapping[int, Mapping[str, str]] = field(default_factory=dict)

    def every_key(self) -> Iterator[Key]:
        """List all keys, the destroyed ones too."""
        for kind, proto in self.protos.items():
            for key in proto.key:
                primary = key.key_id == proto.primary_key_id
                yield Key(key.key_id, kind, STATUSES[key.status], primary, self.dates.get(key.key_id, {}))

    def primitive(self, kind: Kind) -> Any:
        """Return Tink's AEAD or PRF set over the enabled keys. Raises UnfitKeyset."""
        try:
            return cleartext_keyset_handle.from_keyset(self.protos[kind]).primitive(PRIMITIVES[kind])
        except tink.TinkError:
            raise UnfitKeyset(f"the keys for {kind} cannot be used") from None


def new() -> Keysets:
    """Make one key of each kind."""
    values = new_keyset(Kind.VALUES)
    return Keysets({Kind.VALUES: values, Kind.INDEXES: new_keyset(Kind.INDEXES, taken={values.primary_key_id})})


def new_keyset(kind: Kind, taken: frozenset[int] | set[int] = frozenset()) -> Any:
    """Make a keyset of one key, whose number is none of those that are taken: a number names one key of either kind."""
    while True:
        handle = tink.new_keyset_handle(TEMPLATES[kind])
        proto = tink_pb2.Keyset.FromString(proto_keyset_format.serialize(handle, secret_key_access.TOKEN))
        if proto.primary_key_id not in taken:
            return proto


def parsed(kind: Kind, plain: bytes) -> Any:
    """Read a keyset that was unsealed, and look whether its keys are of the kind that is used here. Raises UnfitKeyset.

    Tink takes any key of the right primitive. A key without Tink's prefix would seal values that no number leads to.
    """
    try:
        proto = tink_pb2.Keyset.FromString(plain)
    except DecodeError:
        raise UnfitKeyset(f"the keys for {kind} are no keyset") from None
    template = TEMPLATES[kind]
    for key in proto.key:
        there = key.status != tink_pb2.DESTROYED
        if key.status not in STATUSES or (there and key.key_data.type_url != template.type_url):
            raise UnfitKeyset(f"key {key.key_id} is none that makes {kind}")
        if there and key.output_prefix_type != template.output_prefix_type:
            raise UnfitKeyset(f"key {key.key_id} has another prefix than keys for {kind} have")
    return proto
