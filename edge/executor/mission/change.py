"""The change one event makes to a mission, and the small steps every rule shares."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import msgspec

from edge.executor.mission.progress import Mission, ParcelProgress
from edge.messages.facts import Fact, StopClosed
from edge.messages.parcels import Outcome, ParcelId, StopId


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
    delivered = sum(
        parcel.outcome not in (None, Outcome.FAILED, Outcome.CANCELLED) for parcel in at
    )
    fact = StopClosed(
        stop_id=stop_id,
        delivered=delivered,
        failed=len(at) - delivered,
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
