"""A whole station's day in one loop of virtual time, by the shipped station and daemons."""

import asyncio
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from msgspec.structs import replace

from edge.clock import LoopClock
from edge.config import PlannerSection, RecordSection
from sim.beside import Lives, beside
from sim.broker import SimBroker
from sim.chance import chance
from sim.checks.day import Day, check, facts_of, held_by
from sim.checks.findings import Finding
from sim.checks.watch import Watch
from sim.depot.house import House
from sim.depot.news import News
from sim.depot.office import ORG, audit_day, prepare_day, station_config, weights_of
from sim.depot.tally import DayLog, DayResult, day_result
from sim.depot.work import Work, work_in_town, work_of_amazon, work_of_sheet
from sim.faults.people import RoadClosed
from sim.faults.schedule import draw
from sim.faults.striking.play import play
from sim.faults.striking.tables import Tables
from sim.faults.striking.world import World
from sim.people.tailgate import Tailgate
from sim.roads.truth import roads_of
from sim.scenario import Scenario
from sim.vehicles.config import NOT_RECORDED, Keys, vehicle_config, vehicle_key
from sim.vehicles.crewed import CrewedVan
from sim.vehicles.drone import Drone, drone_config
from sim.vehicles.robot import Robot, robot_config
from sim.vehicles.vehicle import Vehicle
from sim.vehicles.working_day import WorkingDay
from sim.virtual_time import VirtualTimeLoop
from station.books.audit import Books
from station.store.database import Database
from station.store.day import dispatched_routes_of

PLAN_ROUNDS = 3000  # of each re-planning; a limit of milliseconds would not repeat itself
MOST_RECORDED_MB = 10_000

Tell = Callable[[str], None]
Meddle = Callable[[Mapping[str, Vehicle], House], Lives]


def run_scenario(
    scenario: Scenario,
    seed: int,
    *,
    stops: Path | None = None,
    amazon: Path | None = None,
    folder: Path | None = None,
    replanning: bool = True,
    record: bool = False,
    tell: Tell = lambda _: None,
    meddle: Meddle = lambda _vehicles, _house: {},
) -> DayResult:
    """Simulate a day; the same arguments give the same `log_sha256`.

    `stops` is a spreadsheet and `amazon` a recorded route to use instead of the generated
    town. Files are left in `folder`, if it is given. Without `replanning` the vehicles keep
    the first plan of the day; with `record` each keeps a tape of what came in. What `meddle`
    returns lives beside the vehicles. Raises DoorstepError when the day cannot even begin.
    """
    with _working_folder(folder) as place:
        if amazon is not None:
            scenario = replace(scenario, group=(), fleet=replace(scenario.fleet, vehicles=1))
            work = work_of_amazon(scenario, amazon, place)
        elif stops is not None:
            work = work_of_sheet(scenario, stops)
            scenario = replace(scenario, day=replace(scenario.day, on=work.day))
        else:
            work = work_in_town(scenario, seed, place)
        kept = RecordSection(days=1, max_mb=MOST_RECORDED_MB) if record else NOT_RECORDED
        with asyncio.Runner(loop_factory=VirtualTimeLoop) as runner:
            day = _Day(scenario, seed, work, place, replanning, kept, tell)
            return runner.run(day.run(meddle))


@contextmanager
def _working_folder(given: Path | None) -> Iterator[Path]:
    """Work in memory, which a simulated disk may; leave a copy where it is wanted."""
    memory = Path("/dev/shm")  # noqa: S108 (a folder of our own is made in it)
    with tempfile.TemporaryDirectory(dir=memory if memory.is_dir() else None) as name:
        yield Path(name)
        if given is not None:
            shutil.copytree(name, given, dirs_exist_ok=True)


