"""Acknowledgements and chunks: the frames of the reliable stream in both directions."""

from typing import Annotated, Literal, TypeVar
from zlib import crc32

import msgspec
from msgspec import Meta

Item = TypeVar("Item", "Ack", "TrackItem", "ProofChunk")
StreamName = Literal["fact", "track", "proof", "command"]


class Ack(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Everything up to `upto` is committed at the far side (`down/ack`, `up/ack`)."""

    stream: StreamName
    epoch: str
    upto: Annotated[int, Meta(ge=0)]
    window: Annotated[int, Meta(ge=1, le=10_000)] = 64
    """How many items beyond `upto` the receiver will hold."""
    missing: Annotated[tuple[int, ...], Meta(max_length=64)] = ()
    """Gaps below the highest seq seen: send these again now."""
    crc: int | None = None
    """CRC-32 of everything before it (`crc_of`), for peers that know no signature."""
    vehicle: str = ""
    """Whose stream it is."""
    signature: str = ""
    """Of the station (`down/ack`) or the vehicle (`up/ack`), as an order's or a fact's."""


class TrackItem(msgspec.Struct, frozen=True, array_like=True):
    """One numbered batch of the track lane; `batch` is zstd of a msgpack TrackBatch."""

    epoch: str
    seq: int
    batch: bytes
    crc: int | None = None
    """CRC-32 of everything before it (`crc_of`)."""


class ProofChunk(msgspec.Struct, frozen=True, array_like=True):
    """One numbered piece of a photo or signature (`up/proof`, msgpack, at most 96 kB)."""

    epoch: str
    seq: int
    sha256: str
    media_type: str
    index: int
    count: int
    piece: bytes
    crc: int | None = None
    """CRC-32 of everything before it (`crc_of`)."""


def crc_of(item: Ack | TrackItem | ProofChunk) -> int:
    """Return what its `crc` is if nothing has changed on the way."""
    if isinstance(item, Ack):
        head, content = f"{item.stream} {item.epoch} {item.upto} {item.window} ", b""
        head += " ".join(map(str, item.missing))
    elif isinstance(item, TrackItem):
        head, content = f"{item.epoch} {item.seq} ", item.batch
    else:
        of_photo = f"{item.sha256} {item.media_type} {item.index} {item.count} "
        head, content = f"{item.epoch} {item.seq} {of_photo}", item.piece
    return crc32(content, crc32(head.encode()))


def with_crc(item: Item) -> Item:
    """Return it with the checksum of what it says."""
    return msgspec.structs.replace(item, crc=crc_of(item))
