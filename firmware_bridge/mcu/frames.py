"""Frames of the controller's link: COBS around type, seq, a msgpack array and CRC-32."""

import zlib
from dataclasses import dataclass

from edge.errors import PeerError

WIRE_BYTES = 250  # the zero behind it included
FRAME_BYTES = WIRE_BYTES - 2
HEADER_BYTES = 2
CRC_BYTES = 4


@dataclass(frozen=True, slots=True)
class Frame:
    """What one frame carries, once its bytes were checked."""

    type: int
    seq: int
    body: bytes


def encode_frame(frame: Frame) -> bytes:
    """Return the bytes for the wire. Raises ValueError if they are too many."""
    inside = bytes((frame.type, frame.seq)) + frame.body
    if len(inside) + CRC_BYTES > FRAME_BYTES:
        raise ValueError(f"a body of {len(frame.body)} bytes is too long for a frame")
    return cobs_encode(inside + zlib.crc32(inside).to_bytes(CRC_BYTES, "little")) + b"\0"


def decode_frame(piece: bytes) -> Frame:
    """Read what stood between two zeros. Raises PeerError if it is damaged."""
    inside = cobs_decode(piece)
    if not HEADER_BYTES + 1 + CRC_BYTES <= len(inside) <= FRAME_BYTES:
        raise PeerError(f"a frame of {len(inside)} bytes")
    told = int.from_bytes(inside[-CRC_BYTES:], "little")
    if zlib.crc32(inside[:-CRC_BYTES]) != told:
        raise PeerError("a frame with a wrong CRC")
    return Frame(inside[0], inside[1], inside[HEADER_BYTES:-CRC_BYTES])


def cobs_encode(inside: bytes) -> bytes:
    """Take the zeros out of at most 254 bytes (Cheshire and Baker, 1999)."""
    assert len(inside) <= 254, "longer than one group"
    return b"".join(bytes((len(group) + 1,)) + group for group in inside.split(b"\0"))


def cobs_decode(piece: bytes) -> bytes:
    """Put the zeros back. Raises PeerError if the bytes cannot be COBS."""
    groups, at = [], 0
    while at < len(piece):
        code = piece[at]
        group = piece[at + 1 : at + code]
        if code in (0, 0xFF) or len(group) != code - 1 or 0 in group:
            raise PeerError("bytes that are no frame")
        groups.append(group)
        at += code
    return b"\0".join(groups)


class FrameSplitter:
    """Bytes in pieces of any size to frames; never holds more than one."""

    def __init__(self) -> None:
        self._held = bytearray()
        self._too_long = False
        self.damaged = 0
        """Pieces that were no sound frame."""

    def feed(self, data: bytes) -> list[Frame]:
        """Return the frames that these bytes complete."""
        frames = []
        *whole, rest = data.split(b"\0")
        for piece in whole:
            self._add(piece)
            if self._held or self._too_long:
                frame = self._read()
                if frame is not None:
                    frames.append(frame)
            self._held.clear()
            self._too_long = False
        self._add(rest)
        return frames

    def _add(self, piece: bytes) -> None:
        self._too_long = self._too_long or len(self._held) + len(piece) >= WIRE_BYTES
        if not self._too_long:
            self._held += piece

    def _read(self) -> Frame | None:
        if not self._too_long:
            try:
                return decode_frame(bytes(self._held))
            except PeerError:
                pass
        self.damaged += 1
        return None
