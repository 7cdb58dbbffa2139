"""The shell on virtual time: a link that comes and goes, a ground station beside."""

import asyncio
import os
import pty
import socket
import tty
from contextlib import asynccontextmanager, contextmanager
from random import Random

import pytest

from edge.clock import LoopClock
from edge.errors import LinkError
from edge.messages.machines import orders
from edge.messages.machines.autopilot import AutopilotPresence
from edge.messages.machines.orders import OrderAnswer
from edge.supervise import keep_alive
from firmware_bridge.autopilot import MOST_ORDERS, MOST_PASSED, Autopilot
from firmware_bridge.links import open_link
from firmware_bridge.mavlink.router import Router
from firmware_bridge.mavlink.session import MavlinkSession
from tests.conftest import simulate
from tests.firmware_bridge.mavlink.scripted import Scripted
from tests.firmware_bridge.mavlink.speak import heard, heartbeat, said, speaker

TICK_S = 0.02


class Ends:
    """Links to a scripted autopilot and to a ground station, both can be cut."""

    def __init__(self):
        self.far = Scripted()
        self.on_ground = []
        self.from_ground = asyncio.Queue()
        self.cut = asyncio.Event()

    @asynccontextmanager
    async def open(self, address):
        if self.cut.is_set():
            raise LinkError("unplugged")
        yield self if address == "vehicle" else Ground(self)

    async def read(self):
        loop = asyncio.get_running_loop()
        while not self.cut.is_set():
            await asyncio.sleep(TICK_S)
            self.far.tick(loop.time())
            if data := b"".join(self.far.outgoing()):
                return data
        return b""

    async def write(self, data):
        self.far.receive(data, asyncio.get_running_loop().time())


class Ground:
    def __init__(self, ends):
        self.ends = ends

    async def read(self):
        return await self.ends.from_ground.get()

    async def write(self, data):
        self.ends.on_ground.append(data)


def fly(script, *, ground=False):
    """Run a script beside the shell; return what was published."""
    words = []

    async def main():
        ends, clock = Ends(), LoopClock.started_now("simulated")
        router = Router() if ground else None
        autopilot = Autopilot(
            address="vehicle",
            session=MavlinkSession(clock.now_s(), router=router),
            publish=words.append,
            clock=clock,
            open_link=ends.open,
            ground_address="ground",
            router=router,
        )
        async with asyncio.TaskGroup() as tasks:
            running = [tasks.create_task(keep_alive("autopilot", autopilot.connect, Random(1)))]
            if ground:
                serve = keep_alive("ground", autopilot.serve_ground, Random(1))
                running.append(tasks.create_task(serve))
            await script(ends, autopilot)
            for task in running:
                task.cancel()

    simulate(main)
    return words


def test_orders_are_answered_over_a_link():
    async def script(_ends, autopilot):
        await asyncio.sleep(3)
        autopilot.order(orders.LoadPlan(order_id="empty", kind="mission", parts=()))
        await asyncio.sleep(3)
        autopilot.order(orders.Arm(order_id="arm"))
        await asyncio.sleep(3)

    answers = [word for word in fly(script) if isinstance(word, OrderAnswer)]
    assert [(answer.order_id, answer.result) for answer in answers] == [
        ("empty", "done"),
        ("arm", "done"),
    ]


def test_a_link_that_goes_and_comes_is_a_vehicle_that_goes_and_comes():
    async def script(ends, _autopilot):
        await asyncio.sleep(5)
        ends.cut.set()
        await asyncio.sleep(5)
        ends.cut.clear()
        await asyncio.sleep(60)

    told = [word for word in fly(script) if isinstance(word, AutopilotPresence)]
    assert [word.present for word in told if word.version] == [True, False, True]
    assert "closed" in next(word.why for word in told if not word.present)


