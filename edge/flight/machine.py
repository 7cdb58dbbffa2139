"""A drone's leg as a machine: event in; next state, facts to commit and actions out.

`RULES` is the whole machine: a pair that is absent changes nothing, so that late, doubled and
strange events never move a vehicle. With each look the same is watched in every phase of a
flight: whether it has landed, what the autopilot does of its own, how long nobody has heard it.
"""

from collections.abc import Callable
from typing import Any

from edge.flight import at_drop, in_flight, on_ground, syncing
from edge.flight import events as e
from edge.flight.change import Change
from edge.flight.progress import AT_DROP, GROUNDED, FlightProgress, Phase

Rule = Callable[[FlightProgress, Any], Change]

IN_FLIGHT = tuple(
    phase
    for phase in Phase
    if phase not in GROUNDED and phase not in (Phase.LOADING, Phase.STARTING)
)
ROUTED = (
    Phase.CLIMBING,
    Phase.CRUISING,
    Phase.RETURNING,
    Phase.RESUMING,
    Phase.HOLDING,
    Phase.RELOADING,
    Phase.DECIDING,
)
"""Here another way may be taken."""

RULES: dict[tuple[Phase, type[e.Event]], Rule] = {
    (Phase.ON_GROUND, e.SetOut): on_ground.set_out,
    (Phase.LANDED, e.SetOut): on_ground.set_out,
    (Phase.AT_GATE, e.GateAnswered): on_ground.gate_answered,
    (Phase.AT_GATE, e.Ordered): on_ground.order_at_gate,
    (Phase.LOADING, e.Answered): on_ground.loaded,
    (Phase.LOADING, e.Looked): on_ground.look_before,
    (Phase.STARTING, e.Answered): on_ground.started,
    (Phase.CLIMBING, e.Looked): in_flight.look_on_the_way,
    (Phase.CRUISING, e.Looked): in_flight.look_on_the_way,
    (Phase.STOPPING, e.Answered): at_drop.stopped,
    (Phase.STOPPING, e.Looked): at_drop.look_stopping,
    (Phase.CLEARING, e.ClearChecked): at_drop.clear_checked,
    (Phase.CLEARING, e.Looked): at_drop.look_clearing,
    (Phase.LOWERING, e.Answered): at_drop.lowered,
    (Phase.LOWERING, e.Looked): at_drop.look_lowering,
    (Phase.RELEASING, e.Answered): at_drop.released,
    (Phase.RELEASING, e.Looked): at_drop.look_releasing,
    (Phase.RAISING, e.Answered): at_drop.raised,
    (Phase.RAISING, e.Looked): at_drop.look_raising,
    (Phase.RESUMING, e.Answered): in_flight.resumed,
    (Phase.RETURNING, e.Looked): in_flight.look_on_the_way,
    (Phase.HOLDING, e.Answered): in_flight.held,
    (Phase.HOLDING, e.Looked): in_flight.look_holding,
    (Phase.RELOADING, e.Answered): in_flight.reloaded,
    (Phase.DIVERTING, e.Answered): in_flight.diverted,
    (Phase.DIVERTING, e.Looked): in_flight.look_diverting,
    (Phase.GOING_HOME, e.Answered): in_flight.gone_home,
    (Phase.SYNCING, e.Answered): syncing.proven,
    (Phase.SYNCING, e.Looked): syncing.look_syncing,
    (Phase.LANDED, e.Answered): on_ground.cleared_board,
    **{
        (phase, e.Ordered): in_flight.order for phase in IN_FLIGHT if phase is not Phase.SYNCING
    },
    **{(phase, e.Rerouted): in_flight.reroute for phase in ROUTED},
    **{(phase, e.Restarted): syncing.restarted for phase in Phase},
}
STANDS_THERE = AT_DROP | {Phase.SYNCING}
"""Phases whose own rules know what standing on the ground means."""


def advance(progress: FlightProgress, event: e.AnyEvent) -> Change:
    """Apply one event; its progress and facts are committed before any action starts."""
    if isinstance(event, e.Answered | e.ClearChecked) and not _is_awaited(progress, event):
        return Change(progress)
    if isinstance(event, e.Looked) and progress.phase in IN_FLIGHT:
        watched = _watch(progress, event)
        if watched.progress.phase is not progress.phase or watched.actions:
            return watched
        progress = watched.progress
    rule = RULES.get((progress.phase, type(event)))
    return Change(progress) if rule is None else rule(progress, event)


def _is_awaited(progress: FlightProgress, event: e.Answered | e.ClearChecked) -> bool:
    return progress.waits and event.number == progress.asked


def _watch(progress: FlightProgress, event: e.Looked) -> Change:
    seen = event.seen
    if not seen.present:
        return Change(progress)
    if seen.on_ground and progress.phase not in STANDS_THERE:
        return in_flight.look_landed(progress, event)
    own = in_flight.own_doing(progress, seen)
    if own is not None:
        return own
    heard, must_leave = in_flight.unheard(progress, seen)
    return in_flight.leave_unheard(heard, seen) if must_leave else Change(heard)
