"""Rules of a leg before it flies: gate, plan on board, start."""

from edge.flight import events as e
from edge.flight.change import (
    Change,
    again,
    ask,
    changed,
    enter,
    give_up,
    load,
    plan_of,
)
from edge.flight.gate import tell
from edge.flight.progress import FlightProgress, Phase
from edge.messages.facts import FlightHeldBack


def set_out(progress: FlightProgress, event: e.SetOut) -> Change:
    """Begin a leg at the gate; numbers go on, so that no old answer fits."""
    fresh = FlightProgress(plan=event.plan, asked=progress.asked)
    return enter(fresh, Phase.AT_GATE, event.seen, "", e.AskGate)


def gate_answered(progress: FlightProgress, event: e.GateAnswered) -> Change:
    """Load the plan, or say once what holds it back."""
    if event.reasons:
        return _held_back(progress, event.reasons, event.seen.now_s)
    return load(changed(progress, reasons=()), Phase.LOADING, event.seen)


def order_at_gate(progress: FlightProgress, event: e.Ordered) -> Change:
    """Give the leg up before it has begun; every other order has nothing to order."""
    if event.what != "give_up" or progress.homeward:
        return Change(progress)
    given_up = give_up(progress, event.why)
    return enter(given_up.progress, Phase.ON_GROUND, event.seen, event.why).with_facts(
        *given_up.facts
    )


def loaded(progress: FlightProgress, event: e.Answered) -> Change:
    """Start what is proven; what cannot be loaded goes back to the gate."""
    if event.done:
        proven = changed(progress, proven=True)
        mission = progress.parts
        return enter(proven, Phase.STARTING, event.seen, "", e.Start, mission=mission)
    more = again(progress, e.PutOnBoard, **plan_of(progress))
    return more or _back_to_gate(progress, event)


def started(progress: FlightProgress, event: e.Answered) -> Change:
    """Fly, or stand and say why, or find out which."""
    if event.done:
        return enter(progress, Phase.CLIMBING, event.seen)
    if event.seen.on_ground:
        return _back_to_gate(progress, event)
    unsure = changed(progress, then=Phase.STARTING, proven=False)
    return enter(unsure, Phase.SYNCING, event.seen, event.why)


def cleared_board(progress: FlightProgress, event: e.Answered) -> Change:
    """After the landing: try again to leave nothing of the mission on board."""
    if event.done:
        return Change(changed(progress, waits=False))
    return again(progress, e.PutOnBoard, mission=()) or Change(changed(progress, waits=False))


def look_before(progress: FlightProgress, event: e.Looked) -> Change:
    """Notice that somebody else has armed it while the plan is loaded."""
    if progress.phase is Phase.LOADING and event.seen.armed:
        why = "somebody else has armed it"
        return enter(changed(progress, then=None), Phase.DECIDING, event.seen, why)
    return Change(progress)


def _held_back(progress: FlightProgress, reasons: tuple[str, ...], now_s: float) -> Change:
    if reasons == progress.reasons:
        return Change(progress)
    after, told = changed(progress, reasons=reasons), tell(progress.told, reasons, now_s)
    if told is None:
        return Change(after)
    plan = progress.flight
    fact = FlightHeldBack(plan_id=plan.plan_id, stop_id=plan.stop_id, reasons=reasons)
    return Change(changed(after, told=told), (fact,))


def _back_to_gate(progress: FlightProgress, event: e.Answered) -> Change:
    entered = enter(changed(progress, proven=False), Phase.AT_GATE, event.seen, event.why)
    asked = ask(entered.progress, e.AskGate)
    reasons = (event.why or "it was not taken",)
    told = _held_back(asked.progress, reasons, event.seen.now_s)
    return Change(told.progress, (*entered.facts, *told.facts), asked.actions)
