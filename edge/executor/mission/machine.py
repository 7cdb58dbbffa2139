"""The mission state machine: event in; next state, facts to commit and actions out.

`NEXT` is the whole machine and everything that changes the phase; the diagram in
docs/vehicle/mission.md is drawn from it. A pair that is absent is refused, so a late or doubled
message can never move a vehicle. What an event changes besides the phase, and which facts
it makes, stands in `rules.py`. Nothing here waits, reads a clock or touches a wire.
"""

from dataclasses import dataclass

import msgspec

from edge.executor.mission import leaving_out, rules
from edge.executor.mission.events import (
    Action,
    ArrivedAtStation,
    ArrivedAtStop,
    AttemptEnded,
    BreakBegun,
    BreakOver,
    CancelOrdered,
    DebriefEnded,
    DriveHome,
    DriveTo,
    Event,
    HandOverAsked,
    LoadingBegun,
    LoadingEnded,
    OfferTaken,
    ParcelScanned,
    Planned,
    Replan,
    ReturnScanned,
    RouteOffered,
    Serve,
)
from edge.executor.mission.progress import Mission, Phase
from edge.messages.facts import Fact, LegStarted, ReturnStarted
from edge.messages.parcels import StopId
from edge.messages.plan import Trigger

SAME = "same"  # the phase stays
NEXT_STOP = "next stop"  # UNDERWAY to the next stop that is due, RETURNING without one
WHEN_DONE = "when done"  # stay while the stop has an open parcel, then NEXT_STOP
UNLESS_GONE = (
    "unless gone"  # stay unless the present stop is done with or barred, then NEXT_STOP
)

NEXT: dict[tuple[Phase, type[Event]], Phase | str] = {
    (Phase.IDLE, RouteOffered): Phase.OFFERED,
    (Phase.OFFERED, RouteOffered): Phase.OFFERED,
    (Phase.OFFERED, CancelOrdered): SAME,
    (Phase.OFFERED, Planned): SAME,
    (Phase.OFFERED, LoadingBegun): Phase.LOADING,
    (Phase.LOADING, RouteOffered): SAME,
    (Phase.LOADING, CancelOrdered): SAME,
    (Phase.LOADING, Planned): SAME,
    (Phase.LOADING, ParcelScanned): SAME,
    (Phase.LOADING, OfferTaken): SAME,
    (Phase.LOADING, LoadingEnded): NEXT_STOP,
    (Phase.UNDERWAY, Planned): UNLESS_GONE,
    (Phase.UNDERWAY, OfferTaken): UNLESS_GONE,
    (Phase.UNDERWAY, CancelOrdered): UNLESS_GONE,
    (Phase.UNDERWAY, ArrivedAtStop): Phase.AT_STOP,
    (Phase.UNDERWAY, AttemptEnded): WHEN_DONE,  # the stop cannot even be reached
    (Phase.AT_STOP, Planned): SAME,
    (Phase.AT_STOP, OfferTaken): SAME,
    (Phase.AT_STOP, ParcelScanned): WHEN_DONE,  # at a pickup stop
    (Phase.AT_STOP, ReturnScanned): SAME,  # at the station, where the next is picked up
    (Phase.AT_STOP, CancelOrdered): UNLESS_GONE,
    (Phase.AT_STOP, HandOverAsked): WHEN_DONE,
    (Phase.AT_STOP, AttemptEnded): WHEN_DONE,
    (Phase.RETURNING, Planned): NEXT_STOP,  # a dropped stop fits again
    (Phase.RETURNING, OfferTaken): NEXT_STOP,
    (Phase.RETURNING, CancelOrdered): SAME,
    (Phase.RETURNING, ArrivedAtStation): Phase.DEBRIEFING,
    (Phase.DEBRIEFING, ReturnScanned): SAME,
    (Phase.DEBRIEFING, DebriefEnded): Phase.CLOSED,
    (Phase.CLOSED, RouteOffered): Phase.OFFERED,
    (Phase.UNDERWAY, BreakBegun): SAME,
    (Phase.UNDERWAY, BreakOver): SAME,
    (Phase.AT_STOP, BreakBegun): SAME,  # a hand-over goes on beside it
    (Phase.AT_STOP, BreakOver): SAME,
    (Phase.RETURNING, BreakBegun): SAME,
    (Phase.RETURNING, BreakOver): SAME,
    (Phase.DEBRIEFING, BreakOver): SAME,
}

REPLAN: dict[type[Event], Trigger] = {
    RouteOffered: "route",
    CancelOrdered: "stop_cancelled",
    AttemptEnded: "stop_failed",
    LoadingEnded: "off_plan",
    BreakBegun: "break",
    BreakOver: "break",
}
"""Events after which the order of the remaining stops may not be the best any more."""


class EventRefusedError(Exception):
    """The event has no meaning now; the mission is unchanged. Says why in people's words."""


@dataclass(frozen=True, slots=True)
class Step:
    """What one event did: to be committed as a whole before any action starts."""

    mission: Mission
    facts: tuple[Fact, ...]
    actions: tuple[Action, ...]
    refused: str = ""
    """Why the asker gets a no, although there is something to record (a wrong PIN)."""


