"""One van of the demo, a process of its own: the shipped daemon and its driver at a pace.

It reads JSON lines: first its `Job`, then a `Pace` at each change of speed; it ends when
its input does. It writes a `Sign` of life as a JSON line some times a second.
"""

import asyncio
import logging
import sys
from collections.abc import AsyncIterator
from contextlib import suppress
from io import FileIO
from pathlib import Path
from typing import Literal

import msgspec

from edge.config import PlannerSection
from edge.handover.proof import VerifyingKey
from edge.messages.geo import Place
from edge.uplink.mqtt import connector
from sim.chance import chance
from sim.demo.paced import Pace, PacedLoop
from sim.roads.truth import roads_of
from sim.roads.way import StraightWays, Ways
from sim.scenario import Scenario
from sim.town.town import Town
from sim.vehicles.config import Keys, vehicle_config, vehicle_key
from sim.vehicles.crewed import CrewedVan

SIGN_EVERY_S = 0.2  # real
PATIENT_S = 3600.0  # simulated: some seconds of real waiting at the highest speeds
MOST_LINE_B = 16_000_000


class Job(msgspec.Struct, frozen=True, kw_only=True):
    """What a van must know."""

    scenario: Scenario
    name: str
    org: str
    seed: int
    folder: str
    host: str
    port: int
    protocol: Literal["5", "3.1.1"]
    station_key: str
    parked: Place
    in_town: bool
    """False: drive straight, for stops of somebody else's spreadsheet."""
    roads: str | None
    """The town's road file, for the vehicle to plan on."""
    pins: dict[str, str]
    pace: Pace
    verbose: bool = False


class Sign(msgspec.Struct, frozen=True, kw_only=True):
    """How a van is doing."""

    late_s: float
    """Simulated seconds behind the pace."""
    phase: str
    stops_left: int
    settled: bool
    """Its day is closed and the station has everything."""


async def _work(job: Job, lines: AsyncIterator[bytes]) -> None:
    loop = asyncio.get_running_loop()
    assert isinstance(loop, PacedLoop), "a van of the demo runs at a pace"
    keys = Keys(vehicle_key(job.seed, job.name), VerifyingKey.from_hex(job.station_key))
    ways: Ways = StraightWays()
    if job.in_town:
        ways = Town(job.scenario.town, chance(job.seed, "town")).ways
    van = CrewedVan(
        job.scenario,
        job.name,
        seed=job.seed,
        config=vehicle_config(
            job.scenario, job.name, job.org, keys, PlannerSection(roads=job.roads)
        ),
        keys=keys,
        roads=roads_of(job.scenario, ways, job.seed),
        parked=job.parked,
        pins=job.pins,
        connect=connector(
            job.host, job.port, client_id=job.name, protocol=job.protocol, timeout_s=PATIENT_S
        ),
        folder=Path(job.folder),
    )
    settling = asyncio.ensure_future(van.settled())
    working = asyncio.ensure_future(van.run())
    signing = asyncio.ensure_future(_give_signs(loop, van, settling))
    following = asyncio.ensure_future(_follow(loop, lines))
    tasks = (working, signing, following)
    done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    for task in (*tasks, settling):
        task.cancel()
    await asyncio.gather(*tasks, settling, return_exceptions=True)
    for task in done:
        task.result()


async def _follow(loop: PacedLoop, lines: AsyncIterator[bytes]) -> None:
    """Take each new pace, until there is nobody any more who gives one."""
    async for line in lines:
        loop.follow(msgspec.json.decode(line, type=Pace))


async def _give_signs(
    loop: PacedLoop, van: CrewedVan, settling: "asyncio.Future[None]"
) -> None:
    """Say how things are, for ever; a reader that is gone ends the van."""
    while True:
        view = van.board.cab.views.value
        sign = Sign(
            late_s=round(loop.late_s, 3),
            phase=van.phase,
            stops_left=len(view.stops) if view is not None else 0,
            settled=settling.done(),
        )
        sys.stdout.buffer.write(msgspec.json.encode(sign) + b"\n")
        sys.stdout.buffer.flush()
        await asyncio.sleep(max(SIGN_EVERY_S * loop.pace.speed, SIGN_EVERY_S))


async def _lines(file: FileIO) -> AsyncIterator[bytes]:
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader(limit=MOST_LINE_B)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), file)
    while line := await reader.readline():
        yield line


def main() -> None:
    """Work as a van until the input ends."""
    # Unbuffered: not a byte behind the first line may be taken from the loop's reader.
    with open(sys.stdin.fileno(), "rb", buffering=0, closefd=False) as file:
        job = msgspec.json.decode(file.readline(), type=Job)
        # At a high speed a slow disk looks like a dead executor: alarms mean little.
        level = logging.INFO if job.verbose else logging.CRITICAL
        logging.basicConfig(level=level, format=f"{job.name} %(name)s: %(message)s")
        runner = asyncio.Runner(loop_factory=lambda: PacedLoop(job.pace))
        with suppress(KeyboardInterrupt, BrokenPipeError), runner:
            runner.run(_work(job, _lines(file)))


if __name__ == "__main__":
    main()
