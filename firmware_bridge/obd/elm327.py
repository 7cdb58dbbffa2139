"""The adapter: one command at a time, an answer up to its `>`, and what its words mean."""

import math
import re
from dataclasses import dataclass, field
from typing import Literal

from edge.errors import LinkError

COMMAND_S = 1.2  # the adapter waits 0.2 s for a unit, several times where many answer
CONNECT_S = 12.0  # it tries every bus: 10 s on older adapters
RESET_S = 2.0
GIVE_UP_S = 12.0  # the port is opened again
MOST_REPLY_BYTES = 8192
SETTINGS = ("ATE0", "ATL0", "ATS0", "ATH1", "ATSP0", "ATAT1")
RESET = "ATZ"

ReplyKind = Literal[
    "lines", "no_data", "not_understood", "stopped", "damaged", "bus", "full", "silent"
]
MARKS: tuple[tuple[str, ReplyKind], ...] = (
    ("NO DATA", "no_data"),
    ("UNABLE TO CONNECT", "bus"),
    ("BUS INIT: ERROR", "bus"),
    ("BUS INIT: ...ERROR", "bus"),
    ("BUS INIT ERROR", "bus"),
    ("BUS BUSY", "bus"),
    ("BUS ERROR", "bus"),
    ("CAN ERROR", "bus"),
    ("FB ERROR", "bus"),
    ("DATA ERROR", "damaged"),
    ("<RX ERROR", "damaged"),
    ("BUFFER FULL", "full"),
    ("STOPPED", "stopped"),
    ("?", "not_understood"),
)
STARTED_ANEW = re.compile(r"LV RESET|LP ALERT|ERR\d\d|^(ELM327|OBDII|STN)")
PREFIX = re.compile(r"^(SEARCHING|BUS INIT:?)[ .]*(OK)?")
HEX = re.compile(r"^[0-9A-F]+$")


@dataclass(frozen=True, slots=True)
class Reply:
    """What came before a `>`."""

    command: str
    kind: ReplyKind
    lines: tuple[str, ...] = ()
    """Without echo, spaces and words of progress."""


def reply_of(command: str, text: str) -> Reply:
    """Read the text between a command and its `>`."""
    lines: list[str] = []
    for raw in re.split(r"[\r\n]+", text.replace("\0", "").upper()):
        for mark, kind in MARKS:
            if mark in raw:
                return Reply(command, kind, tuple(lines))
        line = PREFIX.sub("", raw.strip()).strip()
        if not line or line.replace(" ", "") == command:
            continue
        lines.append(line.replace(" ", ""))
    return Reply(command, "lines", tuple(lines))


@dataclass(slots=True)
class Elm327:
    """Speaks with one adapter; begins with a reset, and begins again when it did itself."""

    now_s: float
    out: bytearray = field(default_factory=bytearray)
    restarts: int = 0
    """How often it had to be set up anew."""
    is_ready: bool = False
    _command: str = ""
    _text: bytearray = field(default_factory=bytearray)
    _deadline_s: float = math.inf
    _settings: list[str] = field(default_factory=list)
    _troubled_s: float | None = None
    """Since when it has not answered as it should."""

    def __post_init__(self) -> None:
        self._reset(self.now_s)

    @property
    def wake_at_s(self) -> float:
        """When the patience with the present command ends."""
        return self._deadline_s

    @property
    def is_free(self) -> bool:
        """The next command may be asked."""
        return self.is_ready and not self._command

    def ask(self, command: str, now_s: float, within_s: float = COMMAND_S) -> None:
        """Say one command."""
        assert not self._command, "asked before the last was answered"
        self._command = command
        self._text.clear()
        self._deadline_s = now_s + within_s
        self.out += command.encode("ascii") + b"\r"

    def take(self, data: bytes, now_s: float) -> list[Reply]:
        """Take bytes in pieces of any size; return the reply they complete, if it was asked."""
        replies = []
        for byte in data:
            if byte != ord(">"):
                if len(self._text) < MOST_REPLY_BYTES:
                    self._text.append(byte)
                continue
            text = self._text.decode("ascii", "replace")
            self._text.clear()
            reply = self._read(text, now_s)
            if reply is not None:
                replies.append(reply)
        return replies

    def wake(self, now_s: float) -> list[Reply]:
        """Do what patience's end asks for. Raises LinkError once nothing has helped."""
        if now_s < self._deadline_s:
            return []
        if self._troubled_s is None:
            self._troubled_s = now_s
        if now_s - self._troubled_s >= GIVE_UP_S:
            raise LinkError(f"the adapter has not answered for {GIVE_UP_S:.0f} s")
        lost = Reply(self._command, "silent")
        was_ready = self.is_ready
        self._reset(now_s)
        return [lost] if was_ready else []

    def rouse(self, now_s: float) -> None:
        """Begin anew after a sleep; any byte wakes it, and is lost; it skips spaces."""
        self.out += b" "
        self._reset(now_s)

    def _read(self, text: str, now_s: float) -> Reply | None:
        command = self._command
        anew = any(STARTED_ANEW.search(line.strip()) for line in re.split(r"[\r\n]", text))
        if command == RESET:
            if anew:
                self._settings = list(SETTINGS)
                self._command = ""
                self._set_next(now_s)
            return None  # a prompt from before the reset
        if anew:
            was_ready = self.is_ready
            self._reset(now_s)
            return Reply(command, "silent") if was_ready and command else None
        if not command:
            return None
        self._command = ""
        self._deadline_s = math.inf
        self._troubled_s = None
        if not self.is_ready:
            self._set_next(now_s)
            return None
        return reply_of(command, text)

    def _set_next(self, now_s: float) -> None:
        """Say the next setting; clones that know not all of them answer `?` and work."""
        if self._settings:
            self.ask(self._settings.pop(0), now_s)
            return
        self.is_ready = True
        self._deadline_s = math.inf

    def _reset(self, now_s: float) -> None:
        self.restarts += 1
        self.is_ready = False
        self._command = ""
        self.ask(RESET, now_s, RESET_S)
