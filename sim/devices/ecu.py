"""A car behind an ELM327 adapter, at the far end of a serial cable; answers what is asked."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

SETTINGS = ("ATE", "ATL", "ATS0", "ATS1", "ATH", "ATSP", "ATAT", "ATSH", "ATLP")
BANNER = "ELM327 v1.5"
ENGINE = "7E8"
VIN = b"WDB9066331S123456"


@dataclass(slots=True)
class Car:
    """What the car's units know, in the bytes of the standards."""

    values: dict[int, bytes] = field(default_factory=dict)
    """By PID of service 01."""
    identifiers: dict[int, bytes] = field(default_factory=dict)
    """By identifier of service 22."""
    codes: Mapping[int, tuple[bytes, ...]] = field(default_factory=dict)
    """By service 03, 07, 0A."""
    vin: bytes = VIN
    volts: float = 14.1
    is_on: bool = True

    def answer(self, request: bytes) -> bytes | None:
        """Return the positive answer of its unit, None if it has none."""
        service, rest = request[0], request[1:]
        if not self.is_on:
            return None
        if service == 0x01 and rest:
            told = b"".join(
                bytes((pid,)) + self._value(pid) for pid in rest if self._value(pid)
            )
            return b"\x41" + told if told else None
        if service == 0x09 and rest == b"\x02":
            return b"\x49\x02\x01" + self.vin
        if service in self.codes:
            codes = self.codes[service]
            return bytes((service + 0x40, len(codes))) + b"".join(codes)
        if service == 0x22 and (value := self.identifiers.get(int.from_bytes(rest, "big"))):
            return b"\x62" + rest + value
        return None

    def _value(self, pid: int) -> bytes:
        if pid % 0x20:
            return self.values.get(pid, b"")
        bits = sum(1 << (32 - (known - pid)) for known in self.values if 0 < known - pid <= 32)
        further = any(known > pid + 0x20 for known in self.values)
        return (bits | further).to_bytes(4, "big") if bits or further or pid == 0 else b""


class Adapter:
    """Takes bytes, gives bytes; can freeze, and lose its power for an instant."""

    def __init__(self, car: Car, send: Callable[[bytes], None]) -> None:
        self.car = car
        self.asked: list[str] = []
        """Every command, as it came."""
        self.is_frozen = False
        self.trouble: dict[str, str] = {}
        """Words instead of the answer, by command."""
        self.searches = True
        """It has not found the car's bus yet."""
        self._send = send
        self._text = b""
        self._waiting: list[str] = []
        self._echo = True

    def receive(self, data: bytes) -> None:
        """Take what the host says; answers go to `send`."""
        *lines, self._text = (self._text + data).split(b"\r")
        self._waiting += [line.decode("ascii", "replace").strip() for line in lines]
        if not self.is_frozen:
            self.thaw()

    def thaw(self) -> None:
        """Answer everything that waits."""
        self.is_frozen = False
        waiting, self._waiting = self._waiting, []
        for command in waiting:
            self.asked.append(command)
            echo = f"{command}\r" if self._echo else ""
            self._send(f"{echo}{self._answer(command.upper())}\r\r>".encode("ascii"))

    def restart(self) -> None:
        """Lose and regain power: the settings are gone."""
        self._echo, self.searches = True, True
        self._send(f"\r\r{BANNER}\r\r>".encode("ascii"))

    def _answer(self, command: str) -> str:
        if command in self.trouble:
            return self.trouble[command]
        if command == "ATZ":
            self._echo, self.searches = True, True
            return f"\r{BANNER}"
        if command == "ATRV":
            return f"{self.car.volts:.1f}V"
        if command == "ATDPN":
            return "A6"
        if command.startswith(SETTINGS):
            self._echo = self._echo and command != "ATE0"
            return "OK"
        try:
            told = self.car.answer(bytes.fromhex(command))
        except ValueError:
            return "?"
        found = "SEARCHING...\r" if self.searches else ""
        if told is None:
            return found + ("NO DATA" if self.car.is_on else "UNABLE TO CONNECT")
        self.searches = False
        return found + "\r".join(segments(ENGINE, told))


def segments(unit: str, message: bytes) -> list[str]:
    """Return the lines of one message, as CAN frames (ISO 15765-2)."""
    if len(message) <= 7:
        return [f"{unit}{len(message):02X}{message.hex().upper()}"]
    lines = [f"{unit}{0x1000 | len(message):04X}{message[:6].hex().upper()}"]
    for number, at in enumerate(range(6, len(message), 7), 1):
        piece = message[at : at + 7].ljust(7, b"\0").hex().upper()
        lines.append(f"{unit}2{number % 16:X}{piece}")
    return lines
