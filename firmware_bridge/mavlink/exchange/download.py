"""Read a plan back: we ask for every item, and say when we have them all."""

import math

from firmware_bridge.mavlink.exchange.exchange import DONE, Ended, Line
from firmware_bridge.mavlink.exchange.items import Item, from_message
from firmware_bridge.mavlink.exchange.upload import ACCEPTED, CANCELLED, VERDICTS
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

MOST_ASKS = 8
MOST_ITEMS = 2000
ITEMS = ("MISSION_ITEM_INT", "MISSION_ITEM")


class Download:
    """One attempt. However it ends, the vehicle is told: PX4 is busy until it hears so."""

    def __init__(self, line: Line, plan_type: int, *, ints: bool) -> None:
        self._line = line
        self._plan_type = plan_type
        self._ints = ints
        self._count: int | None = None
        self._asks = 0
        self._asked_s = 0.0
        self.items: list[Item] = []
        self.grain_e7 = 0
        """How coarse the places are: floats of MISSION_ITEM hold no more."""
        self.wake_at_s = math.inf
        self.ended: Ended | None = None

    def begin(self, now_s: float) -> None:
        """Ask how many there are."""
        self._ask(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Take the count or the next item."""
        kind = message.get_type()
        if self.ended or getattr(message, "mission_type", 0) != self._plan_type:
            return
        if kind == "MISSION_COUNT" and self._count is None:
            self._heard(now_s)
            if message.count > MOST_ITEMS:
                self._end(Ended("refused", f"{message.count} items on board"), now_s)
                return
            self._count = message.count
            self._go_on(now_s)
        elif kind in ITEMS and self._count is not None and message.seq == len(self.items):
            self._heard(now_s)
            self.items.append(from_message(message))
            if kind == "MISSION_ITEM":
                self.grain_e7 = 100
            self._go_on(now_s)
        elif kind == "MISSION_ACK" and message.type != ACCEPTED:
            why = VERDICTS.get(message.type, f"mission result {message.type}")
            self._end(Ended("refused", why), now_s)

    def wake(self, now_s: float) -> None:
        """Ask again, or give up."""
        if self.ended or now_s < self.wake_at_s:
            return
        if self._asks < MOST_ASKS:
            self._ask(now_s)
        else:
            what = "MISSION_COUNT" if self._count is None else f"item {len(self.items)}"
            self._end(Ended("unanswered", f"{what} does not come"), now_s)

    def abandon(self, now_s: float) -> None:
        """End it for both sides."""
        self._end(Ended("unanswered", "abandoned"), now_s)

    def _heard(self, now_s: float) -> None:
        if self._asks == 1:
            self._line.pace.heard(now_s - self._asked_s)
        self._asks = 0

    def _go_on(self, now_s: float) -> None:
        if len(self.items) == self._count:
            self._end(DONE, now_s)
        else:
            self._ask(now_s)

    def _ask(self, now_s: float) -> None:
        target = (self._line.system, self._line.component)
        if self._count is None:
            asking = mavlink.MAVLink_mission_request_list_message(*target, self._plan_type)
        else:
            kind = (
                mavlink.MAVLink_mission_request_int_message
                if self._ints
                else mavlink.MAVLink_mission_request_message
            )
            asking = kind(*target, len(self.items), self._plan_type)
        self._asks += 1
        self._asked_s = now_s
        self._line.say(asking, now_s)
        self.wake_at_s = now_s + self._line.pace.wait_s(self._asks)

    def _end(self, ended: Ended, now_s: float) -> None:
        if self.ended is None:
            verdict = ACCEPTED if ended.result == "done" else CANCELLED
            self._line.say(
                mavlink.MAVLink_mission_ack_message(
                    self._line.system, self._line.component, verdict, self._plan_type
                ),
                now_s,
            )
        self.ended = self.ended or ended
        self.wake_at_s = math.inf
