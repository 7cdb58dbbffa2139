"""A town from a seed: streets with names, houses with numbers, one-way lanes, a station."""

from dataclasses import dataclass
from math import dist, pi, sin
from pathlib import Path
from random import Random
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.geo import Place
from sim.roads.ways import GraphWays
from sim.town.pavements import LANE_M, MAIN_M, write_pavements
from sim.town.streets import XY, Flat, Segment, graph_of

MAIN_KMH = 50
LANE_KMH = 30
LOT_M = 22.0
DOOR_M = 9.0  # from the middle of the street to the door
GREEN_FRAC = 0.07  # of the lane pieces that were never built

TREES = """
    Alder Ash Aspen Beech Birch Bramble Cedar Cherry Chestnut Clover Cypress Elder Elm Fern
    Fir Gorse Hawthorn Hazel Heather Holly Hornbeam Ivy Juniper Larch Laurel Lilac Linden
    Maple Medlar Mulberry Myrtle Oak Olive Pear Pine Plane Poplar Quince Rowan Rush Sage
    Sedge Sloe Sorrel Spruce Sumac Thistle Thyme Walnut Willow Yarrow Yew
"""
TRADES = """
    Baker Barrel Bell Bridge Brook Canal Castle Chapel Church Cooper Copper Court Crane Dyke
    Ferry Fisher Ford Forge Fountain Garden Glass Guild Harbour Hill Kiln Lantern Lock Market
    Mason Meadow Mill Miller Minster Mint Orchard Park Pond Potter Quarry River Saddler Sail
    School Shepherd Smith Spring Station Tanner Temple Tower Wagon Weaver Well
"""


