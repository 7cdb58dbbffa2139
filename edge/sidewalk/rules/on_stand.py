"""Rules of a robot's leg before it moves: gate, empty board, motors."""

from edge.flight.gate import tell
from edge.messages.facts import DriveHeldBack
from edge.sidewalk import events as e
from edge.sidewalk.change import (
    HELP_AFTER_S,
    Change,
    again,
    ask,
    begun,
    call_for_help,
    changed,
    enter,
    give_up,
    lasts_s,
    stop,
)
from edge.sidewalk.progress import DriveProgress, Phase
from edge.sidewalk.rules.in_motion import ON_ROAD_S, on_road


def set_out(progress: DriveProgress, event: e.SetOut) -> Change:
    """Begin a leg at the gate; numbers go on, so that no old answer fits."""
    given_up = give_up(progress, "another leg was begun")
    fresh = begun(event.plan, progress.asked)
    at_gate = enter(fresh, Phase.AT_GATE, event.seen, "", e.AskGate)
    return at_gate.with_facts(*given_up.facts)


def gate_answered(progress: DriveProgress, event: e.GateAnswered) -> Change:
    """Empty the autopilot's board, or say once what holds it back."""
    if event.reasons:
        return _held_back(progress, event.reasons, event.seen.now_s)
    ready = changed(progress, reasons=())
    return enter(ready, Phase.PREPARING, event.seen, "", e.ClearBoard)


def look_at_gate(progress: DriveProgress, event: e.Looked) -> Change:
    """Call for a person, if it is held back where it does not belong: on its way."""
    if progress.then is None:
        return Change(progress)
    after_s = ON_ROAD_S if on_road(progress, event.seen) else HELP_AFTER_S
    if lasts_s(progress, event.seen) <= after_s:
        return Change(progress)
    return call_for_help(progress, event.seen, "it stands on its way and may not go on")


def order_at_gate(progress: DriveProgress, event: e.Ordered) -> Change:
    """Give the leg up before it has begun; on its way it may also be told to stay."""
    under_way = progress.then is not None
    if event.what == "hold" and under_way:
        return stop(progress, event.seen, event.why, Phase.DRIVING, None)
    if event.what != "give_up":
        return Change(progress)
    given_up = give_up(progress, event.why)
    if under_way:
        stopped = stop(given_up.progress, event.seen, event.why, None, None)
        return stopped.with_facts(*given_up.facts)
    stands = enter(given_up.progress, Phase.STANDING, event.seen, event.why)
    return stands.with_facts(*given_up.facts)


def prepared(progress: DriveProgress, event: e.Answered) -> Change:
    """Arm, once no mission of anybody's can start."""
    if event.done:
        return enter(progress, Phase.SETTING_OUT, event.seen, "", e.WakeMotors)
    return again(progress, e.ClearBoard) or _back_to_gate(progress, event)


def armed(progress: DriveProgress, event: e.Answered) -> Change:
    """Drive, or stand and say why."""
    if event.done:
        return enter(changed(progress, then=None), Phase.DRIVING, event.seen)
    return again(progress, e.WakeMotors) or _back_to_gate(progress, event)


def not_armed(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Go back to the gate: the guard lets nothing begin."""
    answered = e.Answered(seen=event.seen, number=progress.asked, done=False, why=event.why)
    return _back_to_gate(progress, answered)


def _held_back(progress: DriveProgress, reasons: tuple[str, ...], now_s: float) -> Change:
    if reasons == progress.reasons:
        return Change(progress)
    after, told = changed(progress, reasons=reasons), tell(progress.told, reasons, now_s)
    if told is None:
        return Change(after)
    plan = progress.leg
    fact = DriveHeldBack(plan_id=plan.plan_id, stop_id=plan.stop_id, reasons=reasons)
    return Change(changed(after, told=told), (fact,))


def _back_to_gate(progress: DriveProgress, event: e.Answered) -> Change:
    entered = enter(progress, Phase.AT_GATE, event.seen, event.why)
    asked = ask(entered.progress, e.AskGate)
    reasons = (event.why or "it was not taken",)
    told = _held_back(asked.progress, reasons, event.seen.now_s)
    return Change(told.progress, (*entered.facts, *told.facts), asked.actions)
