"""Rules after a start of any side: it stands first, and what is open is asked, not remembered.

An intent to open is the sensors' and the controller's kept events to tell; what nobody saw is
not known, and nothing is opened again without the customer's code.
"""

from edge.sidewalk import events as e
from edge.sidewalk.change import (
    AGAIN_S,
    Change,
    again,
    ask,
    call_for_help,
    changed,
    enter,
    give_up,
    lasts_s,
    put_box,
    stop,
    wake,
)
from edge.sidewalk.progress import AT_LID, AT_REST, DriveProgress, Phase, Seen
from edge.sidewalk.rules.at_door import follow_doors
from edge.sidewalk.rules.in_motion import comes_back

BEFORE = frozenset({Phase.AT_GATE, Phase.PREPARING, Phase.SETTING_OUT})
EVENTS_WITHIN_S = 3.0  # the controller says what it kept again every half a second
KNOWN_WITHIN_S = 60.0


def restarted(progress: DriveProgress, event: e.Restarted) -> Change:
    """Doubt everything; what was asked before gets no answer any more."""
    doubted = changed(progress, waits=False, went=False, code_until_s=None, again_s=None)
    if progress.phase in AT_REST:
        return Change(changed(doubted, asked=doubted.asked + 1))
    if progress.phase is Phase.TAMPERED:
        stays = ask(doubted, e.Stay)
        number = stays.progress.asked
        return Change(stays.progress, (), (*stays.actions, e.BoltAll(number=number)))
    was = progress.then if progress.phase is Phase.SYNCING else progress.phase
    if progress.phase in (Phase.YIELDING, Phase.STOPPED, Phase.ASSISTED):
        was = progress.then or Phase.STOPPED
    elif progress.phase in BEFORE:
        was = progress.then or progress.phase
    after = changed(doubted, then=was)
    return enter(after, Phase.SYNCING, event.seen, event.why, e.Stay)


def stays(progress: DriveProgress, event: e.Answered) -> Change:
    """Take note that it was told to stand; a standing robot is one where that was not heard."""
    if event.done:
        return Change(changed(progress, waits=False))
    return again(progress, e.Stay) or Change(changed(progress, waits=False))


def look_syncing(progress: DriveProgress, event: e.Looked) -> Change:
    """Go on where it really is, once autopilot and lid have said how they are."""
    seen, was = event.seen, progress.then
    if not _is_known(progress, seen):
        if lasts_s(progress, seen) > KNOWN_WITHIN_S:
            return call_for_help(progress, seen, "autopilot or controller say nothing")
        if not progress.waits and seen.present and seen.armed and not _stands(seen):
            return again(progress, e.Stay) or Change(progress)
        return Change(progress)
    known = changed(progress, then=None)
    if was in BEFORE:
        return enter(
            changed(known, reasons=()), Phase.AT_GATE, seen, "it had not set out", e.AskGate
        )
    if was in AT_LID or not seen.is_shut:
        return _at_lid(known, was, seen)
    if was is None or was is Phase.STOPPED:
        return stop(known, seen, "it had been stopped", None, None)
    if seen.armed is False:  # an autopilot that begins anew has its motors off
        return wake(known, seen, "its motors are off")
    if was is Phase.CROSSING or was is Phase.AT_CROSSING:
        return enter(changed(known, along_m=None), Phase.DRIVING, seen)
    if was is Phase.SEEKING:
        return enter(known, Phase.SEEKING, seen, "", e.FindWay)
    after = changed(known, along_m=None)
    return stop(after, seen, progress.gives_up, comes_back(after), seen.now_s + AGAIN_S)


def looked_after(progress: DriveProgress, event: e.LookedAfter) -> Change:
    """End the siren, find out how things stand, and go on: a person has looked.

    Nobody's word counts while it is still lifted, tilted, forced, or stands open.
    """
    if event.seen.harmed or not event.seen.is_shut:
        return Change(progress)
    why = f"{event.by} has looked"
    entered = enter(progress, Phase.SYNCING, event.seen, why, e.Stay)
    quiet = e.SoundSiren(number=entered.progress.asked, on=False)
    return entered.with_actions(quiet)


def _at_lid(progress: DriveProgress, was: Phase | None, seen: Seen) -> Change:
    """Let doors, bolts and lid say what became of the intent."""
    followed = follow_doors(progress, seen)
    found = followed.progress
    if not found.boxes:
        why = "lid or bolts are open away from any door"
        stopped = stop(found, seen, why, None, None)
        return call_for_help(stopped.progress, seen, why).with_facts(*stopped.facts)
    if any(box.state == "opened" for box in found.boxes):
        return enter(found, Phase.OPEN, seen).with_facts(*followed.facts)
    if was is Phase.AT_DOOR and seen.is_shut and not found.gives_up:
        back = enter(found, Phase.AT_DOOR, seen, "", e.RestMotors)
        return back.with_facts(*followed.facts)
    asked = seen.boot_id is not None and seen.boot_id == found.boot_id
    for box in found.boxes:
        if box.state == "opening":  # a controller that has not begun anew would have told
            found = put_box(found, box.name, "held" if asked else "unknown")
    if all(box.state in ("held", "emptied") for box in found.boxes):
        return enter(found, Phase.CLOSING, seen).with_facts(*followed.facts)
    given_up = give_up(found, "nobody saw whether it was taken")
    closing = enter(given_up.progress, Phase.CLOSING, seen)
    return closing.with_facts(*followed.facts, *given_up.facts)


def _is_known(progress: DriveProgress, seen: Seen) -> bool:
    if not seen.present or seen.mode is None or seen.armed is None or not seen.knows_lid:
        return False
    if any(box.state == "opening" for box in progress.boxes):
        return _stands(seen) and lasts_s(progress, seen) >= EVENTS_WITHIN_S
    return _stands(seen)


def _stands(seen: Seen) -> bool:
    return seen.speed_mps is not None and seen.speed_mps <= 0.1
