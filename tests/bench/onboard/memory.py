"""The daemon around the clock, in a process of its own whose clock runs fast: does it grow?

The shipped daemon with receiver, driver and a station that acknowledges, on virtual time. RSS
is read from /proc each simulated hour; the world around the daemon is counted in, so its own
share is smaller than what is told.
"""

import asyncio
import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from random import Random

from msgspec.structs import replace

from edge.messages.broker.stream import Ack
from edge.messages.broker.wire import from_json
from edge.messages.commands import Command, RouteOffer
from sim.broker import SimBroker
from sim.chance import chance
from sim.roads.truth import Roads
from sim.roads.way import StraightWays
from sim.scenario import Fleet, Scenario
from sim.vehicles.config import Keys, vehicle_config, vehicle_key
from sim.vehicles.crewed import CrewedVan
from sim.virtual_time import VirtualTimeLoop
from tests.bench.onboard.vehicle import DEPOT, ORG, ROOT, VAN, route_of
from tests.bench.report import Figure, Told
from tests.edge.uplink.peers import STATION_KEY, Station

MIB = 2**20
SETTLES_H = 2.0
"""Caches fill and the route comes: not growth."""


@dataclass(frozen=True, slots=True)
class Effort:
    """How long, and how much work."""

    hours: float
    every_h: float
    stops: int


FULL = Effort(hours=24.0, every_h=1.0, stops=120)
TINY = Effort(hours=0.05, every_h=0.025, stops=1)


def measure(effort: Effort) -> Told:
    """Let the child live, and fit a line through what it says."""
    told = subprocess.run(
        [sys.executable, "-m", __name__, str(effort.hours), str(effort.every_h),
         str(effort.stops)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    seen = [json.loads(line) for line in told.stdout.splitlines()]
    rss = [(one["hour"], one["rss_mib"]) for one in seen]
    settled = [pair for pair in rss if pair[0] >= SETTLES_H] or rss
    last = seen[-1]
    return Told(
        [
            Figure("rss_max_mib", "largest RSS, world and all [MiB]",
                   max(mib for _, mib in rss), "≤ 90"),
            Figure("rss_first_mib", "  at the first look", rss[0][1]),
            Figure("rss_last_mib", "  at the last", rss[-1][1]),
            Figure("growth_mib_per_h", "  growth after two hours [MiB/h], 0 if it shrank",
                   max(0.0, slope(settled)), "< 1"),
            Figure("hours", "simulated hours", effort.hours),
            Figure("facts", "facts written", last["facts"]),
            Figure("tracks", "batches of track written", last["tracks"]),
        ],
        [f"{hour:5.1f} h  {mib:6.1f} MiB" for hour, mib in rss],
    )  # fmt: skip


def slope(pairs: Sequence[tuple[float, float]]) -> float:
    """Return the slope of the least-squares line; 0 for a single point."""
    mean_x = sum(x for x, _ in pairs) / len(pairs)
    mean_y = sum(y for _, y in pairs) / len(pairs)
    spread = sum((x - mean_x) ** 2 for x, _ in pairs)
    return sum((x - mean_x) * (y - mean_y) for x, y in pairs) / spread if spread else 0.0


class Forgetful(Station):
    """Acknowledges everything and keeps nothing but the counts, or it would be what grows."""

    def __init__(self, connect, rng):
        super().__init__(connect, rng, vehicle=VAN, org=ORG)
        self.upto = {"fact": 0, "track": 0, "proof": 0}

    async def _take(self, link, name, payload):
        if name == "up_ack":
            self._on_ack(from_json(payload, Ack))
        elif name in self.upto:
            await self._commit(link, name, payload)
            for lives in self.committed[name].values():
                lives[:] = [None] * len(lives)
                self.upto[name] = len(lives)


async def _live(effort: Effort, folder: Path) -> None:
    loop = asyncio.get_running_loop()
    scenario = Scenario(name="around_the_clock", fleet=Fleet(vehicles=1))
    broker = SimBroker(chance(1, "broker"))
    station = Forgetful(broker.connector("station"), Random(1))
    keys = Keys(vehicle_key(1, VAN), STATION_KEY.public)
    van = CrewedVan(
        scenario,
        VAN,
        seed=1,
        config=vehicle_config(scenario, VAN, ORG, keys),
        keys=keys,
        roads=Roads(StraightWays(), local=scenario.local_at),
        parked=DEPOT,
        pins={},
        connect=broker.connector(VAN, scenario.network),
        folder=folder,
        sever=lambda: None,
    )
    station.order(STATION_KEY.seal(_offer(scenario, effort.stops)))
    around = [asyncio.create_task(station.run()), asyncio.create_task(van.run())]
    while loop.time() < effort.hours * 3600:
        await asyncio.sleep(effort.every_h * 3600)
        told = {
            "hour": round(loop.time() / 3600, 3),
            "rss_mib": _rss_mib(),
            "phase": van.phase,
            "facts": station.upto["fact"],
            "tracks": station.upto["track"],
        }
        print(json.dumps(told), flush=True)
    for task in around:
        task.cancel()
    await asyncio.wait(around)


def _offer(scenario: Scenario, stops: int) -> Command:
    opens = scenario.opens
    route = route_of(stops)
    route = replace(
        route,
        departs_utc=opens,
        returns_by_utc=opens + timedelta(hours=14),
        stops=tuple(replace(stop, windows=()) for stop in route.stops),
    )
    return Command(
        vehicle=VAN,
        epoch="c1",
        seq=1,
        issuer="dispatch",
        issued_utc=opens,
        expires_utc=opens + timedelta(hours=12),
        order=RouteOffer(route=route),
        key_id=STATION_KEY.key_id,
    )


def _rss_mib() -> float:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MIB


if __name__ == "__main__":
    asked = Effort(float(sys.argv[1]), float(sys.argv[2]), int(sys.argv[3]))
    with (
        tempfile.TemporaryDirectory() as name,
        asyncio.Runner(loop_factory=VirtualTimeLoop) as runner,
    ):
        runner.run(_live(asked, Path(name)))
