"""Parts of the simulated controller: its figures, what it senses, one bolt with its door."""

from collections.abc import Collection
from dataclasses import dataclass

from firmware_bridge.mcu.words import (
    DriveWord,
    LidWord,
    SirenWord,
    StatusWord,
    UnlockWord,
    WinchWord,
)

SILENT_MS, HOLD_MS, JAM_MS, STATUS_MS, RESEND_MS = 300, 5000, 1000, 100, 500
LONGEST_LEASE_MS, LONGEST_UNLOCK_MS, LONGEST_SIREN_MS = 500, 30_000, 30_000
MOST_EVENTS, MOST_ANSWERS, MOST_OUT_BYTES = 16, 8, 1024
WHEELS, LID, WINCH, LIFT_SENSOR, SIREN = 1, 2, 4, 8, 16
OPENED, CLOSED, FORCED, JAMMED = 1, 2, 3, 4
OK, EXPIRED, OUT_OF_ORDER, WRONG_NONCE, NO_PART, MOVING, NOT_CLOSED = range(7)
TOO_LONG, NOT_GREETED, EVENTS_FULL, STOPPED, LIFTED, SILENT = 7, 8, 9, 10, 11, 13
Move = DriveWord | LidWord | WinchWord
PART_OF: dict[type[Move], int] = {DriveWord: WHEELS, LidWord: LID, WinchWord: WINCH}


@dataclass(slots=True, kw_only=True)
class Sensors:
    """What it senses; None is unknown."""

    doors: list[int | None]
    bolts: list[int | None]
    lid: int | None = None
    tilt_cdeg: int | None = None
    lifted: int | None = None
    temperature_cc: int | None = None
    winch_mm: int | None = None
    battery_mv: int | None = None
    stop_pressed: bool = False

    def is_closed(self, capabilities: int) -> bool:
        """Return whether every door and the lid are known to be closed."""
        shut = all(door == 0 for door in self.doors)
        return shut and (not capabilities & LID or self.lid == 0)

    def status(
        self, who: tuple[int, int, int, int, int], counted: tuple[int, int]
    ) -> StatusWord:
        """Return what it says of itself: boot, time, flags, speed and turning come first."""
        sides = (tuple(self.doors), tuple(self.bolts), self.lid)
        felt = (self.tilt_cdeg, self.lifted, self.temperature_cc, self.winch_mm)
        return StatusWord(*who, *sides, *felt, self.battery_mv, *counted)

    def is_on_ground(self, capabilities: int) -> bool:
        """Return whether it is known to stand, where it can sense that."""
        return not capabilities & LIFT_SENSOR or self.lifted == 0


@dataclass(slots=True)
class Compartment:
    """One bolt and its door."""

    drawn: bool = False
    opened: bool = False
    told_jam: bool = False
    since_ms: int = 0
    number: int = 0
    last_door: int | None = None

    def unlock(self, number: int, now_ms: int) -> None:
        """Draw the bolt."""
        self.drawn, self.opened, self.told_jam = True, self.last_door == 1, False
        self.since_ms, self.number = now_ms, number

    def tend(
        self, door: int | None, bolt: int | None, now_ms: int, *, silent: bool
    ) -> list[int]:
        """Follow the door, lock when it is time; return what happened."""
        before, since_ms = self.last_door, now_ms - self.since_ms
        self.last_door = before if door is None else door
        happened = []
        if (before, door) == (0, 1):
            happened.append(OPENED if self.drawn else FORCED)
            self.opened = self.drawn
        elif (before, door) == (1, 0):
            happened.append(CLOSED)
            if self.opened:
                self.drawn = self.opened = False
        if not self.drawn:
            return happened
        if bolt == 1 and since_ms >= JAM_MS and not self.opened and not self.told_jam:
            self.told_jam = True
            happened.append(JAMMED)
        if door != 1 and (since_ms >= HOLD_MS or silent):
            self.drawn = self.opened = False
        return happened


def judge_unlock(
    word: UnlockWord, now_ms: int, *, compartments: int, nonce: int, moving: bool, events: int
) -> int:
    """Return whether a bolt may be drawn, or why not."""
    left_ms = word.expires_ms - now_ms
    return _first(
        (word.compartment >= compartments, NO_PART),
        (left_ms <= 0, EXPIRED),
        (left_ms > LONGEST_UNLOCK_MS, TOO_LONG),
        (word.nonce != nonce, WRONG_NONCE),
        (moving, MOVING),
        (events + 2 > MOST_EVENTS, EVENTS_FULL),
    )


def judge_move(
    word: Move,
    now_ms: int,
    *,
    capabilities: int,
    sensors: Sensors,
    moves: Collection[type[Move]],
    closed: bool,
) -> int:
    """Return whether something may move, or why not."""
    part, left_ms = PART_OF[type(word)], word.until_ms - now_ms
    drives = part == WHEELS
    return _first(
        (not capabilities & part, NO_PART),
        (left_ms <= 0, EXPIRED),
        (left_ms > LONGEST_LEASE_MS, TOO_LONG),
        (sensors.stop_pressed, STOPPED),
        (part == LID and DriveWord in moves, MOVING),
        (drives and (LidWord in moves or not closed), NOT_CLOSED),
        (drives and not sensors.is_on_ground(capabilities), LIFTED),
    )


@dataclass(slots=True)
class Siren:
    """Sounds until its time is over, whoever falls silent."""

    until_ms: int | None = None

    def sounds(self, now_ms: int) -> bool:
        """Return whether it sounds now."""
        return self.until_ms is not None and now_ms < self.until_ms

    def take(self, word: SirenWord, now_ms: int, *, capabilities: int) -> int:
        """Obey, or say why not."""
        left_ms = word.until_ms - now_ms
        reason = _first(
            (not capabilities & SIREN, NO_PART),
            (left_ms <= 0, EXPIRED),
            (left_ms > LONGEST_SIREN_MS, TOO_LONG),
        )
        if reason == OK:
            self.until_ms = word.until_ms if word.on else None
        return reason


def _first(*faults: tuple[bool, int]) -> int:
    return next((reason for fault, reason in faults if fault), OK)
