"""Where it comes to stand must be inside the fence and outside every hard zone."""

import math
from collections.abc import Iterator
from itertools import pairwise

from edge.guard.bounds import Barred
from edge.guard.question import LEASE_S, Capped, Denied, Question, Ruling, wish_of
from edge.guard.shapes import Point, Reach, away_m, holds, meets
from edge.guard.truth import Velocity
from edge.messages.machines.actuators import FlyPlan, Launch

SHARES = (1.0, 0.5, 0.25, 0.125)
"""Of the wished speed, that are tried."""
KEEPS = 0.9  # of the room to a zone that it is too near to


def inside(question: Question, velocity: Velocity, delay_s: float) -> Denied | None:
    """Judge where it may come to stand, moving like this for so long."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    reach = question.reach(velocity, delay_s)
    lasts_s = question.lasting_s(velocity, delay_s)
    moved_m = [part * lasts_s for part in (velocity[2], here.velocity_enu_mps[2])]
    low_m = here.height_m + min(0.0, *moved_m)
    high_m = here.height_m + max(0.0, *moved_m)
    return _judge(question, reach, low_m, high_m)


def now(question: Question) -> Ruling:
    """Judge where it comes to stand if it is stopped at once."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    ruling = inside(question, here.velocity_enu_mps, 0.0)
    return Denied(ruling.reason, ruling.why, stop=True) if ruling else None


def way(question: Question) -> Ruling:
    """Judge the whole way of a command that names where it ends."""
    wish = wish_of(question)
    points = wish.way if len(wish.way) > 1 else (*wish.way, *wish.way)
    low_m = wish.low_m
    if isinstance(question.command, FlyPlan | Launch):
        low_m = min(low_m, 0.0)
    for start, end in pairwise(points):
        if ruling := _judge(question, (start, end, end), low_m, wish.high_m):
            return ruling
    return None


def keep_inside(question: Question) -> Ruling:
    """Cap the speed so that it comes to stand inside, else refuse."""
    wish = wish_of(question)
    east_mps, north_mps, up_mps = wish.velocity_enu_mps
    ruling: Denied | None = None
    for share in SHARES:
        slower = (east_mps * share, north_mps * share, up_mps)
        found = inside(question, slower, LEASE_S)
        if found is None:
            why = f"or else {ruling.why}" if ruling else ""
            speed_mps = math.hypot(east_mps, north_mps) * share
            return Capped("speed_mps", speed_mps, why) if share < 1 else None
        ruling = ruling or found
    return ruling


def clear_between(
    question: Question,
    start: Point,
    end: Point,
    height_m: float,
    but: tuple[Barred, ...] = (),
) -> bool:
    """Tell whether the straight way at a height is inside the fence, and open.

    Of the zones of `but` it may come out (see `barring`).
    """
    return _judge(question, (start, end, end), height_m, height_m, but) is None


def around(question: Question) -> tuple[Barred, ...]:
    """Return the zones that it is in, or too near to, where it is now."""
    here = question.whereabouts
    if here is None:
        return ()
    point = question.point
    return tuple(zones_met(question, (point, point, point), here.height_m, here.height_m))


def not_inside(question: Question) -> Ruling:
    """Let it not stay in a zone that came up round it."""
    inside = around(question)
    if not inside or not question.airborne:
        return None
    return Denied("zone", f"it is in zone {inside[0].zone_id}", stop=True)


def zones_met(
    question: Question, reach: Reach, low_m: float, high_m: float
) -> Iterator[Barred]:
    """Yield the zones that a reach between two heights meets."""
    off_m = question.bounds.figures.motion.vertical_m
    for zone in question.bounds.barred:
        if zone.bottom_m > high_m + off_m or zone.top_m < low_m - off_m:
            continue
        if meets(zone.shape, reach, question.margin_m):
            yield zone


def barring(
    question: Question,
    reach: Reach,
    low_m: float,
    high_m: float,
    but: tuple[Barred, ...] = (),
) -> Iterator[Barred]:
    """Yield the zones that a reach between two heights must not meet.

    Those of `but` it is in, or too near to: one that it is in is left out of account, to one
    that it is only near to it must not come nearer.
    """
    for zone in zones_met(question, reach, low_m, high_m):
        off_m = KEEPS * away_m(zone.shape, question.point) if zone in but else math.inf
        if off_m > 0 and meets(zone.shape, reach, min(off_m, question.margin_m)):
            yield zone


def _judge(
    question: Question,
    reach: Reach,
    low_m: float,
    high_m: float,
    but: tuple[Barred, ...] = (),
) -> Denied | None:
    if zone := next(barring(question, reach, low_m, high_m, but), None):
        return Denied("zone", f"it would come into zone {zone.zone_id}")
    if not any(holds(area, reach, question.margin_m) for area in question.bounds.stay_in):
        return Denied("fence", "it would leave where it must stay")
    kerbs = question.bounds.kerbs
    if kerbs is not None and not kerbs.holds(reach, question.margin_m):
        return Denied("fence", "it would leave the kerb map")
    return None
