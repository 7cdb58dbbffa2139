"""The car and the controller through the whole bridge, in virtual time."""

import asyncio
from contextlib import asynccontextmanager
from random import Random

from edge.clock import LoopClock
from edge.config import GnssSection, ObdSection
from edge.errors import LinkError
from edge.messages import signals
from edge.messages.machines.controller import (
    CompartmentEvent,
    ControllerPresence,
    Drive,
    Unlock,
)
from edge.messages.machines.orders import OrderAnswer
from edge.messages.readings import DeviceBack, DeviceSilent, WheelSpeed
from edge.messages.signals import DeviceAsleep, VehicleSignal
from firmware_bridge.bridge import run_bridge
from firmware_bridge.on_board import identifiers_of
from sim.devices.ecu import Adapter, Car
from tests.conftest import simulate
from tests.firmware_bridge.links import Wire, config, lent
from tests.firmware_bridge.mcu.firmware import Controller
from tests.firmware_bridge.obd.test_session import CODES, FOUND, VALUES

GNSS = GnssSection(source="gpsd")
CHARGE = {
    "name": signals.CHARGE,
    "unit": "7e4",
    "identifier": "0101",
    "first_byte": 2,
    "scale": 0.5,
}
OBD = {"link": "serial:/dev/serial/by-id/elm", "values": [CHARGE]}
MCU = {"link": "serial:/dev/serial/by-id/mcu"}


class Board:
    """The far ends: an adapter with its car, a controller; their cables can be pulled."""

    def __init__(self, **car):
        self.car = Car(
            values=dict(VALUES), codes=CODES, identifiers={0x0101: b"\0\0\x96"}, **car
        )
        self.opened = []
        self.present = True
        self.wires = {}
        self.adapter = None
        self.mcu = Controller()
        self.mcu.sense(0)
        self.answers = True
        """False: the controller hears nothing and says nothing."""

    def mcu_ms(self):
        return int(asyncio.get_running_loop().time() * 1000)

    @asynccontextmanager
    async def open_link(self, address):
        self.opened.append(address)
        name = address.rpartition("/")[2].partition(":")[0]
        if not self.present or name not in ("elm", "mcu"):
            raise LinkError(f"cannot open {address}")
        wire = self.wires[name] = Wire()
        if name == "elm":
            self.adapter = Adapter(self.car, wire.say)
            wire.write = self._to_adapter
            yield wire
        else:
            wire.write = self._to_mcu
            ticking = asyncio.ensure_future(self._tick(wire))
            try:
                yield wire
            finally:
                ticking.cancel()

    async def _to_adapter(self, data):
        self.adapter.receive(data)

    async def _to_mcu(self, data):
        if self.answers:
            self.mcu.receive(data, self.mcu_ms())

    async def _tick(self, wire):
        while True:
            await asyncio.sleep(0.02)
            self.mcu.tick(self.mcu_ms())
            data = self.mcu.outgoing()
            if data and self.answers:
                wire.say(data)

    def pull(self):
        self.present = False
        for wire in self.wires.values():
            wire.cut()


def play(script, *, obd=None, mcu=None, **car):
    words = []

    async def main():
        board, memory = Board(**car), lent()
        bridge = asyncio.ensure_future(
            run_bridge(
                config(GNSS, **({"obd": obd} if obd else {}), **({"mcu": mcu} if mcu else {})),
                words.append,
                memory,
                clock=LoopClock.started_now("simulated"),
                rng=Random(1),
                open_link=board.open_link,
            )
        )
        try:
            await script(board, memory, words)
        finally:
            bridge.cancel()
            await asyncio.wait([bridge])
        return board

    return words, simulate(main)


def of(words, kind, device=None):
    found = [word for word in words if isinstance(word, kind)]
    return [word for word in found if device is None or word.device == device]


