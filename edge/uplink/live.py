"""What goes on the live lane."""

from datetime import datetime

from edge.clock import TimeSource
from edge.messages.state import Backlog, Live, VehicleState


def live(
    vehicle: str,
    state: VehicleState,
    *,
    utc: datetime,
    source: TimeSource,
    phase: str = "idle",
    stop_id: str | None = None,
    stops_left: int = 0,
    next_arrival_utc: datetime | None = None,
    backlog: Backlog | None = None,
) -> Live:
    """Return the newest position and state as they are shown; `utc` is that of `state`.

    Whether it may leave the vehicle at all (a contractor outside a block may not be seen) is
    the caller's to decide.
    """
    return Live(
        vehicle=vehicle,
        utc=utc,
        time_source=source,
        fix=state.fix,
        place=state.place,
        accuracy_m=state.accuracy_m,
        speed_mps=state.speed_mps,
        heading_deg=state.heading_deg,
        doubtful=state.doubtful,
        phase=phase,
        stop_id=stop_id,
        stops_left=stops_left,
        next_arrival_utc=next_arrival_utc,
        backlog=backlog,
    )
