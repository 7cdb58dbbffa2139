"""How good a simulated day was for the people who waited: promises, failed stops, distance."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.facts import Arrived, AttemptFailed, DayClosed, FactEvent, PlanChanged
from edge.messages.parcels import StopId
from edge.messages.routes import Route, Stop

SHORT = timedelta(minutes=61)
Count = Annotated[int, Meta(ge=0)]


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """A day in numbers; a window is a promise, kept by arriving before it closes."""

    promises: Count
    kept: Count
    promises_1h: Count
    """Of these, those of an hour at most."""
    kept_1h: Count
    never: Count
    """Promised stops that nobody came to."""
    late_p50_min: float
    """Of the promised stops that were reached; 0: in time."""
    late_p95_min: float
    failed_stops: Count
    """Stops at which something could not be handed over."""
    km: float
    plans: Count
    """Changes of plan by all vehicles, the first ones too."""

    @property
    def kept_pct(self) -> float:
        """Promises kept, of all that were given."""
        return 100 * self.kept / self.promises if self.promises else 100.0


def figures_of(routes: Iterable[Route], facts: Mapping[str, Sequence[FactEvent]]) -> Figures:
    """Return the figures of a day: what was dispatched, and each vehicle's own facts."""
    late_s: dict[tuple[str, StopId], float | None] = {}
    short: set[tuple[str, StopId]] = set()
    failed, plans, metres = 0, 0, 0.0
    for route in routes:
        events = facts.get(route.vehicle, ())
        arrived = _first_arrivals(events)
        failed += len({e.data.stop_id for e in events if isinstance(e.data, AttemptFailed)})
        plans += sum(isinstance(event.data, PlanChanged) for event in events)
        metres += sum(e.data.driven_m for e in events if isinstance(e.data, DayClosed))
        for stop in route.stops:
            if stop.windows:
                here = (route.vehicle, stop.stop_id)
                late_s[here] = _late_s(stop, arrived.get(stop.stop_id))
                if stop.windows[-1].closes_utc - stop.windows[-1].opens_utc <= SHORT:
                    short.add(here)
    kept = {here for here, late in late_s.items() if late == 0}
    reached = sorted(late for late in late_s.values() if late is not None)
    return Figures(
        promises=len(late_s),
        kept=len(kept),
        promises_1h=len(short),
        kept_1h=len(kept & short),
        never=len(late_s) - len(reached),
        late_p50_min=_quantile(reached, 0.5),
        late_p95_min=_quantile(reached, 0.95),
        failed_stops=failed,
        km=round(metres / 1000, 1),
        plans=plans,
    )


def _first_arrivals(events: Iterable[FactEvent]) -> dict[StopId, datetime]:
    arrived: dict[StopId, datetime] = {}
    for event in events:
        if isinstance(event.data, Arrived):
            arrived.setdefault(event.data.stop_id, event.time)
    return arrived


def _late_s(stop: Stop, arrived_utc: datetime | None) -> float | None:
    if arrived_utc is None:
        return None
    return max(0.0, (arrived_utc - stop.windows[-1].closes_utc).total_seconds())


def _quantile(rising_s: Sequence[float], part: float) -> float:
    """Return a quantile in minutes: the smallest value that so large a part does not exceed."""
    if not rising_s:
        return 0.0
    at = min(len(rising_s) - 1, max(0, -(-int(part * 1000) * len(rising_s) // 1000) - 1))
    return round(rising_s[at] / 60, 1)
