"""How long it takes from bytes to a state, and from an event to the disk and to the broker."""

import asyncio
import os
import tempfile
import tty
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from statistics import median

from edge.clock import LoopClock
from edge.config import (
    BrokerSection,
    Config,
    GnssSection,
    KeysSection,
    StoreSection,
    VehicleSection,
)
from edge.daemon import Daemon
from edge.devices import Lent, Word
from edge.executor.executor import Executor
from edge.handover.proof import SigningKey
from edge.messages.broker.catalog import filters, topic
from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import read_fact, split_facts, to_json
from edge.messages.facts import ScanRefused
from edge.messages.readings import GnssFix
from edge.uplink.mqtt import connector
from firmware_bridge.bridge import run_bridge
from firmware_bridge.links import open_link
from sim.devices.receiver import with_fix
from sim.world import Truth
from tests.bench.onboard.store import sync_ms
from tests.bench.onboard.vehicle import until
from tests.bench.report import Figure, Told, quantile
from tests.real.mosquitto.broker import Mosquitto

VAN, ORG = "van-1", "acme"
STATION_KEY = SigningKey.from_seed(b"s" * 32)
WARM = 5  # of each, not counted


@dataclass(frozen=True, slots=True)
class Effort:
    """How many of each, and how often."""

    samples: int
    fix_every_s: float
    fact_every_s: float


FULL = Effort(samples=500, fix_every_s=0.1, fact_every_s=0.09)
TINY = Effort(samples=10, fix_every_s=0.05, fact_every_s=0.03)


@dataclass(slots=True)
class Times:
    """Instants by the loop's clock."""

    spoken_s: list[float] = field(default_factory=list)
    states_ms: list[float] = field(default_factory=list)
    asked_s: dict[str, float] = field(default_factory=dict)
    durable_ms: list[float] = field(default_factory=list)
    broker_ms: list[float] = field(default_factory=list)


def measure(effort: Effort) -> Told:
    """The shipped daemon and a subscriber in this process, a real broker beside it."""
    times = asyncio.run(_run(effort))
    with tempfile.TemporaryDirectory() as name:
        disk = sync_ms(Path(name), effort.samples, pause_s=0.01)
    states, durable, broker = times.states_ms, times.durable_ms, times.broker_ms
    figures = [
        Figure(
            "fix_to_state_p50_ms", "last byte of a fix → state, p50 [ms]", quantile(states, 0.5)
        ),
        Figure("fix_to_state_p95_ms", "  p95", quantile(states, 0.95), "≤ 5"),
        Figure("fact_to_durable_p50_ms", "fact → durable, p50 [ms]", quantile(durable, 0.5)),
        Figure("fact_to_durable_p99_ms", "  p99", quantile(durable, 0.99), "≤ 25"),
        Figure(
            "fact_to_broker_p50_ms",
            "fact → subscriber, p50 [ms]",
            quantile(broker, 0.5),
            "≤ 30",
        ),
        Figure("fact_to_broker_p99_ms", "  p99", quantile(broker, 0.99)),
        Figure(
            "fdatasync_p50_ms", "the disk alone, right after: fdatasync p50 [ms]", median(disk)
        ),
        Figure("fdatasync_p99_ms", "  p99", quantile(disk, 0.99)),
    ]
    return Told(figures, [f"{len(states)} fixes and {len(durable)} facts, at the same time"])


async def _run(effort: Effort) -> Times:
    times = Times()
    with tempfile.TemporaryDirectory() as name, _receiver() as (master, port):
        folder = Path(name)
        with Mosquitto(folder) as broker:
            daemon = _daemon(folder, broker.port, port, times)
            async with asyncio.TaskGroup() as tasks:
                running = [
                    tasks.create_task(daemon.run(), name="daemon"),
                    tasks.create_task(_subscribe(broker.port, times), name="subscriber"),
                ]
                await daemon.ready.wait()
                await asyncio.sleep(0.5)  # until both are connected
                async with asyncio.TaskGroup() as work:
                    work.create_task(_speak(master, effort, times), name="receiver")
                    work.create_task(_report(daemon, effort, times), name="facts")
                await until(lambda: not times.asked_s)
                for task in running:
                    task.cancel()
    del times.states_ms[:WARM], times.durable_ms[:WARM], times.broker_ms[:WARM]
    return times


