"""Pavements laid into an extract as ways of their own, joined with the footways it has."""

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
import shapely

from edge.messages.geo import Place, metres_per_degree
from edge.roads.classes import CLASS_INDEX, DEFAULT_SPEED_KMH, FOOT
from station.roads.pavements.ground import Ground, Sort
from station.roads.pavements.lines import STEP_M, XY, Line, Pavements, Street
from station.roads.reader import Extract

WALKED: frozenset[Sort] = frozenset({"foot", "crossing", "shared"})
PAVEMENT_ID = -1
"""Of every way that is made here: restrictions name none of them."""


@dataclass(frozen=True, slots=True)
class Flat:
    """Metres about a place, to scale near it."""

    origin: Place

    def xy(self, lat_e7: int, lon_e7: int) -> XY:
        """Return metres east and north."""
        north_m, east_m = metres_per_degree(self.origin.lat_deg)
        east = (lon_e7 / 1e7 - self.origin.lon_deg) * east_m
        return east, (lat_e7 / 1e7 - self.origin.lat_deg) * north_m

    def e7(self, xy: XY) -> tuple[int, int]:
        """Return latitude and longitude in ten millionths of a degree."""
        north_m, east_m = metres_per_degree(self.origin.lat_deg)
        lat_deg = self.origin.lat_deg + xy[1] / north_m
        return round(lat_deg * 1e7), round((self.origin.lon_deg + xy[0] / east_m) * 1e7)


@dataclass(slots=True)
class Walks:
    """What of an extract is for whom: lines in metres about a place, with their widths."""

    flat: Flat
    foot: list[tuple[list[XY], float]] = field(default_factory=list)
    crossings: list[tuple[list[XY], float]] = field(default_factory=list)
    roads: list[tuple[list[XY], float]] = field(default_factory=list)
    squares: list[list[XY]] = field(default_factory=list)
    made: int = 0
    """Pavements and crossings that the map did not have as ways."""


@dataclass(slots=True)
class _Way:
    refs: list[int]
    xy: list[XY]
    ground: Ground
    number: int


def lay_pavements(extract: Extract, progress: Callable[[str], None]) -> Walks:
    """Add a way to the extract for every pavement and crossing that its streets have."""
    flat = Flat(_middle(extract))
    ways = list(_ways(extract, flat))
    progress(f"{extract.source.file}: laying pavements beside {len(ways):,} ways")
    lines = Pavements(list(_streets(ways)), extract.crossings).lines()
    mapped = [way for way in ways if way.ground.sort in WALKED]
    _join(lines, mapped)
    walks = Walks(flat, made=len(lines))
    for way in ways:
        sort, part = way.ground.sort, (way.xy, way.ground.width_m)
        if sort in ("foot", "shared"):
            walks.foot.append(part)
        elif sort == "crossing":
            walks.crossings.append(part)
        elif sort == "road":
            walks.roads.append(part)
        elif sort == "square" and len(way.xy) > 3 and way.refs[0] == way.refs[-1]:
            walks.squares.append(way.xy)
    for line in lines:
        (walks.crossings if line.crosses else walks.foot).append((line.xy, line.width_m))
    walks.squares += [[flat.xy(*corner) for corner in ring] for ring in extract.areas]
    _rewrite(extract, flat, ways, lines)
    return walks


def _middle(extract: Extract) -> Place:
    lat_e7, lon_e7 = np.asarray(extract.lat_e7), np.asarray(extract.lon_e7)
    return Place(
        lat_deg=round(float(lat_e7.mean()) / 1e7, 7),
        lon_deg=round(float(lon_e7.mean()) / 1e7, 7),
    )


def _ways(extract: Extract, flat: Flat) -> Iterator[_Way]:
    for number, ground in enumerate(extract.ground):
        first, last = extract.first_ref[number], extract.first_ref[number + 1]
        places = zip(extract.lat_e7[first:last], extract.lon_e7[first:last], strict=True)
        xy = [flat.xy(lat_e7, lon_e7) for lat_e7, lon_e7 in places]
        yield _Way(list(extract.ref[first:last]), xy, ground, number)


