"""It can always stop before it comes near to somebody."""

import math

from edge.guard.question import LEASE_S, STILL_MPS, Capped, Denied, Question, Ruling, wish_of
from edge.guard.shapes import segments_apart_m
from edge.guard.truth import Person, Velocity

KEEP_M = 0.5  # from its side to the person's middle, besides what both are wide
PERSON_M = 0.3
SEEN_FOR_S = 0.5
UNSURE_MPS = 0.5  # a walker may change pace by so much while it brakes
PARTS = 8  # of the wished speed, that are tried


def slow_for_people(question: Question) -> Ruling:
    """Cap the speed so that it stands before it comes near to anybody."""
    velocity = wish_of(question).velocity_enu_mps
    wished_mps = math.hypot(*velocity[:2])
    if unseen := _unseen(question):
        return Denied("people", unseen, stop=True)
    if wished_mps <= 0:
        return None
    for part in range(PARTS, 0, -1):
        share = part / PARTS
        if not _near(question, velocity, wished_mps * share, LEASE_S):
            return Capped("speed_mps", wished_mps * share, "for people") if share < 1 else None
    return Denied("people", "somebody is in the way", stop=True)


def now(question: Question) -> Ruling:
    """Stop if otherwise it would not stand in time."""
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    if question.speed_mps <= STILL_MPS:
        return None
    if unseen := _unseen(question):
        return Denied("people", unseen, stop=True)
    if _near(question, here.velocity_enu_mps, question.speed_mps, 0.0):
        return Denied("people", "somebody comes into the way", stop=True)
    return None


def _unseen(question: Question) -> str:
    people = question.truth.people
    if people is None:
        return "it cannot see whether people are near"
    if not question.fresh(people.at_s, SEEN_FOR_S):
        return f"it has not looked for people for {question.now_s - people.at_s:.1f} s"
    return ""


def _near(question: Question, velocity: Velocity, speed_mps: float, delay_s: float) -> bool:
    """Tell whether somebody ahead would come near before it stands."""
    people, motion = question.truth.people, question.bounds.figures.motion
    assert people is not None, "asked only while it sees"
    length_mps = math.hypot(*velocity[:2])
    ahead = (velocity[0] / length_mps, velocity[1] / length_mps)
    fastest_mps = max(speed_mps, question.speed_mps)
    moving_s = delay_s + motion.reaction_s
    stands_s = moving_s + fastest_mps / motion.braking_mps2
    goes_m = fastest_mps * moving_s + question.braking_m(fastest_mps)
    stop = (ahead[0] * goes_m, ahead[1] * goes_m)
    keep_m = KEEP_M + PERSON_M + motion.size_m / 2 + UNSURE_MPS * stands_s
    for person in people.seen:
        if person.east_m * ahead[0] + person.north_m * ahead[1] <= 0:
            continue  # behind: moving on leads away
        start, end = _walk(person, stands_s)
        if segments_apart_m((0.0, 0.0), stop, start, end) < keep_m:
            return True
    return False


def _walk(person: Person, lasts_s: float) -> tuple[tuple[float, float], tuple[float, float]]:
    start = (person.east_m, person.north_m)
    return start, (
        person.east_m + person.east_mps * lasts_s,
        person.north_m + person.north_mps * lasts_s,
    )