class TownSize(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How large the town is and where it lies."""

    name: str = "Nieuwdrop"
    lat_deg: Annotated[float, Meta(ge=-80, le=80)] = 52.46
    lon_deg: Annotated[float, Meta(ge=-179, le=179)] = 5.58
    avenues: Annotated[int, Meta(ge=3, le=52)] = 16
    """Streets that run north to south."""
    streets: Annotated[int, Meta(ge=3, le=52)] = 14
    """Streets that run west to east."""
    block_m: Annotated[float, Meta(ge=40, le=1000)] = 130.0
    bridges: Annotated[int, Meta(ge=0, le=12)] = 0
    """Over the river that flows through the middle; 0: there is no river."""


@dataclass(frozen=True, slots=True)
class Address:
    """A house."""

    text: str
    place: Place
    """The door."""
    kerb: Place
    """Where a van stands."""


class Town:
    """Ground to drive on, and everybody who lives there."""

    def __init__(self, size: TownSize, rng: Random) -> None:
        self.name = size.name
        self._flat = Flat(Place(lat_deg=size.lat_deg, lon_deg=size.lon_deg))
        self.junctions, self.segments = _grid(size, rng)
        self.addresses = tuple(self._houses())
        self.station = self._gate()
        self.ways = GraphWays(graph_of(self._flat, self.junctions, self.segments))

    def write_pavements(self, roads: Path, kerbs: Path) -> None:
        """Write the road file and the kerb map of robots."""
        write_pavements(self._flat, self.junctions, self.segments, roads, kerbs)

    def geojson(self) -> dict[str, object]:
        """Return the streets as lines with their width in metres, for a map without tiles."""
        lines = [
            {
                "type": "Feature",
                "properties": {
                    "name": segment.street,
                    "width": round(MAIN_M if segment.main else LANE_M),
                },
                "geometry": {
                    "type": "LineString",
                    "coordinates": [
                        [place.lon_deg, place.lat_deg]
                        for place in map(
                            self._flat.place, map(self._at, (segment.a, segment.b))
                        )
                    ],
                },
            }
            for segment in self.segments
        ]
        return {"type": "FeatureCollection", "features": lines}

    def _at(self, junction: int) -> XY:
        return self.junctions[junction]

    def _length_m(self, segment: Segment) -> float:
        return dist(self._at(segment.a), self._at(segment.b))

    def _houses(self) -> list[Address]:
        """Give each house of a street its number, odd ones on the left."""
        houses: list[Address] = []
        reached: dict[str, int] = {}
        for segment in self.segments:
            if segment.bridge:
                continue
            length_m = self._length_m(segment)
            lots = int((length_m - LOT_M) // LOT_M)
            (ax, ay) = self.junctions[segment.a]
            (bx, by) = self.junctions[segment.b]
            ux, uy = (bx - ax) / length_m, (by - ay) / length_m
            for lot in range(lots):
                number = reached[segment.street] = reached.get(segment.street, 0) + 1
                along_m = LOT_M * (lot + 1)
                kerb: XY = (ax + ux * along_m, ay + uy * along_m)
                for side, odd in ((-1, 1), (1, 0)):
                    door: XY = (kerb[0] + side * uy * DOOR_M, kerb[1] - side * ux * DOOR_M)
                    text = f"{segment.street} {2 * number - odd}"
                    houses.append(Address(text, self._flat.place(door), self._flat.place(kerb)))
        return houses

    def _gate(self) -> Place:
        """Return where the station is: on the kerb that is farthest south-west."""
        return min(
            (address.kerb for address in self.addresses),
            key=lambda kerb: sum(self._flat.xy(kerb)),
        )


def _grid(size: TownSize, rng: Random) -> tuple[list[XY], list[Segment]]:
    """Lay streets over a bent, uneven grid; some lanes are one-way, some were never built."""
    east = _spaced(size.avenues, size.block_m, rng)
    north = _spaced(size.streets, size.block_m, rng)
    bend_m, phase = size.block_m * rng.uniform(0.3, 0.8), rng.uniform(0, 2 * pi)

    def junction(x: float, y: float) -> XY:
        wobble = size.block_m * 0.07
        return (
            x + bend_m * sin(phase + 2 * pi * y / (9 * size.block_m)) + rng.gauss(0, wobble),
            y + bend_m * sin(phase + 2 * pi * x / (11 * size.block_m)) + rng.gauss(0, wobble),
        )

    junctions = [junction(x, y) for y in north for x in east]
    trades = [f"{name} Avenue" for name in rng.sample(TRADES.split(), size.avenues)]
    trees = [f"{name} Street" for name in rng.sample(TREES.split(), size.streets)]
    segments: list[Segment] = []
    wide = size.avenues
    bridges, bank = _bridges(size), _bank(size)
    # Main streets, so that each bank hangs together by itself whatever bridge is closed.
    quays = (bank, bank + 1) if bridges else ()

    def line(name: str, main: bool, steps: list[tuple[int, int]]) -> None:
        one_way = not main and rng.random() < 0.25
        if one_way and rng.random() < 0.5:
            steps = [(b, a) for a, b in reversed(steps)]
        for a, b in steps:
            built = main or rng.random() >= GREEN_FRAC
            if (bridge := bridges.get(frozenset((a, b)))) is not None:
                if bridge:
                    called = f"{name.removesuffix(' Avenue')} Bridge"
                    segments.append(Segment(a, b, called, MAIN_KMH, main=True, bridge=True))
            elif built:
                limit_kmh = MAIN_KMH if main else LANE_KMH
                segments.append(Segment(a, b, name, limit_kmh, main, one_way))

    for i, name in enumerate(trades):
        steps = [(j * wide + i, (j + 1) * wide + i) for j in range(size.streets - 1)]
        line(name, i % 4 == 0 or i == size.avenues - 1, steps)
    for j, name in enumerate(trees):
        steps = [(j * wide + i, j * wide + i + 1) for i in range(wide - 1)]
        line(name, j % 4 == 0 or j == size.streets - 1 or j in quays, steps)
    return junctions, _connected(segments)


def _bank(size: TownSize) -> int:
    """Return the street that runs along the river on its southern side."""
    return size.streets // 2 - 1


def _bridges(size: TownSize) -> dict[frozenset[int], bool]:
    """Tell of each piece of avenue that meets the river whether it is a bridge."""
    if size.bridges == 0:
        return {}
    bank = _bank(size)
    bridged = {
        round((number + 0.5) * size.avenues / size.bridges - 0.5)
        for number in range(size.bridges)
    }
    return {
        frozenset((bank * size.avenues + i, (bank + 1) * size.avenues + i)): i in bridged
        for i in range(size.avenues)
    }


def _spaced(count: int, block_m: float, rng: Random) -> list[float]:
    """Return uneven distances from the first of parallel streets, centred on 0 [m]."""
    at, places = 0.0, [0.0]
    for _ in range(count - 1):
        at += block_m * rng.uniform(0.7, 1.4)
        places.append(at)
    return [place - at / 2 for place in places]


def _connected(segments: list[Segment]) -> list[Segment]:
    """Keep what can be reached from the main streets and left again."""
    start = segments[0].a
    forth = _reached(start, [(s.a, s.b, s.one_way) for s in segments])
    back = _reached(start, [(s.b, s.a, s.one_way) for s in segments])
    return [s for s in segments if all(n in forth and n in back for n in (s.a, s.b))]


def _reached(start: int, arcs: list[tuple[int, int, bool]]) -> set[int]:
    following: dict[int, list[int]] = {}
    for a, b, one_way in arcs:
        following.setdefault(a, []).append(b)
        if not one_way:
            following.setdefault(b, []).append(a)
    seen, todo = {start}, [start]
    while todo:
        for there in following.get(todo.pop(), ()):
            if there not in seen:
                seen.add(there)
                todo.append(there)
    return seen
