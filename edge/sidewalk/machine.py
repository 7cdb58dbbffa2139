"""A robot's leg as a machine: event in; next state, facts to commit and actions out.

`RULES` is the whole machine: a pair that is absent changes nothing, so that late, doubled and
strange events never move a vehicle. With each look the same is watched in every phase of a
leg: whether somebody lifts, tilts or forces it.
"""

from collections.abc import Callable
from typing import Any

from edge.sidewalk import events as e
from edge.sidewalk.change import Change
from edge.sidewalk.progress import AT_LID, UNDER_WAY, DriveProgress, Phase
from edge.sidewalk.rules import aside, at_crossing, at_door, in_motion, on_stand, syncing

Rule = Callable[[DriveProgress, Any], Change]

MAY_BE_HELPED = UNDER_WAY - {Phase.ASSISTED}
ROUTED = UNDER_WAY - {Phase.CROSSING, Phase.ASSISTED}
"""Here another way may be taken: not on a road, and not under a person's hand."""
AWAITS = frozenset({Phase.STANDING, Phase.SERVED, Phase.ARRIVED, Phase.CHARGING, Phase.STOPPED})
WATCHED = UNDER_WAY | AT_LID | {Phase.SERVED, Phase.SYNCING}
"""Where nobody may lift it: at the station people load it."""

RULES: dict[tuple[Phase, type[e.Event]], Rule] = {
    **{(phase, e.SetOut): on_stand.set_out for phase in AWAITS},
    (Phase.AT_GATE, e.Looked): on_stand.look_at_gate,
    (Phase.AT_GATE, e.GateAnswered): on_stand.gate_answered,
    (Phase.AT_GATE, e.Ordered): on_stand.order_at_gate,
    (Phase.PREPARING, e.Answered): on_stand.prepared,
    (Phase.SETTING_OUT, e.Answered): on_stand.armed,
    (Phase.SETTING_OUT, e.Vetoed): on_stand.not_armed,
    (Phase.DRIVING, e.Looked): in_motion.look_driving,
    (Phase.DRIVING, e.Answered): in_motion.went,
    (Phase.DRIVING, e.Vetoed): in_motion.vetoed,
    (Phase.CROSSING, e.Looked): in_motion.look_crossing,
    (Phase.CROSSING, e.Answered): in_motion.went,
    (Phase.CROSSING, e.Vetoed): in_motion.vetoed,
    (Phase.BACKING_OFF, e.Looked): in_motion.look_backing_off,
    (Phase.BACKING_OFF, e.Answered): in_motion.went,
    (Phase.BACKING_OFF, e.Vetoed): in_motion.keep_backing_off,
    (Phase.YIELDING, e.Looked): in_motion.look_yielding,
    (Phase.YIELDING, e.Answered): in_motion.went,
    (Phase.YIELDING, e.Vetoed): in_motion.vetoed_again,
    (Phase.AT_CROSSING, e.Looked): at_crossing.look_at_crossing,
    (Phase.SEEKING, e.Looked): aside.look_seeking,
    (Phase.STOPPED, e.Looked): aside.look_stopped,
    (Phase.STOPPED, e.Answered): aside.stopped_answered,
    (Phase.STOPPED, e.Vetoed): aside.stopped_vetoed,
    (Phase.ASSISTED, e.Looked): aside.look_assisted,
    (Phase.ASSISTED, e.Vetoed): aside.helped_vetoed,
    (Phase.ASSISTED, e.Steered): aside.steered,
    (Phase.ASSISTED, e.HelpWent): aside.help_went,
    (Phase.AT_DOOR, e.Looked): at_door.look_at_door,
    (Phase.AT_DOOR, e.Answered): at_door.rested,
    (Phase.AT_DOOR, e.CodeShown): at_door.code_shown,
    (Phase.OPENING, e.Looked): at_door.look_opening,
    (Phase.OPENING, e.Answered): at_door.unbolted,
    (Phase.OPENING, e.Vetoed): at_door.opening_vetoed,
    (Phase.OPENING, e.DoorMoved): at_door.door_moved,
    (Phase.OPEN, e.Looked): at_door.look_open,
    (Phase.OPEN, e.Answered): at_door.bolt_answered,
    (Phase.OPEN, e.Vetoed): at_door.open_vetoed,
    (Phase.OPEN, e.DoorMoved): at_door.door_moved,
    (Phase.CLOSING, e.Looked): at_door.look_closing,
    (Phase.CLOSING, e.Answered): at_door.bolt_answered,
    (Phase.CLOSING, e.DoorMoved): at_door.door_moved,
    (Phase.TAMPERED, e.LookedAfter): syncing.looked_after,
    (Phase.SYNCING, e.Looked): syncing.look_syncing,
    (Phase.SYNCING, e.Answered): syncing.stays,
    (Phase.SYNCING, e.DoorMoved): at_door.door_moved,
    **{(phase, e.Ordered): aside.order for phase in UNDER_WAY},
    **{(phase, e.Ordered): at_door.order_at_door for phase in AT_LID},
    **{(phase, e.HelpCame): aside.help_came for phase in MAY_BE_HELPED},
    **{(phase, e.Rerouted): aside.reroute for phase in ROUTED},
    **{(phase, e.Restarted): syncing.restarted for phase in Phase},
}


def advance(progress: DriveProgress, event: e.AnyEvent) -> Change:
    """Apply one event; its progress and facts are committed before any action starts."""
    if isinstance(event, e.Answered) and not _is_awaited(progress, event):
        return Change(progress)
    if isinstance(event, e.Looked) and _is_watched(progress) and event.seen.harmed:
        return aside.tampered(progress, event.seen, event.seen.harmed)
    rule = RULES.get((progress.phase, type(event)))
    return Change(progress) if rule is None else rule(progress, event)


def _is_watched(progress: DriveProgress) -> bool:
    """Tell whether it is where nobody may lift it; at the gate only in the midst of a leg."""
    on_its_way = progress.phase in syncing.BEFORE and progress.then is not None
    return on_its_way or progress.phase in WATCHED


def _is_awaited(progress: DriveProgress, event: e.Answered) -> bool:
    return progress.waits and event.number == progress.asked
