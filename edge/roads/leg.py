"""From a way, arc by arc, to a leg: its line, and what the driver does where."""

import math
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from edge.messages.geo import Place, metres_per_degree
from edge.messages.legs import Leg, Manoeuvre, Step
from edge.roads.classes import ACCESS_BITS, CLASS_INDEX, ROUNDABOUT
from edge.roads.search import RoadWay, WeightedRoads
from edge.roads.snap import Snap, lengths_m

Floats = NDArray[np.float64]

BEARING_OVER_M = 15.0  # of road before and after a node: its last metres may bend
STRAIGHT_DEG = 25.0
SLIGHT_DEG = 45.0
SHARP_DEG = 120.0
BACK_DEG = 170.0
STRAIGHTER_DEG = 15.0  # another road so much straighter makes a bend a turn
DOOR_AWAY_M = 2.0  # nearer to the middle of the road a door lies on neither side
LINKS = frozenset(index for name, index in CLASS_INDEX.items() if name.endswith("_link"))
FAST = frozenset(CLASS_INDEX[name] for name in ("motorway", "trunk"))


@dataclass(slots=True)
class _Part:
    """A manoeuvre and the arcs that are driven after it."""

    manoeuvre: Manoeuvre
    at: int
    """Index of its first arc on the way."""
    exit: int | None = None


def leg(
    roads: WeightedRoads, start: Snap, end: Snap, *, door: Place | None = None
) -> Leg | None:
    """Return the quickest leg; None if there is none.

    `door` is what lies on the left or right at the end: without one, nothing is said of it.
    """
    way = roads.way(start, end)
    return None if way is None else leg_of_way(roads, way, door)


def leg_of_way(roads: WeightedRoads, way: RoadWay, door: Place | None = None) -> Leg:
    """Return the leg that a way is."""
    lines = _lines(roads, way)
    arcs = way.arcs.tolist()
    lengths, times = _figures(roads, way)
    parts = _parts(roads, arcs)
    steps = []
    for number, part in enumerate(parts):
        until = parts[number + 1].at if number + 1 < len(parts) else len(arcs)
        lat, lon = lines[part.at]
        steps.append(
            Step(
                manoeuvre=part.manoeuvre,
                at=_place(lat[0], lon[0]),
                street=_street(roads, arcs, part, until),
                exit=part.exit,
                length_m=round(float(lengths[part.at : until].sum()), 1),
                lasts_s=round(float(times[part.at : until].sum()) / 1000, 1),
            )
        )
    lat, lon = lines[-1]
    last = _place(lat[-1], lon[-1])
    steps.append(
        Step(manoeuvre=_arrival(lines[-1], door), at=last, street=roads.graph.name(arcs[-1]))
    )
    points = [_place(float(line[0][0]), float(line[1][0])) for line in lines[:1]]
    for line_lat, line_lon in lines:
        points += [
            _place(lat, lon)
            for lat, lon in zip(line_lat[1:].tolist(), line_lon[1:].tolist(), strict=True)
        ]
    return Leg(
        points=tuple(points),
        length_m=round(float(lengths.sum()), 1),
        lasts_s=round(way.lasts_ms / 1000, 1),
        steps=tuple(steps),
    )


def _place(lat_deg: float, lon_deg: float) -> Place:
    return Place(lat_deg=round(float(lat_deg), 7), lon_deg=round(float(lon_deg), 7))


def _spans(way: RoadWay) -> tuple[Floats, Floats]:
    """Return from where and to where each arc is driven, 0 to 1."""
    begins, ends = np.zeros(way.arcs.size), np.ones(way.arcs.size)
    begins[0], ends[-1] = way.from_frac, way.to_frac
    return begins, ends


def _figures(roads: WeightedRoads, way: RoadWay) -> tuple[Floats, Floats]:
    """Return length [m] and time [ms] of each arc of a way, the turn into it included."""
    begins, ends = _spans(way)
    driven = ends - begins
    weights = roads.weight_ms[way.arcs]
    weights = np.where(weights < 0, roads.base_ms[way.arcs], weights)
    times = np.maximum(weights, 0) * driven
    arcs = way.arcs.tolist()
    for at, (before, arc) in enumerate(pairwise(arcs), 1):
        times[at] += roads.turn_ms(before, arc)
    return roads.graph.arc_length_dm[way.arcs] / 10.0 * driven, times


def _lines(roads: WeightedRoads, way: RoadWay) -> list[tuple[Floats, Floats]]:
    """Return latitudes and longitudes along what is driven of each arc [deg]."""
    lines = []
    begins, ends = _spans(way)
    for arc, begin, end in zip(way.arcs.tolist(), begins, ends, strict=True):
        lat_e7, lon_e7 = roads.graph.shape(arc)
        lat, lon = lat_e7 / 1e7, lon_e7 / 1e7
        if begin > 0.0 or end < 1.0:
            done = np.concatenate(([0.0], np.cumsum(lengths_m(lat_e7, lon_e7))))
            done /= max(done[-1], 1e-9)
            kept = done[(done > begin) & (done < end)]
            at = np.concatenate(([begin], kept, [end]))
            lat, lon = np.interp(at, done, lat), np.interp(at, done, lon)
        lines.append((lat, lon))
    return lines


