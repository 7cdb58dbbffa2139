"""Acknowledgements and chunks: the frames of the reliable stream in both directions."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

StreamName = Literal["fact", "track", "proof", "command"]


class Ack(msgspec.Struct, frozen=True, kw_only=True):
    """Everything up to `upto` is committed at the far side (`down/ack`, `up/ack`)."""

    stream: StreamName
    epoch: str
    upto: Annotated[int, Meta(ge=0)]
    window: Annotated[int, Meta(ge=1, le=10_000)] = 64
    """How many items beyond `upto` the receiver will hold."""
    missing: Annotated[tuple[int, ...], Meta(max_length=64)] = ()
    """Gaps below the highest seq seen: send these again now."""


class TrackItem(msgspec.Struct, frozen=True, array_like=True):
    """One numbered batch of the track lane; `batch` is zstd of a msgpack TrackBatch."""

    epoch: str
    seq: int
    batch: bytes


class ProofChunk(msgspec.Struct, frozen=True, array_like=True):
    """One numbered piece of a photo or signature (`up/proof`, msgpack, at most 96 kB)."""

    epoch: str
    seq: int
    sha256: str
    media_type: str
    index: int
    count: int
    piece: bytes
