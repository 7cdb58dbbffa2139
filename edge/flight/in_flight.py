"""Rules of a leg in the air: the way there and back, holds, other ways, other landings."""

from edge.flight import events as e
from edge.flight.at_drop import abandon, resolve
from edge.flight.change import (
    Change,
    again,
    ask,
    at_drop,
    changed,
    enter,
    give_up,
    go_on,
    goes_home,
    homeward_part,
    land,
    leave,
    load,
    next_part,
    plan_of,
    pull_up,
    settle_parcel,
)
from edge.flight.progress import FlightProgress, Phase, Seen
from edge.messages.machines.plans import Climb, Cruise

WAY_WITHIN_S = 30.0
TAKES_S = 3.0  # until an autopilot has changed to what it was told
OVER_M = 2.0  # a place to land is this much larger than the drone, at least


def look_on_the_way(progress: FlightProgress, event: e.Looked) -> Change:
    """Follow the mission part by part: climb, cruise, drop, return."""
    seen, plan = event.seen, progress.flight
    if seen.part is None:
        return Change(progress)
    if seen.part < len(progress.parts) and isinstance(
        progress.parts[seen.part], Climb | Cruise
    ):
        return Change(progress)
    if progress.homeward or seen.part > plan.drop_part:
        if progress.phase is Phase.RETURNING:
            return Change(progress)
        why = "" if goes_home(progress) else "it went on before anybody let it go"
        given_up = give_up(progress, why)
        returning = enter(given_up.progress, Phase.RETURNING, seen, why)
        return returning.with_facts(*given_up.facts)
    if progress.phase is Phase.RETURNING:
        # It would fly to the drop once more.
        part = homeward_part(progress, seen)
        why = f"part {seen.part} lies behind it"
        return leave(progress, seen, why) if part is None else go_on(progress, seen, part, why)
    if progress.phase is Phase.CLIMBING:
        return enter(progress, Phase.CRUISING, seen)
    if seen.part == plan.drop_part and at_drop(progress, seen):
        return enter(progress, Phase.STOPPING, seen, "", e.Stay)
    return Change(progress)


def look_landed(progress: FlightProgress, event: e.Looked) -> Change:
    """Take note that it stands: at home, at the drop where that was the way, or elsewhere."""
    seen, plan = event.seen, progress.flight
    may_serve = plan.site.manner == "land" and not progress.homeward
    if may_serve and not goes_home(progress) and at_drop(progress, seen):
        return enter(progress, Phase.CLEARING, seen, "", e.LookBelow, stop_id=plan.stop_id)
    return land(progress, seen, "" if goes_home(progress) else "it landed with the parcel")


def resumed(progress: FlightProgress, event: e.Answered) -> Change:
    """Fly on; in vain, the autopilot's own way home."""
    seen = event.seen
    if event.done:
        phase = Phase.RETURNING if goes_home(progress) else Phase.CRUISING
        return enter(progress, phase, seen)
    part = next_part(progress, seen)
    more = None
    if part is not None:
        more = again(progress, e.GoOn, part=part, mission=progress.parts)
    return more or enter(progress, Phase.GOING_HOME, seen, event.why, e.GoHome)


def held(progress: FlightProgress, event: e.Answered) -> Change:
    """Do what it holds for."""
    if not event.done:
        if progress.then is None:
            return again(progress, e.Stay) or Change(changed(progress, waits=False))
        more = again(progress, e.Stay)
        return more or enter(
            changed(progress, then=None), Phase.DECIDING, event.seen, "it does not hold"
        )
    then, after = progress.then, changed(progress, then=None, waits=False)
    if then is Phase.RAISING:
        return enter(
            after, Phase.RAISING, event.seen, "", e.PullUp, length_m=after.flight.site.line_m
        )
    if then is Phase.RELOADING:
        return load(after, Phase.RELOADING, event.seen)
    if then is Phase.GOING_HOME:
        return find_way(after)
    return Change(after)


def find_way(progress: FlightProgress) -> Change:
    """Ask for a way home; how long it waits for it is bounded by time."""
    number = progress.asked + 1
    waiting = changed(progress, asked=number, then=Phase.GOING_HOME)
    return Change(waiting, (), (e.FindWay(number=number),))


def look_holding(progress: FlightProgress, event: e.Looked) -> Change:
    """Go home the autopilot's own way, if nobody finds another."""
    lasts_s = event.seen.now_s - (progress.since_s or 0.0)
    if progress.then is Phase.GOING_HOME and lasts_s > WAY_WITHIN_S:
        after = changed(progress, then=None)
        return enter(after, Phase.GOING_HOME, event.seen, "no way was found", e.GoHome)
    return Change(progress)


def reloaded(progress: FlightProgress, event: e.Answered) -> Change:
    """Fly the other way from its beginning, or stay where it is with no way at all."""
    if event.done:
        return go_on(changed(progress, proven=True), event.seen, 0, "")
    more = again(progress, e.PutOnBoard, **plan_of(progress))
    return more or enter(
        progress, Phase.DECIDING, event.seen, f"the other way is not on board: {event.why}"
    )


def reroute(progress: FlightProgress, event: e.Rerouted) -> Change:
    """Hold, load the other way whole, go on. Whoever flies is not loaded."""
    is_of_leg = event.plan.stop_id == progress.flight.stop_id
    if not is_of_leg or not event.plan.parts or progress.line_out:
        return Change(progress)
    after = changed(
        progress, plan=event.plan, proven=False, homeward=False, then=Phase.RELOADING
    )
    return enter(after, Phase.HOLDING, event.seen, event.why, e.Stay)


