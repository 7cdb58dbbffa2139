"""A car behind an ELM327 adapter: connect, ask in rounds, sleep when it rests; only reads."""

import math
import re
from collections.abc import Sequence
from enum import Enum
from typing import Never

from edge.messages import signals
from edge.messages.readings import WheelSpeed
from edge.messages.signals import DeviceAsleep, VehicleSignal
from firmware_bridge.obd.elm327 import CONNECT_S, HEX, Elm327, Reply
from firmware_bridge.obd.isotp import CAN_11, CAN_29, LINE, Assembly
from firmware_bridge.obd.pids import (
    PENDING,
    PERMANENT,
    PIDS,
    TROUBLE,
    Identifier,
    Value,
    codes_of,
    refused,
    supported_of,
    values_of,
    vin_of,
)
from firmware_bridge.obd.rounds import BITMAP_COMMANDS, CODES, VIN, VOLTAGE, Rounds

DEVICE = "obd"
SPEED_SIGMA_MPS = 0.5  # whole km/h, 0.1 to 0.3 s late (facts: position, section 5)
CONNECT_AGAIN_S = 3.0
RESTING_V = 13.0  # below it nothing charges the battery
RISE_V = 0.3  # some alternators keep below 13 V, but none leaves the battery as it was
RESTING_S = 60.0
ASLEEP_S = 30.0
MISSES = 3  # a value that fails so often in a row is not asked again until the next connect
BUS_OF = {"6": CAN_11, "8": CAN_11, "7": CAN_29, "9": CAN_29}
VOLTS = re.compile(r"^(\d{1,2}\.\d{1,2})V?$")
CODE_SIGNALS = {
    f"{TROUBLE:02X}": (TROUBLE, signals.TROUBLE),
    f"{PENDING:02X}": (PENDING, signals.PENDING_TROUBLE),
    f"{PERMANENT:02X}": (PERMANENT, signals.PERMANENT_TROUBLE),
}

News = WheelSpeed | VehicleSignal | DeviceAsleep


class Phase(Enum):
    """How far the conversation has got."""

    VOLTS = "volts"
    CONNECT = "connect"
    PROTOCOL = "protocol"
    BITMAPS = "bitmaps"
    ROUNDS = "rounds"
    ASLEEP = "asleep"


