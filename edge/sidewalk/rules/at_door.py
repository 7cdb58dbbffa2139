"""Rules of a robot's leg at the door: code, lid, compartments, shut again (works.md S5)."""

from edge.messages.facts import (
    CompartmentEmptied,
    CompartmentOpened,
    DoorCodeRefused,
    LidIntended,
)
from edge.sidewalk import events as e
from edge.sidewalk.change import (
    Change,
    again,
    ask,
    call_for_help,
    changed,
    enter,
    give_up,
    in_circle,
    lasts_s,
    put_box,
)
from edge.sidewalk.progress import DriveProgress, Phase, Seen

STANDS_MPS = 0.1
CODE_HOLDS_S = 240.0  # to open, take and close; a code that was shown once opens nothing later
LID_OPENS_S = 4.0  # its sensor tells only that it is no longer shut
LID_WITHIN_S = 20.0
TAKE_WITHIN_S = 180.0
BOLT_AGAIN_S = 6.0  # a drawn bolt goes back after five seconds if nobody opens
STUCK_S = 600.0


def look_at_door(progress: DriveProgress, event: e.Looked) -> Change:
    """Wait for a code, not for ever; motors that do not rest are told to once more."""
    seen, door = event.seen, progress.leg.door
    assert door is not None, "only stops have a door"
    if lasts_s(progress, seen) > door.waits_s:
        return leave_door(progress, seen, f"nobody came in {door.waits_s:.0f} s")
    if not progress.waits and seen.armed:
        return again(progress, e.RestMotors) or Change(progress)
    return Change(progress)


def rested(progress: DriveProgress, event: e.Answered) -> Change:
    """Take note that the motors rest; if they do not, it is tried again with the next looks."""
    del event
    return Change(changed(progress, waits=False))


def code_shown(progress: DriveProgress, event: e.CodeShown) -> Change:
    """Write the intent and open, if the code is right and it stands where it may."""
    seen, leg = event.seen, progress.leg
    assert leg.stop_id is not None, "only stops have a door"
    if not event.right:
        left = max(0, progress.tries_left - 1)
        fact = DoorCodeRefused(stop_id=leg.stop_id, tries_left=left)
        after = changed(progress, tries_left=left)
        if left:
            return Change(after, (fact,))
        return leave_door(after, seen, "too many wrong codes").with_facts(fact)
    if not may_open(progress, seen):
        return Change(progress)
    names = tuple(box.name for box in progress.boxes if box.state == "held")
    assert seen.door_m is not None, "it is in the circle"
    assert seen.accuracy_m is not None, "it is in the circle"
    intent = LidIntended(
        stop_id=leg.stop_id,
        compartments=names,
        distance_m=round(seen.door_m, 2),
        accuracy_m=round(seen.accuracy_m, 2),
    )
    opening = changed(progress, code_until_s=seen.now_s + CODE_HOLDS_S, boot_id=seen.boot_id)
    for name in names:
        opening = put_box(opening, name, "opening")
    return enter(opening, Phase.OPENING, seen).with_facts(intent)


def may_open(progress: DriveProgress, seen: Seen) -> bool:
    """Tell whether it stands still, motors off, inside the circle, with something to give."""
    stands = seen.speed_mps is not None and seen.speed_mps <= STANDS_MPS
    rests = stands and seen.armed is False and not progress.gives_up
    some = any(box.state == "held" for box in progress.boxes)
    return rests and some and progress.tries_left > 0 and in_circle(progress, seen)


def look_opening(progress: DriveProgress, event: e.Looked) -> Change:
    """Open the lid; once it is seen open, draw the bolts one after the other."""
    seen, stop_id = event.seen, progress.leg.stop_id
    assert stop_id is not None, "only stops have a door"
    if progress.waits and progress.tries:
        return Change(progress)  # a bolt is being drawn
    if seen.lid == "open" and lasts_s(progress, seen) >= LID_OPENS_S:
        return unbolt_next(progress, seen)
    if lasts_s(progress, seen) > LID_WITHIN_S:
        return shut(progress, seen, "the lid does not open")
    action = e.MoveLid(number=progress.asked, opens=True, stop_id=stop_id)
    return Change(progress, (), (action,))


