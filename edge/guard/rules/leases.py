"""A command holds for a short time, is heard once, and comes from whoever may ask now."""

import math

from edge.guard.question import LEASE_S, Denied, Question, Ruling
from edge.messages.machines.actuators import FlyPlan, Launch

BEAT_S = 2.0  # works.md S6
SKEW_S = 0.05  # both sides read the same clock; more is a mistake


def in_time(question: Question) -> Ruling:
    """Refuse what has expired, was issued in the future, or was heard before."""
    command, now_s = question.command, question.now_s
    assert command is not None, "only commands expire"
    if not (math.isfinite(command.issued_s) and math.isfinite(command.expires_s)):
        return Denied("not_a_number", "its times are no numbers")
    if command.number <= question.memory.last_number:
        return Denied(
            "replay", f"number {command.number} after {question.memory.last_number} was heard"
        )
    if command.issued_s > now_s + SKEW_S:
        return Denied("lease", f"issued {command.issued_s - now_s:.2f} s from now")
    if now_s >= min(command.expires_s, command.issued_s + LEASE_S):
        return Denied("lease", f"expired, issued {now_s - command.issued_s:.2f} s ago")
    return None


def sender(question: Question) -> Ruling:
    """Let a person from afar ask only with a living lease, and nobody else meanwhile."""
    command = question.command
    assert command is not None, "only commands have a sender"
    if command.by == "assistance":
        if isinstance(command, FlyPlan | Launch):
            return Denied("assistance", "a person from afar may only move it a little")
        lost = lost_assistance(question)
        return Denied("assistance", lost, stop=question.memory.assisted) if lost else None
    if question.truth.assistance is not None and not lost_assistance(question):
        return Denied("assistance", "a person has taken over")
    if question.memory.assisted and not question.stands:
        return Denied("assistance", "it has not stood since a person moved it", stop=True)
    return None


def lost_assistance(question: Question) -> str:
    """Return why nobody helps from afar; empty if somebody does."""
    lease = question.truth.assistance
    if lease is None:
        return "nobody was let in to help"
    if question.now_s >= lease.until_s:
        return "the time to help is over"
    if not question.fresh(lease.heard_s, BEAT_S):
        return f"not heard for {question.now_s - lease.heard_s:.1f} s"
    return ""


def still_led(question: Question) -> Ruling:
    """Stop a motion whose lease nobody renewed, or whose person is gone."""
    memory = question.memory
    if memory.assisted and (lost := lost_assistance(question)):
        return Denied("assistance", lost, stop=True)
    until_s = memory.moving_until_s
    if until_s is not None and question.now_s >= until_s:
        return Denied("lease", "nobody renewed the motion", stop=True)
    return None