def _streets(ways: Sequence[_Way]) -> Iterator[Street]:
    """Yield the pieces of streets between the nodes where streets meet."""
    roads = [way for way in ways if way.ground.sort == "road"]
    met = Counter(ref for way in roads for ref in way.refs)
    for way in roads:
        begin = 0
        for at in range(1, len(way.refs)):
            if at == len(way.refs) - 1 or met[way.refs[at]] > 1:
                part = slice(begin, at + 1)
                yield Street(way.refs[part], way.xy[part], way.ground)
                begin = at


def _join(lines: Sequence[Line], mapped: Sequence[_Way]) -> None:
    """Give a node in common to lines and mapped footways that cross."""
    last = min((ref for line in lines for ref in line.refs), default=0)
    parts = [(way, at) for way in mapped for at in range(len(way.refs) - 1)]
    if not parts or not lines:
        return
    tree = shapely.STRtree(shapely.linestrings([way.xy[at : at + 2] for way, at in parts]))
    steps = [(line, at) for line in lines for at in range(len(line.refs) - 1)]
    found = tree.query(
        shapely.linestrings([line.xy[at : at + 2] for line, at in steps]), "intersects"
    )
    more: dict[int, list[tuple[int, float, int, XY]]] = defaultdict(list)
    for step, part in found.T.tolist():
        (line, at), (way, on) = steps[step], parts[part]
        spot = _crossed(*line.xy[at : at + 2], *way.xy[on : on + 2])
        if spot is None:
            continue
        share, along, xy = spot
        ref = _near(way, on, xy) or _near(line, at, xy)
        if ref is None:
            ref = last = last - 1
        if ref not in line.refs[at : at + 2]:
            more[id(line)].append((at, share, ref, xy))
        if ref not in way.refs[on : on + 2]:
            more[id(way)].append((on, along, ref, xy))
    both: list[Line | _Way] = [*lines, *mapped]
    for one in both:
        for at, _, ref, xy in sorted(more.get(id(one), ()), reverse=True):
            one.refs.insert(at + 1, ref)
            one.xy.insert(at + 1, xy)


def _near(one: Line | _Way, at: int, xy: XY) -> int | None:
    """Return the node of a line that is as good as a point."""
    for number in (at, at + 1):
        if math.dist(one.xy[number], xy) <= STEP_M:
            return one.refs[number]
    return None


def _crossed(a: XY, b: XY, c: XY, d: XY) -> tuple[float, float, XY] | None:
    """Return where two segments cross: the share of each, and the point."""
    ab, cd, ac = (
        (b[0] - a[0], b[1] - a[1]),
        (d[0] - c[0], d[1] - c[1]),
        (c[0] - a[0], c[1] - a[1]),
    )
    turn = ab[0] * cd[1] - ab[1] * cd[0]
    if not turn:
        return None
    share = (ac[0] * cd[1] - ac[1] * cd[0]) / turn
    along = (ac[0] * ab[1] - ac[1] * ab[0]) / turn
    return share, along, (a[0] + ab[0] * share, a[1] + ab[1] * share)


def _rewrite(extract: Extract, flat: Flat, ways: Sequence[_Way], lines: Sequence[Line]) -> None:
    """Write the ways back with their new nodes, and the lines behind them as footways."""
    places = {
        ref: (lat_e7, lon_e7)
        for ref, lat_e7, lon_e7 in zip(extract.ref, extract.lat_e7, extract.lon_e7, strict=True)
    }
    for part in (extract.ref, extract.lat_e7, extract.lon_e7, extract.first_ref):
        del part[:]
    extract.first_ref.append(0)
    for refs, points in [(w.refs, w.xy) for w in ways] + [(n.refs, n.xy) for n in lines]:
        for ref, xy in zip(refs, points, strict=True):
            place = places.setdefault(ref, flat.e7(xy)) if ref < 0 else places[ref]
            extract.ref.append(ref)
            extract.lat_e7.append(place[0])
            extract.lon_e7.append(place[1])
        extract.first_ref.append(len(extract.ref))
    walk, kmh = CLASS_INDEX["footway"], DEFAULT_SPEED_KMH["footway"]
    for line in lines:
        extract.way_id.append(PAVEMENT_ID)
        extract.road_class.append(walk)
        extract.forward_kmh.append(kmh)
        extract.backward_kmh.append(kmh)
        extract.forward.append(FOOT)
        extract.backward.append(FOOT)
        extract.flags.append(0)
        extract.name.append(0)
        sort: Sort = "crossing" if line.crosses else "foot"
        extract.ground.append(Ground(sort, line.width_m))
