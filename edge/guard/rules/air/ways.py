"""Ways that are open at one height: straight, or round the zones that lie between."""

import heapq
import math
from collections.abc import Iterator

from edge.guard.bounds import Barred
from edge.guard.question import Question
from edge.guard.rules.geofence import barring, clear_between
from edge.guard.shapes import Cornered, Point, Ring, Round

ROOM_M = 3.0  # from a zone, besides how far off a fix may be
CORNERS = 8  # of what is flown round a circle
MOST_ZONES = 4  # that are gone round; with more in between there is no way
MOST_CORNERS = 64  # of them together
MOST_OWN = 8  # of a polygon that is gone round along its own shape, not in a circle

Zones = tuple[Barred, ...]
Way = tuple[Point, ...]
"""Corners and the end; it starts where it is."""


def way_to(
    question: Question,
    start: Point,
    height_m: float,
    end: Point,
    but: Zones = (),
) -> Way | None:
    """Return where an open way leads through and ends; None: it knows of none.

    It is in the zones of `but`, or too near to them: it may come out.
    """
    if clear_between(question, start, end, height_m, but):
        return (end,)
    known: list[Barred] = []
    met = _between(question, start, end, height_m, but)
    while fresh := [zone for zone in met if zone not in known]:
        known += fresh
        corners = [one for zone in known for one in _corners(question, zone)]
        if len(known) > MOST_ZONES or len(corners) > MOST_CORNERS:
            return None
        found = _shortest(question, (start, *corners, end), height_m, but)
        if found is not None:
            return found
        met = _among(question, (start, *corners, end), height_m, but)
    return None


def _shortest(
    question: Question, points: tuple[Point, ...], height_m: float, but: Zones
) -> Way | None:
    """Return the shortest way from the first point to the last over any of the others."""
    end = points[-1]
    queue: list[tuple[float, float, tuple[int, ...]]] = [(math.dist(points[0], end), 0.0, (0,))]
    done: set[int] = set()
    while queue:
        _, flown_m, way = heapq.heappop(queue)
        last = way[-1]
        if last in done:
            continue
        done.add(last)
        if last == len(points) - 1:
            return tuple(points[one] for one in way[1:])
        for other in range(1, len(points)):
            if other not in done and clear_between(
                question, points[last], points[other], height_m, but
            ):
                there_m = flown_m + math.dist(points[last], points[other])
                ahead_m = math.dist(points[other], end)
                heapq.heappush(queue, (there_m + ahead_m, there_m, (*way, other)))
    return None


def _between(
    question: Question, start: Point, end: Point, height_m: float, but: Zones
) -> Zones:
    return tuple(barring(question, (start, end, end), height_m, height_m, but))


def _among(question: Question, points: tuple[Point, ...], height_m: float, but: Zones) -> Zones:
    """Return what stands between the ends and the corners."""
    lines = [(end, corner) for end in (points[0], points[-1]) for corner in points[1:-1]]
    met = [zone for line in lines for zone in _between(question, *line, height_m, but)]
    return tuple(dict.fromkeys(met))


def _corners(question: Question, zone: Barred) -> Iterator[Point]:
    """Yield points round a zone, so far from it that the lines between them are clear."""
    off_m, shape = question.margin_m + ROOM_M, zone.shape
    if isinstance(shape, Cornered) and len(shape.rings[0]) > MOST_OWN:
        shape = _round_about(shape.rings[0])
    if isinstance(shape, Round):
        east_m, north_m = shape.centre
        away_m = (shape.radius_m + off_m) / math.cos(math.pi / CORNERS)
        for number in range(CORNERS):
            turn_rad = math.tau * number / CORNERS
            yield (
                east_m + away_m * math.sin(turn_rad),
                north_m + away_m * math.cos(turn_rad),
            )
        return
    ring = shape.rings[0]
    for before, corner, after in zip((ring[-1], *ring[:-1]), ring, (*ring[1:], ring[0]),
                                     strict=True):  # fmt: skip
        yield from _beside(before, corner, after, off_m)


def _round_about(ring: Ring) -> Round:
    """Return a circle that holds all of a ring."""
    easts_m, norths_m = [corner[0] for corner in ring], [corner[1] for corner in ring]
    middle = (min(easts_m) + max(easts_m)) / 2, (min(norths_m) + max(norths_m)) / 2
    return Round(middle, max(math.dist(middle, corner) for corner in ring))


def _beside(before: Point, corner: Point, after: Point, off_m: float) -> Iterator[Point]:
    """Yield two points at a corner, one to either side: one of them is outside."""
    towards = [_unit(corner, before), _unit(corner, after)]
    middle = (towards[0][0] + towards[1][0], towards[0][1] + towards[1][1])
    size = math.hypot(*middle)
    if size < 1e-6:  # the ring goes straight on
        middle, size = (-towards[0][1], towards[0][0]), 1.0
    for side in (-1.0, 1.0):
        share = side * math.sqrt(2) * off_m / size
        yield (corner[0] + middle[0] * share, corner[1] + middle[1] * share)


def _unit(start: Point, end: Point) -> Point:
    away_m = math.dist(start, end)
    if away_m == 0:
        return (0.0, 0.0)
    return ((end[0] - start[0]) / away_m, (end[1] - start[1]) / away_m)
