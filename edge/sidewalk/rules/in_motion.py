"""Rules of a robot's leg on its way: along the pavement, for people, to where it ends."""

from edge.messages.facts import CrossingTaken
from edge.messages.geo import Place
from edge.sidewalk import events as e
from edge.sidewalk.change import (
    AGAIN_S,
    HELP_AFTER_S,
    Change,
    call_for_help,
    changed,
    enter,
    give_up,
    lasts_s,
    seek,
    stop,
)
from edge.sidewalk.plan import PlannedCrossing
from edge.sidewalk.progress import DriveProgress, Leave, Phase, Seen
from edge.sidewalk.way import ahead, pace_mps, place_at, spot_on

ARRIVED_M = 0.7  # an autopilot calls itself there within one or two
NEAR_M = 0.8  # of the place to wait
OFF_M = 3.0  # farther beside the way another one is looked for
BACK_M = 4.0  # it makes so much room at a crossing
BACK_OFF_S = 60.0
SPARE_S = 3.0  # of a permission, besides the time on the road
CROSSES_SHARE = 0.6  # of the plan's speed, from a standstill to a standstill
MOST_REFUSED = 5
ON_ROAD_S = 3.0  # on a road without a leave it calls for help so soon


def look_driving(progress: DriveProgress, event: e.Looked) -> Change:
    """Go on along the way: to the next crossing, or to its end."""
    seen = event.seen
    own = own_doing(progress, seen)
    if own is not None:
        return own
    if lacks_energy(progress, seen):
        return to_charge(progress, seen)
    here, beside = locate(progress, seen)
    if here is None:
        return seek(progress, seen, beside) if beside else Change(progress)
    assert here.along_m is not None, "it was located"
    road = next_crossing(here)
    if road is not None and here.along_m >= road.wait_m - BACK_M:
        leaves = leaves_for(here, road, seen)
        if leaves:
            return go_over(here, leaves, seen)
        if here.along_m >= road.wait_m - NEAR_M:
            return wait_at(here, road, seen)
    if here.along_m >= here.leg.length_m - ARRIVED_M:
        return arrive(here, seen)
    return go(here, seen)


def look_crossing(progress: DriveProgress, event: e.Looked) -> Change:
    """Go over, and only then look at anything else."""
    seen = event.seen
    own = own_doing(progress, seen)
    if own is not None:
        return own
    here, beside = locate(progress, seen)
    if here is None:
        return seek(progress, seen, beside) if beside else Change(progress)
    if next_crossing(here) is None or not is_on(here):
        return enter(changed(here, waited=0), Phase.DRIVING, seen)
    return go(here, seen)


def look_yielding(progress: DriveProgress, event: e.Looked) -> Change:
    """Try again with every look; the guard says when nobody is in the way any more."""
    here, _ = locate(progress, event.seen)
    if lasts_s(progress, event.seen) > HELP_AFTER_S:
        called = call_for_help(here or progress, event.seen, "somebody stays in the way")
        if called.facts:
            return called
    if here is None:
        return Change(progress)
    if here.tries:  # the answer to its stop is none to its going on
        here = changed(here, asked=here.asked + 1, tries=0)
    return go(here, event.seen)


def look_backing_off(progress: DriveProgress, event: e.Looked) -> Change:
    """Make room, wait, come again."""
    seen = event.seen
    here, beside = locate(progress, seen)
    if here is None:
        return seek(progress, seen, beside) if beside else Change(progress)
    if lasts_s(progress, seen) > BACK_OFF_S:
        return enter(here, Phase.DRIVING, seen)
    road = next_crossing(here)
    assert here.along_m is not None, "it was located"
    room_m = max(0.0, (road.wait_m if road else here.along_m) - BACK_M)
    if here.along_m <= room_m + NEAR_M:
        return Change(changed(here, went=False))
    return go(here, seen, place_at(here.leg.points, room_m))


def went(progress: DriveProgress, event: e.Answered) -> Change:
    """Take note that the autopilot goes; what it refuses is asked again some times."""
    if progress.phase is Phase.YIELDING and progress.tries:
        return Change(progress)
    if event.done:
        if progress.phase is Phase.YIELDING:
            return enter(progress, progress.then or Phase.DRIVING, event.seen)
        return Change(changed(progress, went=True, tries=0))
    if progress.phase is Phase.YIELDING:
        return Change(progress)
    if progress.tries + 1 < MOST_REFUSED:
        return Change(changed(progress, tries=progress.tries + 1))
    again_s = event.seen.now_s + AGAIN_S
    return stop(progress, event.seen, event.why, comes_back(progress), again_s)


