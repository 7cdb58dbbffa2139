"""The kerb map as a robot needs it: ways from it to doors, and whether a way keeps to it."""

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge.guard.kerbs import Grid, Kerbs, in_piece, kerbs_about
from edge.guard.shapes import Point, Ring
from edge.messages.geo import Place
from edge.messages.routes import Route
from edge.roads.roadways import Roadways

REACHES_M = 30.0  # from a door or a yard to the pavement, at most
HALF_M = 1.75  # of the width of the way there
BEHIND_M = 1.6  # so much room behind the place where it stands before a door
INWARD_M = (1.7, 1.2, 0.8)  # how far the way there leads onto the pavement, the first that fits
ROOMS_M = (0.6, 0.4, 0.25, 0.1)
"""Beside a way, beyond what the doubt of its position takes; with less it is too narrow."""


@dataclass(frozen=True, slots=True)
class Approach:
    """How a place is reached from the map."""

    foot: Place
    """On the map; the place itself, if it is on it."""
    piece: Ring | None = None
    """What is added to the map for it."""


class Kerbside:
    """One kerb map, with the roads beside it."""

    def __init__(self, grid: Grid, roadways: Roadways | None) -> None:
        self._grid = grid
        self._roadways = roadways
        self._places: tuple[Place, ...] = ()
        self._approaches: dict[Place, Approach | str] = {}
        self._kerbs: Kerbs | None = None

    def fence(self, home: Place, places: Iterable[Place]) -> Kerbs:
        """Return the map about home, with the ways to those places; remembered for a day's."""
        wanted = (home, *places)
        if self._kerbs is None or wanted != self._places:
            self._places = wanted
            self._approaches = {place: self._approach(place) for place in wanted}
            pieces = [
                one.piece
                for one in self._approaches.values()
                if isinstance(one, Approach) and one.piece is not None
            ]
            self._kerbs = kerbs_about(self._grid, home, pieces)
        return self._kerbs

    def foot_of(self, place: Place) -> Place | str:
        """Return where the way to a place leaves the map; else why there is none."""
        found = self._approaches.get(place) or self._approach(place)
        return found if isinstance(found, str) else found.foot

    def start(self, here: Place) -> Place:
        """Return where a robot comes onto the map: by the way to a door that it stands on."""
        point = self._grid.point(here)
        if self._grid.inside(point):
            return here
        for one in self._approaches.values():
            if isinstance(one, Approach) and one.piece and in_piece(one.piece, point):
                return one.foot
        return here

    def room_m(self, points: Sequence[Place], doubt_m: float) -> float | str:
        """Return how much room a way has beside the doubt; else where it leaves the map.

        What it stands on is taken as it is: the room counts from the first bend on.
        """
        kerbs = self._kerbs
        assert kerbs is not None, "the fence comes first"
        flat = [kerbs.home_point(place) for place in points]
        steps = list(pairwise(flat))
        at = 0
        for room_m in ROOMS_M:
            margins_m = (doubt_m, *[doubt_m + room_m] * len(steps))
            tight = (
                number
                for number, ((a, b), margin_m) in enumerate(zip(steps, margins_m, strict=False))
                if not kerbs.holds((a, b, b), margin_m)
            )
            at = next(tight, -1)
            if at < 0:
                return room_m
        place = points[at]
        return (
            f"it would leave the kerb map near {place.lat_deg:.5f}, {place.lon_deg:.5f}, "
            f"or it is too narrow there for {doubt_m:.1f} m to either side"
        )

    def _approach(self, place: Place) -> Approach | str:
        point = self._grid.point(place)
        if self._grid.inside(point):
            return Approach(place)
        kerb = self._grid.nearest(point, REACHES_M)
        if kerb is None:
            return f"no pavement is mapped within {REACHES_M:.0f} m of there"
        if self._roadways is not None and self._roadways.between(place, self._grid.place(kerb)):
            return "the nearest pavement is on the other side of a road"
        away_m = math.dist(point, kerb)
        if away_m < 1e-3:
            return Approach(place)
        ahead = ((kerb[0] - point[0]) / away_m, (kerb[1] - point[1]) / away_m)
        for inward_m in INWARD_M:
            piece = _piece(point, ahead, away_m + inward_m)
            foot = _on(point, ahead, away_m + inward_m)
            if self._fits(piece, foot):
                return Approach(self._grid.place(foot), piece)
        return "the pavement there is too narrow to turn onto"

    def _fits(self, piece: Ring, foot: Point) -> bool:
        """Tell whether a way's end on the pavement is all on it."""
        _, right, left, _ = piece
        if not all(self._grid.inside(corner) for corner in (right, left, foot)):
            return False
        kerb = self._grid.nearest(foot, HALF_M)
        return kerb is None or math.dist(kerb, foot) >= INWARD_M[-1] - 0.01


def doors_of(route: Route) -> tuple[Place, ...]:
    """Return the places of a route to which ways lead off the kerb map."""
    return tuple(stop.place for stop in route.stops)


def _piece(point: Point, ahead: Point, length_m: float) -> Ring:
    """Return the way from behind a place straight on, anticlockwise."""
    begin, end = _on(point, ahead, -BEHIND_M), _on(point, ahead, length_m)
    beside = (-ahead[1] * HALF_M, ahead[0] * HALF_M)
    return (
        (begin[0] - beside[0], begin[1] - beside[1]),
        (end[0] - beside[0], end[1] - beside[1]),
        (end[0] + beside[0], end[1] + beside[1]),
        (begin[0] + beside[0], begin[1] + beside[1]),
    )


def _on(point: Point, ahead: Point, length_m: float) -> Point:
    return point[0] + ahead[0] * length_m, point[1] + ahead[1] * length_m
