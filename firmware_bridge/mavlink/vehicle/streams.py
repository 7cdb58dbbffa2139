"""Which messages come how often: asked for one by one, measured, asked for again."""

import math
from collections import Counter, deque
from collections.abc import Mapping

from firmware_bridge.mavlink.exchange.commands import Command
from firmware_bridge.mavlink.wire.dialect import mavlink

SET_MESSAGE_INTERVAL = 511
CHECK_S = 5.0
FEWEST = 0.6  # of the wanted rate
MOST = 1.8
MOST_ASKS = 3
FORGIVEN_AFTER_SPANS = 12  # a minute: what was asked for in vain is asked for again
UNWANTED_HZ = 2.0  # what comes less often may come: silencing it costs more than reading it
NEVER = -1.0
NEVER_SILENCED = frozenset(
    # What comes because somebody asked, or because something happened.
    number
    for number, kind in mavlink.mavlink_map.items()
    if kind.msgname.startswith(("MISSION_", "PARAM_", "COMMAND_", "LOG_", "OPEN_DRONE_ID_"))
    or kind.msgname
    in {
        "HEARTBEAT",
        "TIMESYNC",
        "STATUSTEXT",
        "FILE_TRANSFER_PROTOCOL",
        "AUTOPILOT_VERSION",
        "HOME_POSITION",
    }
)
USUAL_HZ: dict[int, float] = {
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 5.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE: 5.0,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: 5.0,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 1.0,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: 0.5,
    mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: 1.0,
    mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: 1.0,
}


class Streams:
    """Counts what comes, and names what is to be asked for next."""

    def __init__(self, wanted_hz: Mapping[int, float], *, silences: bool) -> None:
        """`silences`: stop what nobody wants; not with a ground station on the same link."""
        self._wanted_hz = dict(wanted_hz)
        self._silences = silences
        self._seen: Counter[int] = Counter()
        self._asks: Counter[int] = Counter()
        self._in_vain: set[int] = set()
        self._spans = 0
        self._due: deque[tuple[int, float]] = deque()
        self._from_s: float | None = None
        self.rates_hz: dict[int, float] = {}
        """By message id, in the last full span."""

    @property
    def wake_at_s(self) -> float:
        """When the present span ends."""
        return math.inf if self._from_s is None else self._from_s + CHECK_S

    @property
    def short(self) -> tuple[str, ...]:
        """Names of what was asked for again and again and still does not come."""
        return tuple(
            mavlink.mavlink_map[number].msgname
            for number in self._wanted_hz
            if number in self._in_vain and self.rates_hz.get(number, 0.0) == 0.0
        )

    def begin(self, now_s: float) -> None:
        """Ask for everything: the autopilot has just been found, or has begun anew."""
        self._asks.clear()
        self._in_vain.clear()
        self._seen.clear()
        self._from_s = now_s
        self._due.clear()
        for number, wanted_hz in self._wanted_hz.items():
            self._ask(number, wanted_hz)

    def stop(self) -> None:
        """Ask for nothing: there is nobody to ask."""
        self._from_s = None
        self._due.clear()

    def heard(self, message_id: int) -> None:
        """Count a message of the autopilot."""
        self._seen[message_id] += 1

    def wake(self, now_s: float) -> None:
        """End a span: what was too rare or too frequent is due to be asked for again."""
        if self._from_s is None or now_s < self.wake_at_s:
            return
        span_s = now_s - self._from_s
        self.rates_hz = {number: count / span_s for number, count in self._seen.items()}
        self._seen.clear()
        self._from_s = now_s
        self._spans += 1
        if self._spans % FORGIVEN_AFTER_SPANS == 0:
            self._asks.clear()
        if self._due:
            return  # not even all was asked for yet
        for number, wanted_hz in self._wanted_hz.items():
            rate_hz = self.rates_hz.get(number, 0.0)
            slack_hz = 1.0 / CHECK_S
            if not FEWEST * wanted_hz - slack_hz <= rate_hz <= MOST * wanted_hz + slack_hz:
                self._ask(number, wanted_hz)
        if self._silences:
            kept = NEVER_SILENCED | self._wanted_hz.keys()
            for number, rate_hz in self.rates_hz.items():
                if rate_hz > UNWANTED_HZ and number not in kept:
                    self._ask(number, NEVER)

    def next_command(self) -> Command | None:
        """Take out the next thing to ask for."""
        if not self._due:
            return None
        number, rate_hz = self._due.popleft()
        interval_us = NEVER if rate_hz < 0 else round(1e6 / rate_hz)
        return Command(SET_MESSAGE_INTERVAL, (float(number), interval_us), asks=2)

    def _ask(self, number: int, rate_hz: float) -> None:
        if self._asks[number] >= MOST_ASKS:
            self._in_vain.add(number)
            return
        self._asks[number] += 1
        self._due.append((number, rate_hz))
