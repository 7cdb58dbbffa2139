"""Getting to know an autopilot: what it is asked for until it has said it."""

import math

from firmware_bridge.mavlink.exchange.commands import Command
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

REQUEST_MESSAGE = 512
AGAIN_S = 2.0
LATER_S = 10.0
MISSING_AFTER = 4  # asks
RELEASES = {0: "-dev", 64: "-alpha", 128: "-beta", 192: "-rc"}
VERSION = mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION
HOME = mavlink.MAVLINK_MSG_ID_HOME_POSITION


def version_of(number: int) -> str:
    """Return a firmware's version as people write it."""
    major, minor, patch, release = number.to_bytes(4, "big")
    return f"{major}.{minor}.{patch}{RELEASES.get(release, '')}"


class Acquaintance:
    """What the autopilot has said of itself, and what it still owes."""

    def __init__(self) -> None:
        self.version = ""
        self.capabilities: int | None = None
        self._asks: dict[int, int] = {}
        self._due_s = math.inf

    @property
    def wake_at_s(self) -> float:
        """When something is to be asked for again."""
        return self._due_s if self._asks else math.inf

    @property
    def missing(self) -> tuple[str, ...]:
        """Names of the messages that it was asked for several times."""
        return tuple(
            mavlink.mavlink_map[number].msgname
            for number, asks in self._asks.items()
            if asks >= MISSING_AFTER
        )

    def begin(self, now_s: float) -> None:
        """Ask for everything anew; what it is it still is until it says otherwise."""
        self._asks = {VERSION: 0, HOME: 0}
        self._due_s = now_s

    def stop(self) -> None:
        """Ask for nothing."""
        self._asks.clear()

    def take(self, message: Message) -> bool:
        """Take an answer; tell whether it says anything new of what it is."""
        number = message.get_msgId()
        self._asks.pop(number, None)
        if number != VERSION:
            return False
        known = (self.version, self.capabilities)
        self.version = version_of(message.flight_sw_version)
        self.capabilities = message.capabilities
        return known != (self.version, self.capabilities)

    def next_command(self, now_s: float) -> Command | None:
        """Return what to ask for next, if it is time."""
        if now_s < self.wake_at_s:
            return None
        number = min(self._asks, key=lambda number: self._asks[number])
        self._asks[number] += 1
        if all(self._asks.values()):
            self._due_s = now_s + (AGAIN_S if self._asks[number] < MISSING_AFTER else LATER_S)
        return Command(REQUEST_MESSAGE, (float(number),), asks=1)