def unbolt_next(progress: DriveProgress, seen: Seen) -> Change:
    """Draw the bolt of the first compartment that is to be opened and is still locked."""
    stop_id = progress.leg.stop_id
    assert stop_id is not None, "only stops have a door"
    for box in progress.boxes:
        if box.state == "opening" and seen.is_locked(box.name) is not False:
            return ask(progress, e.Unbolt, compartment=box.name, stop_id=stop_id)
    return enter(progress, Phase.OPEN, seen)


def unbolted(progress: DriveProgress, event: e.Answered) -> Change:
    """Let the customer take; a bolt that is not drawn is tried again, then given up."""
    if event.done:
        # The sensor follows; a bolt that did not move is seen locked and drawn again.
        return enter(progress, Phase.OPEN, event.seen)
    if progress.tries < 3:
        return Change(changed(progress, waits=False))
    return shut(progress, event.seen, f"a bolt is not drawn: {event.why}")


def opening_vetoed(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Shut again what the guard does not let open."""
    return shut(progress, event.seen, event.why)


def look_open(progress: DriveProgress, event: e.Looked) -> Change:
    """Follow the doors; close once everything is taken or time is over."""
    seen = event.seen
    followed = follow_doors(progress, seen)
    after = followed.progress
    if all(box.state == "emptied" for box in after.boxes):
        return _close(after, seen).with_facts(*followed.facts)
    if any(box.state == "opened" for box in after.boxes):
        if lasts_s(after, seen) > STUCK_S:
            called = call_for_help(after, seen, "a compartment stays open")
            return called.with_facts(*followed.facts)
        return followed
    if lasts_s(after, seen) > TAKE_WITHIN_S:
        return shut(after, seen, "nobody took it").with_facts(*followed.facts)
    if lasts_s(after, seen) > BOLT_AGAIN_S * (1 + after.tries) and not after.waits:
        shut_again = [
            box.name
            for box in after.boxes
            if box.state == "opening" and seen.is_locked(box.name)
        ]
        if shut_again and _code_holds(after, seen):
            stop_id = after.leg.stop_id
            assert stop_id is not None, "only stops have a door"
            asked = ask(after, e.Unbolt, compartment=shut_again[0], stop_id=stop_id)
            return asked.with_facts(*followed.facts)
    return followed


def bolt_answered(progress: DriveProgress, event: e.Answered) -> Change:
    """Take note: the bolt's sensor says the rest."""
    del event
    return Change(changed(progress, waits=False))


def open_vetoed(progress: DriveProgress, event: e.Vetoed) -> Change:
    """Draw no bolt that the guard keeps; what is open is waited for."""
    del event
    return Change(changed(progress, waits=False, code_until_s=None))


def door_moved(progress: DriveProgress, event: e.DoorMoved) -> Change:
    """Believe the controller: it keeps what happened until it was told."""
    name = event.compartment
    box = next((one for one in progress.boxes if one.name == name), None)
    if box is None or event.what in ("forced", "jammed"):
        return Change(progress)
    if event.what == "opened" and box.state in ("opening", "unknown"):
        return opened(progress, name)
    if event.what == "closed" and box.state == "opened":
        return emptied(progress, name)
    return Change(progress)


def opened(progress: DriveProgress, name: str) -> Change:
    """Note that somebody with the right code opened it."""
    stop_id = progress.leg.stop_id
    assert stop_id is not None, "only stops have a door"
    fact = CompartmentOpened(stop_id=stop_id, compartment=name)
    return Change(put_box(progress, name, "opened"), (fact,))


def emptied(progress: DriveProgress, name: str) -> Change:
    """Note that it was closed again: it is the customer's now."""
    stop_id = progress.leg.stop_id
    assert stop_id is not None, "only stops have a door"
    fact = CompartmentEmptied(stop_id=stop_id, compartment=name)
    return Change(put_box(progress, name, "emptied"), (fact,))


def follow_doors(progress: DriveProgress, seen: Seen) -> Change:
    """Read the doors' sensors, too: an event may come late."""
    after = Change(progress)
    for box in progress.boxes:
        is_open = seen.is_door_open(box.name)
        if box.state in ("opening", "unknown") and is_open:
            more = opened(after.progress, box.name)
        elif box.state == "opened" and is_open is False:
            more = emptied(after.progress, box.name)
        else:
            continue
        after = Change(more.progress, (*after.facts, *more.facts))
    return after


def shut(progress: DriveProgress, seen: Seen, why: str) -> Change:
    """Close everything, and give up what was not taken."""
    given_up = give_up(progress, why)
    return _close(given_up.progress, seen, why).with_facts(*given_up.facts)


def look_closing(progress: DriveProgress, event: e.Looked) -> Change:
    """Close the lid, drive the bolts out; it leaves the door only once both are seen."""
    seen, stop_id = event.seen, progress.leg.stop_id
    assert stop_id is not None, "only stops have a door"
    followed = follow_doors(progress, seen)
    after = followed.progress
    if any(is_open for _, is_open in seen.doors):
        called = _if_long(after, seen, STUCK_S, "a compartment stays open")
        return called.with_facts(*followed.facts)
    if seen.is_shut:
        return _served(after, seen).with_facts(*followed.facts)
    if seen.lid != "closed":
        action = e.MoveLid(number=after.asked, opens=False, stop_id=stop_id)
        called = _if_long(after, seen, LID_WITHIN_S, "the lid does not close")
        return Change(called.progress, (*followed.facts, *called.facts), (action,))
    called = _if_long(after, seen, LID_WITHIN_S, "a bolt does not lock")
    if not after.waits and lasts_s(after, seen) > after.tries:
        bolted = ask(called.progress, e.BoltAll)
        return bolted.with_facts(*followed.facts, *called.facts)
    return called.with_facts(*followed.facts)


def order_at_door(progress: DriveProgress, event: e.Ordered) -> Change:
    """Give the stop up: what is open is shut first."""
    if event.what != "give_up":
        return Change(progress)
    if progress.phase is Phase.AT_DOOR:
        return leave_door(progress, event.seen, event.why)
    if progress.phase is Phase.CLOSING:
        return give_up(progress, event.why)
    return shut(progress, event.seen, event.why)


def leave_door(progress: DriveProgress, seen: Seen, why: str) -> Change:
    """Be done at a lid that was not opened."""
    given_up = give_up(progress, why)
    served = enter(given_up.progress, Phase.SERVED, seen, why)
    return served.with_facts(*given_up.facts)


def _close(progress: DriveProgress, seen: Seen, why: str = "") -> Change:
    return enter(changed(progress, code_until_s=None), Phase.CLOSING, seen, why)


def _served(progress: DriveProgress, seen: Seen) -> Change:
    states = {box.state for box in progress.boxes}
    if "held" in states and not progress.gives_up:
        return enter(progress, Phase.AT_DOOR, seen, "", e.RestMotors)
    left = states - {"emptied"}
    given_up = give_up(progress, "it was not taken") if left else Change(progress)
    served = enter(given_up.progress, Phase.SERVED, seen, given_up.progress.gives_up)
    return served.with_facts(*given_up.facts)


def _if_long(progress: DriveProgress, seen: Seen, long_s: float, why: str) -> Change:
    if lasts_s(progress, seen) > long_s:
        return call_for_help(progress, seen, why)
    return Change(progress)


def _code_holds(progress: DriveProgress, seen: Seen) -> bool:
    return progress.code_until_s is not None and seen.now_s < progress.code_until_s
