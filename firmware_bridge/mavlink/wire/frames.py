"""Cut a byte stream or datagrams into MAVLink 1 and 2 frames whose checksums are right."""

import re
from dataclasses import dataclass
from typing import NamedTuple

from firmware_bridge.mavlink.wire.dialect import CRC_EXTRA, Message, crc_of, message_from

V1, V2 = 0xFE, 0xFD
HEADER_V1_B, HEADER_V2_B = 6, 10
CRC_B, SIGNATURE_B = 2, 13
SIGNED = 0x01
LONGEST_FRAME_B = HEADER_V2_B + 255 + CRC_B + SIGNATURE_B
STALE_S = 1.0  # a frame that began so long ago never ends: 280 bytes take 0.3 s at 9600 Bd
MOST_SOURCES = 64  # components whose sequence is followed; one more starts the count anew
LATE = 200  # a sequence number so far ahead is one of before, that came late or twice
MAGIC = re.compile(b"[\xfd\xfe]")


class Frame(NamedTuple):
    """One frame as it came; its checksum was right, its signature is still to be judged."""

    raw: bytes
    sequence: int
    system: int
    component: int
    message_id: int
    header_b: int
    is_signed: bool

    @property
    def payload(self) -> bytes:
        """The payload, which may be cut where only zeros followed."""
        return self.raw[self.header_b : self.header_b + self.raw[1]]

    @property
    def source(self) -> tuple[int, int]:
        """System and component that sent it."""
        return self.system, self.component

    def decode(self) -> Message:
        """Return what it says. Raises PeerError for a message that is only forwarded."""
        return message_from(self.message_id, self.payload)


@dataclass(slots=True)
class LinkCount:
    """What a link delivered and lost since it was opened."""

    frames: int = 0
    bytes_in: int = 0
    noise_bytes: int = 0
    """Bytes that belonged to no frame that was right."""
    damaged: int = 0
    """What looked like a frame of a known message, with a wrong checksum."""
    lost: int = 0
    """Frames that are missing by the sequence numbers of their senders."""


class Framer:
    """One direction of one link; holds no more than one frame that has not ended."""

    def __init__(self, *, datagrams: bool = False) -> None:
        """With `datagrams`, each piece is one: nothing goes on into the next."""
        self._datagrams = datagrams
        self._rest = b""
        self._rest_s = 0.0
        self._expected: dict[tuple[int, int], int] = {}
        self.count = LinkCount()

    def feed(self, data: bytes, now_s: float) -> list[Frame]:
        """Return the frames that `data` completes, in order."""
        self.count.bytes_in += len(data)
        whole = self._rest + data
        # What began too long ago was no frame; behind its first byte there may be one.
        is_stale = bool(self._rest) and now_s - self._rest_s > STALE_S
        self.count.noise_bytes += is_stale
        frames, skip = self._cut(whole, int(is_stale))
        rest = whole[skip:]
        if self._datagrams and rest:
            self.count.noise_bytes += len(rest)
            rest = b""
        if skip or not self._rest:
            self._rest_s = now_s
        self._rest = rest
        for frame in frames:
            self._follow(frame)
        return frames

    def _cut(self, data: bytes, at: int) -> tuple[list[Frame], int]:
        """Return the frames from `at` on, and where what may still become one begins."""
        frames: list[Frame] = []
        size = len(data)
        while found := MAGIC.search(data, at):
            begin = found.start()
            self.count.noise_bytes += begin - at
            at = begin
            end = _end_of(data, begin)
            if end > size:
                if not self._datagrams:
                    return frames, begin
            elif end and (frame := self._judged(data[begin:end])):
                frames.append(frame)
                at = end
                continue
            self.count.noise_bytes += 1
            at = begin + 1
        self.count.noise_bytes += size - at
        return frames, size

    def _judged(self, raw: bytes) -> Frame | None:
        frame = _frame(raw)
        tail = frame.header_b + raw[1]
        crc = raw[tail] | raw[tail + 1] << 8
        if crc != crc_of(raw[1:tail], frame.message_id):
            self.count.damaged += 1
            return None
        return frame

    def _follow(self, frame: Frame) -> None:
        self.count.frames += 1
        if len(self._expected) >= MOST_SOURCES and frame.source not in self._expected:
            self._expected.clear()
        missing = (frame.sequence - self._expected.get(frame.source, frame.sequence)) % 256
        if missing < LATE:
            self.count.lost += missing
            self._expected[frame.source] = (frame.sequence + 1) % 256


def _end_of(data: bytes, begin: int) -> int:
    """Return where a frame that begins here ends; 0 if none can, too far if more is needed."""
    size = len(data)
    if begin + 3 > size:
        return begin + LONGEST_FRAME_B
    length = data[begin + 1]
    if data[begin] == V1:
        if begin + HEADER_V1_B > size:
            return begin + LONGEST_FRAME_B
        known = data[begin + 5] in CRC_EXTRA
        return begin + HEADER_V1_B + length + CRC_B if known else 0
    flags = data[begin + 2]
    if flags & ~SIGNED:
        return 0  # needs what we do not understand (mavlink.io, incompatibility flags)
    if begin + HEADER_V2_B > size:
        return begin + LONGEST_FRAME_B
    if int.from_bytes(data[begin + 7 : begin + 10], "little") not in CRC_EXTRA:
        return 0  # cannot be checked: neither noise nor a forgery may pass as a message
    return begin + HEADER_V2_B + length + CRC_B + (SIGNATURE_B if flags else 0)


def _frame(raw: bytes) -> Frame:
    if raw[0] == V1:
        return Frame(raw, raw[2], raw[3], raw[4], raw[5], HEADER_V1_B, is_signed=False)
    number = raw[7] | raw[8] << 8 | raw[9] << 16
    return Frame(raw, raw[4], raw[5], raw[6], number, HEADER_V2_B, is_signed=bool(raw[2]))
