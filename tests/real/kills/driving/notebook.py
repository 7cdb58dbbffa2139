"""What the driver knows for sure: what was answered, and the one thing that may be under way.

Whatever is seen after a kill must be this, or this with the unanswered action done: never
behind what was answered, never ahead of what was asked. What the vehicle does by itself
(arriving by position, taking a route over) may come on top.
"""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from edge.executor.mission.progress import Progress
from edge.messages.commands import (
    AnyDriverAction,
    Arrive,
    CannotDeliver,
    FinishDebrief,
    FinishLoading,
    HandOver,
    ScanParcel,
    ScanReturn,
    StartLoading,
)
from edge.messages.parcels import Outcome
from edge.messages.view import ActResult, DayView

SOME_DUE = "some stop that is due"
FREE = ("idle", "closed")
"""Phases in which a route is taken over."""


@dataclass(frozen=True, slots=True)
class Parcel:
    """One parcel as far as it has come."""

    loaded: bool = False
    attempted: bool = False
    outcome: str | None = None

    @property
    def open(self) -> bool:
        """There is something to do at its stop."""
        return self.loaded and not self.attempted and self.outcome is None


@dataclass(frozen=True, slots=True)
class Known:
    """The day at one instant, as it concerns the driver."""

    phase: str = "idle"
    stop_id: str | None = None
    route_id: str = ""
    parcels: Mapping[str, Parcel] = field(default_factory=dict)
    stops: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    """Parcels by stop; of no interest when two are compared."""

    @property
    def due(self) -> tuple[str, ...]:
        """Stops with something left to do."""
        return tuple(
            stop
            for stop, parcels in self.stops.items()
            if any(self.parcels[p].open for p in parcels)
        )

    def allows(self, seen: "Known") -> bool:
        """Tell whether this is what was seen."""
        if (self.phase, self.route_id, self.parcels) != (
            seen.phase,
            seen.route_id,
            seen.parcels,
        ):
            return False
        if self.stop_id == SOME_DUE:
            return seen.stop_id in self.due
        return self.stop_id == seen.stop_id

    def with_parcels(self, parcel_ids: tuple[str, ...], **changes: Any) -> "Known":
        """Return it with these parcels changed."""
        changed = {p: replace(self.parcels[p], **changes) for p in parcel_ids}
        return replace(self, parcels={**self.parcels, **changed})


def seen_in_view(view: DayView) -> Known:
    """Return what the page shows."""
    return Known(
        phase=view.phase,
        stop_id=view.stop.stop_id if view.stop is not None else None,
        route_id=view.route_id or "",
        parcels={
            p.parcel_id: Parcel(p.loaded, p.attempted, p.outcome.value if p.outcome else None)
            for p in view.parcels
        },
        stops={stop.stop_id: tuple(p.parcel_id for p in stop.parcels) for stop in view.stops},
    )


def seen_in_store(progress: Progress) -> Known:
    """Return what the store holds."""
    return Known(
        phase=progress.phase.value,
        stop_id=progress.stop_id,
        route_id=progress.route_id,
        parcels={
            name: Parcel(
                at.loaded, at.failed is not None, at.outcome.value if at.outcome else None
            )
            for name, at in progress.parcels.items()
        },
    )


def after(known: Known, action: AnyDriverAction) -> Known:
    """Return the day after an action that was accepted."""
    return AFTER[type(action)](known, action)


def by_itself(known: Known) -> Iterator[Known]:
    """Yield what the vehicle may have made of it without being asked by the driver."""
    if known.phase == "underway":
        stops = known.due if known.stop_id == SOME_DUE else (known.stop_id,)
        yield from (replace(known, phase="at_stop", stop_id=stop) for stop in stops)
    if known.phase == "returning":
        yield replace(known, phase="debriefing")