def _parts(roads: WeightedRoads, arcs: list[int]) -> list[_Part]:
    """Return what is done where along the arcs."""
    flags = roads.graph.arc_flags
    parts = [_Part("depart", 0)]
    circling = bool(flags[arcs[0]] & ROUNDABOUT)
    exits = 0
    for at in range(1, len(arcs)):
        before, arc = arcs[at - 1], arcs[at]
        if flags[arc] & ROUNDABOUT:
            if not circling:
                circling, exits = True, 0
                parts.append(_Part("roundabout", at, exit=1))
            else:
                exits += _exits(roads, before)
        elif circling:
            circling = False
            if parts[-1].manoeuvre == "roundabout":
                parts[-1].exit = min(exits + 1, 50)
        else:
            manoeuvre = _manoeuvre(roads, before, arc)
            if manoeuvre is not None:
                parts.append(_Part(manoeuvre, at))
    return parts


def _exits(roads: WeightedRoads, arc: int) -> int:
    """Return how many roads leave the roundabout where an arc of it ends."""
    graph = roads.graph
    return sum(not graph.arc_flags[other] & ROUNDABOUT for other in _onward(roads, arc))


def _onward(roads: WeightedRoads, arc: int) -> list[int]:
    """Return the arcs the user may take where an arc ends, but for the way back."""
    graph = roads.graph
    node, bit = int(graph.arc_head[arc]), ACCESS_BITS[roads.user]
    leaving = range(int(graph.first_arc[node]), int(graph.first_arc[node + 1]))
    back = int(graph.arc_reverse[arc])
    return [other for other in leaving if graph.arc_access[other] & bit and other != back]


def _manoeuvre(roads: WeightedRoads, before: int, arc: int) -> Manoeuvre | None:
    """Return what is done from one arc to the next; None if one just drives on."""
    graph = roads.graph
    turn_deg = _turn_deg(roads, before, arc)
    if graph.arc_reverse[before] == arc or abs(turn_deg) > BACK_DEG:
        return "u_turn"
    others = [other for other in _onward(roads, before) if other != arc]
    onto_link = graph.arc_class[arc] in LINKS and graph.arc_class[before] not in LINKS
    if onto_link and others and abs(turn_deg) < SLIGHT_DEG:
        if abs(turn_deg) < STRAIGHT_DEG / 2:
            return "ramp"
        return "ramp_left" if turn_deg < 0 else "ramp_right"
    if graph.arc_class[before] in LINKS and graph.arc_class[arc] in FAST:
        return "merge"
    same_street = graph.arc_name[arc] == graph.arc_name[before]
    if not others:
        return None if same_street or graph.arc_name[arc] == 0 else "continue"
    straighter = any(
        abs(_turn_deg(roads, before, other)) < abs(turn_deg) - STRAIGHTER_DEG
        for other in others
    )
    if abs(turn_deg) < STRAIGHT_DEG or (
        same_street and abs(turn_deg) < SLIGHT_DEG and not straighter
    ):
        return None if same_street or graph.arc_name[arc] == 0 else "continue"
    if abs(turn_deg) < SLIGHT_DEG:
        return "slight_left" if turn_deg < 0 else "slight_right"
    if abs(turn_deg) <= SHARP_DEG:
        return "left" if turn_deg < 0 else "right"
    return "sharp_left" if turn_deg < 0 else "sharp_right"


def _turn_deg(roads: WeightedRoads, before: int, arc: int) -> float:
    """Return how far one turns from an arc into the next, left negative [deg]."""
    lat, lon = (values[::-1] for values in roads.graph.shape(before))
    into_deg = _bearing_deg(lat, lon) + 180.0
    return math.remainder(_bearing_deg(*roads.graph.shape(arc)) - into_deg, 360.0)


def _bearing_deg(lat_e7: NDArray[np.int32], lon_e7: NDArray[np.int32]) -> float:
    """Return where a line leads over its first metres, clockwise from north [deg]."""
    north_m, east_m = metres_per_degree(float(lat_e7[0]) / 1e7)
    x_m = (lon_e7 - int(lon_e7[0])) * 1e-7 * east_m
    y_m = (lat_e7 - int(lat_e7[0])) * 1e-7 * north_m
    far = np.hypot(x_m, y_m) >= BEARING_OVER_M
    at = int(far.argmax()) if far.any() else x_m.size - 1
    return math.degrees(math.atan2(float(x_m[at]), float(y_m[at])))


def _street(roads: WeightedRoads, arcs: list[int], part: _Part, until: int) -> str:
    """Return the name of the first named road after a manoeuvre, the circle itself left out."""
    for arc in arcs[part.at : until]:
        inside = part.manoeuvre == "roundabout" and roads.graph.arc_flags[arc] & ROUNDABOUT
        if not inside and roads.graph.arc_name[arc]:
            return roads.graph.name(arc)
    return ""


def _arrival(line: tuple[Floats, Floats], door: Place | None) -> Manoeuvre:
    """Return on which side of the last arc's line the door lies."""
    lat, lon = line
    if door is None or lat.size < 2:
        return "arrive"
    north_m, east_m = metres_per_degree(door.lat_deg)
    distinct = np.flatnonzero((lat != lat[-1]) | (lon != lon[-1]))
    if not distinct.size:
        return "arrive"
    back = int(distinct[-1])
    dx_m, dy_m = float(lon[-1] - lon[back]) * east_m, float(lat[-1] - lat[back]) * north_m
    x_m = (door.lon_deg - float(lon[-1])) * east_m
    y_m = (door.lat_deg - float(lat[-1])) * north_m
    left_m = (dx_m * y_m - dy_m * x_m) / math.hypot(dx_m, dy_m)
    if abs(left_m) < DOOR_AWAY_M:
        return "arrive"
    return "arrive_left" if left_m > 0 else "arrive_right"