def _daemon(folder: Path, broker_port: int, port: str, times: Times) -> Daemon:
    config = Config(
        vehicle=VehicleSection(name=VAN, org=ORG),
        keys=KeysSection(signing_key_file="", station_keys=(STATION_KEY.public.to_hex(),)),
        store=StoreSection(folder="store"),
        broker=BrokerSection(host="127.0.0.1", port=broker_port),
        gnss=GnssSection(source="nmea", device=port),
    )
    (folder / "store").mkdir()
    clock, rng = LoopClock.started_now(), Random(1)
    loop = asyncio.get_running_loop()

    async def devices(publish: Callable[[Word], None], lent: Lent) -> None:
        def heard(reading: Word) -> None:
            publish(reading)  # the state is out when it returns
            if isinstance(reading, GnssFix):
                times.states_ms.append((loop.time() - times.spoken_s[-1]) * 1000)

        await run_bridge(config, heard, lent, clock=clock, rng=rng, open_link=open_link)

    return Daemon(
        config,
        key=SigningKey.from_seed(bytes(32)),
        clock=clock,
        rng=rng,
        devices=devices,
        connect=connector("127.0.0.1", broker_port, client_id=VAN),
        folder=folder,
    )


async def _speak(master: int, effort: Effort, times: Times) -> None:
    """Be a van that drives north."""
    loop = asyncio.get_running_loop()
    speed_mps = 8.0
    for number in range(effort.samples + 2 * WARM):
        lat_deg = 48.1 + number * effort.fix_every_s * speed_mps / 111_200
        truth = Truth(lat_deg, 11.5, speed_mps, 0.0)
        said = with_fix(datetime.now(UTC), lat_deg, 11.5, truth, 1.0)
        os.write(master, said)
        times.spoken_s.append(loop.time())
        await asyncio.sleep(effort.fix_every_s)


async def _report(daemon: Daemon, effort: Effort, times: Times) -> None:
    """Record facts one after the other, as a working day does."""
    executor = daemon.desk
    assert isinstance(executor, Executor), "the desk is the executor"
    loop = asyncio.get_running_loop()
    for number in range(effort.samples + WARM):
        parcel = f"P{number:06d}"
        began_s = times.asked_s[parcel] = loop.time()
        await executor.record(ScanRefused(parcel_id=parcel, reason="not on this route"))
        times.durable_ms.append((loop.time() - began_s) * 1000)
        await asyncio.sleep(effort.fact_every_s)


async def _subscribe(port: int, times: Times) -> None:
    """Note when facts come, and acknowledge them as a station does."""
    loop = asyncio.get_running_loop()
    connect = connector("127.0.0.1", port, client_id="station")
    async with connect(filters(ORG, "up"), None) as link:
        async for name, payload in link.messages():
            if name != topic(ORG, VAN, "fact"):
                continue
            now_s = loop.time()
            events = [read_fact(sealed) for sealed in split_facts(payload)]
            for event in events:
                if isinstance(event.data, ScanRefused):
                    asked_s = times.asked_s.pop(event.data.parcel_id, None)
                    if asked_s is not None:
                        times.broker_ms.append((now_s - asked_s) * 1000)
            last = events[-1]
            ack = Ack(stream="fact", epoch=last.epoch, upto=last.seq)
            await link.publish(topic(ORG, VAN, "down_ack"), to_json(ack), qos=1)


@contextmanager
def _receiver() -> Iterator[tuple[int, str]]:
    """Open a pseudo-terminal: its far end, and the path that the daemon opens."""
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        yield master, os.ttyname(slave)
    finally:
        os.close(master)
        os.close(slave)