class TestCar:
    def test_its_values_and_its_speed_are_published(self):
        async def script(board, memory, words):
            await asyncio.sleep(10)

        words, board = play(script, obd=OBD)
        told = {word.name: word.value for word in of(words, VehicleSignal)}
        assert set(told) == set(FOUND)
        assert told[signals.CHARGE] in (75.0, 80.0)
        assert len(of(words, WheelSpeed)) >= 15
        assert "serial:/dev/serial/by-id/elm:38400" in board.opened
        assert not of(words, DeviceSilent, "obd")

    def test_a_frozen_adapter_is_said_within_three_seconds_and_once_and_is_back(self):
        async def script(board, memory, words):
            await asyncio.sleep(10)
            board.adapter.is_frozen = True
            await asyncio.sleep(40)
            board.adapter.thaw()
            await asyncio.sleep(10)

        words, _ = play(script, obd=OBD)
        (silent,) = of(words, DeviceSilent, "obd")
        assert silent.received_s <= 10 + 3
        (back,) = of(words, DeviceBack, "obd")
        assert of(words, WheelSpeed)[-1].received_s > back.received_s

    def test_an_adapter_that_is_pulled_out_is_one_silence_over_all_reconnects(self):
        async def script(board, memory, words):
            await asyncio.sleep(10)
            board.pull()
            await asyncio.sleep(60)
            board.present = True
            await asyncio.sleep(10)

        words, _ = play(script, obd=OBD)
        (silent,) = of(words, DeviceSilent, "obd")
        (back,) = of(words, DeviceBack, "obd")
        assert silent.received_s <= 13
        assert 70 <= back.received_s <= 74

    def test_a_sleeping_car_is_no_silence(self):
        async def script(board, memory, words):
            board.car.values |= {0x0C: b"\0\0", 0x0D: b"\0"}
            await asyncio.sleep(300)

        words, _ = play(script, obd=OBD, volts=12.4)
        assert of(words, DeviceAsleep)
        assert not of(words, DeviceSilent, "obd")

    def test_a_car_without_ignition_is_no_silent_adapter(self):
        async def script(board, memory, words):
            await asyncio.sleep(50)

        words, _ = play(script, obd=OBD, is_on=False)
        assert not of(words, DeviceSilent, "obd")

    def test_a_vehicle_without_these_sections_opens_none_of_it(self):
        async def script(board, memory, words):
            await asyncio.sleep(10)

        words, board = play(script)
        assert {a.split(":")[0] for a in board.opened} == {"tcp"}
        assert {type(word) for word in words} == {DeviceSilent}

    def test_the_makers_values_are_asked_as_they_stand_in_the_file(self):
        section = ObdSection(link="tcp:10.0.0.1:35000")
        assert identifiers_of(section) == ()


class TestController:
    def test_orders_from_the_guard_reach_it_and_are_answered(self):
        async def script(board, memory, words):
            await asyncio.sleep(1)
            memory.controller_orders.put(Drive(order_id="d", speed_mps=0.4))
            await asyncio.sleep(0.1)
            assert board.mcu.outputs(board.mcu_ms()).speed_mmps == 400
            await asyncio.sleep(1)
            memory.controller_orders.put(Unlock(order_id="u", compartment=1))
            await asyncio.sleep(0.2)
            assert board.mcu.drawn(board.mcu_ms()) == [1]
            board.mcu.sense(board.mcu_ms(), doors=[0, 1])
            await asyncio.sleep(2)
            board.mcu.sense(board.mcu_ms(), doors=[0, 0])
            await asyncio.sleep(2)

        words, _ = play(script, mcu=MCU)
        assert [(a.order_id, a.result) for a in of(words, OrderAnswer)] == [
            ("d", "done"),
            ("u", "done"),
        ]
        assert [e.what for e in of(words, CompartmentEvent)] == ["opened", "closed"]
        assert not of(words, DeviceSilent, "mcu")

    def test_its_silence_is_noticed_and_said_once_and_it_is_met_again(self):
        async def script(board, memory, words):
            await asyncio.sleep(2)
            board.answers = False
            await asyncio.sleep(30)
            board.answers = True
            await asyncio.sleep(3)
            memory.controller_orders.put(Unlock(order_id="u", compartment=0))
            await asyncio.sleep(1)

        words, _ = play(script, mcu=MCU)
        (silent,) = of(words, DeviceSilent, "mcu")
        assert silent.received_s <= 2 + 1.3
        (back,) = of(words, DeviceBack, "mcu")
        assert 32 <= back.received_s <= 35
        assert [a.result for a in of(words, OrderAnswer)] == ["done"]
        assert {p.boot_id for p in of(words, ControllerPresence)} == {77}

    def test_pulled_out_for_a_minute_it_stands_still_and_comes_back(self):
        async def script(board, memory, words):
            await asyncio.sleep(2)
            memory.controller_orders.put(Drive(order_id="d", speed_mps=0.4, lease_s=0.5))
            await asyncio.sleep(0.05)
            board.pull()
            await asyncio.sleep(0.31)
            assert not board.mcu.moves(board.mcu_ms())
            await asyncio.sleep(60)
            board.present = True
            await asyncio.sleep(5)
            memory.controller_orders.put(Drive(order_id="e", speed_mps=0.4))
            await asyncio.sleep(0.2)

        words, _ = play(script, mcu=MCU)
        assert of(words, OrderAnswer)[-1].result == "done"
        assert len(of(words, DeviceSilent, "mcu")) == 1
