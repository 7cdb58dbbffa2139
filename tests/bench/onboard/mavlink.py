"""What reading an autopilot costs the processor, beside pymavlink's own loop and MAVSDK."""

import asyncio
import multiprocessing
import os
import socket
import subprocess
import sys
import time
from collections.abc import AsyncGenerator, Callable
from dataclasses import dataclass
from multiprocessing.queues import Queue
from random import Random

from edge.clock import LoopClock
from firmware_bridge.drive import drive
from firmware_bridge.links import open_link
from firmware_bridge.mavlink.session import MavlinkSession
from firmware_bridge.mavlink.wire.dialect import mavlink
from firmware_bridge.mavlink.wire.frames import Framer
from tests.bench.report import Figure, Told

WARM_UP_S = 1.0
IMPORT = """
import time
def rss():
    return int(open("/proc/self/statm").read().split()[1]) * 4096
before, began_s = rss(), time.perf_counter()
import {module}
print(time.perf_counter() - began_s, (rss() - before) / 2**20)
"""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long to look."""

    watch_s: float
    hz: int
    frames: int


FULL = Effort(watch_s=20.0, hz=200, frames=20_000)
TINY = Effort(watch_s=0.5, hz=200, frames=500)


def measure(effort: Effort) -> Told:
    """The same datagrams to both, one after the other; then each parser alone."""
    ours_pct = _cpu_pct(_ours, effort)
    theirs_pct = _cpu_pct(_mavutil, effort)
    sdk_pct = _cpu_pct(_mavsdk, effort)
    data = b"".join(flight(effort.frames))
    import_s, import_mib = _import_cost("pymavlink.dialects.v20.ardupilotmega")
    mavutil_s, mavutil_mib = _import_cost("pymavlink.mavutil")
    goal = "≤ 8 (with 10 Hz GNSS)"
    figures = [
        Figure(
            "ours_cpu_pct", f"ours at {effort.hz} messages/s, of one core [%]", ours_pct, goal
        ),
        Figure("mavutil_cpu_pct", "  pymavlink's mavutil loop [%]", theirs_pct),
        Figure("mavsdk_cpu_pct", "  MAVSDK, these four kinds subscribed to [%]", sdk_pct),
        Figure("framer_us", "our framer alone [us a message]", _framer_us(data, effort)),
        Figure("session_us", "our session [us a message]", _session_us(data, effort)),
        Figure("pymavlink_us", "  pymavlink's parser [us a message]", _parser_us(data, effort)),
        Figure("import_s", "import of one dialect [s]", import_s),
        Figure("import_mib", "  its memory [MiB]", import_mib),
        Figure("mavutil_import_s", "import of mavutil [s]", mavutil_s),
        Figure("mavutil_import_mib", "  its memory [MiB]", mavutil_mib),
    ]
    notes = [
        "one datagram a message over loopback; the mix is that of PX4's onboard port:",
        "half ATTITUDE, a quarter HIGHRES_IMU, a fifth GLOBAL_POSITION_INT, 10 Hz GPS_RAW_INT",
    ]
    return Told(figures, notes)


def flight(count: int) -> list[bytes]:
    """Return the frames of a flight, 200 of them a second."""
    rng, mav = Random(1), mavlink.MAVLink(None, 1, 1)
    frames = []
    for number in range(count):
        boot_ms = number * 5
        if number % 200 == 0:
            message = mavlink.MAVLink_heartbeat_message(2, 12, 1, 0x03040000, 3, 3)
        elif number % 20 == 1:
            message = mavlink.MAVLink_gps_raw_int_message(
                boot_ms * 1000, 3, 474250000, 85541666, 448_000, 90, 90, 0, 0, 12
            )
        elif number % 2:
            angles = [rng.gauss(0, 0.1) for _ in range(6)]
            message = mavlink.MAVLink_attitude_message(boot_ms, *angles)
        elif number % 4:
            values = [rng.gauss(0, 1) for _ in range(13)]
            message = mavlink.MAVLink_highres_imu_message(boot_ms * 1000, *values, 65535)
        else:
            message = mavlink.MAVLink_global_position_int_message(
                boot_ms, 474250000 + number, 85541666, 448_000, 20_000, 100, 0, 0, 9000
            )
        frames.append(message.pack(mav))
        mav.seq = (mav.seq + 1) % 256
    return frames


def _cpu_pct(reader: Callable[[int, float, "Queue[float]"], None], effort: Effort) -> float:
    """Return the processor time of a reader in a process of its own."""
    context = multiprocessing.get_context("spawn")
    told: Queue[float] = context.Queue()
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as sender:
        sender.bind(("127.0.0.1", 0))
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        child = context.Process(target=reader, args=(port, effort.watch_s, told))
        child.start()
        frames = flight(effort.hz * 60)
        began_s, number = time.monotonic(), 0
        while child.is_alive():
            sender.sendto(frames[number % len(frames)], ("127.0.0.1", port))
            number += 1
            time.sleep(max(0.0, began_s + number / effort.hz - time.monotonic()))
        child.join()
    return told.get() / effort.watch_s * 100


def _ours(port: int, watch_s: float, told: "Queue[float]") -> None:
    async def watch() -> float:
        clock = LoopClock.started_now()
        async with open_link(f"udpin:127.0.0.1:{port}") as link:
            session = MavlinkSession(clock.now_s(), datagrams=True)
            readings: list[object] = []
            async with asyncio.TaskGroup() as tasks:
                driving = tasks.create_task(drive(session, link, readings.append, clock))
                await asyncio.sleep(WARM_UP_S)
                began_s = time.process_time()
                await asyncio.sleep(watch_s)
                spent_s = time.process_time() - began_s
                driving.cancel()
        assert readings, "nothing came"
        return spent_s

    told.put(asyncio.run(watch()))


def _mavutil(port: int, watch_s: float, told: "Queue[float]") -> None:
    from pymavlink import mavutil

    link = mavutil.mavlink_connection(f"udpin:127.0.0.1:{port}")

    def read(for_s: float) -> int:
        until_s, count = time.monotonic() + for_s, 0
        while time.monotonic() < until_s:
            count += link.recv_match(blocking=True, timeout=1.0) is not None
        return count

    read(WARM_UP_S)
    began_s = time.process_time()
    assert read(watch_s), "nothing came"
    told.put(time.process_time() - began_s)


def _mavsdk(port: int, watch_s: float, told: "Queue[float]") -> None:
    from mavsdk.asyncio import Configuration, Mavsdk
    from mavsdk.asyncio.plugins.telemetry import TelemetryAsync
    from mavsdk.component_type import ComponentType

    os.dup2(os.open(os.devnull, os.O_WRONLY), 1)  # it tells there what it does
    counts: list[int] = []

    async def count(stream: AsyncGenerator[object, None]) -> None:
        at = len(counts)
        counts.append(0)
        async for _ in stream:
            counts[at] += 1

    async def watch() -> float:
        config = Configuration.create_with_component_type(ComponentType.COMPANION_COMPUTER)
        async with Mavsdk(config) as sdk:
            await sdk.add_any_connection(f"udpin://127.0.0.1:{port}")
            system = await sdk.first_autopilot(10.0)
            assert system is not None, "it found no autopilot"
            telemetry = TelemetryAsync(system)
            async with asyncio.TaskGroup() as tasks:
                counting = [
                    tasks.create_task(count(stream))
                    for stream in (
                        telemetry.subscribe_attitude_euler(),
                        telemetry.subscribe_imu(),
                        telemetry.subscribe_position(),
                        telemetry.subscribe_raw_gps(),
                    )
                ]
                await asyncio.sleep(WARM_UP_S)
                began_s = time.process_time()  # of all its threads
                await asyncio.sleep(watch_s)
                spent_s = time.process_time() - began_s
                for task in counting:
                    task.cancel()
        assert all(counts), f"some of the four never came: {counts}"
        return spent_s

    told.put(asyncio.run(watch()))


def _framer_us(data: bytes, effort: Effort) -> float:
    framer = Framer()
    began_s = time.process_time()
    count = sum(len(framer.feed(data[at : at + 400], 0.0)) for at in range(0, len(data), 400))
    assert count == effort.frames, "frames were lost"
    return (time.process_time() - began_s) / count * 1e6


def _session_us(data: bytes, effort: Effort) -> float:
    session = MavlinkSession(0.0)
    began_s = time.process_time()
    for at in range(0, len(data), 400):
        now_s = at / 10_000
        session.receive(data[at : at + 400], now_s)
        if now_s >= session.wake_at_s:
            session.wake(now_s)
        session.outgoing()
    return (time.process_time() - began_s) / effort.frames * 1e6


def _parser_us(data: bytes, effort: Effort) -> float:
    parser = mavlink.MAVLink(None, 255, 1)
    began_s = time.process_time()
    for at in range(0, len(data), 400):
        parser.parse_buffer(data[at : at + 400])
    return (time.process_time() - began_s) / effort.frames * 1e6


def _import_cost(module: str) -> tuple[float, float]:
    """Return seconds and MiB of an import, in a process of its own, at its second time."""
    code = IMPORT.format(module=module)
    for _ in range(2):
        told = subprocess.run(
            [sys.executable, "-c", code], check=True, capture_output=True, text=True
        ).stdout
    seconds, mib = map(float, told.split())
    return seconds, mib
