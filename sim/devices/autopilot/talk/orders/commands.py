"""Commands: each is answered once, at once, and may be sent again without harm."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.talk.orders import flying, steering
from sim.devices.autopilot.talk.orders.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    UNSUPPORTED,
    Order,
)
from sim.devices.autopilot.talk.streams import Streams
from sim.devices.autopilot.talk.voice import Voice

AUTOPILOT_VERSION, HOME_POSITION = 148, 242
REBOOT_PAUSE_S = 0.1


@dataclass(slots=True)
class Requests:
    """What commands ask of the controller besides flying."""

    message: Callable[[int], Message | None]
    streams: Streams
    reboot: Callable[[float], None]


class CommandTalk:
    """COMMAND_LONG and COMMAND_INT."""

    def __init__(self, craft: Craft, voice: Voice, requests: Requests) -> None:
        self._craft = craft
        self._voice = voice
        self._requests = requests
        self._after: list[int] = []
        self._handlers: dict[int, Callable[[Order], int]] = {
            245: lambda _: ACCEPTED,  # PREFLIGHT_STORAGE: everything is stored already
            246: self._reboot,
            410: lambda _: self._then(HOME_POSITION),
            510: self._tell_interval,
            511: self._set_interval,
            512: lambda order: self._then(order.whole(0)),
            520: lambda _: self._then(AUTOPILOT_VERSION),
        }
        for number, handle in (flying.HANDLERS | steering.HANDLERS).items():
            self._handlers[number] = self._bound(handle)

    def take(self, peer: tuple[int, int], message: Message) -> None:
        """Carry out a command and say how it went."""
        order = Order.of(message)
        handle = self._handlers.get(order.command)
        verdict = handle(order) if handle else UNSUPPORTED
        self._voice.say(
            mavlink.MAVLink_command_ack_message(order.command, verdict, 0, 0, *peer)
        )
        for number in self._after:
            if told := self._requests.message(number):
                self._voice.say(told)
        self._after.clear()

    def _bound(self, handle: Callable[[Craft, Order], int]) -> Callable[[Order], int]:
        return lambda order: handle(self._craft, order)

    def _then(self, number: int) -> int:
        """Say a message behind the answer."""
        if number == 244 or self._requests.message(number) is None:
            unknown = self._requests.streams.interval_us(number) == 0
            return UNSUPPORTED if unknown else FAILED
        self._after.append(number)
        return ACCEPTED

    def _set_interval(self, order: Order) -> int:
        interval_us = order.params[1]
        if not math.isfinite(interval_us):
            return DENIED
        number, streams = order.whole(0), self._requests.streams
        known = streams.set(number, interval_us, self._voice.now_s)
        return ACCEPTED if known else DENIED if self._craft.gives_texts else UNSUPPORTED

    def _tell_interval(self, order: Order) -> int:
        number = order.whole(0)
        every_us = self._requests.streams.interval_us(number)
        self._voice.say(mavlink.MAVLink_message_interval_message(number, every_us))
        return ACCEPTED

    def _reboot(self, order: Order) -> int:
        if order.params[0] not in (1, 3):
            return DENIED
        if self._craft.armed:
            return FAILED if self._craft.gives_texts else DENIED
        self._requests.reboot(self._voice.now_s + REBOOT_PAUSE_S)
        return ACCEPTED
