"""A real city: the roads of an extract, and people who live along them."""

from bisect import bisect
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Annotated

import numpy as np
from msgspec import Meta

from edge.errors import ConfigError
from edge.messages.geo import Place, distance_m, metres_per_degree
from edge.roads.classes import CLASS_INDEX, VAN
from edge.roads.graph import RoadGraph
from sim.roads.ways import GraphWays
from sim.town.town import DOOR_M, LOT_M, Address
from sim.trouble.tables import Table

HOME_CLASSES = ("residential", "living_street", "unclassified", "tertiary")
MOST_HOMES = 20_000


class CityMap(Table, frozen=True, kw_only=True):
    """Where the roads come from, and which part of them is served."""

    roads: str
    """Road file (`doorstep-station roads import`), seen from where the simulator runs."""
    name: str
    lat_deg: Annotated[float, Meta(ge=-90, le=90)]
    lon_deg: Annotated[float, Meta(ge=-180, le=180)]
    """The station, and the middle of where its customers live."""
    radius_m: Annotated[float, Meta(ge=200, le=50_000)] = 3000.0


class City:
    """What a generated town is too: addresses, a station, and ways between them."""

    def __init__(self, said: CityMap, rng: Random) -> None:
        """Raise ConfigError if the file is none, or nobody lives there."""
        self.name = said.name
        self.file = file = Path(said.roads).absolute()
        if not file.is_file():
            raise ConfigError(
                f"city.roads = {said.roads}: there is no such file here. Make it of an OSM "
                f"extract: doorstep-station roads import EXTRACT.osm.pbf --out {said.roads}"
            )
        graph = RoadGraph.open(file)
        self.ways = GraphWays(graph)
        middle = Place(lat_deg=said.lat_deg, lon_deg=said.lon_deg)
        self.station = _kerb(self.ways, middle)
        arcs = _lived_on(graph, middle, said.radius_m)
        if not arcs:
            raise ConfigError(
                f"city: no streets with names within {said.radius_m:.0f} m of "
                f"{said.lat_deg}, {said.lon_deg} in {file}"
            )
        self.addresses = tuple(_houses(self.ways, arcs, rng))


def _kerb(ways: GraphWays, place: Place) -> Place:
    """Return the nearest point of a road. Raises ConfigError if there is none near."""
    found = ways.nearest(place)
    if not found:
        raise ConfigError(f"city: no road near the station {place.lat_deg}, {place.lon_deg}")
    return ways.place_on(found[0].arc, found[0].along_frac)


def _lived_on(graph: RoadGraph, middle: Place, radius_m: float) -> list[int]:
    """Return the arcs that have a name and houses, once for both directions."""
    classes = [CLASS_INDEX[name] for name in HOME_CLASSES]
    lived = np.isin(graph.arc_class, classes) & (graph.arc_access & VAN != 0)
    lived &= (graph.arc_name != 0) & (graph.arc_length_dm > 10 * 2 * LOT_M)
    lived &= (graph.arc_reverse < 0) | (graph.arc_reverse > np.arange(graph.arcs))
    lat_deg = graph.node_lat_e7[graph.arc_tail] / 1e7
    lon_deg = graph.node_lon_e7[graph.arc_tail] / 1e7
    north_m, east_m = metres_per_degree(middle.lat_deg)
    away_m = np.hypot((lat_deg - middle.lat_deg) * north_m, (lon_deg - middle.lon_deg) * east_m)
    return [int(arc) for arc in np.flatnonzero(lived & (away_m <= radius_m))]


def _houses(ways: GraphWays, arcs: list[int], rng: Random) -> list[Address]:
    """Draw houses along the streets, as many as there is room for, each with its number."""
    graph = ways.graph
    room = list(accumulate(int(graph.arc_length_dm[arc] / 10 / LOT_M) for arc in arcs))
    wanted = min(MOST_HOMES, room[-1])
    lots = sorted(rng.sample(range(room[-1]), wanted))
    numbers: dict[str, int] = {}
    houses = []
    for lot in lots:
        at = bisect(room, lot)
        arc, before = arcs[at], room[at - 1] if at else 0
        along_frac = (lot - before + 0.5) / (room[at] - before)
        kerb = ways.place_on(arc, along_frac)
        street = graph.name(arc)
        number = numbers[street] = numbers.get(street, 0) + 1
        east_m = DOOR_M if number % 2 else -DOOR_M
        north_deg_m, east_deg_m = metres_per_degree(kerb.lat_deg)
        door = Place(
            lat_deg=round(kerb.lat_deg + DOOR_M / 2 / north_deg_m, 7),
            lon_deg=round(kerb.lon_deg + east_m / 2 / east_deg_m, 7),
        )
        assert distance_m(kerb, door) <= DOOR_M, "a door is beside its kerb"
        houses.append(Address(f"{street} {number}", door, kerb))
    return houses
