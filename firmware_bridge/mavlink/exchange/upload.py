"""Put a plan on board: we say how many items, the vehicle asks for each."""

import math
from collections.abc import Sequence

from firmware_bridge.mavlink.exchange.exchange import DONE, Ended, Line
from firmware_bridge.mavlink.exchange.items import Item, to_message
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

MOST_COUNTS = 6
ACCEPTED, ERROR, NO_SPACE, WRONG_SEQUENCE, DENIED, CANCELLED = 0, 1, 4, 13, 14, 15
PASSING = frozenset({ERROR, NO_SPACE, DENIED, CANCELLED})
"""Busy, just booted, another partner, given up: all may be over in a moment."""
VERDICTS = {
    ERROR: "error, or busy",
    2: "unsupported frame",
    3: "unsupported command",
    NO_SPACE: "no space",
    5: "invalid item",
    **{number: f"invalid parameter {number - 5}" for number in range(6, 13)},
    WRONG_SEQUENCE: "wrong sequence",
    DENIED: "denied",
    CANCELLED: "cancelled",
}
ASKS = ("MISSION_REQUEST", "MISSION_REQUEST_INT")


class Upload:
    """One attempt. Its end proves nothing: the plan must be read back either way."""

    def __init__(
        self, line: Line, items: Sequence[Item], plan_type: int, *, quiet_s: float, ints: bool
    ) -> None:
        """`quiet_s`: how long the vehicle may ask for nothing; `ints`: it takes ITEM_INT."""
        self._line = line
        self._items = items
        self._plan_type = plan_type
        self._quiet_s = quiet_s
        self._ints = ints
        self._counts = 0
        self._counted_s = 0.0
        self._highest = -1
        self._asking = -1
        self.wake_at_s = math.inf
        self.ended: Ended | None = None
        self.is_passing = False
        """It failed for a reason that may be over in a moment."""
        self.reached_vehicle = False
        """It may have changed what is on board."""

    def begin(self, now_s: float) -> None:
        """Say how many items there are."""
        self._count(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Answer requests, hear the verdict."""
        kind = message.get_type()
        if self.ended or getattr(message, "mission_type", 0) != self._plan_type:
            return
        if kind in ASKS:
            self._asked(message.seq, now_s, ints=self._ints or kind == "MISSION_REQUEST_INT")
        elif kind == "MISSION_ACK":
            self._judged(message.type)

    def wake(self, now_s: float) -> None:
        """Count again while nothing was asked for; later only the vehicle may ask again."""
        if self.ended or now_s < self.wake_at_s:
            return
        if self._highest < 0 and self._counts < MOST_COUNTS:
            self._count(now_s)
        elif self._highest == len(self._items) - 1:
            self._end(DONE)  # it has them all, and its acknowledgement was lost
        else:
            self.is_passing = True
            self._end(Ended("unanswered", f"nothing asked for behind item {self._highest}"))

    def abandon(self, now_s: float) -> None:
        """Tell the vehicle that no more comes; ArduPilot keeps asking for eight seconds."""
        if self.ended is None and self._highest >= 0:
            self._line.say(
                mavlink.MAVLink_mission_ack_message(
                    self._line.system, self._line.component, CANCELLED, self._plan_type
                ),
                now_s,
            )
        self._end(Ended("unanswered", "abandoned"))

    def _count(self, now_s: float) -> None:
        self._counts += 1
        self._counted_s = now_s
        self.reached_vehicle = True
        self._line.say(
            mavlink.MAVLink_mission_count_message(
                self._line.system, self._line.component, len(self._items), self._plan_type
            ),
            now_s,
        )
        self.wake_at_s = now_s + self._line.pace.wait_s(self._counts)

    def _asked(self, sequence: int, now_s: float, *, ints: bool) -> None:
        if sequence >= len(self._items):
            return
        if self._highest < 0 and self._counts == 1:
            self._line.pace.heard(now_s - self._counted_s)
        self._highest = max(self._highest, sequence)
        target = (self._line.system, self._line.component)
        self._line.say(
            to_message(
                self._items[sequence], sequence, target, self._plan_type, whole_numbered=ints
            ),
            now_s,
        )
        self.wake_at_s = now_s + self._quiet_s

    def _judged(self, verdict: int) -> None:
        has_all = self._highest == len(self._items) - 1
        if verdict == WRONG_SEQUENCE:
            return  # an item came twice or late; it asks again for the one it wants
        if verdict == ACCEPTED:
            if has_all:
                self._end(DONE)
            return  # else: of an earlier transfer, late
        self.is_passing = verdict in PASSING
        self._end(Ended("refused", VERDICTS.get(verdict, f"mission result {verdict}")))

    def _end(self, ended: Ended) -> None:
        self.ended = self.ended or ended
        self.wake_at_s = math.inf
