"""What a zone looks like on the chart: its walls, the corners to fly round, what is inside.

Nothing is buffered or merged: a wall knows the distance that is to be kept from it, and the
corners stand where flights round it turn. So no geometry is too broken to be kept clear of:
a ring may cross itself, touch another, or have no area.
"""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.air.chart import Chart, Floats
from edge.messages.conditions import Circle, Polygon

MOST_CORNERS_A_ZONE = 500
"""A zone with more is flown round as if it were its hull of sixteen sides, holes filled."""
ROUND_CORNERS = 16  # flights round a circle are at most 1.3 % longer than along it
WIDEST_TURN_RAD = math.radians(60)  # flights round a corner: at most 0.11 times the margin
STRAIGHT_RAD = 1e-9

Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class Outline:
    """A zone's shape."""

    rings_m: tuple[Floats, ...]
    """The outer ring, then the holes, (n, 2) each; the last corner joins the first. None:
    the shape is not understood, and everything is inside."""
    radius_m: float = 0.0
    """Around the one ring's one corner."""

    def walls(self, margin_m: float) -> Floats:
        """Return the walls, (n, 5): from, to, distance to keep."""
        walls = [np.empty((0, 5))]
        for ring in self.rings_m:
            clear = np.full((len(ring), 1), self.radius_m + margin_m)
            walls.append(np.hstack([ring, np.roll(ring, -1, axis=0), clear]))
        return np.concatenate(walls)

    def corners_m(self, margin_m: float) -> Floats:
        """Return where flights round the zone turn, (n, 2); some may lie inside it."""
        clear_m = self.radius_m + margin_m
        return np.concatenate(
            [np.empty((0, 2)), *(_corners_m(ring, clear_m) for ring in self.rings_m)]
        )

    def holds(self, points_m: Floats) -> Bools:
        """Return which points, (n, 2), are inside, whichever way the rings are read."""
        if not self.rings_m:
            return np.ones(len(points_m), dtype=np.bool_)
        outer, *holes = self.rings_m
        away = np.hypot(points_m[:, 0] - outer[0, 0], points_m[:, 1] - outer[0, 1])
        odd, wound = _readings(outer, points_m)
        inside: Bools = odd | wound | (away < self.radius_m)
        for hole in holes:
            odd, wound = _readings(hole, points_m)
            inside &= ~(odd & wound)
        return inside


UNCLEAR = Outline(())
"""A shape nobody understands: it closes everything."""


def outline(chart: Chart, area: Circle | Polygon) -> Outline:
    """Return a zone's shape on the chart; UNCLEAR if it has none that can be drawn."""
    if isinstance(area, Circle):
        radius_m = chart.radius_m(area.centre, area.radius_m)
        if radius_m is None:
            return UNCLEAR
        return Outline((chart.points_m([area.centre]),), radius_m)
    rings = [chart.ring_m(ring) for ring in (area.outer, *area.holes)]
    known = [ring for ring in rings if ring is not None]
    if len(known) < len(rings):
        return UNCLEAR
    if sum(len(ring) for ring in known) > MOST_CORNERS_A_ZONE:
        return Outline((sixteen_sides(known[0]),))
    return Outline(tuple(known))


def sixteen_sides(ring_m: Floats) -> Floats:
    """Return a polygon of sixteen sides, (16, 2), that holds a ring."""
    angles = np.arange(ROUND_CORNERS) * (2 * math.pi / ROUND_CORNERS)
    outward = np.column_stack([np.cos(angles), np.sin(angles)])
    reach = (ring_m @ outward.T).max(axis=0)
    # Neighbouring sides p·u = a and p·v = b meet at the solution of two equations.
    following, reach_there = np.roll(outward, -1, axis=0), np.roll(reach, -1)
    sine = math.sin(2 * math.pi / ROUND_CORNERS)
    east = (reach * following[:, 1] - reach_there * outward[:, 1]) / sine
    north = (outward[:, 0] * reach_there - following[:, 0] * reach) / sine
    return np.column_stack([east, north])


def _corners_m(ring_m: Floats, clear_m: float) -> Floats:
    """Return the corners of the lines that touch the rounded-off ring from outside.

    At each corner of the ring they stand on the outer side of its turn; where that is inside
    the zone, as at a dent, they are of no use and do no harm.
    """
    if len(ring_m) == 1:
        angles = (np.arange(ROUND_CORNERS) + 0.5) * (2 * math.pi / ROUND_CORNERS)
        away_m = clear_m / math.cos(math.pi / ROUND_CORNERS)
        return ring_m + away_m * np.column_stack([np.cos(angles), np.sin(angles)])
    arrives = ring_m - np.roll(ring_m, 1, axis=0)
    leaves = np.roll(arrives, -1, axis=0)
    turn_rad = np.arctan2(
        arrives[:, 0] * leaves[:, 1] - arrives[:, 1] * leaves[:, 0],
        (arrives * leaves).sum(axis=1),
    )
    counts = np.ceil(np.abs(turn_rad) / WIDEST_TURN_RAD).astype(int)
    counts[np.abs(turn_rad) < STRAIGHT_RAD] = 0
    first_rad = np.arctan2(arrives[:, 1], arrives[:, 0]) - np.copysign(math.pi / 2, turn_rad)
    of = np.repeat(np.arange(len(ring_m)), counts)
    number = np.arange(len(of)) - np.repeat(np.cumsum(counts) - counts, counts)
    share_rad = turn_rad[of] / counts[of]
    angles = first_rad[of] + share_rad * (number + 0.5)
    away = (clear_m / np.cos(share_rad / 2))[:, None]
    corners: Floats = ring_m[of] + away * np.column_stack([np.cos(angles), np.sin(angles)])
    return corners


def _readings(ring_m: Floats, points_m: Floats) -> tuple[Bools, Bools]:
    """Return which points are inside by the even-odd rule, and which by winding."""
    a, b = ring_m, np.roll(ring_m, -1, axis=0)
    east, north = points_m[:, :1], points_m[:, 1:]
    left = (b[:, 0] - a[:, 0]) * (north - a[:, 1]) - (b[:, 1] - a[:, 1]) * (east - a[:, 0])
    up = ((a[:, 1] <= north) & (b[:, 1] > north) & (left > 0)).sum(axis=1)
    down = ((a[:, 1] > north) & (b[:, 1] <= north) & (left < 0)).sum(axis=1)
    return (up + down) % 2 == 1, up != down