def order(progress: FlightProgress, event: e.Ordered) -> Change:
    """Do what somebody decided; the line comes in first, whatever it is."""
    seen, why = event.seen, event.why
    match event.what:
        case "hold":
            if progress.phase is Phase.HOLDING and progress.then is not None:
                return Change(progress)
            return enter(changed(progress, then=None), Phase.HOLDING, seen, why, e.Stay)
        case "land":
            # Straight down from where it is, or there: the line must not be dragged along.
            place = None if progress.line_out else event.place
            after = changed(progress, landing=place)
            return enter(after, Phase.DIVERTING, seen, why, e.LandThere, place=place)
        case "go_on":
            if progress.phase not in (Phase.HOLDING, Phase.DECIDING):
                return Change(progress)
            if progress.phase is Phase.HOLDING and progress.then is not None:
                return Change(progress)
            searching = changed(progress, then=Phase.RESUMING, proven=False)
            return enter(
                searching, Phase.SYNCING, seen, why, e.ProveOnBoard, mission=progress.parts
            )
        case _:
            if progress.phase is Phase.RAISING or progress.then is Phase.RAISING:
                return Change(progress)
            if progress.parcel == "letting_go":
                return resolve(progress, seen, why)
            if seen.mode == "return" and not progress.line_out:
                given_up = give_up(progress, why)
                home = enter(given_up.progress, Phase.GOING_HOME, seen, why, e.GoHome)
                return home.with_facts(*given_up.facts)
            return abandon(progress, seen, why)


def diverted(progress: FlightProgress, event: e.Answered) -> Change:
    """Tell it once more; where it then lands is seen by looking."""
    if event.done:
        return Change(changed(progress, waits=False))
    more = again(progress, e.LandThere, place=None)
    return more or Change(changed(progress, waits=False))


def look_diverting(progress: FlightProgress, event: e.Looked) -> Change:
    """Land, once it is over the place."""
    away_m = event.seen.landing_m
    if progress.landing is None or progress.waits or away_m is None or away_m > OVER_M:
        return Change(progress)
    return ask(changed(progress, landing=None, tries=0), e.LandThere, place=None)


def gone_home(progress: FlightProgress, event: e.Answered) -> Change:
    """Tell it once more; if it does not even take that, somebody must decide."""
    if event.done:
        return Change(changed(progress, waits=False))
    more = again(progress, e.GoHome)
    return more or enter(progress, Phase.DECIDING, event.seen, f"no way home: {event.why}")


def own_doing(progress: FlightProgress, seen: Seen) -> Change | None:
    """Notice that the autopilot does something that nobody asked it to do."""
    expected = EXPECTED.get(progress.phase)
    lasts_s = seen.now_s - (progress.since_s or 0.0)
    is_told = progress.phase is Phase.HOLDING and (progress.waits or lasts_s < TAKES_S)
    if expected is None or is_told or seen.on_ground:
        return None
    if seen.mode is None or seen.mode in expected:
        return None
    why = f"the autopilot changed to {seen.mode} by itself"
    settled = settle_parcel(changed(progress, then=None), seen)
    if progress.line_out and seen.mode != "land":
        own = pull_up(settled.progress, seen, why)
    else:
        own = enter(settled.progress, Phase.DECIDING, seen, why)
    return own.with_facts(*settled.facts)


EXPECTED = {
    Phase.CLIMBING: frozenset({"mission", "take_off"}),
    Phase.CRUISING: frozenset({"mission"}),
    Phase.RETURNING: frozenset({"mission"}),
    Phase.CLEARING: frozenset({"hold"}),
    Phase.LOWERING: frozenset({"hold"}),
    Phase.RELEASING: frozenset({"hold"}),
    Phase.RAISING: frozenset({"hold"}),
    Phase.HOLDING: frozenset({"hold", "guided"}),
}
"""Modes that belong to a phase; elsewhere it is told, or nobody knows yet."""

GO_ON_S, FINISH_S, SECURE_S = 45.0, 30.0, 30.0  # works.md A7
LEAVES_AFTER_S = {
    Phase.CLIMBING: GO_ON_S,
    Phase.CRUISING: GO_ON_S,
    Phase.STOPPING: GO_ON_S,
    Phase.CLEARING: GO_ON_S,
    Phase.HOLDING: GO_ON_S,
    Phase.RELOADING: GO_ON_S + FINISH_S,
    Phase.DECIDING: GO_ON_S + FINISH_S,
    Phase.LOWERING: GO_ON_S + FINISH_S,
    Phase.RELEASING: GO_ON_S + FINISH_S,
    Phase.RAISING: GO_ON_S + FINISH_S + SECURE_S,
}
"""How long nobody may hear it in which sub-state, before it leaves (A7)."""


def unheard(progress: FlightProgress, seen: Seen) -> tuple[FlightProgress, bool]:
    """Follow how long nobody hears it; tell whether it must leave now."""
    if seen.station:
        return changed(progress, unheard_s=None), False
    since_s = progress.unheard_s
    if since_s is None or since_s > seen.now_s:
        return changed(progress, unheard_s=seen.now_s), False
    limit_s = LEAVES_AFTER_S.get(progress.phase)
    return progress, limit_s is not None and seen.now_s - since_s >= limit_s


def leave_unheard(progress: FlightProgress, seen: Seen) -> Change:
    """Give up what is not done, take the line in, go home; with the line out, land here."""
    why = "nobody hears it"
    if progress.phase is Phase.RAISING:
        return enter(progress, Phase.DIVERTING, seen, why, e.LandThere, place=None)
    if progress.phase is Phase.HOLDING and progress.then is not None:
        return Change(progress)
    if progress.parcel == "letting_go":
        return resolve(progress, seen, why)
    if progress.phase is Phase.DECIDING and seen.mode in ("return", "land"):
        return Change(progress)
    return abandon(progress, seen, why)
