"""A delivery on trial: the shipped station and daemon, a real broker, somebody's autopilot."""

import asyncio
import sqlite3
import time
from collections.abc import Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from edge.clock import LoopClock
from edge.messages.broker.wire import read_fact
from edge.messages.facts import FactEvent
from edge.messages.parcels import Outcome
from edge.messages.plan import Why
from edge.messages.routes import Stop
from edge.uplink.mqtt import connector
from edge.uplink.port import Connect
from sim.beside import beside
from sim.chance import chance
from sim.depot import skies
from sim.depot.news import send_layers
from sim.depot.office import ORG, audit_day, prepare_day, station_config, station_keys
from sim.depot.tally import DayLog, DayResult, day_result
from sim.depot.work import Work
from sim.scenario import Scenario
from sim.trial.ground import NAME, Kind, scenario_of, work_round
from sim.trial.probe import Found, find
from sim.trial.stand_ins import free_port
from sim.trial.vehicle import OnTrial, trial_config
from sim.vehicles.config import Keys, vehicle_config, vehicle_key
from station.broker import BrokerAddress, embedded_broker
from station.routes.dispatch import Sender
from station.serve import Station
from station.store.database import Database
from station.store.day import dispatched_routes_of
from station.store.ledger import held_facts

SEED = 1
LOOKS_S = 2.0
HELD_BACK = ("flight_held_back", "drive_held_back")
PHASES = ("flight_phase", "drive_phase")
HELD_BACK_S = 90.0  # nothing else happens for so long: what stands in the way will stay
COMES_HOME_S = 240.0
Tell = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Trial:
    """What is to be tried."""

    link: str
    kind: Kind
    folder: Path
    distance_m: float
    bearing_deg: float
    limit_s: float
    patience_s: float
    may_set: bool
    tell: Tell


class TrialResult(msgspec.Struct, frozen=True, kw_only=True):
    """How it ended; its JSON is that of a day, with these fields besides."""

    day: DayResult
    delivered: bool
    """Every parcel, and the vehicle is back and its day closed."""
    failure: str
    """Why not, in words; empty when it was."""
    link: str
    autopilot: str
    version: str
    phases: tuple[dict[str, Any], ...]
    """Sub-states of the legs and steps of the mission: name, when [s], why."""
    modes: tuple[dict[str, object], ...]
    """Of the autopilot, as it told them."""
    refused: tuple[dict[str, object], ...]
    said: tuple[dict[str, object], ...]
    """Its own warnings."""
    changed: tuple[str, ...]
    stood_in: tuple[str, ...]


async def run_trial(trial: Trial) -> TrialResult:
    """Try a delivery. Raises LinkError when nobody fit answers, DoorstepError for the rest."""
    found = await find(
        trial.link,
        trial.kind,
        patience_s=trial.patience_s,
        may_set=trial.may_set,
        tell=trial.tell,
    )
    scenario = scenario_of(trial.kind, datetime.now(UTC))
    work = work_round(
        trial.kind,
        found.place,
        distance_m=trial.distance_m,
        bearing_deg=trial.bearing_deg,
        day=scenario,
        folder=trial.folder,
    )
    async with embedded_broker(trial.folder / "broker") as broker:
        return await _Running(trial, found, scenario, work, broker).run()


