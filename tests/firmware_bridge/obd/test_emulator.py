"""A car played by other people: the package ELM327-emulator, over a pseudo-terminal."""

import asyncio
import signal
import subprocess
import sys
import time
from contextlib import asynccontextmanager
from random import Random

import pytest

from edge.clock import LoopClock
from edge.config import ObdSection
from edge.messages import signals
from edge.messages.readings import DeviceBack, DeviceSilent, WheelSpeed
from edge.messages.signals import VehicleSignal
from firmware_bridge.links import open_link
from firmware_bridge.on_board import run_obd

pytestmark = pytest.mark.real


@pytest.fixture
def emulator(tmp_path):
    """A running emulator and the path of its port."""
    told = tmp_path / "told"
    command = [sys.executable, "-m", "elm", "-s", "car", "-b", str(told)]
    process = subprocess.Popen(
        command, cwd=tmp_path, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    deadline = time.monotonic() + 20
    while not (told.exists() and "\n" in told.read_text()):
        assert process.poll() is None, "the emulator ended"
        assert time.monotonic() < deadline, "the emulator does not start"
        time.sleep(0.05)
    yield process, told.read_text().split()[0]
    process.send_signal(signal.SIGCONT)
    process.kill()
    process.wait(10)


@asynccontextmanager
async def reading(port):
    words = []
    section = ObdSection(link=f"serial:{port}")
    task = asyncio.ensure_future(
        run_obd(
            section,
            words.append,
            clock=LoopClock.started_now("host"),
            rng=Random(1),
            open_link=open_link,
        )
    )
    try:
        yield words
    finally:
        task.cancel()
        await asyncio.wait([task])


async def until(found, seconds):
    deadline = time.monotonic() + seconds
    while not found():
        assert time.monotonic() < deadline, "it did not come"
        await asyncio.sleep(0.05)


async def test_all_signals_are_read_and_a_freeze_is_noticed_and_overcome(emulator):
    process, port = emulator
    async with reading(port) as words:

        def told():
            return {w.name: w.value for w in words if isinstance(w, VehicleSignal)}

        def of(kind):
            return [word for word in words if isinstance(word, kind)]

        wanted = {
            signals.ENGINE_SPEED,
            signals.FUEL_LEVEL,
            signals.ODOMETER,
            signals.AMBIENT,
            signals.MODULE_VOLTAGE,
            signals.BATTERY_VOLTAGE,
            signals.SINCE_CLEARED,
            signals.LAMP,
            signals.VIN,
            signals.TROUBLE,
            signals.PENDING_TROUBLE,
            signals.PERMANENT_TROUBLE,
        }
        await until(lambda: wanted <= set(told()) and of(WheelSpeed), 30)
        assert told()[signals.VIN] == "WP0ZZZ99ZTS390000"
        assert told()[signals.ODOMETER] == pytest.approx(5_999_600)
        assert 12 < told()[signals.BATTERY_VOLTAGE] < 15
        assert told()[signals.TROUBLE] == ()
        before = len(of(WheelSpeed))
        await asyncio.sleep(3)
        assert 2 <= (len(of(WheelSpeed)) - before) / 3 <= 5
        assert not of(DeviceSilent)

        process.send_signal(signal.SIGSTOP)
        frozen_s = time.monotonic()
        await until(lambda: of(DeviceSilent), 6)
        assert time.monotonic() - frozen_s <= 3.0
        await asyncio.sleep(2)
        process.send_signal(signal.SIGCONT)
        thawed = len(words)
        await until(lambda: any(isinstance(w, WheelSpeed) for w in words[thawed:]), 20)
        assert len(of(DeviceSilent)) == len(of(DeviceBack)) == 1
