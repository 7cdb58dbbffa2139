"""Parameters: read some or all, set one."""

import math
from collections.abc import Sequence

from edge.messages.machines.orders import Number
from firmware_bridge.mavlink.exchange.exchange import DONE, Ended, Line
from firmware_bridge.mavlink.exchange.numbers import float_of, is_same, value_of
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

MOST_ASKS = 12  # at 30 % loss each way one parameter in three thousand does not come
MOST_AT_ONCE = 8
MOST_PARAMETERS = 4096  # the largest set measured has 1,349


class Reading:
    """Read the parameters that are named; of several names of one, the first to answer."""

    def __init__(
        self, line: Line, groups: Sequence[tuple[str, ...]], *, is_bytewise: bool
    ) -> None:
        self._line = line
        self._is_bytewise = is_bytewise
        self._waiting = list(groups)
        self._asked: dict[tuple[str, ...], tuple[int, float]] = {}
        """How often, and when it is to be asked again."""
        self.values: dict[str, Number] = {}
        self.types: dict[str, int] = {}
        self.ended: Ended | None = None

    @property
    def wake_at_s(self) -> float:
        """When the next is to be asked again."""
        if self.ended:
            return math.inf
        return min((due_s for _, due_s in self._asked.values()), default=math.inf)

    def begin(self, now_s: float) -> None:
        """Ask for the first few."""
        self._fill(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Take a value."""
        if self.ended or message.get_type() not in ("PARAM_VALUE", "PARAM_ERROR"):
            return
        for names in list(self._asked):
            if message.param_id in names:
                if message.get_type() == "PARAM_VALUE":
                    value = value_of(message, is_bytewise=self._is_bytewise)
                    self.values[message.param_id] = value
                    self.types[message.param_id] = message.param_type
                    del self._asked[names]
                elif len(names) == 1:
                    del self._asked[names]  # it says that it has none of that name
        self._fill(now_s)

    def wake(self, now_s: float) -> None:
        """Ask again for what has not come; a name that never answers is not there."""
        for names, (asks, due_s) in list(self._asked.items()):
            if now_s < due_s:
                continue
            if asks >= MOST_ASKS * len(names):
                del self._asked[names]
            else:
                self._ask(names, asks, now_s)
        self._fill(now_s)

    def abandon(self, _now_s: float) -> None:
        """Ask no more."""
        self.ended = self.ended or Ended("unanswered", "abandoned")

    def _fill(self, now_s: float) -> None:
        while self._waiting and len(self._asked) < MOST_AT_ONCE:
            self._ask(self._waiting.pop(0), 0, now_s)
        if not self._asked and self.ended is None:
            silent = not self.values
            self.ended = Ended("unanswered", "no parameter comes") if silent else DONE

    def _ask(self, names: tuple[str, ...], asks: int, now_s: float) -> None:
        name = names[asks % len(names)]
        self._line.say(
            mavlink.MAVLink_param_request_read_message(
                self._line.system, self._line.component, name.encode("ascii"), -1
            ),
            now_s,
        )
        self._asked[names] = (asks + 1, now_s + self._line.pace.wait_s(min(asks + 1, 3)))


class ReadingAll:
    """Read every parameter: the whole list once, then by number what is missing."""

    def __init__(self, line: Line, *, is_bytewise: bool) -> None:
        self._line = line
        self._is_bytewise = is_bytewise
        self._count: int | None = None
        self._missing: set[int] = set()
        self._rounds = 0
        self.values: dict[str, Number] = {}
        self.types: dict[str, int] = {}
        self.wake_at_s = math.inf
        self.ended: Ended | None = None

    def begin(self, now_s: float) -> None:
        """Ask for the list."""
        self._ask_list(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Take a value."""
        if self.ended or message.get_type() != "PARAM_VALUE":
            return
        if self._count is None:
            self._count = min(message.param_count, MOST_PARAMETERS)
            self._missing = set(range(self._count))
        if message.param_index in self._missing:
            self._missing.remove(message.param_index)
            self._rounds = 0
            value = value_of(message, is_bytewise=self._is_bytewise)
            self.values[message.param_id] = value
            self.types[message.param_id] = message.param_type
        self.wake_at_s = now_s + self._line.pace.wait_s()
        if not self._missing:
            self._end(DONE)

    def wake(self, now_s: float) -> None:
        """Ask for holes once the stream has ended."""
        if self.ended or now_s < self.wake_at_s:
            return
        if self._rounds >= MOST_ASKS:
            what = f"{len(self._missing)} of {self._count} parameters do not come"
            self._end(Ended("unanswered", what if self._count else "no parameter comes"))
        elif self._count is None:
            self._ask_list(now_s)
        else:
            self._rounds += 1
            for index in sorted(self._missing)[:MOST_AT_ONCE]:
                self._line.say(
                    mavlink.MAVLink_param_request_read_message(
                        self._line.system, self._line.component, b"", index
                    ),
                    now_s,
                )
            self.wake_at_s = now_s + self._line.pace.wait_s(min(self._rounds, 3))

    def abandon(self, _now_s: float) -> None:
        """Ask no more."""
        self._end(Ended("unanswered", "abandoned"))

    def _ask_list(self, now_s: float) -> None:
        self._rounds += 1
        self._line.say(
            mavlink.MAVLink_param_request_list_message(self._line.system, self._line.component),
            now_s,
        )
        self.wake_at_s = now_s + self._line.pace.wait_s(self._rounds)

    def _end(self, ended: Ended) -> None:
        self.ended = self.ended or ended
        self.wake_at_s = math.inf


class Setting:
    """Set one parameter: read its type, set it, and see it come back."""

    def __init__(self, line: Line, name: str, value: Number, *, is_bytewise: bool) -> None:
        self._line = line
        self._name = name
        self._value = value
        self._is_bytewise = is_bytewise
        self._reading = Reading(line, [(name,)], is_bytewise=is_bytewise)
        self._type: int | None = None
        self._told: Number | None = None
        self._asks = 0
        self._due_s = math.inf
        self.ended: Ended | None = None

    @property
    def wake_at_s(self) -> float:
        """When to ask again."""
        if self.ended:
            return math.inf
        return self._reading.wake_at_s if self._type is None else self._due_s

    def begin(self, now_s: float) -> None:
        """Ask what it is now."""
        self._reading.begin(now_s)

    def take(self, message: Message, now_s: float) -> None:
        """Hear what it is."""
        if self.ended:
            return
        if self._type is None:
            self._reading.take(message, now_s)
            self._follow_reading(now_s)
        elif message.get_type() == "PARAM_VALUE" and message.param_id == self._name:
            told = value_of(message, is_bytewise=self._is_bytewise)
            self._told = told
            if is_same(told, self._value):
                self.ended = DONE

    def wake(self, now_s: float) -> None:
        """Ask again, or give up."""
        if self.ended or now_s < self.wake_at_s:
            return
        if self._type is None:
            self._reading.wake(now_s)
            self._follow_reading(now_s)
        elif self._asks < MOST_ASKS:
            self._set(self._type, now_s)
        elif self._told is not None:
            self.ended = Ended("refused", f"{self._name} stays {self._told}")
        else:
            self.ended = Ended("unanswered", f"{self._name} does not come back")

    def abandon(self, _now_s: float) -> None:
        """Ask no more."""
        self.ended = self.ended or Ended("unanswered", "abandoned")

    def _follow_reading(self, now_s: float) -> None:
        if self._reading.ended is None:
            return
        self._type = self._reading.types.get(self._name)
        if self._type is None:
            self.ended = Ended("refused", f"{self._name} is not known to it")
        elif is_same(self._reading.values[self._name], self._value):
            self.ended = DONE
        else:
            self._set(self._type, now_s)

    def _set(self, param_type: int, now_s: float) -> None:
        try:
            told = float_of(self._value, param_type, is_bytewise=self._is_bytewise)
        except ValueError as error:
            self.ended = Ended("refused", str(error))
            return
        self._asks += 1
        self._line.say(
            mavlink.MAVLink_param_set_message(
                self._line.system,
                self._line.component,
                self._name.encode("ascii"),
                told,
                param_type,
            ),
            now_s,
        )
        self._due_s = now_s + self._line.pace.wait_s(min(self._asks, 3))
