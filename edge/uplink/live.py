"""What goes on the live lane, and how often."""

from datetime import datetime

from edge.clock import TimeSource
from edge.messages.geo import Place
from edge.messages.state import Backlog, Live, VehicleState

BURST_S = 60.0  # 240 positions more than usual, 100 kB: where it is carried in the first minute
BURST_EVERY_S = 0.2  # as often as most receivers of a robot say where they are


class Burst:
    """How often positions are reported: as usual, or for a minute many times a second (S7).

    It ends by itself. As long as it is asked for again it grows no longer, and no second one
    follows before positions were wanted as usual: an alarm that lasts for ever fills neither
    link nor disk. A daemon that begins anew during an alarm begins a burst, too.
    """

    def __init__(self) -> None:
        self._until_s: float | None = None

    def ask(self, *, often: bool, now_s: float) -> None:
        """Say whether positions are wanted often now, as often as one likes."""
        if not often:
            self._until_s = None
        elif self._until_s is None:
            self._until_s = now_s + BURST_S

    def every_s(self, usual_s: float, now_s: float) -> float:
        """Return the time from one report to the next."""
        goes_on = self._until_s is not None and now_s < self._until_s
        return min(usual_s, BURST_EVERY_S) if goes_on else usual_s


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
        utc=utc.replace(microsecond=utc.microsecond // 1000 * 1000),
        time_source=source,
        fix=state.fix,
        place=_rounded(state.place),
        accuracy_m=_round(state.accuracy_m, 1),
        speed_mps=_round(state.speed_mps, 2),
        heading_deg=_round(state.heading_deg, 1),
        doubtful=state.doubtful,
        phase=phase,
        stop_id=stop_id,
        stops_left=stops_left,
        next_arrival_utc=next_arrival_utc,
        backlog=backlog,
    )


def _rounded(place: Place | None) -> Place | None:
    """Return a place to the centimetre: more digits cost a third of the message."""
    if place is None:
        return None
    return Place(lat_deg=round(place.lat_deg, 7), lon_deg=round(place.lon_deg, 7))


def _round(value: float | None, digits: int) -> float | None:
    return None if value is None else round(value, digits)
