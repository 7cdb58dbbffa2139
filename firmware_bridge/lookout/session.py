"""What a lookout says: it only speaks, a word a line, JSON (docs/vehicle/sidewalk.md)."""

import math
from collections.abc import Sequence
from typing import Never

import msgspec

from edge.errors import LinkError
from edge.messages.machines.pavement import LookoutWord

MOST_LINE_BYTES = 16_384
REOPEN_AFTER_S = 5.0

DECODER: msgspec.json.Decoder[LookoutWord] = msgspec.json.Decoder(LookoutWord)


class LookoutSession:
    """One link's worth of words; a line that says nothing is counted and left out."""

    def __init__(self, now_s: float) -> None:
        self._line = bytearray()
        self._skips = False
        self._since_s = now_s
        self.heard_s = -math.inf
        """When a sound word last came."""
        self.unsound = 0

    @property
    def wake_at_s(self) -> float:
        """When it has been quiet for too long."""
        return max(self._since_s, self.heard_s) + REOPEN_AFTER_S

    def is_excused(self, _now_s: float) -> bool:
        """Return whether its silence is none: never, it looks ten times a second."""
        return False

    def receive(self, data: bytes, now_s: float) -> Sequence[LookoutWord]:
        """Take bytes in pieces of any size; return what they say."""
        words = []
        *ended, rest = data.split(b"\n")
        for piece in ended:
            self._add(piece)
            line, self._line = bytes(self._line).strip(), bytearray()
            skipped, self._skips = self._skips, False
            if skipped or not line:
                continue
            word = self._word(line, now_s)
            if word is not None:
                words.append(word)
        self._add(rest)
        return words

    def send(self, command: Never, now_s: float) -> None:
        """Queue nothing: it takes no orders."""
        raise AssertionError(f"a lookout takes no orders, not {command} at {now_s}")

    def wake(self, now_s: float) -> Sequence[LookoutWord]:
        """Raise LinkError when the line has been quiet for too long."""
        if now_s >= self.wake_at_s:
            raise LinkError(f"no sound word for {REOPEN_AFTER_S:.0f} s")
        return ()

    def outgoing(self) -> bytes:
        """Return nothing: it is only listened to."""
        return b""

    def _add(self, piece: bytes) -> None:
        if self._skips:
            return
        self._line += piece
        if len(self._line) > MOST_LINE_BYTES:
            self._line.clear()
            self._skips = True  # up to its end
            self.unsound += 1

    def _word(self, line: bytes, now_s: float) -> LookoutWord | None:
        try:
            word = DECODER.decode(line)
        except (msgspec.DecodeError, UnicodeDecodeError):
            self.unsound += 1
            return None
        self.heard_s = now_s
        return msgspec.structs.replace(word, received_s=now_s)