class Notebook:
    """Kept by the driver, shown to whoever looks at the vehicle after a kill."""

    def __init__(self) -> None:
        self.known = Known()
        self.asked: AnyDriverAction | None = None
        """Asked and not answered."""
        self.answered: dict[str, ActResult] = {}
        """Every yes since somebody last looked them up in the store, by action."""
        self.outcomes: dict[str, str] = {}
        """What became of every parcel, of all days."""
        self.routes_sent: set[str] = set()
        """Routes the station was asked to send."""

    def asks(self, action: AnyDriverAction) -> None:
        """Note what is asked now."""
        assert self.asked is None, f"{self.asked} is not answered yet"
        self.asked = action

    def hears(self, action: AnyDriverAction, answer: ActResult) -> None:
        """Note an answer."""
        assert self.asked == action, f"an answer to {action} while {self.asked} was asked"
        if answer.accepted:
            self.answered[action.action_id] = answer
            self.known = after(self.known, action)
            ended = {p: at.outcome for p, at in self.known.parcels.items() if at.outcome}
            self.outcomes.update(ended)
        self.asked = None

    def sees(self, view: DayView) -> None:
        """Compare the page with what must be, and learn what the vehicle did by itself."""
        seen = seen_in_view(view)
        self.check(seen, "the page shows")
        if self.asked is not None:
            return
        if seen.route_id != self.known.route_id:
            self.known = seen
        self.known = replace(self.known, phase=seen.phase, stop_id=seen.stop_id)

    def check(self, seen: Known, who: str, *, done: bool | None = None) -> None:
        """Raise AssertionError if what is seen can not be.

        `done` tells whether the unanswered action was carried out, None if nobody knows.
        """
        base: list[Known] = [] if done else [self.known]
        if self.asked is not None and done is not False:
            base += [after(one, self.asked) for one in (self.known, *by_itself(self.known))]
        allowed = [late for one in base for late in (one, *by_itself(one))]
        if any(one.allows(seen) or self.is_new_day(one, seen) for one in allowed):
            return
        raise AssertionError(
            f"{who} {brief(seen)}; answered was {brief(self.known)}, asked is {self.asked};"
            f" parcels that differ: {_others(self.known, seen)}"
        )

    def is_new_day(self, before: Known, seen: Known) -> bool:
        """Tell whether a route was taken over that the station has sent."""
        fresh = seen.route_id != before.route_id and seen.route_id in self.routes_sent
        untouched = all(parcel == Parcel() for parcel in seen.parcels.values())
        return fresh and untouched and before.phase in FREE and seen.phase == "offered"


def _begin(known: Known, _action: StartLoading) -> Known:
    return replace(known, phase="loading")


def _scan(known: Known, action: ScanParcel) -> Known:
    return known.with_parcels((action.parcel_id,), loaded=True)


def _leave(known: Known, _action: FinishLoading) -> Known:
    missing = tuple(p for p, at in known.parcels.items() if not at.loaded)
    left = known.with_parcels(missing, attempted=True, outcome=Outcome.FAILED.value)
    return _set_out(left)


def _arrive(known: Known, action: Arrive) -> Known:
    if known.phase == "returning":
        return replace(known, phase="debriefing")
    return replace(known, phase="at_stop", stop_id=action.stop_id)


def _hand_over(known: Known, action: HandOver) -> Known:
    return _unless_due(
        known.with_parcels(action.parcel_ids, outcome=action.outcome.value), action.stop_id
    )


def _fail(known: Known, action: CannotDeliver) -> Known:
    return _unless_due(known.with_parcels(action.parcel_ids, attempted=True), action.stop_id)


def _unless_due(known: Known, stop_id: str) -> Known:
    return known if stop_id in known.due else _set_out(known)


def _set_out(known: Known) -> Known:
    if known.due:
        return replace(known, phase="underway", stop_id=SOME_DUE)
    return replace(known, phase="returning", stop_id=None)


def _scan_back(known: Known, action: ScanReturn) -> Known:
    return known.with_parcels((action.parcel_id,), outcome=Outcome.RETURNED.value)


def _close(known: Known, _action: FinishDebrief) -> Known:
    lost = tuple(p for p, at in known.parcels.items() if at.loaded and at.outcome is None)
    return replace(known.with_parcels(lost, outcome=Outcome.FAILED.value), phase="closed")


AFTER: dict[type[Any], Callable[[Known, Any], Known]] = {
    StartLoading: _begin,
    ScanParcel: _scan,
    FinishLoading: _leave,
    Arrive: _arrive,
    HandOver: _hand_over,
    CannotDeliver: _fail,
    ScanReturn: _scan_back,
    FinishDebrief: _close,
}


def brief(known: Known) -> str:
    """Say in a line how far the day is."""
    done = sum(at.outcome is not None or at.attempted for at in known.parcels.values())
    loaded = sum(at.loaded for at in known.parcels.values())
    at = f" at {known.stop_id}" if known.stop_id else ""
    return f"{known.phase}{at} on {known.route_id!r} ({loaded} loaded, {done} done)"


def _others(known: Known, seen: Known) -> str:
    both = known.parcels.keys() | seen.parcels.keys()
    differ = sorted(p for p in both if known.parcels.get(p) != seen.parcels.get(p))
    return ", ".join(f"{p}: {known.parcels.get(p)} / {seen.parcels.get(p)}" for p in differ[:5])
