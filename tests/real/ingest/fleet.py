"""Many vehicles in one process: the shipped uplink of each, with stores in memory.

    python -m tests.real.ingest.fleet '{"port": 1883, "first": 0, "count": 100, …}'

Says `ready` once everything is signed, waits for a line on its standard input, sends until all
is acknowledged or the time is over, and prints what came of it as JSON.
"""

import asyncio
import json
import resource
import sys
from collections.abc import Sequence
from random import Random
from typing import Generic, TypeVar

import msgspec
import zstandard

from edge.clock import LoopClock
from edge.handover.proof import SigningKey
from edge.messages.broker.stream import ProofChunk, TrackItem
from edge.messages.broker.wire import to_msgpack
from edge.messages.geo import Place
from edge.messages.state import Live, Status, TrackBatch, TrackPoint
from edge.streams import Latest
from edge.uplink.mqtt import Protocol, connector
from edge.uplink.uplink import Uplink
from tests.station.live.vans import NOON, ORG, Van

T = TypeVar("T")

POINTS = 60  # positions in a track item, as the daemon makes them
STATION_SEED = b"station " * 4
STATION_KEY = SigningKey.from_seed(STATION_SEED)
STOPS = 60  # of a day: 325 facts


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What a process of the fleet does."""

    port: int
    protocol: Protocol = "5"
    first: int = 0
    count: int = 1
    """Vehicles, numbered from `first`."""
    days: int = 0
    """Whole days of facts that each has to send at once."""
    stops: int = STOPS
    draining: int = 0
    """So many of the vehicles have `days`, and an hour of tracks; the others none."""
    live_hz: float = 0.0
    fact_every_s: float = 0.0
    """New facts while it runs."""
    for_s: float = 60.0
    """Ends then at the latest; with live positions exactly then."""
    spread_s: float = 0.0
    """Time over which the vehicles connect."""


class MemoryOutbox(Generic[T]):
    """A store that forgets nothing while its process lives."""

    def __init__(self, epoch: str, items: Sequence[T]) -> None:
        self.epoch = epoch
        self.acked = 0
        self.appended = Latest[int]()
        self._items = list(items)

    @property
    def last_seq(self) -> int:
        return len(self._items)

    def append(self, item: T) -> None:
        self._items.append(item)
        self.appended.set(len(self._items))

    async def read(self, first: int, limit: int) -> list[tuple[int, T]]:
        return list(enumerate(self._items[first - 1 : first - 1 + limit], start=first))

    async def acknowledge(self, upto: int) -> None:
        assert self.acked < upto <= self.last_seq, "an acknowledgement of what there is"
        self.acked = upto

    async def stand_ins(self, numbers: Sequence[int]) -> list[tuple[int, T]]:
        raise AssertionError(f"{numbers}: nothing is wiped here")

    @property
    def acks_are_sealed(self) -> bool:
        return True

    def received(self) -> dict[str, int]:
        return {}


def name_of(number: int) -> str:
    """Return the name of a vehicle."""
    return f"van-{number:05}"


class Simulated:
    """One vehicle."""

    def __init__(self, number: int, plan: Plan, clock: LoopClock) -> None:
        self.van = Van(name_of(number))
        self._clock = clock
        self._rng = Random(number)
        drains = number - plan.first < (plan.draining or plan.count)
        sealed: list[bytes] = []
        for day in range(plan.days if drains else 0):
            self.van.route = f"R{day}-{self.van.name}"
            sealed += self.van.day(plan.stops, f"{day}-")
        hour = [self._track(seq + 1) for seq in range(60 if plan.draining and drains else 0)]
        self.drains = drains
        self.facts = MemoryOutbox(self.van.epoch, sealed)
        self.tracks = MemoryOutbox(self.van.epoch, hour)
        proofs: MemoryOutbox[ProofChunk] = MemoryOutbox(self.van.epoch, [])
        self.live = Latest[Live]()
        status = Latest[Status]()
        status.set(Status(vehicle=self.van.name, state="online"))
        self.uplink = Uplink(
            vehicle=self.van.name,
            org=ORG,
            facts=self.facts,
            track=self.tracks,
            proofs=proofs,
            key=self.van.key,
            keys=(STATION_KEY.public,),
            connect=connector(
                "127.0.0.1",
                plan.port,
                client_id=self.van.name,
                protocol=plan.protocol,
                timeout_s=60.0,
            ),
            clock=clock,
            rng=self._rng,
            live=self.live,
            status=status,
            on_order=_no_order,
            on_refused=_no_order,
        )

    @property
    def waiting(self) -> int:
        return self.facts.last_seq - self.facts.acked + self.tracks.last_seq - self.tracks.acked

    async def run(self, plan: Plan) -> None:
        await asyncio.sleep(self._rng.uniform(0.0, plan.spread_s))
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self.uplink.run())
            if plan.live_hz:
                tasks.create_task(self._show(1.0 / plan.live_hz))
            if plan.fact_every_s:
                tasks.create_task(self._work(plan.fact_every_s))

    async def _show(self, pause_s: float) -> None:
        while True:
            self.live.set(
                Live(
                    vehicle=self.van.name,
                    utc=self._clock.utc(),
                    time_source="host",
                    fix="gnss",
                    place=Place(lat_deg=48.1372001, lon_deg=11.5756001),
                    accuracy_m=2.5,
                    speed_mps=8.25,
                    heading_deg=90.5,
                    phase="underway",
                    stop_id="S12",
                    stops_left=41,
                    next_arrival_utc=NOON,
                    backlog=self.uplink.backlog(),
                )
            )
            await asyncio.sleep(pause_s)

    async def _work(self, every_s: float) -> None:
        while True:
            await asyncio.sleep(self._rng.expovariate(1.0 / every_s))
            number = self.facts.last_seq
            self.facts.append(self.van.fact(self.van.delivered(f"P{number}", "S1")))

    def _track(self, seq: int) -> TrackItem:
        lat, lon, points = 481_372_000, 115_756_000, []
        for at in range(POINTS):
            lat += self._rng.randint(-900, 900)
            lon += self._rng.randint(-900, 900)
            points.append(TrackPoint(1000 * at, lat, lon, self._rng.randint(15, 40), 825, 9050))
        batch = TrackBatch(
            vehicle=self.van.name,
            from_utc=NOON,
            time_source="gnss",
            route_id=self.van.route,
            driver="ada",
            points=tuple(points),
        )
        packed = zstandard.ZstdCompressor().compress(to_msgpack(batch))
        return TrackItem(self.van.epoch, seq, packed)


async def _no_order(*_: object) -> None:
    raise AssertionError("nobody orders anything here")


async def simulate(plan: Plan) -> None:
    clock = LoopClock.started_now()
    fleet = [Simulated(plan.first + number, plan, clock) for number in range(plan.count)]
    print("ready", flush=True)
    await asyncio.to_thread(sys.stdin.readline)
    began_s = clock.now_s()
    before = resource.getrusage(resource.RUSAGE_SELF)
    drained_s: list[float] = []
    async with asyncio.TaskGroup() as tasks:
        running = [tasks.create_task(vehicle.run(plan)) for vehicle in fleet]
        while (now_s := clock.now_s() - began_s) < plan.for_s:
            await asyncio.sleep(0.1)
            done = sum(not vehicle.waiting for vehicle in fleet if vehicle.drains)
            drained_s += [now_s] * (done - len(drained_s))
            if not plan.live_hz and not any(vehicle.waiting for vehicle in fleet):
                break
        for task in running:
            task.cancel()
    after = resource.getrusage(resource.RUSAGE_SELF)
    answer = {
        "facts": sum(vehicle.facts.last_seq for vehicle in fleet),
        "acked": sum(vehicle.facts.acked for vehicle in fleet),
        "resent": sum(vehicle.uplink.resent for vehicle in fleet),
        "wall_s": clock.now_s() - began_s,
        "cpu_s": after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime,
        "drained_s": max(drained_s, default=0.0),
        "drained": len(drained_s),
        "acked_of": {vehicle.van.name: vehicle.facts.acked for vehicle in fleet},
    }
    print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    asyncio.run(simulate(msgspec.json.decode(sys.argv[1], type=Plan)))
