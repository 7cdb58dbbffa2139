"""Travel by air from whichever station a route begins at."""

from collections.abc import Callable, Sequence
from datetime import datetime

from edge.conditions.layers import Layers
from edge.messages.geo import Place
from edge.messages.legs import Leg
from edge.messages.routes import Stop
from edge.planner.travel.air import AirTravel
from edge.planner.travel.times import Times


class Airborne:
    """A drone's travel times; the chart of a station is drawn when its route comes."""

    def __init__(self, travel_from: Callable[[Place], AirTravel]) -> None:
        self._travel_from = travel_from
        self._travel: AirTravel | None = None

    def times(
        self,
        start: Place,
        heading_deg: float | None,
        stops: Sequence[Stop],
        station: Place,
        *,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
    ) -> Times:
        """Return the travel times of a plan that begins at `from_utc`."""
        if self._travel is None or self._travel.chart.origin != station:
            self._travel = self._travel_from(station)
        return self._travel.times(
            start,
            heading_deg,
            stops,
            station,
            layers=layers,
            from_utc=from_utc,
            until_utc=until_utc,
        )

    def leg(
        self,
        start: Place,
        heading_deg: float | None,
        end: Place,
        *,
        layers: Layers,
        utc: datetime,
    ) -> Leg | None:
        """Return the way on the map; None before the first plan, and where it is not flown."""
        if self._travel is None:
            return None
        return self._travel.leg(start, heading_deg, end, layers=layers, utc=utc)