class _Day:
    """Everything that happens on one simulated day."""

    def __init__(
        self,
        scenario: Scenario,
        seed: int,
        work: Work,
        folder: Path,
        replanning: bool,
        record: RecordSection,
        tell: Tell,
    ) -> None:
        self._scenario = scenario
        self._seed = seed
        self._work = work
        self._folder = folder
        self._replanning = replanning
        self._record = record
        self._tell = tell
        self._log = DayLog()
        self._faults = draw(scenario, seed)
        self._broker = SimBroker(chance(seed, "broker"), tap=self._tap)
        self._vans: list[Vehicle] = []
        self._working = WorkingDay(scenario.day.least_h * 3600)
        self._tailgate = Tailgate()
        self._sent_out: set[str] = set()
        self._weights_kg: dict[str, float] = {}
        closed = [fault for fault in self._faults if isinstance(fault, RoadClosed)]
        self._roads = roads_of(scenario, work.ways, seed, closed)
        self._world: World
        self._watch: Watch

    async def run(self, meddle: Meddle) -> DayResult:
        started_s, scenario = time.perf_counter(), self._scenario
        loop = asyncio.get_running_loop()
        clock = LoopClock(loop, scenario.opens, "simulated")
        house = House(
            lambda disk: station_config(scenario, self._seed, self._work, disk),
            seed=self._seed,
            clock=clock,
            connect=self._broker.connector("station"),
            folder=self._folder / "station",
            sever=lambda: self._broker.sever("station"),
        )
        self._world = World(
            seed=self._seed,
            org=ORG,
            broker=self._broker,
            station=house.machine,
            kinds={name: scenario.group_of(name).kind for name in scenario.names()},
            station_key=vehicle_key(self._seed, "station"),
            opens=scenario.opens,
        )
        self._watch = Watch(self._world, self._broker)
        house.machine.storage.watched = bool(self._faults)
        async with beside({"station": house.machine.run()}):
            office, database = await house.opened()
            pins = await prepare_day(
                office, database, self._work, seed=self._seed, clock=clock, tell=self._tell
            )
            self._weights_kg = await weights_of(office, self._work.day)
            sent = await database.read(lambda db: dispatched_routes_of(db, self._work.day))
            self._sent_out = {each.route.vehicle for each in sent}
            key = vehicle_key(self._seed, "station")
            news = News(scenario, self._roads, clock, key, self._work.station)
            lives = self._lives(house, news, pins)
            async with beside(lives | meddle(self._world.vehicles, house)):
                unfinished = await self._working.over(self._at_work(), scenario.day.limit_h)
        simulated_s, wall_s = loop.time(), time.perf_counter() - started_s
        stores = {van.name: van.board.machine.disk / "store" for van in self._vans}
        database = await Database.open(house.machine.disk / "station.db")
        try:
            books, figures = await audit_day(database, self._work, stores, self._log)
            findings = await self._findings(database, books, stores)
        finally:
            await database.close()
        return day_result(
            books,
            self._log,
            figures,
            simulated_s=simulated_s,
            wall_s=wall_s,
            vehicle_h=self._working.on_h([van.name for van in self._vans], simulated_s),
            unfinished=unfinished,
            struck=tuple(self._world.struck),
            findings=findings,
        )

    async def _findings(
        self, database: Database, books: Books, stores: Mapping[str, Path]
    ) -> tuple[Finding, ...]:
        machines = {"station": self._world.station} | {
            van.name: van.board.machine for van in self._vans
        }
        self._watch.stored({name: each.storage.used_b() for name, each in machines.items()})
        sent = await database.read(lambda db: dispatched_routes_of(db, self._work.day))
        return check(
            Day(
                books=books,
                routes=[each.route for each in sent],
                on_board={name: facts_of(store) for name, store in stores.items()},
                held=await database.read(held_by),
                seen=(*self._watch.findings, *self._world.findings()),
            )
        )

    def _lives(self, house: House, news: News, pins: dict[str, str]) -> Lives:
        """Return everything that lives beside the station: vans, and what goes wrong."""
        scenario = self._scenario
        self._vans = [self._van(name, news, pins) for name in scenario.names()]
        lives: Lives = {
            van.name: self._working.live(van, has_work=van.name in self._sent_out)
            for van in self._vans
        }
        self._world.vehicles = {van.name: van for van in self._vans}
        for van in self._vans:
            van.board.machine.storage.watched = bool(self._faults)
        if self._faults:
            lives["faults"] = play(self._world, self._faults)
            lives["watch"] = self._watch.run()
            lives["guard watch"] = self._watch.guard()
        if news.instants_s():
            lives["news"] = news.run(house)
        return lives | Tables(scenario, self._world, self._over).lives()

    def _van(self, name: str, news: News, pins: dict[str, str]) -> Vehicle:
        scenario, seed, work = self._scenario, self._seed, self._work
        planner = PlannerSection(
            max_iterations=PLAN_ROUNDS,
            travel_table=str(work.travel_table) if work.travel_table is not None else None,
            roads=str(work.roads) if work.roads is not None else None,
            replanning=self._replanning,
        )
        keys = Keys(vehicle_key(seed, name), vehicle_key(seed, "station").public)
        config = vehicle_config(
            scenario, name, ORG, keys, planner, record=self._record, seed=seed
        )
        parked = work.base_of(scenario.group_of(name))
        if scenario.group_of(name).kind == "drone":
            return Drone(
                scenario,
                name,
                seed=seed,
                config=drone_config(config, work.station, scenario.pad),
                keys=keys,
                parked=parked,
                weights_kg=self._weights_kg,
                connect=self._broker.connector(name, scenario.network),
                folder=self._folder / name,
                sever=lambda: self._broker.sever(name),
                tailgate=self._tailgate,
            )
        if scenario.group_of(name).kind == "robot":
            return Robot(
                scenario,
                name,
                seed=seed,
                config=robot_config(config, work.pavements, work.kerbs),
                keys=keys,
                parked=parked,
                weights_kg=self._weights_kg,
                pins=pins,
                connect=self._broker.connector(name, scenario.network),
                folder=self._folder / name,
                sever=lambda: self._broker.sever(name),
                tailgate=self._tailgate,
            )
        return CrewedVan(
            scenario,
            name,
            seed=seed,
            config=config,
            keys=keys,
            roads=self._roads,
            parked=parked,
            pins=pins,
            connect=self._broker.connector(name, scenario.network),
            folder=self._folder / name,
            sever=lambda: self._broker.sever(name),
            tailgate=self._tailgate,
            told=news.told_to,
            out=lambda: self._world.out.get(name, ()),
        )

    def _tap(self, at_s: float, client: str, topic: str, payload: bytes, qos: int) -> None:
        """Listen to everything that the broker takes."""
        self._log.message(at_s, client, topic, payload, qos)
        if self._faults:
            self._watch.heard(at_s, topic)
            self._world.overheard(client, topic, payload)

    def _at_work(self) -> list[Vehicle]:
        """Return the vehicles that were given a route: the others stay where they are."""
        return [van for van in self._vans if van.name in self._sent_out]

    def _over(self) -> bool:
        return all(van.over.is_set() for van in self._at_work())
