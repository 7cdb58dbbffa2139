"""Days of deliveries during which daemon, station and broker are killed again and again."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Protocol

from edge.messages.geo import Place
from tests.real.kills.driving.depot import Depot
from tests.real.kills.driving.driver import Driver
from tests.real.kills.driving.notebook import Notebook
from tests.real.kills.driving.page import Page
from tests.real.kills.driving.receiver import plugged_in
from tests.real.kills.driving.sheet import Day, write_day
from tests.real.kills.killers import DaemonKiller, StationKiller
from tests.real.kills.processes.forge import Forge, Life, Program
from tests.real.kills.processes.listener import Listener
from tests.real.kills.processes.sites import STATION_LAT_DEG, STATION_LON_DEG, Sites


@dataclass(frozen=True, slots=True)
class Plan:
    """How often each is killed, and how much work there is in a day."""

    daemon: int
    station: int
    broker: int
    stops: int
    lasts_s: float
    """Roughly how long the kills go on."""
    fresh_every: int = 10
    """Of so many of the daemon's lives one is no fork but starts from nothing."""


@dataclass(frozen=True, slots=True)
class Forges:
    """Where the lives of every campaign beside each other come from."""

    van: Forge
    station: Forge


class Killer(Protocol):
    """Who ends the broker, or a node of it."""

    kills: int

    async def kill(self, times: int, within_s: float) -> None:
        """Kill so many times at random instants."""
        ...


@asynccontextmanager
async def forges(
    folder: Path, van_environment: Mapping[str, str] | None = None
) -> AsyncIterator[Forges]:
    """Import the programs once for all lives."""
    async with (
        Forge("edge.__main__", folder / "van-forge.log", van_environment) as van,
        Forge("tests.real.kills.processes.station_life", folder / "station-forge.log") as depot,
    ):
        yield Forges(van, depot)


class Campaign:
    """One vehicle, its station, the broker between them, and what ends them."""

    def __init__(
        self,
        sites: Sites,
        plan: Plan,
        rng: Random,
        forges: Forges,
        broker: Killer,
        end: Callable[[Life], Awaitable[None]] = Life.kill,
    ) -> None:
        """`end` is how a life of the daemon is ended."""
        self._end = end
        self.sites = sites
        self._plan = plan
        self._rng = rng
        self._forges = forges
        self.broker = broker
        self._enough = False
        self.notebook = Notebook()
        self.days: list[Day] = []
        """Those whose routes were sent."""
        self.driver: Driver
        self.daemon: DaemonKiller
        self.station: StationKiller
        self.depot: Depot

    async def run(self) -> None:
        """Kill as often as planned, then let the day end and everything arrive."""
        async with AsyncExitStack() as stack:
            await self._set_up(stack)
            plan = self._plan
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._work(), name="work")
                async with asyncio.TaskGroup() as killers:
                    for kill, times in (
                        (self.daemon.kill, plan.daemon),
                        (self.station.kill, plan.station),
                        (self.broker.kill, plan.broker),
                    ):
                        killers.create_task(kill(times, plan.lasts_s), name=kill.__qualname__)
                self._enough = self.driver.hurries = True
            await self.daemon.drain()
            await self.station.stop()

    async def _set_up(self, stack: AsyncExitStack) -> None:
        """Start what outlives the kills; the stack ends it."""
        sites = self.sites
        home = Place(lat_deg=STATION_LAT_DEG, lon_deg=STATION_LON_DEG)
        receiver = stack.enter_context(plugged_in(sites.receiver, home))
        page = await stack.enter_async_context(Page(sites.page_port))
        van = Program(self._forges.van, ["run", str(sites.vehicle_toml)], sites.daemon_log)
        station = Program(
            self._forges.station,
            [str(sites.station_toml), str(sites.office_port)],
            sites.station_log,
        )
        self.driver = Driver(page, self.notebook, receiver, self._chance())
        self.depot = Depot(sites.office_port)
        listener = Listener(sites)
        self.daemon = DaemonKiller(
            van,
            sites,
            page,
            self.notebook,
            listener,
            rng=self._chance(),
            fresh_every=self._plan.fresh_every,
            end=self._end,
        )
        self.station = StationKiller(station, self.depot, listener, rng=self._chance())
        tasks = await stack.enter_async_context(asyncio.TaskGroup())
        for run in (receiver.run, listener.run, self.driver.work):
            stack.callback(tasks.create_task(run(), name=run.__qualname__).cancel)

    async def _work(self) -> None:
        """Send a day's route, wait until the day is closed, and again while there are kills."""
        number = 0
        while not self._enough:
            number += 1
            day = write_day(self.sites.folder, number, self._plan.stops, self._chance())
            await self.depot.prepare(day)
            self.notebook.routes_sent.add(day.route_id)
            await self.depot.dispatch(day)
            self.days.append(day)
            version = 0
            while (self.driver.days.value or 0) < number:
                version, _ = await self.driver.days.newer_than(version)

    def _chance(self) -> Random:
        return Random(self._rng.random())


def errors_logged(sites: Sites) -> list[str]:
    """Return what daemon and station have called an error, and every traceback."""
    return [line for log in (sites.daemon_log, sites.station_log) for line in _errors(log)]


def _errors(log: Path) -> Iterator[str]:
    for line in log.read_text(errors="replace").splitlines():
        try:
            record = json.loads(line)
        except ValueError:
            yield line  # nothing but records is written on purpose
            continue
        # paho calls it an error that a broker was killed.
        if record["level"] in ("error", "critical") and record["from"] != "mqtt":
            yield line