def vetoed(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Do what the guard's reason asks for; nothing is asked again at once."""
    seen, then = event.seen, comes_back(progress)
    match event.reason:
        case "people" | "lease" | "speed":  # over in a moment: it is tried with every look
            return enter(changed(progress, then=then), Phase.YIELDING, seen, event.why, e.Stay)
        case "crossing" if (road := next_crossing(progress)) is not None:
            return wait_at(progress, road, seen)
        case "fence" | "zone":
            return seek(progress, seen, event.why)
        case "energy" | "site":
            return to_charge(progress, seen)
        case _:
            return stop(progress, seen, event.why, then, seen.now_s + AGAIN_S)


def vetoed_again(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Keep yielding; for a reason that lasts, stop."""
    if event.reason in ("people", "lease", "speed"):
        return Change(progress)
    return vetoed(progress, event)


def keep_backing_off(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Stay where it is, if it cannot make room; the wait goes on."""
    del event
    return Change(changed(progress, went=False))


def to_charge(progress: DriveProgress, seen: Seen) -> Change:
    """Leave the stop, and look for the way to where it is charged."""
    why = "the battery is too low for this leg"
    given_up = give_up(progress, why)
    if progress.leg.purpose != "stop":  # it is on its way there, as far as it can
        return stop(progress, seen, why, None, None)
    sought = seek(given_up.progress, seen, why, to_charge=True)
    return sought.with_facts(*given_up.facts)


def arrive(progress: DriveProgress, seen: Seen) -> Change:
    """Stand, motors off: at the door, at home, or where it is charged."""
    purpose = progress.leg.purpose
    if purpose == "stop" and progress.gives_up:
        phase = Phase.SERVED
    else:
        phase = {"stop": Phase.AT_DOOR, "home": Phase.ARRIVED, "charge": Phase.CHARGING}[
            purpose
        ]
    return enter(progress, phase, seen, "", e.RestMotors)


def go(progress: DriveProgress, seen: Seen, place: Place | None = None) -> Change:
    """Renew the motion; its number stays, so that the last answer counts."""
    assert seen.place is not None, "it was located"
    assert progress.along_m is not None, "it was located"
    plan = progress.leg
    if place is None:
        here_m, end_m = progress.along_m, until_m(progress)
        place = ahead(plan.points, seen.place, here_m, end_m, plan.speed_mps, plan.room_m)
    speed_mps = pace_mps(plan.points, progress.along_m, plan.room_m, plan.speed_mps)
    action = e.Go(number=progress.asked, place=place, speed_mps=speed_mps)
    return Change(changed(progress, waits=True), (), (action,))


def until_m(progress: DriveProgress) -> float:
    """Return how far along the way it may go now."""
    plan, along_m = progress.leg, progress.along_m or 0.0
    entered = Phase.CROSSING in (progress.phase, progress.then)
    roads = [road for road in plan.crossings if along_m < road.clear_m]
    if entered and roads and along_m >= roads[0].wait_m - BACK_M:
        roads = roads[1:]
    return roads[0].wait_m if roads else plan.length_m


def locate(progress: DriveProgress, seen: Seen) -> tuple[DriveProgress | None, str]:
    """Return it with its place along the way; else why it is beside it, if that is known."""
    if seen.place is None:
        return None, ""
    spot = spot_on(progress.leg.points, seen.place, progress.along_m)
    if spot.off_m > OFF_M + (seen.accuracy_m or 0.0):
        return None, f"it is {spot.off_m:.0f} m beside its way"
    return changed(progress, along_m=round(spot.along_m, 2)), ""


def next_crossing(progress: DriveProgress) -> PlannedCrossing | None:
    """Return the crossing that it comes to, or is on."""
    along_m = progress.along_m or 0.0
    return next((road for road in progress.leg.crossings if along_m < road.clear_m), None)


def is_on(progress: DriveProgress) -> bool:
    """Tell whether it is on a crossing, or so near that it was let onto it."""
    road = next_crossing(progress)
    return road is not None and (progress.along_m or 0.0) >= road.wait_m - BACK_M


def on_road(progress: DriveProgress, seen: Seen) -> bool:
    """Tell whether it is between the kerbs of a road: no place to stay."""
    if progress.plan is None:
        return False
    here, _ = locate(progress, seen)
    road = next_crossing(here) if here is not None else None
    return road is not None and here is not None and (here.along_m or 0.0) > road.road_m


def comes_back(progress: DriveProgress) -> Phase:
    """Return what it does again once it may: half-way over, it goes over."""
    if Phase.CROSSING in (progress.phase, progress.then):
        return Phase.CROSSING
    return Phase.DRIVING


def leaves_for(progress: DriveProgress, road: PlannedCrossing, seen: Seen) -> tuple[Leave, ...]:
    """Return a permission for each crossing that lasts to the other side; none: it waits."""
    along_m = progress.along_m or 0.0
    needed_s = (road.clear_m - along_m) / (progress.leg.speed_mps * CROSSES_SHARE) + SPARE_S
    found = []
    for crossing_id in road.crossing_ids:
        mine = [one for one in seen.leaves if one.crossing_id == crossing_id]
        best = max(mine, key=lambda one: one.until_s, default=None)
        if best is None or best.until_s - seen.now_s < needed_s:
            return ()
        found.append(best)
    return tuple(found)


def own_doing(progress: DriveProgress, seen: Seen) -> Change | None:
    """Notice that the autopilot does something else; going on is a decision."""
    if not progress.went or seen.mode is None or seen.goes_in is None:
        return None
    if seen.armed is False:
        return stop(progress, seen, "the motors were switched off", None, None)
    if seen.mode != seen.goes_in:
        why = f"the autopilot changed to {seen.mode} by itself"
        return stop(progress, seen, why, None, None)
    return None


def lacks_energy(progress: DriveProgress, seen: Seen) -> bool:
    """Tell whether the leg to a stop can no longer be driven with the reserve."""
    if progress.leg.purpose != "stop" or seen.left_j is None or seen.needed_j is None:
        return False
    return seen.left_j < seen.needed_j


def wait_at(progress: DriveProgress, road: PlannedCrossing, seen: Seen) -> Change:
    """Stand before a road and ask for the permissions."""
    waiting = enter(progress, Phase.AT_CROSSING, seen, "", e.Stay)
    number = waiting.progress.asked
    ask = e.AskLeave(number=number, crossing_ids=road.crossing_ids)
    return Change(waiting.progress, waiting.facts, (*waiting.actions, ask))


def go_over(progress: DriveProgress, leaves: tuple[Leave, ...], seen: Seen) -> Change:
    """Go over; by whose leave is kept before it moves."""
    facts = tuple(
        CrossingTaken(
            crossing_id=one.crossing_id,
            source=one.source,
            left_s=round(one.until_s - seen.now_s, 1),
        )
        for one in leaves
    )
    return enter(progress, Phase.CROSSING, seen).with_facts(*facts)
