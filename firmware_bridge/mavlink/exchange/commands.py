"""One command at a time: asked until acknowledged, and done only when it is seen."""

import math
from collections.abc import Callable
from dataclasses import dataclass, replace

from firmware_bridge.mavlink.exchange.exchange import DONE, Ended, Line
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

MOST_ASKS = 8  # at 30 % loss each way one order in two hundred is not heard
BACK_OFF_ASKS = 3
PROGRESS_S = 10.0  # an autopilot that says "in progress" says so again, or ends
ACCEPTED, NOT_NOW, DENIED, UNSUPPORTED, FAILED, IN_PROGRESS, CANCELLED = range(7)
LONG_ONLY, INT_ONLY, UNSUPPORTED_FRAME = 7, 8, 9
VERDICTS = {
    NOT_NOW: "not now",
    DENIED: "denied",
    UNSUPPORTED: "not supported",
    FAILED: "failed",
    CANCELLED: "cancelled",
    LONG_ONLY: "only as COMMAND_LONG",
    INT_ONLY: "only as COMMAND_INT",
    UNSUPPORTED_FRAME: "unsupported frame",
}
Params = tuple[float, float, float, float]


@dataclass(frozen=True, slots=True)
class Command:
    """What to ask, and how to see that it happened."""

    number: int
    params: tuple[float, ...] = ()
    """Up to seven of COMMAND_LONG, or the first four of COMMAND_INT."""
    place: tuple[int, int, int, float] | None = None
    """Of COMMAND_INT: frame, latitude and longitude [1e-7 deg], height [m]."""
    seen: Callable[[], bool] | None = None
    """An acknowledgement is no effect: telemetry tells. None: nothing shows it."""
    seen_within_s: float = 5.0
    asks: int = MOST_ASKS
    """1: heard twice it would be done twice."""
    acks: int = 1
    """2: the first may be of the same command with another place, and it is asked again."""
    within_s: float = 30.0
    """Progress or not, by then it is over."""


class Commanding:
    """A command, or several in a row: each when the one before has been seen."""

    def __init__(
        self, line: Line, commands: tuple[Command, ...], texts: Callable[[float], str]
    ) -> None:
        """`texts` returns what the autopilot has said since then: why it refuses."""
        self._line = line
        self._left = list(commands)
        self._texts = texts
        self._asks = self._acks = 0
        self._asked_s = 0.0
        self._began_s = 0.0
        self._accepted_s: float | None = None
        self._was_unseen = False
        self.wake_at_s = math.inf
        self.ended: Ended | None = None

    def begin(self, now_s: float) -> None:
        """Ask for the first."""
        self._start(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Hear an acknowledgement; any other message may show that it has happened."""
        if self.ended:
            return
        if message.get_type() == "COMMAND_ACK" and message.command == self._left[0].number:
            self._acknowledged(message.result, now_s)
        elif self._accepted_s is not None:
            self._look(now_s)

    def wake(self, now_s: float) -> None:
        """Ask again, or give up."""
        if self.ended or now_s < self.wake_at_s:
            return
        command = self._left[0]
        if self._accepted_s is not None:
            self._look(now_s)
            if self.ended is None and self._accepted_s is not None:
                self._unseen(now_s)
        elif command.seen and command.seen():
            self._next(now_s)  # the acknowledgement was lost
        elif self._asks < command.asks and now_s < self._until_s:
            self._ask(now_s)
        else:
            self._end(Ended("unanswered", f"command {command.number} is not acknowledged"))

    def abandon(self, _now_s: float) -> None:
        """Ask no more."""
        self._end(Ended("unanswered", "abandoned"))

    @property
    def _until_s(self) -> float:
        return self._began_s + self._left[0].within_s

    def _start(self, now_s: float) -> None:
        self._asks, self._acks, self._accepted_s, self._began_s = 0, 0, None, now_s
        self._was_unseen = False
        self._ask(now_s)

    def _next(self, now_s: float) -> None:
        del self._left[0]
        if self._left:
            self._start(now_s)
        else:
            self._end(DONE)

    def _ask(self, now_s: float) -> None:
        self._line.say(to_message(self._left[0], self._line, self._asks), now_s)
        self._asks += 1
        self._asked_s = now_s
        self.wake_at_s = now_s + self._line.pace.wait_s(min(self._asks, BACK_OFF_ASKS))

    def _acknowledged(self, result: int, now_s: float) -> None:
        command = self._left[0]
        if self._asks == 1 and self._accepted_s is None:
            self._line.pace.heard(now_s - self._asked_s)
        if result == ACCEPTED:
            self._acks += 1
            if self._acks < command.acks:
                return
            if self._accepted_s is None:
                self._accepted_s = now_s
                self.wake_at_s = now_s + command.seen_within_s
            self._look(now_s)
        elif self._accepted_s is not None:
            pass  # of the same command, asked again before the first answer was heard
        elif result == IN_PROGRESS:
            self._asks = command.asks  # it was heard: asking again would only disturb
            self.wake_at_s = min(now_s + PROGRESS_S, max(now_s, self._until_s))
        elif result == INT_ONLY and command.place is None:
            padded = (*command.params, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0, 0.0)
            place = (0, round(padded[4]), round(padded[5]), padded[6])
            self._left[0] = replace(command, params=padded[:4], place=place)
            self._start(now_s)
        else:
            why = VERDICTS.get(result, f"result {result}")
            self._end(Ended("refused", self._with_texts(why)))

    def _look(self, now_s: float) -> None:
        seen = self._left[0].seen
        if seen is None or seen():
            self._next(now_s)

    def _unseen(self, now_s: float) -> None:
        """Ask once more: an older command may have arrived behind this one and undone it."""
        if self._left[0].asks == 1 or self._was_unseen:
            self._end(Ended("unconfirmed", self._with_texts("accepted, and not seen")))
            return
        self._was_unseen = True
        self._accepted_s, self._asks = None, 0
        self._ask(now_s)

    def _with_texts(self, why: str) -> str:
        texts = self._texts(self._began_s)
        return f"command {self._left[0].number}: {why}" + (f" ({texts})" if texts else "")

    def _end(self, ended: Ended) -> None:
        self.ended = self.ended or ended
        self.wake_at_s = math.inf


def to_message(command: Command, line: Line, repeated: int) -> Message:
    """Return the message that asks; COMMAND_LONG says how often it was asked before."""
    target = (line.system, line.component)
    if command.place is None:
        params = (*command.params, *(0.0,) * 7)[:7]
        return mavlink.MAVLink_command_long_message(*target, command.number, repeated, *params)
    frame, lat_e7, lon_e7, height_m = command.place
    params = (*command.params, *(0.0,) * 4)[:4]
    return mavlink.MAVLink_command_int_message(
        *target, frame, command.number, 0, 0, *params, lat_e7, lon_e7, height_m
    )
