"""A conversation with the controller: greeting, beat, orders, answers, events."""

import math
from collections.abc import Sequence

from edge.errors import LinkError, PeerError
from edge.messages.machines.controller import (
    ControllerOrder,
    ControllerWord,
    KeptEvent,
)
from edge.messages.machines.orders import OrderAnswer
from firmware_bridge.mcu.clock import ControllerClock
from firmware_bridge.mcu.frames import FrameSplitter
from firmware_bridge.mcu.orders import Orders
from firmware_bridge.mcu.readings import event_of, presence_of, status_of
from firmware_bridge.mcu.words import (
    ACCEPTED,
    NOT_GREETED,
    PROTOCOL,
    REASONS,
    SILENT,
    Answer,
    Beat,
    EventAck,
    EventWord,
    Hello,
    HostBeat,
    HostHello,
    StatusWord,
    Word,
    decode_word,
    encode_word,
)

BEAT_S = 0.1
GREET_S = 0.5
QUIET_S = 1.0  # ten states late: nothing is ordered of a controller that may be gone
REOPEN_AFTER_S = 5.0
MOST_OUT_BYTES = 4096  # past it the wire takes nothing: beats and repeats are left out
GREETED = 1  # flag of a status

News = ControllerWord | OrderAnswer


class McuSession:
    """Outlives links; a start of the controller ends everything that was under way."""

    def __init__(self, now_s: float) -> None:
        self._frames = FrameSplitter()
        self._clock = ControllerClock()
        self._out = bytearray(b"\0")  # ends whatever stood on the wire
        self._orders = Orders(self._say, self._clock)
        self._seq = 0
        self._hello: Hello | None = None
        self._greeted = False
        self._last_event = 0
        self._kept_event = 0
        self._beat_s = self._greet_s = self._heard_s = now_s
        self._boot_id: int | None = None
        self._answers: list[OrderAnswer] = []
        self._answered_s = math.inf
        self.heard_s = -math.inf
        """When a sound word last came."""
        self.unsound = 0
        """Frames whose words made no sense."""

    @property
    def damaged(self) -> int:
        """Pieces of the wire that were no sound frame."""
        return self._frames.damaged

    @property
    def wake_at_s(self) -> float:
        """When to beat, greet, say again or give up."""
        return min(
            self._beat_s,
            self._greet_s,
            self._answered_s,
            self._orders.wake_at_s,
            self._heard_s + REOPEN_AFTER_S,
        )

    def is_excused(self, _now_s: float) -> bool:
        """Return whether its silence is none: never, it has no reason to be silent."""
        return False

    def receive(self, data: bytes, now_s: float) -> Sequence[News]:
        """Take bytes in pieces of any size; return what they say."""
        news: list[News] = []
        for frame in self._frames.feed(data):
            try:
                word = decode_word(frame)
            except PeerError:
                self.unsound += 1
                continue
            self._heard_s = self.heard_s = now_s
            if word is not None:
                news += self._take(word, now_s)
        return news

    def send(self, command: ControllerOrder, now_s: float) -> None:
        """Give an order; its OrderAnswer comes from `wake` or `receive`."""
        if isinstance(command, KeptEvent):
            if self._hello is not None and command.boot_id == self._hello.boot_id:
                self._kept_event = max(self._kept_event, command.event_id)
                self._say(EventAck(command.boot_id, self._kept_event))
            return
        known, answers = self._orders.known(command)
        if not known:
            why = self._why_not(now_s)
            answers = (
                self._orders.refuse(command, why, now_s)
                if why
                else self._orders.give(command, now_s)
            )
        if answers:
            self._answers += answers
            self._answered_s = now_s

    def wake(self, now_s: float) -> Sequence[News]:
        """Do what is due. Raises LinkError when the line has been quiet for too long."""
        if now_s >= self._heard_s + REOPEN_AFTER_S:
            raise LinkError(f"no sound frame for {now_s - self._heard_s:.0f} s")
        if now_s >= self._beat_s:
            self._beat_s = now_s + BEAT_S
            self._say(HostBeat(self._clock.stamp(now_s)))
        if now_s >= self._greet_s:
            self._greet_s = now_s + GREET_S
            if not self._greeted:
                self._say_hello()
        answers, self._answers, self._answered_s = self._answers, [], math.inf
        return answers + self._orders.wake(now_s)

    def outgoing(self) -> bytes:
        """Return and clear the bytes waiting to be written."""
        data = bytes(self._out)
        self._out.clear()
        return data

    def link_opened(self, now_s: float) -> "McuSession":
        """Begin on a new link: patience with it starts now."""
        self._beat_s = self._greet_s = self._heard_s = now_s
        self.heard_s = -math.inf
        return self

    def link_lost(self, now_s: float, why: str) -> Sequence[News]:
        """Give up what was under way; the next link begins with a greeting."""
        self._frames = FrameSplitter()
        self._out[:] = b"\0"
        self._greeted = False
        self._hello = None
        self._clock.forget()
        return self._orders.end_all(f"the link was lost: {why}", now_s)

    def _take(self, word: Word, now_s: float) -> Sequence[News]:
        if isinstance(word, Hello):
            return self._meet(word, now_s)
        if self._hello is None or not isinstance(word, Beat | Answer | StatusWord | EventWord):
            return ()
        if word.boot_id != self._hello.boot_id:
            self._hello = None
            self._greeted = False
            self._say_hello()
            return self._orders.end_all("the controller started anew", now_s)
        if isinstance(word, Beat):
            self._clock.came_back(word.host_ms, word.mcu_ms, now_s)
            return ()
        if isinstance(word, Answer):
            return self._settle(word, now_s)
        if isinstance(word, EventWord):
            return self._happened(word, now_s)
        self._greeted = bool(word.flags & GREETED)
        return [status_of(word, takes_orders=not self._why_not(now_s), now_s=now_s)]

    def _meet(self, hello: Hello, now_s: float) -> Sequence[News]:
        """Know who is there; nothing that was ordered of an earlier start is ordered again."""
        news: list[News] = []
        if hello.boot_id != self._boot_id:
            news += self._orders.end_all("the controller started anew", now_s)
            self._clock.forget()
            self._boot_id, self._last_event, self._kept_event = hello.boot_id, 0, 0
            self._orders.last_number = 0
        if self._hello is None or self._hello.boot_id != hello.boot_id:
            news.append(presence_of(hello, now_s))
        self._hello = hello
        self._greeted = False
        self._orders.last_number = max(self._orders.last_number, hello.last_number)
        self._orders.nonce = hello.nonce
        if hello.protocol == PROTOCOL:
            self._say_hello()
        return news

    def _settle(self, answer: Answer, now_s: float) -> Sequence[News]:
        self._orders.nonce = answer.nonce
        if answer.reason == NOT_GREETED:
            self._greeted = False
            self._say_hello()
        if answer.reason in (NOT_GREETED, SILENT) and self._orders.repeats(answer.number):
            return ()  # it was not even looked at
        why = "" if answer.reason == ACCEPTED else REASONS.get(answer.reason, "it says no")
        return self._orders.settle(answer.number, why, now_s)

    def _happened(self, event: EventWord, now_s: float) -> Sequence[News]:
        if event.event_id <= self._kept_event:
            self._say(EventAck(event.boot_id, self._kept_event))
        if event.event_id <= self._last_event or not self._clock.is_known:
            return ()  # without a clock: it comes again
        order_id = self._orders.order_id_of(event.number)
        at_s = self._clock.loop_s(event.at_ms, now_s)
        told = event_of(event, order_id=order_id, at_s=at_s, now_s=now_s)
        self._last_event = event.event_id
        if told is None:  # a kind of a newer controller: it must not stand before the others
            self._kept_event = event.event_id
            self._say(EventAck(event.boot_id, self._kept_event))
            return ()
        return [told]

    def _why_not(self, now_s: float) -> str:
        """Return why no order can be given now; empty if one can."""
        hello = self._hello
        if hello is None or now_s - self._heard_s > QUIET_S:
            return "the controller is not there"
        if hello.protocol != PROTOCOL:
            return f"the controller speaks protocol {hello.protocol}, not {PROTOCOL}"
        if not self._greeted:
            return "the controller has not been greeted yet"
        return "" if self._clock.is_known else "the controller's clock is not known yet"

    def _say_hello(self) -> None:
        boot_id = 0 if self._hello is None else self._hello.boot_id
        self._say(HostHello(PROTOCOL, boot_id))

    def _say(self, word: Word) -> None:
        if len(self._out) < MOST_OUT_BYTES:
            self._out += encode_word(word, self._seq)
            self._seq = (self._seq + 1) % 256
