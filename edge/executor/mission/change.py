"""The change one event makes to a mission, and the small steps every rule shares."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge.executor.mission.progress import Mission, ParcelProgress
from edge.messages.facts import Fact, StopClosed
from edge.messages.parcels import Outcome, ParcelId, StopId

NOT_SERVED = (None, Outcome.FAILED, Outcome.CANCELLED)


class RuleError(Exception):
    """The event does not fit this mission; says why in people's words."""


@dataclass(frozen=True, slots=True)
class Change:
    """The mission after an event, its phase aside, and what must be recorded."""

    mission: Mission
    facts: tuple[Fact, ...]
    refused: str = ""


def put_parcels(mission: Mission, parcels: Mapping[ParcelId, ParcelProgress]) -> Mission:
    """Return the mission with these parcels' progress replaced."""
    if not parcels:
        return mission
    merged = {**mission.progress.parcels, **parcels}
    progress = msgspec.structs.replace(mission.progress, parcels=merged)
    return Mission(mission.route, progress)


def closing(
    mission: Mission, stop_id: StopId, now_utc: datetime | None
) -> tuple[Mission, list[Fact]]:
    """Close a stop if nothing is left to do there; `now_utc` None: it was never reached."""
    if mission.due(stop_id) or stop_id in mission.progress.closed:
        return mission, []
    stop = mission.stop_of(stop_id)
    at = [mission.progress.parcels[p] for p in stop.parcels]
    arrived_utc = mission.progress.arrived_utc if now_utc is not None else None
    late_s = 0.0
    if stop.windows and arrived_utc is not None:
        closes_utc = max(window.closes_utc for window in stop.windows)
        late_s = max(0.0, (arrived_utc - closes_utc).total_seconds())
    pickup = stop.takes_on
    picked_up = sum(parcel.loaded for parcel in at) if pickup else 0
    delivered = 0 if pickup else sum(parcel.outcome not in NOT_SERVED for parcel in at)
    fact = StopClosed(
        stop_id=stop_id,
        delivered=delivered,
        failed=len(at) - delivered - picked_up,
        picked_up=picked_up,
        arrived_utc=arrived_utc,
        late_s=late_s,
    )
    progress = msgspec.structs.replace(
        mission.progress,
        closed=(*mission.progress.closed, stop_id),
        order=tuple(s for s in mission.progress.order if s != stop_id),
        dropped=tuple(s for s in mission.progress.dropped if s != stop_id),
    )
    return Mission(mission.route, progress), [fact]


def closing_all(
    mission: Mission, parcel_ids: Iterable[ParcelId], now_utc: datetime | None
) -> tuple[Mission, list[Fact]]:
    """Close every stop of these parcels where nothing is left to do."""
    assert mission.route is not None, "parcels without a route"
    touched = set(parcel_ids)
    facts: list[Fact] = []
    for stop in mission.route.stops:
        if touched.intersection(stop.parcels):
            mission, closed = closing(mission, stop.stop_id, now_utc)
            facts += closed
    return mission, facts
