"""What is asked next: fast values several times a second, slow ones between, codes rarely."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from firmware_bridge.obd.isotp import CAN_11, CAN_29
from firmware_bridge.obd.pids import (
    BITMAPS,
    FAST,
    PENDING,
    PERMANENT,
    PIDS,
    SLOW,
    TROUBLE,
    Identifier,
)

FAST_S = 0.25
SLOW_S = 10.0
CODES_S = 300.0
VIN_AGAIN_S = 60.0
VIN_TRIES = 3
MOST_IN_BATCH = 6  # of service 01 on CAN
EVERY_UNIT = {CAN_11: "7DF", CAN_29: "DB33F1"}
"""Address of a question to all (ISO 15765-4)."""
VOLTAGE, VIN = "ATRV", "0902"
CODES = tuple(f"{service:02X}" for service in (TROUBLE, PENDING, PERMANENT))


@dataclass(slots=True)
class Rounds:
    """When each thing is due; knows nothing of what the answers mean."""

    identifiers: Sequence[Identifier] = ()
    batches: bool = False
    """Several PIDs may be asked in one request."""
    bus: str = CAN_11
    _alone: set[str] = field(default_factory=set)
    """PIDs that do not come with others."""
    _trials: set[str] = field(default_factory=set)
    """PIDs that the car does not claim to have; some have them nevertheless."""
    _due_s: dict[str, float] = field(default_factory=dict)
    _vin_tries: int = 0
    _header: str = ""

    def begin(self, now_s: float, supported: set[int]) -> None:
        """Set the rounds for a car that claims these PIDs; the slow others are tried once."""
        fast = [f"01{pid:02X}" for pid in FAST if pid in supported or not supported]
        slow = [f"01{pid:02X}" for pid in SLOW]
        others = (VOLTAGE, VIN, *CODES, *(one.request for one in self._on_this_bus()))
        self._trials = {command for command in slow if int(command[2:], 16) not in supported}
        self._alone = set(self._trials)
        self._due_s = dict.fromkeys((*fast, *slow, *others), now_s)
        self._vin_tries = 0
        self._header = self._every_unit()

    def is_trial(self, command: str) -> bool:
        """Return whether one miss is enough."""
        return command in self._trials

    def came(self, command: str) -> None:
        """Take note that the car has it after all."""
        self._trials.discard(command)

    def ask_alone(self, command: str, now_s: float) -> None:
        """Ask for what did not come with others, by itself and at once."""
        self._alone.add(command)
        self._due_s[command] = now_s

    @property
    def next_s(self) -> float:
        """When the next thing is due."""
        return min(self._due_s.values(), default=math.inf)

    def drop(self, command: str) -> None:
        """Never ask this again: the car does not have it."""
        self._due_s.pop(command, None)

    def next(self, now_s: float) -> str | None:
        """Return the next command, None if nothing is due; the fast go before the rest."""
        due = sorted(
            (command for command, due_s in self._due_s.items() if due_s <= now_s),
            key=lambda command: (self._period_s(command), self._due_s[command]),
        )
        if not due:
            return None
        first = due[0]
        if header := self._header_for(first):
            self._header = header
            return f"ATSH{header}"
        together = [first]
        if self.batches and first in PLAIN - self._alone:
            fits = (command for command in due if command in PLAIN - self._alone)
            together = list(fits)[:MOST_IN_BATCH]
        for command in together:
            self._due_s[command] = now_s + self._period_s(command)
        if first == VIN:
            self._vin_tries += 1
            if self._vin_tries >= VIN_TRIES:
                self.drop(VIN)
        if first not in PLAIN:
            return first
        return "01" + "".join(command[2:] for command in together)

    def _on_this_bus(self) -> Sequence[Identifier]:
        """Return the maker's values that can be asked: there are none before CAN."""
        return self.identifiers if self.bus in EVERY_UNIT else ()

    def _every_unit(self) -> str:
        return EVERY_UNIT.get(self.bus, "")

    def _header_for(self, command: str) -> str:
        """Return the address to set first; empty if it is set."""
        units = {one.request: one.unit for one in self.identifiers}
        wanted = units.get(command, self._every_unit())
        is_asked = not command.startswith("AT")
        return wanted if is_asked and wanted != self._header else ""

    def _period_s(self, command: str) -> float:
        if command in CODES:
            return CODES_S
        if command == VIN:
            return VIN_AGAIN_S
        return FAST_S if command in FAST_COMMANDS else SLOW_S


PLAIN = {f"01{pid:02X}" for pid in PIDS}
FAST_COMMANDS = {f"01{pid:02X}" for pid in FAST}
BITMAP_COMMANDS = tuple(f"01{pid:02X}" for pid in BITMAPS)
