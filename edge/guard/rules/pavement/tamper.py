"""Somebody tilts, lifts or forces it: stop, lock, sound the alarm, report every position."""

from edge.guard.question import Denied, Question, Ruling


def noticed(question: Question) -> str:
    """Return what somebody does to it, or did; in the air only falling would look like that."""
    harmed, posture = question.memory.harmed, question.truth.posture
    if harmed or posture is None or question.airborne:
        return harmed
    if posture.forced:
        return "a lid or lock was forced"
    if posture.lifted:
        return "it was lifted"
    if posture.tilt_deg > question.bounds.figures.most_tilt_deg:
        return f"it is tilted by {posture.tilt_deg:.0f} degrees"
    return ""


def unharmed(question: Question) -> Ruling:
    """Refuse everything until a person has looked at it."""
    harmed = question.memory.harmed
    return Denied("tamper", harmed, stop=True) if harmed else None


def felt(question: Question) -> Ruling:
    """Let nothing move that does not feel how it stands."""
    posture = question.truth.posture
    if posture is None or not question.fresh(posture.at_s):
        return Denied("tamper", "it does not feel whether somebody lifts it", stop=True)
    return None
