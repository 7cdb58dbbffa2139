"""Bytes of messages: JSON for people and consumers, msgpack inside track and proof.

A field unknown to this version is ignored: a newer minor version may have added it.
Nothing else is forgiven; what does not decode is a PeerError's cause, named by field.
"""

import hashlib
from typing import Any, TypeVar

import msgspec

from edge.messages.facts import FactEvent

T = TypeVar("T")

MAX_DECODED_B = 16_000_000


class UndecodableError(ValueError):
    """The bytes are not this message; says at which field."""


def _encode_hook(value: object) -> object:
    raise TypeError(f"{type(value).__name__} does not cross a wire")


_json = msgspec.json.Encoder(enc_hook=_encode_hook)
_msgpack = msgspec.msgpack.Encoder(enc_hook=_encode_hook)
_raw_array = msgspec.json.Decoder(list[msgspec.Raw])
_fact = msgspec.json.Decoder(FactEvent)
_json_decoders: dict[Any, msgspec.json.Decoder[Any]] = {}
_msgpack_decoders: dict[Any, msgspec.msgpack.Decoder[Any]] = {}


def to_json(message: object) -> bytes:
    """Encode in field order; the same message always gives the same bytes."""
    return _json.encode(message)


def from_json(data: bytes | memoryview, kind: type[T]) -> T:
    """Decode one message. Raises UndecodableError."""
    decoder = _json_decoders.get(kind)
    if decoder is None:
        decoder = _json_decoders[kind] = msgspec.json.Decoder(kind)
    try:
        decoded: T = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"{_name(kind)}: {error}") from error
    return decoded


def to_msgpack(message: object) -> bytes:
    """Encode for the binary lanes."""
    return _msgpack.encode(message)


def from_msgpack(data: bytes | memoryview, kind: type[T]) -> T:
    """Decode one message of a binary lane. Raises UndecodableError."""
    decoder = _msgpack_decoders.get(kind)
    if decoder is None:
        decoder = _msgpack_decoders[kind] = msgspec.msgpack.Decoder(kind)
    try:
        decoded: T = decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"{_name(kind)}: {error}") from error
    return decoded


def split_facts(payload: bytes) -> list[bytes]:
    """Split a batch of facts into the exact bytes of each (for hash and signature).

    Takes a single event too. Raises UndecodableError when the payload is no JSON.
    """
    try:
        if payload.lstrip()[:1] == b"[":
            return [bytes(raw) for raw in _raw_array.decode(payload)]
        return [bytes(msgspec.json.decode(payload, type=msgspec.Raw))]
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"fact batch: {error}") from error


def join_facts(events: list[bytes]) -> bytes:
    """Join the exact bytes of facts into one batch payload."""
    return b"[" + b",".join(events) + b"]"


def read_fact(event: bytes) -> FactEvent:
    """Decode one fact. Raises UndecodableError."""
    try:
        return _fact.decode(event)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise UndecodableError(f"FactEvent: {error}") from error


def content_hash(message: object) -> str:
    """Return the SHA-256, hex, of a message's JSON: the hash routes and plans are named by."""
    return hashlib.sha256(to_json(message)).hexdigest()


def _name(kind: Any) -> str:  # noqa: ANN401
    return getattr(kind, "__name__", str(kind))
