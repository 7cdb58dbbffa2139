"""How fast and how high: by kind, by the law of the place, by who asks."""

import math

from edge.guard.bounds import SlowArea
from edge.guard.question import LEASE_S, Capped, Denied, Question, Ruling, wish_of
from edge.guard.shapes import away_m
from edge.messages.machines.actuators import FlyPlan, Launch

OVER_MPS, OVER_S = 0.1, 0.25  # works.md S1 allows 0.5 s, of which braking takes the rest
ASSISTED_MPS = {"air": 3.0, "ground": 1.0}


def speed(question: Question) -> Ruling:
    """Cap the speed over ground."""
    most_mps, why = allowed(question)
    if isinstance(question.command, FlyPlan):
        asked_mps = wish_of(question).velocity_enu_mps[0]
        if asked_mps > most_mps:
            return Denied("speed", f"{asked_mps:.1f} m/s planned, {most_mps:.1f} {why}")
        return None
    return Capped("speed_mps", most_mps, why)


def climb(question: Question) -> Ruling:
    """Cap the speed upwards."""
    return Capped("climb_mps", question.bounds.figures.motion.climb_mps, "of this kind")


def descent(question: Question) -> Ruling:
    """Cap the speed downwards."""
    return Capped("descent_mps", question.bounds.figures.motion.descent_mps, "of this kind")


def height(question: Question) -> Ruling:
    """Refuse what would end too high, or below home."""
    motion, wish = question.bounds.figures.motion, wish_of(question)
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    if wish.high_m > max(motion.highest_m, here.height_m):
        return Denied("height", f"{wish.high_m:.0f} m, {motion.highest_m:.0f} m are allowed")
    # Standing on the ground it may believe to be a little below it.
    if wish.low_m < min(0.0, here.height_m) and not isinstance(question.command, Launch):
        return Denied("height", f"{wish.low_m:.0f} m is below home")
    return None


def too_fast(question: Question) -> bool:
    """Tell whether it is known to be faster than holds where it is."""
    if question.whereabouts is None:
        return False
    return question.speed_mps > allowed(question)[0] + OVER_MPS


def not_too_fast(question: Question) -> Ruling:
    """Stop what is too fast for too long."""
    since_s = question.memory.over_since_s
    if since_s is None or question.now_s - since_s < OVER_S:
        return None
    most_mps, why = allowed(question)
    return Denied("speed", f"{question.speed_mps:.1f} m/s, {most_mps:.1f} {why}", stop=True)


def allowed(question: Question) -> tuple[float, str]:
    """Return the highest speed over ground from here on, and why that."""
    figures, law = question.bounds.figures, question.bounds.jurisdiction
    most = [(figures.motion.speed_mps, "of this kind")]
    command = question.command
    if command.by == "assistance" if command else question.memory.assisted:
        most.append((ASSISTED_MPS[figures.moves], "for a person from afar"))
    if not question.flies:
        most.append((law.footway_mps, f"by the law of {law.name}"))
        most.extend(
            (_before_mps(question, area), f"before a {area.sort} area")
            for area in question.bounds.slow
        )
    return min(most)


def _before_mps(question: Question, area: SlowArea) -> float:
    """Return the speed from which it can still slow down before the area begins."""
    law, motion = question.bounds.jurisdiction, question.bounds.figures.motion
    within_mps = law.crossing_mps if area.sort == "crossing" else law.shared_mps
    left_m = away_m(area.shape, question.point) - question.margin_m
    if left_m <= 0:
        return within_mps
    delayed_mps = motion.braking_mps2 * (LEASE_S + motion.reaction_s)
    squared = delayed_mps**2 + within_mps**2 + 2 * motion.braking_mps2 * left_m
    return max(within_mps, math.sqrt(squared) - delayed_mps)