def advance(mission: Mission, event: Event) -> Step:
    """Apply one event.

    Raises EventRefusedError if the event has no meaning in this phase or for this route.
    """
    target = NEXT.get((mission.phase, type(event)))
    if target is None:
        raise EventRefusedError(_not_now(mission.phase, event))
    try:
        change = rules.apply(mission, event)
    except rules.RuleError as error:
        raise EventRefusedError(str(error)) from error
    after = change.mission
    if change.refused:
        return Step(after, change.facts, (), change.refused)
    phase = _resolve(after, target)
    facts: list[Fact] = list(change.facts)
    moved = (
        phase is not mission.phase or target == NEXT_STOP or target in (WHEN_DONE, UNLESS_GONE)
    )
    if moved and phase in (Phase.UNDERWAY, Phase.RETURNING):
        after, entered = _set_out(after, phase, mission)
        facts += entered
    else:
        after = _with_phase(after, phase)
    actions: list[Action] = []
    if type(event) in REPLAN and after.to_plan():
        actions.append(Replan(REPLAN[type(event)]))
    if (after.phase, after.progress.stop_id) != (mission.phase, mission.progress.stop_id):
        actions += resume(after)
    return Step(after, tuple(facts), tuple(actions))


def resume(mission: Mission) -> tuple[Action, ...]:
    """Return the actions of the present sub-step: after a change of phase or a restart."""
    match mission.phase:
        case Phase.UNDERWAY:
            return (DriveTo(mission.stop),)
        case Phase.AT_STOP:
            return (Serve(mission.stop),)
        case Phase.RETURNING:
            assert mission.route is not None, "returning without a route"
            return (DriveHome(mission.route.station),)
        case _:
            return ()


def _resolve(after: Mission, target: Phase | str) -> Phase:
    if isinstance(target, Phase):
        return target
    here = after.progress.stop_id
    stays = (
        target == SAME
        or (target == WHEN_DONE and here is not None and after.due(here))
        or (target == UNLESS_GONE and here is not None and _driven_to(after, here))
    )
    if stays:
        return after.phase
    more = any(after.due(stop_id) for stop_id in after.progress.order)
    return Phase.UNDERWAY if more else Phase.RETURNING


def _driven_to(after: Mission, stop_id: str) -> bool:
    """Tell whether the present stop is still to be served, and may be driven to."""
    return after.due(stop_id) and not after.not_driven_to(stop_id)


def _set_out(after: Mission, phase: Phase, before: Mission) -> tuple[Mission, list[Fact]]:
    """Enter UNDERWAY or RETURNING; a leg that goes on unchanged makes no fact."""
    if phase is Phase.UNDERWAY:
        here = after.progress.stop_id
        keeps = before.phase is Phase.UNDERWAY and here is not None and _driven_to(after, here)
        stop_id = here if keeps else _next_stop(after)
        after = _with_phase(after, phase, stop_id)
        return after, [] if keeps else [LegStarted(stop_id=str(stop_id))]
    after = _with_phase(after, phase, None)
    if before.phase is Phase.RETURNING:
        return after, []
    after, given_up = leaving_out.give_up_dropped(after)
    return after, [*given_up, ReturnStarted(on_board=len(after.on_board()))]


def _next_stop(mission: Mission) -> StopId:
    """Return the first stop to drive to: one whose parcels are on board, if there is one."""
    due = mission.due_among(mission.progress.order)
    return next((stop_id for stop_id in due if mission.ready(stop_id)), due[0])


def _with_phase(mission: Mission, phase: Phase, stop_id: str | None = "") -> Mission:
    progress = msgspec.structs.replace(mission.progress, phase=phase)
    if stop_id != "":
        progress = msgspec.structs.replace(progress, stop_id=stop_id, arrived_utc=None)
    return msgspec.structs.replace(mission, progress=progress)


def _not_now(phase: Phase, event: Event) -> str:
    """Say in a driver's words why the event does not fit."""
    situation = {
        Phase.IDLE: "there is no route yet",
        Phase.OFFERED: "load-out has not begun",
        Phase.LOADING: "load-out is going on",
        Phase.UNDERWAY: "the vehicle is on its way to a stop",
        Phase.AT_STOP: "a stop is being served",
        Phase.RETURNING: "the vehicle is on its way back",
        Phase.DEBRIEFING: "the debrief is going on",
        Phase.CLOSED: "the day is closed",
    }[phase]
    return f"not possible now: {situation} ({type(event).__name__})"


def mermaid() -> str:
    """Draw `NEXT` as a Mermaid state diagram."""
    lines = ["stateDiagram-v2", "    [*] --> idle"]
    for (phase, event), target in NEXT.items():
        if isinstance(target, Phase):
            targets = [target]
        elif target == SAME:
            targets = [phase]
        elif target == NEXT_STOP:
            targets = [Phase.UNDERWAY, Phase.RETURNING]
        else:
            targets = list(dict.fromkeys([phase, Phase.UNDERWAY, Phase.RETURNING]))
        lines += [f"    {phase.value} --> {t.value}: {event.__name__}" for t in targets]
    return "\n".join(lines) + "\n"
