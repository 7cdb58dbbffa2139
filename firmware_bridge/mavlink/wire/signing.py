"""MAVLink 2 signatures: 48 bits of SHA-256 over key, frame and a time that only rises.

Judged here and not by pymavlink, which keeps a frame's time before it has checked the
signature: one forged frame would lock the real sender out for good.
"""

import hashlib
import hmac
from dataclasses import dataclass
from datetime import UTC, datetime

from firmware_bridge.mavlink.wire.frames import SIGNATURE_B, Frame

KEY_B = 32
HASH_B = 6
PER_S = 100_000  # stamps count 10 us (mavlink.io, message signing)
EPOCH = datetime(2015, 1, 1, tzinfo=UTC)
TOLERANCE = 60 * PER_S  # how far from our clock a new sender, or anybody ahead of it, may be
LARGEST_STAMP = (1 << 48) - 1
MOST_SENDERS = 32
RADIO_STATUS = 109  # SiK radios put it in between and know no key


def stamp_of(utc: datetime) -> int:
    """Return the stamp of a time of day."""
    return max(0, int((utc - EPOCH).total_seconds() * PER_S))


@dataclass(slots=True)
class SigningCount:
    """How many frames were refused, by why."""

    unsigned: int = 0
    forged: int = 0
    replayed: int = 0
    ahead: int = 0


class Signing:
    """The key of one link, the stamps seen on it and the stamp of its own next frame."""

    def __init__(
        self, key: bytes, *, link_id: int, stamp: int, now_s: float, clock_is_known: bool
    ) -> None:
        """Take the larger of the stored stamp and the clock's, at `now_s`.

        A clock that is not known (no clock chip, no fix yet) follows the senders that hold the
        key; a known one refuses what is more than a minute ahead of it.
        """
        if len(key) != KEY_B:
            raise ValueError(f"a signing key has {KEY_B} bytes, not {len(key)}")
        self._key = key
        self._link_id = link_id
        self._base, self._base_s = stamp, now_s
        self._last = stamp
        self._clock_is_known = clock_is_known
        self._senders: dict[tuple[int, int, int], int] = {}
        self.count = SigningCount()

    def stamp(self, now_s: float) -> int:
        """Return the present stamp: to be kept in a file, so that a restart goes on from it."""
        passed = int((now_s - self._base_s) * PER_S)
        return min(LARGEST_STAMP, max(self._last, self._base + passed))

    def set_clock(self, utc: datetime, now_s: float) -> None:
        """Take the time of day as known from here on; stamps never go back."""
        self._base, self._base_s = stamp_of(utc), now_s
        self._clock_is_known = True

    def sign(self, unsigned: bytes, now_s: float) -> bytes:
        """Return a frame, made with the signed flag, and its signature."""
        self._last = min(LARGEST_STAMP, max(self._last + 1, self.stamp(now_s)))
        signed = unsigned + bytes([self._link_id]) + self._last.to_bytes(6, "little")
        return signed + self._hash(signed)

    def accepts(self, frame: Frame, now_s: float) -> bool:
        """Tell whether a frame comes from who holds the key, and not for the second time.

        Nothing is remembered of a frame that is refused.
        """
        if not frame.is_signed:
            self.count.unsigned += frame.message_id != RADIO_STATUS
            return frame.message_id == RADIO_STATUS
        if not hmac.compare_digest(self._hash(frame.raw[:-HASH_B]), frame.raw[-HASH_B:]):
            self.count.forged += 1
            return False
        signature = frame.raw[-SIGNATURE_B:]
        stamp = int.from_bytes(signature[1:7], "little")
        sender = (signature[0], frame.system, frame.component)
        ours = self.stamp(now_s)
        if stamp > ours + TOLERANCE and self._clock_is_known:
            self.count.ahead += 1
            return False
        known = self._senders.get(sender)
        if stamp <= known if known is not None else stamp < ours - TOLERANCE:
            self.count.replayed += 1
            return False
        if known is None and len(self._senders) >= MOST_SENDERS:
            self.count.replayed += 1
            return False
        self._senders[sender] = stamp
        if not self._clock_is_known and stamp > ours:
            self._base, self._base_s = stamp, now_s
        return True

    def _hash(self, signed: bytes) -> bytes:
        return hashlib.sha256(self._key + signed).digest()[:HASH_B]
