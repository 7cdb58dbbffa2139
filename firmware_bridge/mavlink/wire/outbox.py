"""Messages to frames: our address, our numbers, our signature, a bounded queue."""

from collections import deque

from firmware_bridge.mavlink.wire.dialect import Message, crc_of, mavlink
from firmware_bridge.mavlink.wire.frames import CRC_B, HEADER_V2_B, SIGNED
from firmware_bridge.mavlink.wire.signing import Signing

DATAGRAM_B = 1400  # what passes every network in one piece
MOST_WAITING_B = 65_536  # 11 s of 57600 Bd; past it the oldest frames go: all are asked again


class FrameQueue:
    """Whole frames that wait for the wire, oldest first."""

    def __init__(self) -> None:
        self._frames: deque[bytes] = deque()
        self._held_b = 0
        self.dropped = 0
        """Frames that nobody took in time."""

    def put(self, frame: bytes) -> None:
        """Queue a frame; past the bound the oldest goes."""
        self._frames.append(frame)
        self._held_b += len(frame)
        while self._held_b > MOST_WAITING_B:
            self._held_b -= len(self._frames.popleft())
            self.dropped += 1

    def take(self) -> bytes:
        """Return and clear the frames that fit into one datagram; b"" if none waits."""
        taken: list[bytes] = []
        size = 0
        while self._frames and (not taken or size + len(self._frames[0]) <= DATAGRAM_B):
            taken.append(self._frames.popleft())
            size += len(taken[-1])
        self._held_b -= size
        return b"".join(taken)

    def clear(self) -> None:
        """Drop everything: the link that it was for is gone."""
        self._frames.clear()
        self._held_b = 0


class Outbox(FrameQueue):
    """What one component says on one link, always as MAVLink 2."""

    def __init__(self, system: int, component: int, signing: Signing | None = None) -> None:
        super().__init__()
        self._mav = mavlink.MAVLink(None, system, component)
        self._signing = signing

    @property
    def system(self) -> int:
        """The system we belong to: the vehicle's own."""
        return int(self._mav.srcSystem)

    @system.setter
    def system(self, number: int) -> None:
        self._mav.srcSystem = number

    def say(self, message: Message, now_s: float) -> bytes:
        """Queue a message and return its frame."""
        frame: bytes = message.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) % 256
        if self._signing is not None:
            frame = self._signing.sign(_with_signed_flag(frame), now_s)
        self.put(frame)
        return frame


def _with_signed_flag(frame: bytes) -> bytes:
    body = frame[1:2] + bytes([SIGNED]) + frame[3:-CRC_B]
    number = int.from_bytes(frame[7:HEADER_V2_B], "little")
    return frame[:1] + body + crc_of(body, number).to_bytes(CRC_B, "little")