class ObdSession:
    """One adapter on one link."""

    def __init__(self, now_s: float, identifiers: Sequence[Identifier] = ()) -> None:
        self._elm = Elm327(now_s)
        self._rounds = Rounds(identifiers)
        self._identifiers = {one.request: one for one in identifiers}
        self._phase = Phase.VOLTS
        self._phase_s = now_s
        """When the phase may go on."""
        self._bus = CAN_11
        self._supported: set[int] = set()
        self._bitmaps: list[str] = []
        self._misses: dict[str, int] = {}
        self._stirred_s = now_s
        """When the engine turned, the car moved or the battery was charged."""
        self._slept_v = RESTING_V
        self.heard_s = -math.inf
        """When the adapter last answered, whatever it said."""
        self.damaged = 0
        """Lines of replies that were not whole or not sound."""

    def is_excused(self, now_s: float) -> bool:
        """Asleep, not asked, or busy looking for the car's bus: no reply is no silence."""
        looking = self._phase is Phase.CONNECT and now_s - self._phase_s < CONNECT_S
        idle = self._elm.is_free and now_s < self.wake_at_s
        return self._phase is Phase.ASLEEP or looking or idle

    @property
    def wake_at_s(self) -> float:
        """When the next command is due or patience with the last ends."""
        if self._phase is Phase.ASLEEP:
            return self._phase_s
        if not self._elm.is_free:
            return self._elm.wake_at_s
        return max(self._phase_s, self._rounds.next_s if self._phase is Phase.ROUNDS else 0.0)

    def receive(self, data: bytes, now_s: float) -> Sequence[News]:
        """Take bytes in pieces of any size; return what they tell."""
        news: list[News] = []
        if self._phase is Phase.ASLEEP:
            return news
        for reply in self._elm.take(data, now_s):
            news += self._hear(reply, now_s)
        self._say_next(now_s)
        return news

    def send(self, command: Never, now_s: float) -> None:
        """Take no commands: nothing is ever cleared or written in a car."""

    def wake(self, now_s: float) -> Sequence[News]:
        """Ask what is due. Raises LinkError if the adapter stays mute."""
        news: list[News] = []
        if self._phase is Phase.ASLEEP:
            if now_s >= self._phase_s:
                self._elm.rouse(now_s)
                self._go_to(Phase.VOLTS, now_s)
            return news
        for reply in self._elm.wake(now_s):
            news += self._hear(reply, now_s)
        self._say_next(now_s)
        return news

    def outgoing(self) -> bytes:
        """Return and clear the bytes waiting to be written."""
        data = bytes(self._elm.out)
        self._elm.out.clear()
        return data

    def _go_to(self, phase: Phase, now_s: float, pause_s: float = 0.0) -> None:
        self._phase, self._phase_s = phase, now_s + pause_s

    def _say_next(self, now_s: float) -> None:
        if not self._elm.is_free or now_s < self._phase_s:
            return
        if self._phase is Phase.VOLTS:
            self._elm.ask(VOLTAGE, now_s)
        elif self._phase is Phase.CONNECT:
            self._phase_s = now_s
            self._elm.ask(BITMAP_COMMANDS[0], now_s, CONNECT_S)
        elif self._phase is Phase.PROTOCOL:
            self._elm.ask("ATDPN", now_s)
        elif self._phase is Phase.BITMAPS:
            self._elm.ask(self._bitmaps[0], now_s)
        elif self._phase is Phase.ROUNDS and (command := self._rounds.next(now_s)):
            self._elm.ask(command, now_s)

    def _hear(self, reply: Reply, now_s: float) -> list[News]:
        if reply.kind == "silent":
            self._go_to(Phase.VOLTS, now_s)
            return []
        self.heard_s = now_s
        if reply.command == VOLTAGE:
            return self._hear_volts(reply, now_s)
        if self._phase is Phase.CONNECT:
            self._connected(reply, now_s)
        elif self._phase is Phase.PROTOCOL:
            self._learn_protocol(reply, now_s)
        elif self._phase is Phase.BITMAPS:
            self._learn_bitmap(reply, now_s)
        elif self._phase is Phase.ROUNDS:
            return self._hear_values(reply, now_s)
        return []

    def _hear_volts(self, reply: Reply, now_s: float) -> list[News]:
        news: list[News] = []
        told = VOLTS.match(reply.lines[0]) if reply.lines else None
        volts = float(told[1]) if told else None
        if volts is not None:
            news.append(_signal(signals.BATTERY_VOLTAGE, volts, now_s))
        if volts is None or volts >= RESTING_V or volts >= self._slept_v + RISE_V:
            self._stirred_s, self._slept_v = now_s, RESTING_V
        elif now_s - self._stirred_s >= RESTING_S:
            self._elm.ask("ATLP", now_s)
            self._slept_v = volts
            self._go_to(Phase.ASLEEP, now_s, ASLEEP_S)
            why = f"battery at {volts:.1f} V and the engine at rest"
            return [*news, DeviceAsleep(received_s=now_s, device=DEVICE, why=why)]
        if self._phase is Phase.VOLTS:
            self._go_to(Phase.CONNECT, now_s)
        return news

    def _connected(self, reply: Reply, now_s: float) -> None:
        if reply.kind == "lines" and any(HEX.match(line) for line in reply.lines):
            self._go_to(Phase.PROTOCOL, now_s)
        else:  # no ignition, no car: ask again, and look at the battery meanwhile
            self._go_to(Phase.VOLTS, now_s, CONNECT_AGAIN_S)

    def _learn_protocol(self, reply: Reply, now_s: float) -> None:
        number = reply.lines[0][-1] if reply.lines else ""
        self._bus = BUS_OF.get(number, LINE)
        self._rounds.bus, self._rounds.batches = self._bus, self._bus != LINE
        self._supported, self._bitmaps = set(), [BITMAP_COMMANDS[0]]
        self._misses.clear()
        self._go_to(Phase.BITMAPS, now_s)

    def _learn_bitmap(self, reply: Reply, now_s: float) -> None:
        command = self._bitmaps.pop(0)
        for _, message in self._messages(reply):
            self._supported |= supported_of(message)
        further = int(command[2:], 16) + 0x20
        if further in self._supported and f"01{further:02X}" in BITMAP_COMMANDS:
            self._bitmaps.append(f"01{further:02X}")
        if not self._bitmaps:
            self._rounds.begin(now_s, self._supported)
            self._go_to(Phase.ROUNDS, now_s)

    def _messages(self, reply: Reply) -> list[tuple[str, bytes]]:
        assembly = Assembly(self._bus)
        for line in reply.lines:
            assembly.add(line)
        messages = assembly.messages()
        self.damaged += assembly.damaged
        return messages

    def _hear_values(self, reply: Reply, now_s: float) -> list[News]:
        command = reply.command
        if command.startswith("AT"):
            return []
        if reply.kind == "bus":
            self._go_to(Phase.VOLTS, now_s)
            return []
        if reply.kind == "full":
            self._rounds.batches = False
        messages = self._messages(reply) if reply.kind == "lines" else []
        values = self._read(command, messages)
        if len(command) > 4 and command.startswith("01") and values:
            for at in range(2, len(command), 2):
                pid = int(command[at : at + 2], 16)
                if PIDS[pid].signals[0][0] not in values:
                    self._rounds.ask_alone(f"01{pid:02X}", now_s)
        self._count_miss(command, messages, missed=not values and reply.kind != "stopped")
        if values.get(signals.ENGINE_SPEED) or values.get(signals.SPEED):
            self._stirred_s = now_s
        news: list[News] = []
        for name, value in values.items():
            if name == signals.SPEED and isinstance(value, float):
                news.append(
                    WheelSpeed(received_s=now_s, speed_mps=value, sigma_mps=SPEED_SIGMA_MPS)
                )
            else:
                news.append(_signal(name, value, now_s))
        return news

    def _read(self, command: str, messages: Sequence[tuple[str, bytes]]) -> dict[str, Value]:
        values: dict[str, Value] = {}
        if command == VIN:
            vin = vin_of([message for _, message in messages])
            if vin is not None:
                self._rounds.drop(VIN)
                values[signals.VIN] = vin
        elif command in CODES:
            service, name = CODE_SIGNALS[command]
            counted = self._bus != LINE
            told = [codes_of(message, service, counted=counted) for _, message in messages]
            if any(codes is not None for codes in told):
                found = {code for codes in told for code in codes or ()}
                values[name] = tuple(sorted(found))
        elif identifier := self._identifiers.get(command):
            for _, message in messages:
                value = identifier.value_of(message)
                if value is not None:
                    values[identifier.name] = value
        else:
            for _, message in messages:  # the first unit to tell a value is believed
                values = values_of(message) | values
        return values

    def _count_miss(
        self, command: str, messages: Sequence[tuple[str, bytes]], *, missed: bool
    ) -> None:
        if not missed:
            self._misses.pop(command, None)
            self._rounds.came(command)
            return
        misses = self._misses[command] = self._misses.get(command, 0) + 1
        if len(command) > 4 and command.startswith("01"):
            self._rounds.batches = False  # this car wants them one by one
            self._misses.pop(command)
        elif command.startswith("010D"):
            if misses >= MISSES:
                self._misses.pop(command)
                self._go_to(Phase.VOLTS, self.heard_s)
        elif misses >= MISSES or refused(messages) or self._rounds.is_trial(command):
            self._rounds.drop(command)


def _signal(name: str, value: Value, now_s: float) -> VehicleSignal:
    return VehicleSignal(received_s=now_s, name=name, value=value)
