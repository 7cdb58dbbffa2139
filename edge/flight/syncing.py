"""Rules after a start of either side: what is on board and what it does, before anything else.

Nothing goes on from memory: the plan is read back, mode and part are the autopilot's, an open
intent is the gripper's and the winch's to tell (A10).
"""

from edge.flight import events as e
from edge.flight.change import (
    Change,
    ask,
    changed,
    enter,
    give_up,
    go_on,
    goes_home,
    leave,
    load,
    next_part,
    pull_up,
    settle_parcel,
)
from edge.flight.in_flight import look_landed
from edge.flight.progress import AT_DROP, GROUNDED, FlightProgress, Phase, Seen
from edge.messages.machines.plans import Climb, Cruise

ON_ITS_WAY = frozenset({Phase.CLIMBING, Phase.CRUISING, Phase.RETURNING, Phase.DECIDING})
BEFORE_FLIGHT = frozenset({Phase.AT_GATE, Phase.LOADING, Phase.STARTING})


def restarted(progress: FlightProgress, event: e.Restarted) -> Change:
    """Doubt everything; what was asked before gets no answer any more."""
    doubted = changed(progress, proven=False, waits=False, unheard_s=None)
    if progress.phase is Phase.AT_GATE:
        return enter(
            changed(doubted, reasons=()), Phase.AT_GATE, event.seen, event.why, e.AskGate
        )
    if progress.phase is Phase.LANDED:
        return ask(changed(doubted, tries=0), e.PutOnBoard, mission=())
    if progress.phase in GROUNDED:
        return Change(doubted)
    was = progress.then if progress.phase is Phase.SYNCING else progress.phase
    if progress.phase is Phase.HOLDING and progress.then is not None:
        was = progress.then
    return prove(
        enter(changed(doubted, then=was), Phase.SYNCING, event.seen, event.why), event.seen
    )


def prove(change: Change, seen: Seen) -> Change:
    """Read back what is on board, as soon as there is somebody to ask."""
    if not seen.present:
        return change
    asked = ask(change.progress, e.ProveOnBoard, mission=change.progress.parts)
    return Change(asked.progress, change.facts, (*change.actions, *asked.actions))


def look_syncing(progress: FlightProgress, event: e.Looked) -> Change:
    """Ask once the autopilot is heard again."""
    if progress.waits or not event.seen.present:
        return Change(progress)
    return prove(Change(progress), event.seen)


def proven(progress: FlightProgress, event: e.Answered) -> Change:
    """Go on where it really is; what is not known yet is asked for again."""
    seen, after = event.seen, changed(progress, proven=event.done, waits=False)
    if not seen.present or seen.armed is None or seen.mode is None or seen.landed is None:
        return Change(after)
    if seen.on_ground:
        return _stands(after, seen)
    settled = settle_parcel(after, seen)
    found = settled.progress
    if found.line_out and seen.winch == "in":
        found = changed(found, line_out=False)
    return _flies(found, seen, event.why).with_facts(*settled.facts)


def _stands(progress: FlightProgress, seen: Seen) -> Change:
    if progress.then in BEFORE_FLIGHT:
        after = changed(progress, then=None, proven=False, reasons=())
        return enter(after, Phase.AT_GATE, seen, "it had not taken off", e.AskGate)
    settled = settle_parcel(changed(progress, then=None), seen)
    landed = look_landed(settled.progress, e.Looked(seen=seen))
    if settled.progress.parcel != "on_board":
        landed = leave(changed(settled.progress, line_out=False), seen, "")
    return landed.with_facts(*settled.facts)


def _flies(progress: FlightProgress, seen: Seen, why: str) -> Change:
    was, known = progress.then, changed(progress, then=None)
    if progress.line_out:
        return pull_up(known, seen, "the line is out")
    if seen.mode == "mission":
        return _on_mission(known, seen, why)
    if was is Phase.DIVERTING and seen.mode in ("hold", "guided", "land"):
        return enter(known, Phase.DIVERTING, seen, "", e.LandThere, place=None)
    if was is Phase.GOING_HOME and seen.mode in ("hold", "return"):
        return enter(known, Phase.GOING_HOME, seen, "", e.GoHome)
    if seen.mode == "hold" or was is Phase.RESUMING:
        return _holds(known, was, seen, why)
    if seen.mode == "guided":
        return enter(known, Phase.HOLDING, seen, "it was led here", e.Stay)
    if seen.mode == "take_off" and was is Phase.STARTING:
        return Change(progress)  # asked again until it is on its way
    return enter(known, Phase.DECIDING, seen, f"the autopilot is in {seen.mode}")


def _on_mission(progress: FlightProgress, seen: Seen, why: str) -> Change:
    if not progress.proven:
        # Nobody knows where it is flying to.
        told = f"what is on board is not the plan: {why}"
        return enter(progress, Phase.HOLDING, seen, told, e.Stay)
    if seen.part is None or seen.part >= len(progress.parts):
        return Change(changed(progress, then=Phase.CRUISING))
    plan = progress.flight
    if progress.homeward or seen.part > plan.drop_part:
        late = "" if goes_home(progress) else "it went on before anybody let it go"
        given_up = give_up(progress, late) if late else Change(progress)
        return enter(given_up.progress, Phase.RETURNING, seen).with_facts(*given_up.facts)
    if goes_home(progress):
        return leave(progress, seen, "")
    climbs = isinstance(progress.parts[seen.part], Climb | Cruise)
    return enter(progress, Phase.CLIMBING if climbs else Phase.CRUISING, seen)


def _holds(progress: FlightProgress, was: Phase | None, seen: Seen, why: str) -> Change:
    if not progress.proven and was is Phase.RELOADING:
        return load(progress, Phase.RELOADING, seen)
    if not progress.proven:
        told = f"what is on board is not the plan: {why}"
        return enter(progress, Phase.HOLDING, seen, told, e.Stay)
    if was in AT_DROP and not goes_home(progress):
        stop_id = progress.flight.stop_id
        return enter(progress, Phase.CLEARING, seen, "", e.LookBelow, stop_id=stop_id)
    if was in AT_DROP or was is Phase.GOING_HOME:
        return leave(progress, seen, "")
    if was is Phase.RESUMING:
        part = next_part(progress, seen)
        if part is not None:
            return go_on(progress, seen, part, "")
        return leave(progress, seen, "the part to go on with is not known")
    if was in ON_ITS_WAY or was in BEFORE_FLIGHT:
        return enter(progress, Phase.DECIDING, seen, "it holds, and nobody told it to")
    return enter(progress, Phase.HOLDING, seen)
