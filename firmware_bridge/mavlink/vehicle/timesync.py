"""The autopilot's clock beside ours, by TIMESYNC; and the round trip of the link."""

from collections import deque
from collections.abc import Callable

from firmware_bridge.mavlink.exchange.pace import Pace
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

EVERY_S = 1.0  # a start of the autopilot shows here first, though all its streams have stopped
ASKS_IN_A_ROW = 8
QUICKLY_S = 0.2  # the first few, so that stamps can be used within two seconds
KEPT = 12
LONGEST_TRIP_S = 5.0
JUMP_S = 1.0  # clocks of boards drift by microseconds a second: it has begun anew
NS_PER_S = 1_000_000_000


class TimeSync:
    """Offset by the quickest of the last answers: of the slow, one way was slower."""

    def __init__(self, say: Callable[[Message, float], object], now_s: float) -> None:
        self._say = say
        self._kept: deque[tuple[float, float]] = deque(maxlen=KEPT)
        """Round trip and offset [s]."""
        self._asked_ns: int | None = None
        self._asks = 0
        self._its_s = 0.0
        """Its time when it last asked for ours."""
        self.wake_at_s = now_s

    @property
    def offset_s(self) -> float | None:
        """How far the autopilot's clock is ahead of ours; None while unknown."""
        return min(self._kept)[1] if self._kept else None

    @property
    def round_trip_s(self) -> float | None:
        """The quickest of the last round trips; None while unknown."""
        return min(self._kept)[0] if self._kept else None

    def wake(self, now_s: float) -> None:
        """Ask again."""
        if now_s < self.wake_at_s:
            return
        self._asked_ns = round(now_s * NS_PER_S)
        self._asks += 1
        self._say(mavlink.MAVLink_timesync_message(0, self._asked_ns), now_s)
        self.wake_at_s = now_s + (QUICKLY_S if self._asks < ASKS_IN_A_ROW else EVERY_S)

    def take(self, message: Message, now_s: float, pace: Pace) -> bool:
        """Answer a question of the autopilot, or take its answer to ours.

        Returns whether its clock has gone back: it has begun anew.
        """
        if message.tc1 == 0:
            its_s = message.ts1 / NS_PER_S
            has_begun_anew = bool(its_s < self._its_s - JUMP_S)
            self._its_s = its_s
            answer = mavlink.MAVLink_timesync_message(round(now_s * NS_PER_S), message.ts1)
            self._say(answer, now_s)
            return has_begun_anew
        if message.ts1 != self._asked_ns:
            return False  # of somebody else's question, or late
        self._asked_ns = None
        asked_s = message.ts1 / NS_PER_S
        trip_s = now_s - asked_s
        if not 0 <= trip_s <= LONGEST_TRIP_S:
            return False
        pace.heard(trip_s)
        offset_s = message.tc1 / NS_PER_S - (asked_s + now_s) / 2
        known_s = self.offset_s
        has_jumped = known_s is not None and abs(offset_s - known_s) > JUMP_S + trip_s
        if has_jumped:
            self._kept.clear()
        self._kept.append((trip_s, offset_s))
        return has_jumped and known_s is not None and offset_s < known_s

    def our_time_s(self, autopilot_s: float) -> float | None:
        """Return when by our clock it was that time by the autopilot's; None while unknown."""
        offset_s = self.offset_s
        return None if offset_s is None else autopilot_s - offset_s
