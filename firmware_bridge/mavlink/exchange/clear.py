"""Take a plan off the vehicle."""

import math

from firmware_bridge.mavlink.exchange.exchange import DONE, Ended, Line
from firmware_bridge.mavlink.exchange.upload import ACCEPTED, VERDICTS
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

MOST_ASKS = 6


class Clear:
    """Ask until it is acknowledged; that nothing is left must be read back."""

    def __init__(self, line: Line, plan_type: int) -> None:
        self._line = line
        self._plan_type = plan_type
        self._asks = 0
        self.wake_at_s = math.inf
        self.ended: Ended | None = None

    def begin(self, now_s: float) -> None:
        """Ask for it."""
        self._asks += 1
        self._line.say(
            mavlink.MAVLink_mission_clear_all_message(
                self._line.system, self._line.component, self._plan_type
            ),
            now_s,
        )
        self.wake_at_s = now_s + self._line.pace.wait_s(self._asks)

    def take(self, message: Message, _now_s: float) -> None:
        """Hear the verdict."""
        if (
            self.ended is None
            and message.get_type() == "MISSION_ACK"
            and message.mission_type == self._plan_type
        ):
            verdict = VERDICTS.get(message.type, f"mission result {message.type}")
            self._end(DONE if message.type == ACCEPTED else Ended("refused", verdict))

    def wake(self, now_s: float) -> None:
        """Ask again, or give up."""
        if self.ended or now_s < self.wake_at_s:
            return
        if self._asks < MOST_ASKS:
            self.begin(now_s)
        else:
            self._end(Ended("unanswered", "MISSION_CLEAR_ALL is not acknowledged"))

    def abandon(self, _now_s: float) -> None:
        """Ask no more."""
        self._end(Ended("unanswered", "abandoned"))

    def _end(self, ended: Ended) -> None:
        self.ended = self.ended or ended
        self.wake_at_s = math.inf
