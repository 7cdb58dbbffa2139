"""Ten seconds of raw readings: a bounded ring, and the packed form a fact names by hash."""

from collections import deque
from collections.abc import Sequence

import msgspec
import zstandard
from msgspec.structs import replace

from edge.behaviour.limits import AFTER_S, BEFORE_S
from edge.errors import PeerError
from edge.messages.driving.signals import Acceleration, ReverseGear, SeatBelt
from edge.messages.readings import GnssFix, InertialSample, WheelSpeed

RING_S = 16.0  # ten of evidence, and what deciding takes
MOST_READINGS = 4000  # 200 a second
MEDIA_TYPE = "application/x-doorstep-driving+zstd"
MOST_PACKED_B = 1_000_000
MOST_UNPACKED_B = 4_000_000

Raw = Acceleration | InertialSample | WheelSpeed | GnssFix | SeatBelt | ReverseGear


class Evidence(msgspec.Struct, frozen=True, kw_only=True):
    """Readings around an instant, each as it came."""

    at_s: float
    readings: tuple[Raw, ...]


_encoder = msgspec.msgpack.Encoder()
_decoder = msgspec.msgpack.Decoder(Evidence)


class Ring:
    """The last readings; the oldest are forgotten first."""

    def __init__(self) -> None:
        self._readings: deque[Raw] = deque(maxlen=MOST_READINGS)

    def add(self, reading: Raw) -> None:
        """Keep a reading for a while."""
        self._readings.append(reading)
        while self._readings[0].received_s < reading.received_s - RING_S:
            self._readings.popleft()

    def clear(self) -> None:
        """Forget everything."""
        self._readings.clear()

    def around(self, at_s: float) -> tuple[Raw, ...]:
        """Return what is left of the seconds before and after an instant."""
        return tuple(
            one for one in self._readings if at_s - BEFORE_S <= one.received_s <= at_s + AFTER_S
        )


def pack(at_s: float, readings: Sequence[Raw]) -> bytes:
    """Return evidence as it is kept and sent: zstd of msgpack, instants to the microsecond."""
    rounded = (replace(one, received_s=round(one.received_s, 6)) for one in readings)
    evidence = Evidence(at_s=round(at_s, 6), readings=tuple(rounded))
    return zstandard.ZstdCompressor(level=9).compress(_encoder.encode(evidence))


def unpack(packed: bytes) -> Evidence:
    """Read evidence again. Raises PeerError if it is none, or too large."""
    if len(packed) > MOST_PACKED_B:
        raise PeerError(f"driving evidence of {len(packed)} bytes: {MOST_PACKED_B} at most")
    try:
        size = zstandard.frame_content_size(packed)
        if size > MOST_UNPACKED_B:
            raise PeerError(f"driving evidence of {size} bytes: {MOST_UNPACKED_B} at most")
        plain = zstandard.ZstdDecompressor().decompress(
            packed, max_output_size=MOST_UNPACKED_B, allow_extra_data=False
        )
        return _decoder.decode(plain)
    except (zstandard.ZstdError, msgspec.DecodeError, UnicodeDecodeError) as error:
        raise PeerError(f"driving evidence cannot be read: {error}") from error
