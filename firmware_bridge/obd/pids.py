"""What the bytes of a reply mean: values by their VSS names, trouble codes, VIN (SAE J1979)."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from edge.messages import signals

CURRENT, TROUBLE, PENDING, PERMANENT, VEHICLE = 0x01, 0x03, 0x07, 0x0A, 0x09
READ_BY_ID = 0x22
POSITIVE = 0x40
REFUSED = 0x7F
ODOMETER_SERVICES = (0x41, 0x61)  # some units answer 01A6 so (ELM327-emulator's car, too)
VIN_PATTERN = re.compile(r"^[0-9A-HJ-NPR-Z]{17}$")  # ISO 3779
Value = float | bool | str | tuple[str, ...]
SPEED_PID, ENGINE_PID, ODOMETER_PID = 0x0D, 0x0C, 0xA6


@dataclass(frozen=True, slots=True)
class Pid:
    """One value of service 01."""

    length: int
    signals: tuple[tuple[str, Callable[[bytes], Value]], ...]


def _number(told: bytes) -> int:
    return int.from_bytes(told, "big")


PIDS: dict[int, Pid] = {
    0x01: Pid(
        4,
        (
            (signals.LAMP, lambda told: bool(told[0] & 0x80)),
            (signals.TROUBLE_COUNT, lambda told: float(told[0] & 0x7F)),
        ),
    ),
    ENGINE_PID: Pid(2, ((signals.ENGINE_SPEED, lambda told: _number(told) / 4 / 60),)),
    SPEED_PID: Pid(1, ((signals.SPEED, lambda told: told[0] / 3.6),)),
    0x21: Pid(2, ((signals.WITH_LAMP, lambda told: _number(told) * 1000.0),)),
    0x2F: Pid(1, ((signals.FUEL_LEVEL, lambda told: told[0] * 100 / 255),)),
    0x31: Pid(2, ((signals.SINCE_CLEARED, lambda told: _number(told) * 1000.0),)),
    0x42: Pid(2, ((signals.MODULE_VOLTAGE, lambda told: _number(told) / 1000),)),
    0x46: Pid(1, ((signals.AMBIENT, lambda told: told[0] - 40.0),)),
    0x5B: Pid(1, ((signals.CHARGE, lambda told: told[0] * 100 / 255),)),
    ODOMETER_PID: Pid(4, ((signals.ODOMETER, lambda told: _number(told) * 100.0),)),
}
FAST = (SPEED_PID, ENGINE_PID)
SLOW = (0x2F, 0x46, 0x42, 0x31, 0x21, ODOMETER_PID, 0x5B, 0x01)
BITMAPS = (0x00, 0x20, 0x40, 0x60, 0x80, 0xA0)


def values_of(message: bytes) -> dict[str, Value]:
    """Return what a reply of service 01 tells, of one PID or of several in one message."""
    if len(message) < 3 or message[0] not in ODOMETER_SERVICES:
        return {}
    if message[0] != CURRENT + POSITIVE and message[1] != ODOMETER_PID:
        return {}
    told: dict[str, Value] = {}
    at = 1
    while at < len(message):
        pid = PIDS.get(message[at])
        if pid is None or at + 1 + pid.length > len(message):
            break  # what follows cannot be told apart
        raw = message[at + 1 : at + 1 + pid.length]
        told |= {name: read(raw) for name, read in pid.signals}
        at += 1 + pid.length
    return told


def supported_of(message: bytes) -> set[int]:
    """Return the PIDs that a bitmap (00, 20, …) says there are."""
    if len(message) < 6 or message[0] != CURRENT + POSITIVE or message[1] not in BITMAPS:
        return set()
    bits = _number(message[2:6])
    return {message[1] + 1 + place for place in range(32) if bits >> (31 - place) & 1}


def codes_of(message: bytes, service: int, *, counted: bool) -> tuple[str, ...] | None:
    """Return trouble codes (SAE J2012); None if this is no answer to the service.

    `counted`: on CAN a byte with their number stands before them.
    """
    if not message or message[0] != service + POSITIVE:
        return None
    rest = message[2:] if counted else message[1:]
    pairs = [_number(rest[at : at + 2]) for at in range(0, len(rest) - 1, 2)]
    return tuple(f"{'PCBU'[pair >> 14]}{pair & 0x3FFF:04X}" for pair in pairs if pair)


def vin_of(messages: Sequence[bytes]) -> str | None:
    """Return the vehicle's number; on the older buses it comes in five lines."""
    told = b""
    for message in messages:
        if len(message) > 3 and message[0] == VEHICLE + POSITIVE and message[1] == 2:
            told += message[3:]
    text = told.strip(b"\0").decode("ascii", "replace")[-17:]
    return text if VIN_PATTERN.match(text) else None


@dataclass(frozen=True, slots=True)
class Identifier:
    """One value behind service 22, as the maker's table in vehicle.toml says; only read."""

    name: str
    unit: str
    """Address to ask, in hex: `7E4`."""
    identifier: int
    first: int = 0
    """Which byte of the value begins it."""
    length: int = 1
    scale: float = 1.0
    offset: float = 0.0
    signed: bool = False

    @property
    def request(self) -> str:
        """What is asked."""
        return f"{READ_BY_ID:02X}{self.identifier:04X}"

    def value_of(self, message: bytes) -> float | None:
        """Return the value, None if this is no answer to it."""
        head = bytes((READ_BY_ID + POSITIVE,)) + self.identifier.to_bytes(2, "big")
        raw = message[3 + self.first : 3 + self.first + self.length]
        if message[:3] != head or len(raw) != self.length:
            return None
        return int.from_bytes(raw, "big", signed=self.signed) * self.scale + self.offset


def refused(messages: Sequence[tuple[str, bytes]]) -> bool:
    """Return whether every unit that answered said no."""
    return bool(messages) and all(message[0] == REFUSED for _, message in messages)
