"""Rules of a leg at its drop: stop, look below, let go or let down, take the line in."""

from edge.flight import events as e
from edge.flight.change import (
    Change,
    again,
    at_drop,
    changed,
    enter,
    give_up,
    leave,
    settle_parcel,
)
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.messages.facts import DropIntended, DropMade

STOPPED_WITHIN_S = 30.0
CLEAR_WITHIN_S = 60.0
LINE_IN_WITHIN_S = 60.0
SLOWEST_WINCH_MPS = 0.4
SETTLES_S = 3.0  # a gripper opens in one (PD_GRIPPER_TO of PX4, and the sensor after it)


def stopped(progress: FlightProgress, event: e.Answered) -> Change:
    """Look below, once it holds."""
    if event.done:
        stop_id = progress.flight.stop_id
        return enter(progress, Phase.CLEARING, event.seen, "", e.LookBelow, stop_id=stop_id)
    return again(progress, e.Stay) or abandon(progress, event.seen, "it would not hold there")


def look_stopping(progress: FlightProgress, event: e.Looked) -> Change:
    """Not for ever."""
    if _lasts_s(progress, event.seen) > STOPPED_WITHIN_S:
        return abandon(progress, event.seen, "it would not hold there")
    return Change(progress)


def clear_checked(progress: FlightProgress, event: e.ClearChecked) -> Change:
    """Write the intent and let go, if it is clear and it is where it may."""
    seen, plan = event.seen, progress.flight
    holds = seen.on_ground if plan.site.manner == "land" else seen.mode == "hold"
    if not (event.clear and holds and at_drop(progress, seen)):
        return look_below(progress)
    assert seen.distance_m is not None, "it is in the circle"
    assert seen.accuracy_m is not None, "it is in the circle"
    intent = DropIntended(
        stop_id=plan.stop_id,
        manner=plan.site.manner,
        distance_m=round(seen.distance_m, 2),
        accuracy_m=round(seen.accuracy_m, 2),
        height_m=round(seen.height_m or 0.0, 2),
    )
    letting = changed(progress, parcel="letting_go")
    if plan.site.manner == "winch":
        down = changed(letting, line_out=True)
        line_m = plan.site.line_m
        change = enter(
            down, Phase.LOWERING, seen, "", e.LetDown, stop_id=plan.stop_id, length_m=line_m
        )
    else:
        change = enter(letting, Phase.RELEASING, seen, "", e.LetGo, stop_id=plan.stop_id)
    return change.with_facts(intent)


def look_below(progress: FlightProgress) -> Change:
    """Look again; how long is bounded by time, not by tries."""
    number = progress.asked + 1
    action = e.LookBelow(number=number, stop_id=progress.flight.stop_id)
    return Change(changed(progress, asked=number, waits=True), (), (action,))


def look_clearing(progress: FlightProgress, event: e.Looked) -> Change:
    """Not for ever."""
    if _lasts_s(progress, event.seen) > CLEAR_WITHIN_S:
        return abandon(progress, event.seen, "the place below did not become clear")
    return Change(progress)


def lowered(progress: FlightProgress, event: e.Answered) -> Change:
    """Wait for the line, or take it in again with the parcel."""
    if event.done:
        return Change(changed(progress, waits=False, since_s=event.seen.now_s))
    return resolve(progress, event.seen, f"the line was not let out: {event.why}")


def look_lowering(progress: FlightProgress, event: e.Looked) -> Change:
    """Let go once the line is out: seen, or where nothing sees it, after long enough."""
    seen, site = event.seen, progress.flight.site
    if progress.waits:
        return Change(progress)
    lasts_s = _lasts_s(progress, seen)
    out_s = site.line_m / SLOWEST_WINCH_MPS + SETTLES_S
    if seen.winch == "out" or (seen.winch == "unknown" and lasts_s >= out_s):
        stop_id = progress.flight.stop_id
        return enter(progress, Phase.RELEASING, seen, "", e.LetGo, stop_id=stop_id)
    if lasts_s >= LINE_IN_WITHIN_S:
        return resolve(progress, seen, "the line was not let out")
    return Change(progress)


def released(progress: FlightProgress, event: e.Answered) -> Change:
    """Wait for the gripper: its answer comes before it has moved."""
    if event.done:
        return Change(changed(progress, waits=False, since_s=event.seen.now_s))
    if event.seen.grip == "holding":
        # Not blindly: it was seen that it still holds.
        more = again(progress, e.LetGo, stop_id=progress.flight.stop_id)
        if more is not None:
            return more
    return resolve(progress, event.seen, f"the gripper did not open: {event.why}")


def look_releasing(progress: FlightProgress, event: e.Looked) -> Change:
    """Believe the gripper's sensor; without one, what was answered, after a moment."""
    seen, stop_id = event.seen, progress.flight.stop_id
    if progress.waits:
        return Change(progress)
    if seen.grip == "empty":
        return resolve(progress, seen, "")
    if _lasts_s(progress, seen) < SETTLES_S:
        return Change(progress)
    if seen.grip == "unknown":
        made = DropMade(stop_id=stop_id, seen=False)
        return leave(changed(progress, parcel="gone"), seen, "").with_facts(made)
    more = again(progress, e.LetGo, stop_id=stop_id)
    return more or resolve(progress, seen, "the gripper does not open")


def resolve(progress: FlightProgress, seen: Seen, why: str) -> Change:
    """Let the gripper say what became of the parcel; then leave."""
    settled = settle_parcel(progress, seen)
    if settled.progress.parcel == "on_board":
        return abandon(settled.progress, seen, why).with_facts(*settled.facts)
    return leave(settled.progress, seen, "").with_facts(*settled.facts)


def abandon(progress: FlightProgress, seen: Seen, why: str) -> Change:
    """Go home with the parcel."""
    given_up = give_up(progress, why)
    return leave(given_up.progress, seen, why).with_facts(*given_up.facts)


def raised(progress: FlightProgress, event: e.Answered) -> Change:
    """Leave if the line is seen in: the winch's word is not enough."""
    if event.seen.winch == "in":
        return leave(changed(progress, line_out=False), event.seen, "")
    if event.seen.winch == "out":
        length_m = progress.flight.site.line_m
        more = again(progress, e.PullUp, length_m=length_m)
        if more:
            return more
    return Change(changed(progress, waits=False))


def look_raising(progress: FlightProgress, event: e.Looked) -> Change:
    """Leave once the line is in; land here if it cannot be taken in.

    What the sensor said before the winch was asked counts for nothing.
    """
    if event.seen.winch == "in" and not progress.waits:
        return leave(changed(progress, line_out=False), event.seen, "")
    if _lasts_s(progress, event.seen) > LINE_IN_WITHIN_S:
        why = "the line cannot be taken in"
        return enter(progress, Phase.DIVERTING, event.seen, why, e.LandThere, place=None)
    return Change(progress)


def _lasts_s(progress: FlightProgress, seen: Seen) -> float:
    return 0.0 if progress.since_s is None else seen.now_s - progress.since_s
