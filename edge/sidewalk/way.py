"""Along a way: how far it has come, and the point ahead that it may go to straight."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from edge.messages.geo import Place, east_north_m, metres_per_degree

LOOKAHEAD_M = 4.0  # at least; a robot that hears nothing more stands there
EASES_MPS2, ROOM_M = 1.2, 1.0  # an autopilot slows down so gently before where it was told to
STEP_M = 1.0  # the point ahead moves on by so much, not with every look
BEND_M = 0.9  # nearer to a bend it turns
BESIDE_M = 0.3  # so far from the way a straight line may lead
BEHIND_M, AHEAD_M = 5.0, 5.0  # it comes no farther between two looks, and its way may turn back
SAME_M = 0.05
CUTS_M = 0.45  # of a bend: less than a corner of the pavement is wider than its sides
ROUND_M, GOES_M = 0.3, 0.9
STRAIGHT_COS = 0.94  # a bend of less than 20 degrees is none
TURNED_M = 0.4  # so far behind a bend it has turned
TURNS_M = 0.5  # so far before a bend it is to be slow enough for it
WAITS_S, BRAKES_MPS2 = 1.1, 1.2  # until a motion that is renewed no more ends; gently
PACE_MPS, LEAST_MPS = 0.15, 0.3
"""Its pace changes in steps: an autopilot is told only what is new."""
UNSURE_M = 1.5  # of two spots that are so nearly as near, the earlier: no road is left out

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Spot:
    """Where on a way a place is."""

    along_m: float
    off_m: float
    """Beside the way."""


def length_m(points: Sequence[Place]) -> float:
    """Return how long a way is."""
    flat = _flat(points)
    return sum(math.dist(a, b) for a, b in pairwise(flat))


def without_spurs(points: Sequence[Place]) -> tuple[Place, ...]:
    """Return the way without going out and back along itself: nothing is to be had there."""
    kept: list[Place] = []
    for point in points:
        if kept and math.dist((0.0, 0.0), east_north_m(kept[-1], point)) < SAME_M:
            continue
        kept.append(point)
        while len(kept) > 2 and _turns_back(kept[-3:]):
            del kept[-2]
            if math.dist((0.0, 0.0), east_north_m(kept[-2], kept[-1])) < SAME_M:
                kept.pop()
    return tuple(kept)


def spot_on(points: Sequence[Place], place: Place, near_m: float | None = None) -> Spot:
    """Return the nearest spot of the way, not far from `near_m` along it if that is known."""
    flat, here = _flat(points), east_north_m(points[0], place)
    spots, gone_m = [], 0.0
    for a, b in pairwise(flat):
        part_m = math.dist(a, b)
        share = _share(a, b, here)
        spots.append(Spot(gone_m + share * part_m, math.dist(_between(a, b, share), here)))
        gone_m += part_m
    if near_m is not None:
        near = [one for one in spots if -BEHIND_M <= one.along_m - near_m <= AHEAD_M]
        if near:
            return min(near, key=lambda one: one.off_m)
    least_m = min(one.off_m for one in spots)
    return next(one for one in spots if one.off_m <= least_m + UNSURE_M)


def place_at(points: Sequence[Place], along_m: float) -> Place:
    """Return the place so far along the way."""
    flat = _flat(points)
    return _place(points[0], _point_at(flat, along_m))


def ahead(
    points: Sequence[Place],
    place: Place,
    along_m: float,
    until_m: float,
    speed_mps: float,
    room_m: float | None = None,
) -> Place:
    """Return the farthest point ahead that a straight line reaches beside the way.

    Far enough for the speed, not beyond `until_m`; in steps, so that it stays the same for
    some looks. With a room it hardly cuts its bends.
    """
    flat, here = _flat(points), east_north_m(points[0], place)
    far_m = max(LOOKAHEAD_M, speed_mps * speed_mps / (2 * EASES_MPS2) + ROOM_M)
    target_m = math.ceil((along_m + far_m) / STEP_M) * STEP_M
    target_m = min(target_m, until_m)
    bends, gone_m = [], 0.0
    for a, b in pairwise(flat):
        gone_m += math.dist(a, b)
        if along_m < gone_m < target_m:
            bends.append((gone_m, b))
    for number, (bend_m, bend) in enumerate(bends):
        end = _point_at(flat, target_m)
        cuts = any(_beside_m(here, end, point) > BESIDE_M for _, point in bends[number:])
        if cuts and bend_m - along_m > BEND_M:
            return _place(points[0], bend)
        if cuts and room_m is not None:
            return _place(points[0], _round_bend(flat, here, bend, bend_m, target_m))
    return _place(points[0], _point_at(flat, target_m))


def pace_mps(
    points: Sequence[Place], along_m: float, room_m: float | None, most_mps: float
) -> float:
    """Return how fast it may go so that it stands before it swings out of its next bend.

    The end of the way is one. Without a room it may swing out as far as it likes.
    """
    if room_m is None:
        return most_mps
    flat, gone_m, before = _flat(points), 0.0, None
    ahead_m = math.inf
    for a, b in pairwise(flat):
        part_m = math.dist(a, b)
        if part_m == 0:
            continue
        towards = ((b[0] - a[0]) / part_m, (b[1] - a[1]) / part_m)
        bends = before is not None and (
            before[0] * towards[0] + before[1] * towards[1] < STRAIGHT_COS
        )
        if bends and gone_m > along_m - TURNED_M:
            ahead_m = gone_m - along_m
            break
        gone_m, before = gone_m + part_m, towards
    free_m = max(0.0, min(ahead_m, gone_m - along_m) - TURNS_M) + room_m
    # v · WAITS_S + v² / (2 · BRAKES_MPS2) = free
    waits = WAITS_S * BRAKES_MPS2
    pace = math.sqrt(waits * waits + 2 * BRAKES_MPS2 * free_m) - waits
    return min(most_mps, max(LEAST_MPS, math.floor(pace / PACE_MPS) * PACE_MPS))


def stretches(points: Sequence[Place], centre: Place, reach_m: float) -> list[Point]:
    """Return from where to where along the way it is within reach of a place."""
    flat, middle = _flat(points), east_north_m(points[0], centre)
    found: list[Point] = []
    gone_m = 0.0
    for a, b in pairwise(flat):
        part_m = math.dist(a, b)
        if part_m > 0 and (span := _within(a, b, part_m, middle, reach_m)):
            start_m, end_m = gone_m + span[0], gone_m + span[1]
            if found and start_m - found[-1][1] < BESIDE_M:
                found[-1] = (found[-1][0], end_m)
            else:
                found.append((start_m, end_m))
        gone_m += part_m
    return found


def _round_bend(
    flat: Sequence[Point],
    here: Point,
    bend: Point,
    bend_m: float,
    target_m: float,
) -> Point:
    """Return the farthest point behind a bend that it goes to without cutting much of it.

    Not so near that an autopilot calls itself there.
    """
    far_m = target_m
    while far_m > bend_m + ROUND_M:
        end = _point_at(flat, far_m)
        if _beside_m(here, end, bend) <= CUTS_M:
            break
        far_m -= ROUND_M
    while far_m < target_m and math.dist(here, _point_at(flat, far_m)) < GOES_M:
        far_m += ROUND_M
    return _point_at(flat, min(far_m, target_m))


def _turns_back(three: Sequence[Place]) -> bool:
    """Tell whether the second leads back along the first."""
    a, b, c = _flat(three)
    ahead_m = (b[0] - a[0]) * (c[0] - b[0]) + (b[1] - a[1]) * (c[1] - b[1])
    return ahead_m < 0 and min(_beside_m(a, b, c), _beside_m(b, c, a)) < BESIDE_M


def _within(a: Point, b: Point, part_m: float, centre: Point, reach_m: float) -> Point | None:
    """Return the span [m from a] of a straight part that lies inside a circle."""
    unit = ((b[0] - a[0]) / part_m, (b[1] - a[1]) / part_m)
    to = (centre[0] - a[0], centre[1] - a[1])
    middle_m = to[0] * unit[0] + to[1] * unit[1]
    squared = reach_m * reach_m - (to[0] ** 2 + to[1] ** 2 - middle_m * middle_m)
    if squared <= 0:
        return None
    half_m = math.sqrt(squared)
    start_m, end_m = max(0.0, middle_m - half_m), min(part_m, middle_m + half_m)
    return (start_m, end_m) if start_m < end_m else None


def _flat(points: Sequence[Place]) -> list[Point]:
    return [east_north_m(points[0], point) for point in points]


def _place(origin: Place, point: Point) -> Place:
    north_m, east_m = metres_per_degree(origin.lat_deg)
    return Place(
        lat_deg=round(origin.lat_deg + point[1] / north_m, 7),
        lon_deg=round(origin.lon_deg + point[0] / east_m, 7),
    )


def _point_at(flat: Sequence[Point], along_m: float) -> Point:
    gone_m = 0.0
    for a, b in pairwise(flat):
        part_m = math.dist(a, b)
        if part_m > 0 and along_m <= gone_m + part_m:
            return _between(a, b, max(0.0, (along_m - gone_m) / part_m))
        gone_m += part_m
    return flat[-1]


def _share(a: Point, b: Point, point: Point) -> float:
    along = (b[0] - a[0], b[1] - a[1])
    squared = along[0] ** 2 + along[1] ** 2
    if not squared:
        return 0.0
    to = (point[0] - a[0], point[1] - a[1])
    return min(1.0, max(0.0, (to[0] * along[0] + to[1] * along[1]) / squared))


def _between(a: Point, b: Point, share: float) -> Point:
    return a[0] + (b[0] - a[0]) * share, a[1] + (b[1] - a[1]) * share


def _beside_m(a: Point, b: Point, point: Point) -> float:
    return math.dist(_between(a, b, _share(a, b, point)), point)
