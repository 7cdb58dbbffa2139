"""The demo: a station with its broker, and vans as real processes, on one faster clock."""

import asyncio
import dataclasses
import shutil
import signal
import time
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from msgspec.structs import replace

from edge.clock import LoopClock
from edge.errors import ConfigError
from edge.uplink.mqtt import connector
from sim.beside import Lives, beside
from sim.chance import chance
from sim.demo.children import VanProcess
from sim.demo.paced import PacedLoop
from sim.demo.pacer import Pacer
from sim.demo.van import PATIENT_S, Job
from sim.depot.office import ORG, audit_day, prepare_day, station_config, station_keys
from sim.depot.tally import DayLog, DayResult, day_result
from sim.depot.work import Work, work_in_town, work_of_sheet
from sim.scenario import Scenario
from station.broker import BrokerAddress, embedded_broker
from station.config import ConsoleSection
from station.report.page import report_page
from station.report.workbook import report_workbook
from station.serve import Station
from station.store.database import Database

MARK = ".doorstep-demo"
"""A folder with this file in it is an earlier demo's, and may be emptied."""
FIRST_HEADLESS_SPEED = 150.0

Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Demo:
    """What is to be shown."""

    scenario: Scenario
    seed: int
    folder: Path
    headless: bool
    speed: float
    port: int
    """Of the console; 0 takes a free one."""
    sheet: Path | None
    """Somebody's stops; None: the generated town's."""
    verbose: bool
    tell: Tell


async def run_demo(demo: Demo, ended: Callable[[DayResult], None]) -> None:
    """Play the day and call `ended` with what it came to; a console stays until cancelled.

    Raises DoorstepError when it cannot begin.
    """
    loop = asyncio.get_running_loop()
    task = asyncio.current_task()
    assert isinstance(loop, PacedLoop), "the demo runs at a pace"
    assert task is not None, "not in a task"
    loop.add_signal_handler(signal.SIGTERM, task.cancel)
    _empty(demo.folder)
    if demo.sheet is not None:
        work = work_of_sheet(demo.scenario, demo.sheet)
    else:
        work = work_in_town(demo.scenario, demo.seed, demo.folder)
    day = replace(demo.scenario.day, on=work.day)
    demo = dataclasses.replace(demo, scenario=replace(demo.scenario, day=day))
    async with embedded_broker(demo.folder / "broker") as broker:
        await _Conductor(demo, work, broker, loop).run(ended)


class _Conductor:
    def __init__(self, demo: Demo, work: Work, broker: BrokerAddress, loop: PacedLoop) -> None:
        self._demo = demo
        self._scenario = demo.scenario
        self._work = work
        self._broker = broker
        self._loop = loop
        self._config = station_config(demo.scenario, demo.seed, work, demo.folder)
        self._console = None if demo.headless else ConsoleSection(port=demo.port)
        self._keys = station_keys(demo.seed, self._config)
        self._pacer = Pacer(loop)

    async def run(self, ended: Callable[[DayResult], None]) -> None:
        async with AsyncExitStack() as stack:
            database = await Database.open(self._config.database_path)
            stack.push_async_callback(database.close)
            clock = LoopClock(self._loop, self._scenario.opens, "simulated")
            station = Station(
                self._config,
                self._keys,
                database,
                clock=clock,
                connect=connector(
                    self._broker.host,
                    self._broker.port,
                    client_id="station",
                    protocol=self._broker.protocol,
                    timeout_s=PATIENT_S,
                ),
                rng=chance(self._demo.seed, "station"),
                console=self._console,
                speed=self._pacer,
            )
            await stack.enter_async_context(beside({"station": station.run()}))
            await station.ready.wait()
            if station.console_url is not None:
                self._demo.tell(f"console: {station.console_url}")
            pins = await prepare_day(
                station.office,
                database,
                self._work,
                seed=self._demo.seed,
                clock=clock,
                tell=self._demo.tell,
            )
            started_s, began_s = time.perf_counter(), self._loop.time()
            async with self._vans(pins):
                await self._play()
            wall_s = time.perf_counter() - started_s
            ended(await self._result(database, self._loop.time() - began_s, wall_s))
            await self._report(station)
            if station.console_url is not None:
                self._demo.tell("the day is over; the console stays until Ctrl-C")
                await asyncio.Event().wait()

    @asynccontextmanager
    async def _vans(self, pins: dict[str, str]) -> AsyncIterator[None]:
        """Run the vans' processes as long as the block lasts, however it ends."""
        vans: list[VanProcess] = []
        try:
            for name in self._scenario.fleet.names():
                van = await VanProcess.start(self._job(name, pins))
                vans.append(van)
            self._pacer.vans = tuple(vans)
            async with beside({van.name: van.follow() for van in vans}):
                yield
        finally:
            self._pacer.vans = ()
            await self._pacer.calm()
            await asyncio.gather(*(van.end() for van in vans))

    def _job(self, name: str, pins: dict[str, str]) -> Job:
        return Job(
            scenario=self._scenario,
            name=name,
            org=ORG,
            seed=self._demo.seed,
            folder=str(self._demo.folder / name),
            host=self._broker.host,
            port=self._broker.port,
            protocol=self._broker.protocol,
            station_key=self._keys.signing.public.to_hex(),
            parked=self._work.station,
            in_town=self._demo.sheet is None,
            roads=str(self._work.roads.absolute()) if self._work.roads is not None else None,
            pins=pins,
            pace=self._loop.pace,
            verbose=self._demo.verbose,
        )

    async def _play(self) -> None:
        """Let the day pass until every van has closed it, in haste only once all are up."""
        for van in self._pacer.vans:
            await van.has_route.wait()
        lives: Lives = {}
        if self._demo.headless:
            lives["pace"] = self._pacer.as_fast_as_it_goes()
        await self._pacer.change(FIRST_HEADLESS_SPEED if lives else self._demo.speed)
        async with beside(lives):
            for van in self._pacer.vans:
                await van.settled.wait()
                self._demo.tell(f"{van.name}: the day is closed")

    async def _result(self, database: Database, simulated_s: float, wall_s: float) -> DayResult:
        names, folder, log = self._scenario.fleet.names(), self._demo.folder, DayLog()
        stores = {name: folder / name / "disk-1" / "store" for name in names}
        books, figures = await audit_day(database, self._work, stores, log)
        return day_result(
            books,
            log,
            figures,
            simulated_s=simulated_s,
            wall_s=wall_s,
            vehicle_h=len(names) * simulated_s / 3600,  # each is on all day
        )

    async def _report(self, station: Station) -> None:
        """Write the end-of-day report and name it."""
        report = await station.office.report(day=self._work.day)
        name = self._demo.folder / f"report-{self._work.day}"
        for suffix, content in (
            (".html", report_page(report).encode()),
            (".xlsx", report_workbook(report)),
        ):
            path = name.with_suffix(suffix)
            path.write_bytes(content)
            self._demo.tell(f"report: {path}")


def _empty(folder: Path) -> None:
    """Make room for this demo's files. Raises ConfigError rather than delete others."""
    if folder.exists() and any(folder.iterdir()):
        if not (folder / MARK).exists():
            raise ConfigError(f"{folder} is not empty and no earlier demo's: name another one")
        shutil.rmtree(folder)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
