"""Orders on their way: numbered, said again while they may still count, answered once."""

import math
from collections import OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass, field

from edge.messages.machines.controller import (
    ControllerOrder,
    Drive,
    Lock,
    MoveLid,
    RunWinch,
    SoundSiren,
    StopMoving,
    Unlock,
)
from edge.messages.machines.orders import OrderAnswer, Result
from firmware_bridge.mcu.clock import WRAP_MS, ControllerClock
from firmware_bridge.mcu.words import (
    DriveWord,
    LidWord,
    LockWord,
    SirenWord,
    StopWord,
    UnlockWord,
    WinchWord,
    Word,
)

SAY_AGAIN_S = 0.2  # ten frames at 115200 Bd and a busy Pi
LOCK_TRIES_S = 3.0
MOST_WAITING = 8
MOST_KEPT = 64
MRAD_PER_DEG = math.pi / 180 * 1000

Deed = Drive | MoveLid | RunWinch | Unlock | Lock | StopMoving | SoundSiren
OneByOne = Unlock | Lock | SoundSiren


@dataclass(slots=True)
class Pending:
    """One order that was said and not answered."""

    order: Deed
    number: int
    word: Word
    over_s: float
    again_s: float


@dataclass(slots=True)
class Orders:
    """The book of orders of one controller; `say` puts a word on the wire."""

    say: Callable[[Word], None]
    clock: ControllerClock
    last_number: int = 0
    nonce: int = 0
    _waiting: deque[tuple[OneByOne, float]] = field(default_factory=deque)
    """Bolts and siren go one at a time: each unlocking needs the nonce that the last one left,
    and what is said again must not come after a later one."""
    _pending: dict[int, Pending] = field(default_factory=dict)
    _told: OrderedDict[str, OrderAnswer | None] = field(default_factory=OrderedDict)
    _order_ids: OrderedDict[int, str] = field(default_factory=OrderedDict)

    @property
    def wake_at_s(self) -> float:
        """When something is to be said again or given up."""
        soonest_s = (min(p.again_s, p.over_s) for p in self._pending.values())
        return min((*soonest_s, *(over_s for _, over_s in self._waiting)), default=math.inf)

    def order_id_of(self, number: int) -> str | None:
        """Return whose unlocking had this number, if it was ours."""
        return self._order_ids.get(number)

    def known(self, order: ControllerOrder) -> tuple[bool, list[OrderAnswer]]:
        """Return whether this order was given before, and its answer if it has one."""
        if order.order_id not in self._told:
            return False, []
        answer = self._told[order.order_id]
        return True, [] if answer is None else [answer]

    def refuse(self, order: ControllerOrder, why: str, now_s: float) -> list[OrderAnswer]:
        """Answer an order that goes nowhere."""
        return [self._answer(order, "refused", why, now_s)]

    def give(self, order: Deed, now_s: float) -> list[OrderAnswer]:
        """Say an order, or keep it until the bolt before it is done."""
        if isinstance(order, OneByOne):
            if len(self._waiting) >= MOST_WAITING:
                return self.refuse(order, "too many orders wait for the controller", now_s)
            valid_s = order.valid_s if isinstance(order, Unlock) else LOCK_TRIES_S
            self._waiting.append((order, now_s + valid_s))
            self._remember(order.order_id, None)
            self._say_next(now_s)
        elif isinstance(order, StopMoving):
            self._begin(order, StopWord(self._number()), now_s, LOCK_TRIES_S, again=True)
        else:
            self._begin(order, self._moving(order, now_s), now_s, order.lease_s, again=False)
        return []

    def repeats(self, number: int) -> bool:
        """Return whether this order will be said again by itself."""
        return number in self._pending and self._pending[number].again_s < math.inf

    def settle(self, number: int, why: str, now_s: float) -> list[OrderAnswer]:
        """Take the controller's answer; an empty `why` is a yes."""
        pending = self._pending.pop(number, None)
        if pending is None:
            return []
        result: Result = "refused" if why else "done"
        answers = [self._answer(pending.order, result, why, now_s)]
        self._say_next(now_s)
        return answers

    def wake(self, now_s: float) -> list[OrderAnswer]:
        """Say again what may still count; give up what no longer does."""
        answers = []
        for number, pending in list(self._pending.items()):
            if now_s >= pending.over_s:
                del self._pending[number]
                why = "the controller did not answer in time"
                answers.append(self._answer(pending.order, "unanswered", why, now_s))
            elif now_s >= pending.again_s:
                pending.again_s = now_s + SAY_AGAIN_S
                self.say(pending.word)
        while self._waiting and now_s >= self._waiting[0][1]:
            order, _ = self._waiting.popleft()
            answers.append(self._answer(order, "refused", "its time was over", now_s))
        self._say_next(now_s)
        return answers

    def end_all(self, why: str, now_s: float) -> list[OrderAnswer]:
        """Give everything up: the controller began anew, or its link is gone."""
        orders = [p.order for p in self._pending.values()]
        answers = [self._answer(order, "unanswered", why, now_s) for order in orders]
        answers += [self._answer(order, "refused", why, now_s) for order, _ in self._waiting]
        self._pending.clear()
        self._waiting.clear()
        self._order_ids.clear()
        return answers

    def _say_next(self, now_s: float) -> None:
        busy = any(isinstance(p.order, OneByOne) for p in self._pending.values())
        while self._waiting and not busy:
            order, over_s = self._waiting.popleft()
            busy = True
            number = self._number()
            if isinstance(order, Lock):
                word: Word = LockWord(number, order.compartment)
            elif isinstance(order, SoundSiren):
                lasts_s = order.lasts_s if order.on else over_s - now_s
                word = SirenWord(number, self._until_ms(lasts_s, now_s), int(order.on))
            else:
                expires_ms = self._until_ms(over_s - now_s, now_s)
                word = UnlockWord(number, order.compartment, expires_ms, self.nonce)
                self._order_ids[number] = order.order_id
                while len(self._order_ids) > MOST_KEPT:
                    self._order_ids.popitem(last=False)
            self._begin(order, word, now_s, over_s - now_s, again=True)

    def _begin(
        self, order: Deed, word: Word, now_s: float, lasts_s: float, *, again: bool
    ) -> None:
        again_s = now_s + SAY_AGAIN_S if again else math.inf
        number = self.last_number
        self._pending[number] = Pending(order, number, word, now_s + lasts_s, again_s)
        self._remember(order.order_id, None)
        self.say(word)

    def _moving(self, order: Drive | MoveLid | RunWinch, now_s: float) -> Word:
        number = self._number()
        until_ms = self._until_ms(order.lease_s, now_s)
        if isinstance(order, MoveLid):
            return LidWord(number, until_ms, 1 if order.opens else -1)
        speed_mmps = round(order.speed_mps * 1000)
        if isinstance(order, RunWinch):
            return WinchWord(number, until_ms, speed_mmps)
        return DriveWord(number, until_ms, speed_mmps, round(order.turn_dps * MRAD_PER_DEG))

    def _until_ms(self, lasts_s: float, now_s: float) -> int:
        """Return the instant on its clock, rounded down: never longer than was asked."""
        return (self.clock.mcu_ms(now_s) + int(lasts_s * 1000)) % WRAP_MS

    def _number(self) -> int:
        self.last_number += 1
        return self.last_number

    def _answer(
        self, order: ControllerOrder, result: Result, why: str, now_s: float
    ) -> OrderAnswer:
        answer = OrderAnswer(received_s=now_s, order_id=order.order_id, result=result, why=why)
        self._remember(order.order_id, answer)
        return answer

    def _remember(self, order_id: str, answer: OrderAnswer | None) -> None:
        self._told[order_id] = answer
        while len(self._told) > MOST_KEPT:
            self._told.popitem(last=False)
