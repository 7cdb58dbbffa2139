"""What may be done in which state of the parts: works.md A7, A8, S5."""

import math

from edge.guard.bounds import Approval
from edge.guard.question import Denied, Question, Ruling
from edge.guard.rules.air.sites import may_land
from edge.guard.truth import PartsState
from edge.messages.machines.actuators import (
    AnyCommand,
    CloseLid,
    Drop,
    FlyPlan,
    Grasp,
    Lock,
    OpenLid,
    PayOut,
    TakeIn,
    Unlock,
)
from edge.messages.machines.plans import Lower, Release, SetDown, TouchDown
from edge.vehicles.machine import PartSort

CLEAR_FOR_S = 2.0  # a child runs five metres in that time
NEEDS: dict[type[AnyCommand], PartSort] = {
    OpenLid: "lid",
    CloseLid: "lid",
    Unlock: "locks",
    Lock: "locks",
    PayOut: "winch",
    TakeIn: "winch",
    Drop: "gripper",
    Grasp: "gripper",
}


def has_part(question: Question) -> Ruling:
    """Refuse what this kind has no part for."""
    command = question.command
    assert command is not None, "only commands need a part"
    part = NEEDS[type(command)]
    if part not in question.bounds.figures.parts:
        return Denied("kind", f"a {question.bounds.kind} has no {part}")
    return None


def of_the_air(question: Question) -> Ruling:
    """Refuse to fly what does not fly."""
    if not question.flies:
        return Denied("kind", f"a {question.bounds.kind} does not fly")
    return None


def closed_up(question: Question) -> Ruling:
    """Let nothing move with an open lid, an open compartment or a line out."""
    parts, has = _known(question), question.bounds.figures.parts
    if parts is None:
        return Denied("sub_state", "nobody knows whether it is closed", stop=True)
    if "lid" in has and parts.lid != "closed":
        return Denied("sub_state", f"the lid is {parts.lid}", stop=True)
    if "locks" in has:
        for name, state in parts.locks:
            if state != "locked":
                return Denied("sub_state", f"compartment {name} is {state}", stop=True)
    if "winch" in has and parts.winch != "in":
        return Denied("sub_state", f"the winch is {parts.winch}", stop=True)
    return None


def closed_up_on_the_way(question: Question) -> Ruling:
    """Let a line out only where it hovers."""
    return None if question.stands else closed_up(question)


def on_the_ground(question: Question) -> Ruling:
    """Let it take off only from where it is known to stand."""
    if question.landed is not True:
        return Denied("sub_state", "it is not known to stand on the ground")
    return None


def in_the_air(question: Question) -> Ruling:
    """Let a machine of the air move along only in the air."""
    if question.landed is not False:
        return Denied("sub_state", "it is not known to be in the air")
    return None


def announced(question: Question) -> Ruling:
    """Let it take off only while it says by radio who and where it is."""
    if not question.fresh(question.truth.remote_id_s):
        return Denied("remote_id", "its identification is not broadcast")
    return None


def not_too_heavy(question: Question) -> Ruling:
    """Let it take off only with a payload that it can carry."""
    payload_kg = question.truth.payload_kg
    most_kg = question.bounds.figures.energy.most_payload_kg
    if payload_kg is None:
        return Denied("payload", "nobody knows what it carries")
    if not 0 <= payload_kg <= most_kg:
        return Denied("payload", f"{payload_kg:.1f} kg, {most_kg:.1f} kg are allowed")
    return None


def plan_without_drops(question: Question) -> Ruling:
    """Refuse a plan that drops unseen, or lands anywhere but where it may."""
    command, bounds = question.command, question.bounds
    assert isinstance(command, FlyPlan), "only plans have parts"
    for part in command.parts:
        if isinstance(part, Release | SetDown | Lower):
            return Denied("approval", "a plan may not drop: nobody looks before it does")
        if isinstance(part, TouchDown) and not may_land(question, bounds.point(part.place)):
            return Denied("site", "nobody approved landing there")
    return None


def still(question: Question) -> Ruling:
    """Open and let down only while it stands."""
    if not question.stands:
        return Denied("sub_state", f"it moves at {question.speed_mps:.1f} m/s")
    return None


def at_the_stop(question: Question) -> Ruling:
    """Open and let down only inside the circle of the stop, wherever in the doubt it is."""
    approval = _approval(question)
    if approval is None:
        return Denied("approval", "the station approved nothing at that stop")
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    away_m = math.dist(question.point, approval.point)
    if away_m + here.accuracy_m > approval.radius_m:
        return Denied(
            "approval",
            f"{away_m:.0f} m from the stop, {here.accuracy_m:.0f} m in doubt,"
            f" {approval.radius_m:.0f} m approved",
        )
    return None


def at_the_height(question: Question) -> Ruling:
    """Drop and let down only between the approved heights."""
    approval, here = _approval(question), question.whereabouts
    assert approval is not None, "the rule about the stop comes first"
    assert here is not None, "the rule about the position comes first"
    if not approval.lowest_m <= here.height_m <= approval.highest_m:
        return Denied(
            "approval",
            f"{here.height_m:.0f} m high, {approval.lowest_m:.0f} to"
            f" {approval.highest_m:.0f} m approved",
        )
    return None


def looked(question: Question) -> Ruling:
    """Drop and let down only when somebody has just looked, and nothing is below."""
    check, command = question.truth.clear_check, question.command
    assert isinstance(command, Drop | PayOut), "only what is let down needs a look"
    if check is None or check.stop_id != command.stop_id:
        return Denied("approval", "nobody has looked whether the place is clear")
    if not question.fresh(check.at_s, CLEAR_FOR_S):
        return Denied("approval", f"the look is {question.now_s - check.at_s:.1f} s old")
    return None if check.clear else Denied("approval", "the place is not clear")


def proven(question: Question) -> Ruling:
    """Open only after the right code or token of that stop, and while it holds."""
    command = question.command
    assert isinstance(command, OpenLid | Unlock), "only what opens needs a code"
    for code in question.truth.proven:
        if code.stop_id == command.stop_id and question.now_s < code.until_s:
            return None
    return Denied("approval", "no code of that stop was shown")


def right_compartment(question: Question) -> Ruling:
    """Unlock only what is for that stop."""
    command, approval = question.command, _approval(question)
    assert isinstance(command, Unlock), "only this names a compartment"
    assert approval is not None, "the rule about the stop comes first"
    if command.compartment not in approval.compartments:
        return Denied("approval", f"compartment {command.compartment} is not for that stop")
    return None


def _known(question: Question) -> PartsState | None:
    parts = question.truth.parts
    return parts if parts is not None and question.fresh(parts.at_s) else None


def _approval(question: Question) -> Approval | None:
    command = question.command
    assert isinstance(command, OpenLid | Unlock | PayOut | Drop), "only these have a stop"
    return next(
        (one for one in question.bounds.approvals if one.stop_id == command.stop_id), None
    )