class _Running:
    """The station, the vehicle, and who watches them."""

    def __init__(
        self, trial: Trial, found: Found, scenario: Scenario, work: Work, broker: BrokerAddress
    ) -> None:
        self._trial = trial
        self._found = found
        self._scenario = scenario
        self._work = work
        self._broker = broker
        self._clock = LoopClock.started_now()
        self._began_utc = self._clock.utc()
        self._events: list[FactEvent] = []
        self._held_since_s: float | None = None

    async def run(self) -> TrialResult:
        trial, scenario = self._trial, self._scenario
        began_s = time.perf_counter()
        config = station_config(scenario, SEED, self._work, trial.folder)
        keys = station_keys(SEED, config)
        async with AsyncExitStack() as stack:
            database = await Database.open(config.database_path)
            stack.push_async_callback(database.close)
            station = Station(
                config,
                keys,
                database,
                clock=self._clock,
                connect=self._connect("station"),
                rng=chance(SEED, "station"),
            )
            await stack.enter_async_context(beside({"station": station.run()}))
            await station.ready.wait()
            sender = Sender(
                issuer=scenario.town.name, key=keys.signing, now_utc=self._clock.utc()
            )
            weather = skies.layers(scenario, self._found.place, 0.0, 1)
            await send_layers(database, NAME, weather, sender)
            pins = await prepare_day(
                station.office, database, self._work, seed=SEED, clock=self._clock,
                tell=trial.tell,
            )  # fmt: skip
            vehicle = self._vehicle(keys.signing.public.to_hex(), pins)
            async with beside({"vehicle": vehicle.run()}):
                failure = await self._watch(vehicle, station, database)
            await self._hear(database)
            store = {NAME: trial.folder / NAME / "store"}
            log = DayLog()
            books, figures = await audit_day(database, self._work, store, log)
        wall_s = time.perf_counter() - began_s
        day = day_result(
            books,
            log,
            figures,
            simulated_s=wall_s,
            wall_s=wall_s,
            vehicle_h=wall_s / 3600,
            unfinished=failure,
        )
        return self._result(vehicle, day, failure)

    def _connect(self, client: str) -> Connect:
        broker = self._broker
        return connector(broker.host, broker.port, client_id=client, protocol=broker.protocol)

    def _vehicle(self, station_key: str, pins: dict[str, str]) -> OnTrial:
        own = vehicle_key(SEED, NAME)
        keys = Keys(own, vehicle_key(SEED, "station").public)
        assert keys.station.to_hex() == station_key, "one station"
        config = vehicle_config(self._scenario, NAME, ORG, keys)
        config = trial_config(config, self._found, self._trial.kind, ground_port=free_port())
        folder = self._trial.folder / NAME
        folder.mkdir(exist_ok=True)
        return OnTrial(
            config,
            self._found,
            self._scenario,
            key=own,
            pins=pins,
            connect=self._connect(NAME),
            clock=self._clock,
            folder=folder,
        )

    async def _watch(self, vehicle: OnTrial, station: Station, database: Database) -> str:
        """Wait for the end of the day, telling what happens; return why it did not come."""
        settling = asyncio.ensure_future(vehicle.settled())
        limit_s, recalled = self._trial.limit_s, ""
        try:
            while not settling.done():
                await asyncio.wait([settling], timeout=LOOKS_S)
                await self._hear(database)
                now_s = self._clock.now_s()
                if recalled and now_s > limit_s:
                    return recalled
                if not recalled and (why := self._in_vain(now_s, limit_s)):
                    recalled, limit_s = why, now_s + COMES_HOME_S
                    if not vehicle.is_away and not vehicle.is_armed:
                        return recalled
                    self._trial.tell(f"{why}: it is called back")
                    stops = [each.stop_id for each in await self._stops(database)]
                    await station.office.cancel(stops, why, day=self._work.day)
        finally:
            settling.cancel()
        return recalled

    def _in_vain(self, now_s: float, limit_s: float) -> str:
        if now_s > limit_s:
            return f"not over after {limit_s / 60:g} min"
        if self._held_since_s is not None and now_s - self._held_since_s > HELD_BACK_S:
            reasons = getattr(self._events[-1].data, "reasons", ())
            if reasons:
                return f"it does not set out: {'; '.join(reasons)}"
        return ""

    async def _stops(self, database: Database) -> list[Stop]:
        sent = await database.read(lambda db: dispatched_routes_of(db, self._work.day))
        return [stop for kept in sent for stop in kept.route.stops if stop.kind == "delivery"]

    async def _hear(self, database: Database) -> None:
        """Tell what the ledger has heard since the last look."""

        def read(db: sqlite3.Connection) -> list[FactEvent]:
            return [read_fact(each.sealed) for each in held_facts(db, NAME)]

        events = await database.read(read)
        for event in events[len(self._events) :]:
            if event.data.__struct_config__.tag not in HELD_BACK:
                self._held_since_s = None
            elif self._held_since_s is None:
                self._held_since_s = self._clock.now_s()
            step = self._step(event)
            why = f" ({step['why']})" if step["why"] else ""
            self._trial.tell(f"{step['at_s']:7.1f} s  {step['phase']}{why}")
        self._events = events

    def _step(self, event: FactEvent) -> dict[str, Any]:
        fact = event.data
        tag = str(fact.__struct_config__.tag)
        name = str(getattr(fact, "phase", tag)) if tag in PHASES else tag
        why = getattr(fact, "why", "") or "; ".join(getattr(fact, "reasons", ()) or ())
        why = why.text if isinstance(why, Why) else why
        at_s = round((event.time - self._began_utc).total_seconds(), 1)
        return {"phase": name, "at_s": at_s, "why": str(why)}

    def _result(self, vehicle: OnTrial, day: DayResult, failure: str) -> TrialResult:
        between, found = vehicle.between, self._found
        delivered = not failure and set(day.outcomes) == {Outcome.DELIVERED.value}
        if not delivered and not failure:
            ends = [e for e in map(self._step, self._events) if e["why"]]
            failure = f"{day.outcomes}: {ends[-1]['why'] if ends else 'nobody said why'}"
        if failure and between.refused:
            last = between.refused[-1]
            failure += f"; the autopilot on {last['order']}: {last['why']}"
        if failure and between.said:
            failure += f"; it says: {between.said[-1]['text']}"
        return TrialResult(
            day=day,
            delivered=delivered,
            failure=failure,
            link=found.link,
            autopilot=found.manner,
            version=found.version,
            phases=tuple(map(self._step, self._events)),
            modes=tuple(between.modes),
            refused=tuple(between.refused),
            said=tuple(between.said),
            changed=found.changed,
            stood_in=vehicle.stood_in,
        )


def as_fields(result: TrialResult) -> dict[str, Any]:
    """Return the fields of the JSON line: a day's, and the trial's besides."""
    fields = msgspec.to_builtins(result)
    day = fields.pop("day")
    del day["problems"]
    return {**day, **fields}
