"""Where a day's work comes from: the generated town, a spreadsheet, or a recorded route."""

import json
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from statistics import median

import msgspec
from msgspec.structs import replace

from edge.clock import BUILD_UTC
from edge.errors import ConfigError
from edge.handover.pin import pin_fits
from edge.messages.geo import Place, distance_m
from edge.messages.routes import Route
from edge.planner.travel.table import TravelTable
from edge.position.frames import LocalFrame
from sim.amazon import load_amazon_route
from sim.chance import chance
from sim.roads.way import StraightWays, TableWays, Ways
from sim.scenario import Group, Scenario
from sim.town.city import City
from sim.town.orders import order, write_sheet
from sim.town.town import Town
from station.stops.intake import read_orders
from station.stops.orders import Order
from station.stops.rows import Context, Draft

ROADS = "town.roads"
PAVEMENTS, KERBS = "pavements.roads", "town.kerbs"
STREETS = "streets.geojson"
"""In the station's data folder: what its console draws where there are no tiles."""


@dataclass(frozen=True, slots=True)
class Work:
    """What there is to do, and the ground it is done on."""

    day: date
    station: Place
    ways: Ways
    sheet: Path | None = None
    """Spreadsheet to import."""
    route: Route | None = None
    """Ready-made instead of a spreadsheet."""
    travel_table: Path | None = None
    """What the daemon's planner knows of the ways …"""
    roads: Path | None = None
    """… and of the roads."""
    pavements: Path | None = None
    """What a robot's planner knows of the ways on foot …"""
    kerbs: Path | None = None
    """… and its guard of the kerbs."""
    known_pins: tuple[str, ...] = ()
    """What customers have been told; which parcel each belongs to, `pins_of` finds out."""
    meets: Mapping[str, Place] = field(default_factory=dict)
    """Where the machines of a group stand, by its name, if not at the station."""

    def base_of(self, group: Group) -> Place:
        """Return where the vehicles of a group start."""
        return self.meets.get(group.name, self.station)


def work_in_town(scenario: Scenario, seed: int, folder: Path) -> Work:
    """Draw orders of the town or city and write them as a spreadsheet. Raises ConfigError."""
    town: Town | City
    pavements = kerbs = None
    if scenario.city is not None:
        town = city = City(scenario.city, chance(seed, "town"))
        roads = city.file
    else:
        town = built = Town(scenario.town, chance(seed, "town"))
        roads = folder / ROADS
        built.ways.graph.write(roads)
        if any(group.kind == "robot" for group in scenario.groups):
            pavements, kerbs = folder / PAVEMENTS, folder / KERBS
            built.write_pavements(pavements, kerbs)
        (folder / STREETS).write_text(json.dumps(built.geojson()), encoding="utf-8")
    if scenario.orders.stops > len(town.addresses):
        raise ConfigError(f"{town.name} has only {len(town.addresses)} houses")
    rows = order(scenario.orders, town.addresses, scenario.day.on, chance(seed, "orders"))
    sheet = folder / "orders.xlsx"
    write_sheet(rows, town.name, sheet)
    return Work(
        scenario.day.on,
        town.station,
        town.ways,
        sheet=sheet,
        roads=roads,
        pavements=pavements,
        kerbs=kerbs,
        known_pins=tuple(row.pin for row in rows if row.pin),
        meets={
            group.name: _kerb_at(town, group.meets_m)
            for group in scenario.groups
            if group.meets_m is not None
        },
    )


def _kerb_at(town: Town | City, offset_m: tuple[float, float]) -> Place:
    """Return the kerb of the house nearest to a place, east and north of the station."""
    wanted = LocalFrame(town.station).to_place(*offset_m)
    return min((house.kerb for house in town.addresses), key=lambda at: distance_m(at, wanted))


def work_of_sheet(scenario: Scenario, sheet: Path) -> Work:
    """Take the stops of somebody's spreadsheet; the station stands in their middle.

    Raises RefusedError if it cannot be read, ConfigError if it has no stop with a place.
    """
    anywhere = Place(lat_deg=0.0, lon_deg=0.0)
    context = Context(scenario.day.on, scenario.zone, anywhere, bytes(32))
    try:
        content = sheet.read_bytes()
    except OSError as error:
        raise ConfigError(f"{sheet}: {error.strerror}") from error
    drafts = [d for d in read_orders(sheet.name, content, context).drafts if not d.rejected]
    if not any(draft.place for draft in drafts):
        raise ConfigError(f"{sheet}: no row has coordinates, so there is nowhere to drive")
    day = Counter(draft.day for draft in drafts).most_common(1)[0][0]
    if day < BUILD_UTC.date():
        raise ConfigError(
            f"{sheet}: its stops are of {day}; no vehicle's clock goes so far back"
        )
    pins = tuple(draft.pin for draft in drafts if draft.pin)
    return Work(day, _middle(drafts), StraightWays(), sheet=sheet, known_pins=pins)


def work_of_amazon(scenario: Scenario, file: Path, folder: Path) -> Work:
    """Take a recorded route with the travel times that were measured, on another day."""
    (vehicle,) = scenario.fleet.names()
    route, table = load_amazon_route(file)
    path = folder / "travel.json"
    path.write_text(json.dumps(table), encoding="utf-8")
    ways = TableWays(msgspec.convert(table, TravelTable))
    return Work(
        day=scenario.day.on,
        station=route.station,
        ways=ways,
        route=_moved(route, scenario, vehicle),
        travel_table=path,
    )


def pins_of(orders: Iterable[Order], known: Iterable[str]) -> dict[str, str]:
    """Return the PIN of each parcel: the station itself has kept only hashes."""
    pins = tuple(dict.fromkeys(known))
    return {
        parcel.parcel_id: pin
        for stop in orders
        for parcel in stop.parcels
        if parcel.requirements.pin_hash is not None
        for pin in pins
        if pin_fits(pin, parcel.requirements)
    }


def _moved(route: Route, scenario: Scenario, vehicle: str) -> Route:
    """Let the route begin when the shift does, everything in it as much later."""
    later = scenario.local(scenario.fleet.shift_start) - route.departs_utc
    stops = tuple(
        replace(
            stop,
            windows=tuple(
                replace(w, opens_utc=w.opens_utc + later, closes_utc=w.closes_utc + later)
                for w in stop.windows
            ),
        )
        for stop in route.stops
    )
    return replace(
        route,
        vehicle=vehicle,
        departs_utc=route.departs_utc + later,
        returns_by_utc=route.returns_by_utc + later,
        stops=stops,
    )


def _middle(drafts: Iterable[Draft]) -> Place:
    places = [draft.place for draft in drafts if draft.place is not None]
    return Place(
        lat_deg=median(place.lat_deg for place in places),
        lon_deg=median(place.lon_deg for place in places),
    )
