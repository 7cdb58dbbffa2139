"""The firmware behind a real serial port of this machine, in real time."""

import asyncio
import contextlib
import os
import pty
import time
import tty
from random import Random

from edge.clock import LoopClock
from edge.config import McuSection
from edge.messages.machines.controller import ControllerStatus, Drive, Unlock
from edge.messages.machines.orders import OrderAnswer
from firmware_bridge.links import open_link
from firmware_bridge.on_board import run_mcu
from tests.firmware_bridge.links import lent
from tests.firmware_bridge.mcu.firmware import Controller


async def test_a_controller_on_a_serial_port(tmp_path):
    far, near = pty.openpty()
    tty.setraw(near)
    os.set_blocking(far, False)
    path = tmp_path / "mcu"
    path.symlink_to(os.ttyname(near))
    started_s = time.monotonic()
    controller, words, memory = Controller(), [], lent()
    controller.sense(0)

    def ms():
        return int((time.monotonic() - started_s) * 1000)

    async def be_a_board():
        while True:
            await asyncio.sleep(0.005)
            with contextlib.suppress(BlockingIOError):
                controller.receive(os.read(far, 4096), ms())
            controller.tick(ms())
            if data := controller.outgoing():
                os.write(far, data)

    async def until(found):
        deadline_s = time.monotonic() + 10
        while not found():
            assert time.monotonic() < deadline_s, "it did not come"
            await asyncio.sleep(0.01)

    def answer(order_id):
        return [
            w.result for w in words if isinstance(w, OrderAnswer) and w.order_id == order_id
        ]

    clock = LoopClock.started_now("host")
    section = McuSection(link=f"serial:{path}")
    tasks = [
        asyncio.ensure_future(be_a_board()),
        asyncio.ensure_future(
            run_mcu(
                section, words.append, memory, clock=clock, rng=Random(1), open_link=open_link
            )
        ),
    ]
    try:
        await until(
            lambda: any(isinstance(w, ControllerStatus) and w.takes_orders for w in words)
        )
        memory.controller_orders.put(Unlock(order_id="u", compartment=1))
        await until(lambda: answer("u"))
        assert answer("u") == ["done"]
        assert controller.drawn(ms()) == [1]
        memory.controller_orders.put(Drive(order_id="d", speed_mps=1.0))
        await until(lambda: answer("d"))
        assert answer("d") == ["refused"]
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.wait(tasks)
        os.close(far)
        os.close(near)
