"""From the lines of a reply to what each control unit said: headers, segments, checksums."""

from dataclasses import dataclass, field

CAN_11, CAN_29, LINE = "11", "29", "line"
"""Kinds of bus by their headers: CAN with 11 or 29 bits, or the serial ones before it."""
HEADER_DIGITS = {CAN_11: 3, CAN_29: 8, LINE: 6}
MOST_BYTES = 4095  # of one message: twelve bits of length


@dataclass(slots=True)
class _Segmented:
    """A long message that is not whole yet."""

    length: int
    held: bytearray
    next: int = 1


@dataclass(slots=True)
class Assembly:
    """Lines of one reply; what is not whole or not sound is counted, not guessed."""

    bus: str
    damaged: int = 0
    _open: dict[str, _Segmented] = field(default_factory=dict)
    _said: list[tuple[str, bytes]] = field(default_factory=list)

    def add(self, line: str) -> None:
        """Take one line of hexadecimal digits."""
        digits = HEADER_DIGITS[self.bus]
        header, rest = line[:digits], line[digits:]
        try:
            told = bytes.fromhex(rest)
        except ValueError:
            self.damaged += 1
            return
        if len(header) < digits or not told:
            self.damaged += 1
        elif self.bus == LINE:
            self._add_plain(header, told)
        else:
            self._add_segment(header, told)

    def messages(self) -> list[tuple[str, bytes]]:
        """Return (control unit, message), each as it became whole."""
        self.damaged += len(self._open)
        self._open.clear()
        return self._said

    def _add_plain(self, header: str, told: bytes) -> None:
        """Take a line of ISO 9141, KWP or J1850: its last byte is a checksum."""
        if len(told) < 2:
            self.damaged += 1
            return
        self._said.append((header[4:], told[:-1]))

    def _add_segment(self, unit: str, told: bytes) -> None:
        """Take a CAN frame (ISO 15765-2)."""
        kind, low = told[0] >> 4, told[0] & 15
        if kind == 0 and 0 < low < len(told):
            self._said.append((unit, told[1 : 1 + low]))
        elif kind == 1 and len(told) >= 3:
            if unit in self._open:
                self.damaged += 1
            self._open[unit] = _Segmented(low << 8 | told[1], bytearray(told[2:]))
        elif kind == 2 and unit in self._open:
            self._go_on(unit, low, told[1:])
        elif kind != 3:
            self.damaged += 1

    def _go_on(self, unit: str, number: int, told: bytes) -> None:
        message = self._open[unit]
        if number != message.next:
            self.damaged += 1
            del self._open[unit]
            return
        message.held += told
        message.next = (message.next + 1) % 16
        if len(message.held) >= message.length:
            self._said.append((unit, bytes(message.held[: message.length])))
            del self._open[unit]