def test_a_ground_station_sees_and_is_seen():
    async def script(ends, _autopilot):
        await asyncio.sleep(5)
        beat = said(speaker(255, 190), heartbeat(kind=6, autopilot=8, custom_mode=99))
        ends.from_ground.put_nowait(beat)
        await asyncio.sleep(1)
        kinds = {m.get_type() for data in ends.on_ground for m in heard(data)}
        assert {"HEARTBEAT", "ATTITUDE"} <= kinds
        passed = [m for _, m in ends.far.heard if m.get_srcSystem() == 255]
        assert [m.custom_mode for m in passed] == [99]

    fly(script, ground=True)


def test_orders_that_no_link_takes_are_refused_and_a_flood_leaves_room_for_them():
    words = []
    autopilot = Autopilot(
        address="vehicle",
        session=MavlinkSession(0.0),
        publish=words.append,
        clock=Still(),
        open_link=None,
    )
    for _ in range(1000):
        autopilot._passed_down(None)
    assert autopilot.shed == 1000 - MOST_PASSED
    for number in range(MOST_ORDERS + 3):
        autopilot.order(orders.Arm(order_id=str(number)))
    assert [word.order_id for word in words] == ["32", "33", "34"]
    assert words[0].why == "the autopilot's link takes no more orders"


class Still:
    def now_s(self):
        return 0.0


class Board:
    """A scripted autopilot in real time behind a descriptor or a socket."""

    def __init__(self, read, write):
        self.far, self.read, self.write = Scripted(), read, write

    async def run(self):
        loop = asyncio.get_running_loop()
        while True:
            await asyncio.sleep(TICK_S)
            while data := self.read():
                self.far.receive(data, loop.time())
            self.far.tick(loop.time())
            for data in self.far.outgoing():
                self.write(data)


@contextmanager
def on_serial(tmp_path):
    far, near = pty.openpty()
    tty.setraw(near)
    os.set_blocking(far, False)
    path = tmp_path / "autopilot"
    path.symlink_to(os.ttyname(near))
    os.close(near)

    def read():
        try:
            return os.read(far, 4096)
        except (BlockingIOError, OSError):
            return b""

    yield f"serial:{path}:57600", Board(read, lambda data: os.write(far, data))
    os.close(far)


@contextmanager
def on_udp(_tmp_path):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        near = probe.getsockname()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as far:
        far.bind(("127.0.0.1", 0))
        far.setblocking(False)

        def read():
            try:
                return far.recv(2048)
            except OSError:
                return b""

        yield f"udpin:127.0.0.1:{near[1]}", Board(read, lambda data: far.sendto(data, near))


@pytest.mark.parametrize("kind", [on_serial, on_udp])
async def test_a1_a_vehicle_is_found_and_armed_over_a_real_line(kind, tmp_path):
    with kind(tmp_path) as (address, board):
        words, clock = [], LoopClock.started_now()
        autopilot = Autopilot(
            address=address,
            session=MavlinkSession(clock.now_s(), datagrams=kind is on_udp),
            publish=words.append,
            clock=clock,
            open_link=open_link,
        )
        board.far.start(clock.now_s(), pause_s=0.0)

        news = asyncio.Event()

        def published(word):
            words.append(word)
            news.set()

        async def told(is_it):
            while not any(map(is_it, words)):
                news.clear()
                await news.wait()

        autopilot.publish = published
        async with asyncio.timeout(20), asyncio.TaskGroup() as tasks:
            flying = tasks.create_task(board.run())
            driving = tasks.create_task(autopilot.connect())
            await told(lambda word: getattr(word, "version", ""))
            autopilot.order(orders.LoadPlan(order_id="empty", kind="mission", parts=()))
            await told(lambda word: getattr(word, "order_id", "") == "empty")
            autopilot.order(orders.Arm(order_id="arm"))
            await told(lambda word: getattr(word, "order_id", "") == "arm")
            assert board.far.armed
            driving.cancel()
            flying.cancel()
        assert {word.result for word in words if isinstance(word, OrderAnswer)} == {"done"}


def test_a_ground_station_needs_a_router():
    with pytest.raises(AssertionError):
        simulate(
            Autopilot(
                address="", session=None, publish=None, clock=None, open_link=None
            ).serve_ground
        )
