"""What is asked next: fast values several times a second, slow ones between, codes rarely."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

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
ALL_UNITS = "7DF"
VOLTAGE, VIN = "ATRV", "0902"
CODES = tuple(f"{service:02X}" for service in (TROUBLE, PENDING, PERMANENT))


@dataclass(slots=True)
class Rounds:
    """When each thing is due; knows nothing of what the answers mean."""

    identifiers: Sequence[Identifier] = ()
    batches: bool = False
    """Several PIDs may be asked in one request."""
    _due_s: dict[str, float] = field(default_factory=dict)
    _vin_tries: int = 0
    _header: str = ALL_UNITS

    def begin(self, now_s: float, supported: set[int]) -> None:
        """Set the rounds for a car that answers these PIDs; none told: ask for all once."""
        known = supported or set(PIDS)
        fast = [pid for pid in FAST if pid in known]
        slow = [pid for pid in SLOW if pid in known]
        self._due_s = {f"01{pid:02X}": now_s for pid in (*fast, *slow)}
        self._due_s |= {VOLTAGE: now_s, VIN: now_s}
        self._due_s |= dict.fromkeys(CODES, now_s)
        self._due_s |= {one.request: now_s for one in self.identifiers}
        self._vin_tries = 0
        self._header = ALL_UNITS

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
        if self.batches and first in self._plain():
            together = [command for command in due if command in self._plain()][:MOST_IN_BATCH]
        for command in together:
            self._due_s[command] = now_s + self._period_s(command)
        if first == VIN:
            self._vin_tries += 1
            if self._vin_tries >= VIN_TRIES:
                self.drop(VIN)
        return (
            "01" + "".join(command[2:] for command in together)
            if first in self._plain()
            else first
        )

    def _plain(self) -> set[str]:
        return {f"01{pid:02X}" for pid in PIDS}

    def _header_for(self, command: str) -> str:
        """Return the address to set first; empty if it is set."""
        units = {one.request: one.unit for one in self.identifiers}
        wanted = units.get(command, ALL_UNITS)
        is_asked = not command.startswith("AT")
        return wanted if is_asked and wanted != self._header else ""

    def _period_s(self, command: str) -> float:
        if command in CODES:
            return CODES_S
        if command == VIN:
            return VIN_AGAIN_S
        return FAST_S if command in FAST_COMMANDS else SLOW_S


FAST_COMMANDS = {f"01{pid:02X}" for pid in FAST}
BITMAP_COMMANDS = tuple(f"01{pid:02X}" for pid in BITMAPS)
