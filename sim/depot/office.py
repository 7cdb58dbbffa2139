"""The shipped station, set up for a simulated fleet."""

import sqlite3
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path

from edge.clock import Clock
from edge.errors import RefusedError
from edge.messages.parcels import ParcelId
from sim.chance import chance
from sim.depot.figures import Figures, figures_of
from sim.depot.tally import DayLog, read_stores
from sim.depot.work import Work, pins_of
from sim.scenario import Group, Scenario
from sim.vehicles.config import vehicle_key
from station.books.audit import Books, read_books
from station.breaks import BreakSection
from station.config import (
    BrokerSection,
    ConsoleSection,
    StationConfig,
    StationSection,
    VehicleSection,
)
from station.keys import StationKeys, vehicle_keys
from station.office import Office
from station.routes.assign import Limits
from station.routes.meeting.place import MeetsSection
from station.store import day as records
from station.store.database import Database

ORG = "simulated"
ROUNDS = 300  # of the assignment's search; deterministic, unlike a limit of seconds


def station_config(
    scenario: Scenario,
    seed: int,
    work: Work,
    folder: Path,
    *,
    broker: BrokerSection | None = None,
    console: ConsoleSection | None = None,
) -> StationConfig:
    """Return what would stand in station.toml."""
    return StationConfig(
        station=StationSection(
            name=scenario.town.name,
            org=ORG,
            timezone=scenario.day.timezone,
            lat_deg=work.station.lat_deg,
            lon_deg=work.station.lon_deg,
            data_folder=str(folder),
            signing_key_file="",
        ),
        broker=broker or BrokerSection(),
        console=console or ConsoleSection(),
        vehicle=tuple(
            VehicleSection(
                name=name,
                kind=group.kind,
                capacity_kg=group.capacity_kg,
                capacity_l=group.capacity_l,
                shift_start=group.shift_start,
                shift_end=group.shift_end,
                public_key=vehicle_key(seed, name).public.to_hex(),
                meets=_meets(work, group),
            )
            for group in scenario.groups
            for name in group.names()
        ),
        breaks=tuple(
            BreakSection(after=each.after, before=each.before, minutes=each.minutes)
            for each in scenario.shift_break
        ),
    )


def _meets(work: Work, group: Group) -> MeetsSection | None:
    if group.name not in work.meets:
        return None
    at = work.base_of(group)
    return MeetsSection(lat_deg=at.lat_deg, lon_deg=at.lon_deg, reach_m=group.reach_m)


def station_keys(seed: int, config: StationConfig) -> StationKeys:
    """Return the simulated station's keys."""
    return StationKeys(
        signing=vehicle_key(seed, "station"),
        vehicles=vehicle_keys(config),
        pin_secret=chance(seed, "station", "pins").randbytes(32),
    )


async def prepare_day(
    office: Office,
    database: Database,
    work: Work,
    *,
    seed: int,
    clock: Clock,
    tell: Callable[[str], None],
) -> dict[str, str]:
    """Import, assign and dispatch the day's work; return the PINs that customers know."""
    pins: dict[str, str] = {}
    if (route := work.route) is not None:
        await database.transaction(
            lambda db: records.keep_route(db, work.day, route, clock.utc())
        )
    else:
        assert work.sheet is not None, "work is a route or a sheet"
        imported = await office.import_stops(
            work.sheet.name, work.sheet.read_bytes(), day=work.day
        )
        tell(imported.summary)
        pins = pins_of(await office.orders(work.day), work.known_pins)
        assigned = await office.assign(
            day=work.day, limits=Limits(seed=seed, iterations=ROUNDS)
        )
        for left in (*assigned.not_assigned, *assigned.blocked):
            tell(f"not on any route: {left.stop_id} ({left.why})")
        if not assigned.routes:
            raise RefusedError("no stop of this day could be assigned to a vehicle")
    sent = await office.dispatch(day=work.day)
    tell(sent.summary)
    return pins


async def weights_of(office: Office, day: date) -> dict[ParcelId, float]:
    """Return what the parcels of a day weigh, as far as the senders have said."""
    return {
        parcel.parcel_id: parcel.weight_kg
        for order in await office.orders(day)
        for parcel in order.parcels
        if parcel.weight_kg is not None
    }


async def audit_day(
    database: Database, work: Work, stores: Mapping[str, Path], log: DayLog
) -> tuple[Books, Figures]:
    """Work out the books and the figures, from the ledger and the vehicles' stores."""
    facts = read_stores(stores, log)
    written = {(name, each.epoch): each.last for name, each in facts.items()}

    def run(db: sqlite3.Connection) -> tuple[Books, Figures]:
        sent = records.dispatched_routes_of(db, work.day)
        dispatched = {
            kept.route.route_id: frozenset(p.parcel_id for p in kept.route.parcels)
            for kept in sent
        }
        figures = figures_of(
            [kept.route for kept in sent],
            {name: each.events for name, each in facts.items()},
        )
        return read_books(db, written, dispatched), figures

    return await database.read(run)
