"""Words that are events: a code at the lid, a door that moved, a person who helps from afar."""

from edge.handover.pin import pin_fits
from edge.messages.machines.controller import CompartmentEvent
from edge.messages.machines.pavement import CodeEntered, HelperBeat, HelperSteers
from edge.pilot.craft import Situation
from edge.sidewalk import events as e
from edge.sidewalk.asking import name_of
from edge.sidewalk.progress import DriveProgress, Seen


def is_event(word: object) -> bool:
    """Tell whether a word is an event, and not only how things stand."""
    return isinstance(word, CodeEntered | CompartmentEvent | HelperBeat | HelperSteers)


def event_of(
    progress: DriveProgress, word: object, seen: Seen, at: Situation
) -> e.AnyEvent | None:
    """Return the event that a word is; None if it is none now."""
    match word:
        case CodeEntered(code=code):
            return e.CodeShown(seen=seen, right=fits(progress, code, at))
        case CompartmentEvent(what=what, compartment=index):
            return e.DoorMoved(seen=seen, compartment=name_of(index), what=what)
        case HelperBeat(operator=operator, left_s=left_s):
            if left_s <= 0:
                return e.HelpWent(seen=seen, operator=operator)
            if progress.operator:
                return None
            return e.HelpCame(seen=seen, operator=operator, lasts_s=left_s)
        case HelperSteers(operator=operator, place=place, speed_mps=speed_mps):
            return e.Steered(seen=seen, operator=operator, place=place, speed_mps=speed_mps)
        case _:
            return None


def fits(progress: DriveProgress, code: str, at: Situation) -> bool:
    """Tell whether a code is that of every parcel on board for the present stop."""
    route, plan = at.mission.route, progress.plan
    if route is None or plan is None or plan.stop_id is None:
        return False
    stop = next((one for one in route.stops if one.stop_id == plan.stop_id), None)
    if stop is None:
        return False
    on_board = set(at.mission.on_board())
    wanted = [p for p in route.parcels if p.parcel_id in stop.parcels]
    mine = [p for p in wanted if p.parcel_id in on_board]
    return bool(mine) and all(pin_fits(code, parcel.requirements) for parcel in mine)
