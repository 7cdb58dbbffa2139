"""Out of a zone that came up round it: straight, the shortest way that is safe."""

import math
from collections.abc import Iterator

from edge.guard.bounds import Site
from edge.guard.question import Leaving, Question
from edge.guard.rules.air.ways import ROOM_M, Zones
from edge.guard.rules.energy import choose, judge_at
from edge.guard.rules.geofence import around, clear_between
from edge.guard.shapes import Point, Round, Shape, away_m, edges, nearest_on

CLEAR_M = 40.0  # farther, where that is safe: a way is only planned so far from a zone
BEARINGS = 24  # that are tried besides the ones straight away from an edge
MOST_EDGES = 12  # of a polygon: the nearest
STEPS, MOST_STEPS = 4, 40  # past its last edge: of so much room, at most so many


def way_out(question: Question) -> Leaving | None:
    """Return where to leave the zones that it is in; None: it cannot, or need not.

    Safe is a way that meets no other zone, stays inside the fence, and after which a landing
    place can still be reached with the reserve. What it has begun it goes on with.
    """
    inside, here, begun = around(question), question.point, question.memory.leaving
    if not inside:
        return None
    if begun is not None:
        zones = tuple(dict.fromkeys((*begun.zones, *inside)))
        if _safe(question, begun.point, zones):
            return Leaving(begun.point, zones)
    for spot in sorted(_spots(question, inside), key=lambda one: (math.dist(here, one), one)):
        if _safe(question, spot, inside):
            off_m = math.dist(here, spot)
            share = 1 + CLEAR_M / off_m if off_m > 0 else 1.0
            farther = (
                here[0] + (spot[0] - here[0]) * share,
                here[1] + (spot[1] - here[1]) * share,
            )
            return Leaving(farther if _safe(question, farther, inside) else spot, inside)
    return None


def down_is_nearer(question: Question, out: Leaving | None) -> bool:
    """Tell whether it stands over a landing site, and is down sooner than out."""
    here, figures = question.whereabouts, question.bounds.figures
    pads = [
        site.point
        for site in question.bounds.sites
        if site.site_id not in question.truth.blocked_sites
    ]
    if here is None or not any(
        math.dist(question.point, pad) <= figures.motion.size_m for pad in pads
    ):
        return False
    down_s = max(here.height_m, 0.0) / figures.energy.descent_mps
    if out is None:
        return True
    return down_s <= math.dist(question.point, out.point) / figures.energy.airspeed_mps


def landing(question: Question) -> Site | None:
    """Return where to land if there is no way out: the site of least risk it can afford."""
    return choose(question, but=around(question))


def _safe(question: Question, spot: Point, inside: Zones) -> bool:
    here = question.whereabouts
    assert here is not None, "it is in a zone"
    point, height_m = question.point, here.height_m
    return (
        clear_between(question, spot, spot, height_m)
        and clear_between(question, point, spot, height_m, inside)
        and judge_at(question, spot, height_m, math.dist(point, spot), 0.0) is None
    )


def _spots(question: Question, inside: Zones) -> Iterator[Point]:
    """Yield points in many directions: past every edge, and outside of all of them for good."""
    here, off_m = question.point, question.margin_m + ROOM_M
    for along in _directions(here, inside):
        far_m = max(_clear_m(zone.shape, here, along, off_m) for zone in inside)
        yield _ahead(here, along, far_m)
        for past_m in _pasts_m(inside, here, along, off_m):
            if past_m < far_m:
                yield _ahead(here, along, past_m)


def _directions(here: Point, inside: Zones) -> Iterator[Point]:
    """Yield directions all round, and those straight to and from each edge."""
    for number in range(BEARINGS):
        turn_rad = math.tau * number / BEARINGS
        yield (math.sin(turn_rad), math.cos(turn_rad))
    for zone in inside:
        for foot in _feet(zone.shape, here):
            off_m = math.dist(here, foot)
            if off_m > 0:
                along = ((foot[0] - here[0]) / off_m, (foot[1] - here[1]) / off_m)
                yield along
                yield (-along[0], -along[1])


def _feet(shape: Shape, here: Point) -> list[Point]:
    """Return the nearest points of the edges; of a circle, what is as straight: its middle."""
    if isinstance(shape, Round):
        return [shape.centre]
    found = [nearest_on(here, *edge) for edge in edges(shape)]
    return sorted(found, key=lambda foot: (math.dist(here, foot), foot))[:MOST_EDGES]


def _clear_m(shape: Shape, here: Point, along: Point, off_m: float) -> float:
    """Return how far along a ray it is clear of a shape by so much, and stays so."""
    if isinstance(shape, Round):
        return _past_circle_m(shape.centre, shape.radius_m + off_m, here, along)
    far_m = max((_crossing_m(here, along, *edge) for edge in edges(shape)), default=0.0)
    for _ in range(MOST_STEPS):
        if away_m(shape, _ahead(here, along, far_m)) > off_m:
            break
        far_m += off_m / STEPS
    return far_m


def _pasts_m(inside: Zones, here: Point, along: Point, off_m: float) -> Iterator[float]:
    """Yield how far along a ray it is past each edge by so much; another may follow."""
    for zone in inside:
        if isinstance(zone.shape, Round):
            radius_m = zone.shape.radius_m + off_m
            yield _past_circle_m(zone.shape.centre, radius_m, here, along)
            continue
        for start, end in edges(zone.shape):
            far_m = _crossing_m(here, along, start, end)
            if far_m > 0:
                yield far_m + off_m / _slant(along, start, end)


def _past_circle_m(centre: Point, radius_m: float, here: Point, along: Point) -> float:
    """Return how far along a ray its last point in a circle is; 0 where it misses it."""
    to = (centre[0] - here[0], centre[1] - here[1])
    ahead_m = to[0] * along[0] + to[1] * along[1]
    half_m2 = radius_m**2 - (math.dist(here, centre) ** 2 - ahead_m**2)
    return max(0.0, ahead_m + math.sqrt(half_m2)) if half_m2 > 0 else 0.0


def _crossing_m(here: Point, along: Point, start: Point, end: Point) -> float:
    """Return how far along a ray it crosses an edge; 0 where it does not."""
    edge = (end[0] - start[0], end[1] - start[1])
    slant = along[0] * edge[1] - along[1] * edge[0]
    if slant == 0:
        return 0.0
    to = (start[0] - here[0], start[1] - here[1])
    far_m = (to[0] * edge[1] - to[1] * edge[0]) / slant
    share = (to[0] * along[1] - to[1] * along[0]) / slant
    return max(0.0, far_m) if 0 <= share <= 1 else 0.0


def _slant(along: Point, start: Point, end: Point) -> float:
    """Return the sine between a ray and an edge that it crosses: 1 straight over it."""
    edge = (end[0] - start[0], end[1] - start[1])
    return abs(along[0] * edge[1] - along[1] * edge[0]) / math.hypot(*edge)


def _ahead(here: Point, along: Point, far_m: float) -> Point:
    return (here[0] + along[0] * far_m, here[1] + along[1] * far_m)
