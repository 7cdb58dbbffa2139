"""The words inside the frames: arrays by position, to which later versions may only append."""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.errors import PeerError
from firmware_bridge.mcu.frames import Frame, encode_frame

PROTOCOL = 1
U32 = Annotated[int, Meta(ge=0, le=0xFFFF_FFFF)]
U8 = Annotated[int, Meta(ge=0, le=255)]
I32 = Annotated[int, Meta(ge=-(2**31) + 1, le=2**31 - 1)]
Sides = Annotated[tuple[Annotated[int, Meta(ge=0, le=1)] | None, ...], Meta(max_length=8)]

REASONS = {
    0: "accepted",
    1: "it came after its time",
    2: "a later order came before it",
    3: "its nonce is not the controller's",
    4: "the controller has no such part",
    5: "the vehicle moves",
    6: "a door or the lid is not known to be closed and locked",
    7: "it would hold for too long",
    8: "the controller has not been greeted",
    9: "the controller's memory for events is full",
    10: "the stop button is pressed",
    11: "the vehicle is not known to stand on the ground",
    12: "the controller could not read it",
    13: "the controller has not heard our beat",
}
ACCEPTED, NOT_GREETED, SILENT = 0, 8, 13


class Word(msgspec.Struct, frozen=True, array_like=True):
    """Base of all; elements behind those known here are left alone."""


class HostHello(Word, frozen=True, array_like=True):
    """Who are you (boot 0), or: I know that this is your start number `boot_id`."""

    protocol: U8
    boot_id: U32


class HostBeat(Word, frozen=True, array_like=True):
    """We live; comes back with the controller's time."""

    host_ms: U32


class UnlockWord(Word, frozen=True, array_like=True):
    """Draw a bolt."""

    number: U32
    compartment: U8
    expires_ms: U32
    nonce: U32


class LockWord(Word, frozen=True, array_like=True):
    """Lock a compartment."""

    number: U32
    compartment: U8


class DriveWord(Word, frozen=True, array_like=True):
    """Turn the wheels."""

    number: U32
    until_ms: U32
    speed_mmps: I32
    turn_mradps: I32


class LidWord(Word, frozen=True, array_like=True):
    """Move the lid: 1 opens, -1 closes."""

    number: U32
    until_ms: U32
    direction: I32


class WinchWord(Word, frozen=True, array_like=True):
    """Move the winch."""

    number: U32
    until_ms: U32
    speed_mmps: I32


class SirenWord(Word, frozen=True, array_like=True):
    """Sound the siren until then (1), or end it (0)."""

    number: U32
    until_ms: U32
    on: I32


class StopWord(Word, frozen=True, array_like=True):
    """End every movement."""

    number: U32


class EventAck(Word, frozen=True, array_like=True):
    """We have this event and all before it."""

    boot_id: U32
    event_id: U32


class Hello(Word, frozen=True, array_like=True):
    """Who the controller is."""

    protocol: U8
    firmware: bytes
    capabilities: U8
    boot_id: U32
    reset_cause: U8
    compartments: Annotated[int, Meta(ge=0, le=8)]
    last_number: U32
    nonce: U32
    mcu_ms: U32


class Beat(Word, frozen=True, array_like=True):
    """Our beat with the controller's time."""

    host_ms: U32
    mcu_ms: U32
    boot_id: U32


class Answer(Word, frozen=True, array_like=True):
    """Whether an order was accepted."""

    number: U32
    reason: U8
    nonce: U32
    boot_id: U32


class StatusWord(Word, frozen=True, array_like=True):
    """What it does and senses; nil is unknown."""

    boot_id: U32
    mcu_ms: U32
    flags: U8
    speed_mmps: I32
    turn_mradps: I32
    doors: Sides
    bolts: Sides
    lid: Annotated[int, Meta(ge=0, le=1)] | None
    tilt_cdeg: I32 | None
    lifted: Annotated[int, Meta(ge=0, le=1)] | None
    temperature_cc: I32 | None
    winch_mm: I32 | None
    battery_mv: I32 | None
    lost_events: U32
    refused_frames: U32


class EventWord(Word, frozen=True, array_like=True):
    """What happened at a compartment."""

    boot_id: U32
    event_id: U32
    at_ms: U32
    what: Annotated[int, Meta(ge=1)]
    compartment: Annotated[int, Meta(ge=0, le=7)]
    number: U32


FROM_HOST: dict[int, type[Word]] = {
    0x01: HostHello,
    0x02: HostBeat,
    0x03: UnlockWord,
    0x04: LockWord,
    0x05: DriveWord,
    0x06: LidWord,
    0x07: WinchWord,
    0x08: StopWord,
    0x09: EventAck,
    0x0A: SirenWord,
}
FROM_CONTROLLER: dict[int, type[Word]] = {
    0x81: Hello,
    0x82: Beat,
    0x83: Answer,
    0x84: StatusWord,
    0x85: EventWord,
}
WORDS = FROM_HOST | FROM_CONTROLLER
TYPE_OF = {word: number for number, word in WORDS.items()}
_ENCODER = msgspec.msgpack.Encoder()
_DECODERS = {number: msgspec.msgpack.Decoder(word) for number, word in WORDS.items()}


def encode_word(word: Word, seq: int) -> bytes:
    """Return the bytes for the wire."""
    return encode_frame(Frame(TYPE_OF[type(word)], seq, _ENCODER.encode(word)))


def decode_word(frame: Frame) -> Word | None:
    """Read a word, None of a type not known here. Raises PeerError if it is not sound."""
    decoder = _DECODERS.get(frame.type)
    if decoder is None:
        return None
    try:
        return decoder.decode(frame.body)
    except msgspec.MsgspecError as error:
        raise PeerError(f"{WORDS[frame.type].__name__}: {error}") from error
