"""Where it may land: at home, at a site that is free, at a stop, or right where it is."""

import math

from edge.guard.question import Denied, Question, Ruling
from edge.guard.shapes import Point
from edge.messages.machines.actuators import Land


def landing_place(question: Question) -> Ruling:
    """Refuse to land where nobody approved it."""
    command = question.command
    if not isinstance(command, Land) or command.place is None:
        return None
    if not may_land(question, question.bounds.point(command.place)):
        return Denied("site", "nobody approved landing there")
    return None


def may_land(question: Question, point: Point) -> bool:
    """Tell whether a place to land is approved."""
    bounds, off_m = question.bounds, question.bounds.figures.motion.size_m
    blocked = question.truth.blocked_sites
    pads = [(0.0, 0.0)] + [one.point for one in bounds.sites if one.site_id not in blocked]
    if any(math.dist(point, pad) <= off_m for pad in pads):
        return True
    return any(math.dist(point, one.point) <= one.radius_m for one in bounds.approvals)
