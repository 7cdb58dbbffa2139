"""Which zones stand in the way of a flight at a height, and how far it keeps from them."""

import math
from dataclasses import dataclass

from edge.air.chart import SCALE_ERROR, Chart
from edge.air.outline import UNCLEAR, Outline, outline
from edge.messages.conditions import Zone

DRONE = "drone"
GUST_S = 0.5  # a gust pushes this long before the autopilot holds against it
MOST_BANDS = 64


@dataclass(frozen=True, slots=True)
class Ground:
    """How high the ground is above mean sea level [m], as far as flights from a station go."""

    station_m: float
    lowest_m: float
    highest_m: float

    def __post_init__(self) -> None:
        if not self.lowest_m <= self.station_m <= self.highest_m:
            raise ValueError(
                f"the station at {self.station_m} m is not between the lowest ground,"
                f" {self.lowest_m} m, and the highest, {self.highest_m} m"
            )


@dataclass(frozen=True, slots=True)
class Keeping:
    """Heights and distances a drone keeps. Raises ValueError if they cannot be meant."""

    lowest_m: float = 40.0
    """Over the highest ground."""
    highest_m: float = 120.0
    """Over the lowest ground (EU open category and most national rules: 120 m)."""
    band_m: float = 10.0
    accuracy_m: float = 5.0
    """95 %, of the position."""
    vertical_m: float = 10.0
    """To a zone above or below: barometer, and holding the height."""
    extra_m: float = 15.0
    """Besides what is reckoned."""

    def __post_init__(self) -> None:
        if not (0 < self.lowest_m <= self.highest_m and self.band_m > 0):
            raise ValueError(f"no heights from {self.lowest_m} to {self.highest_m} m")
        if (self.highest_m - self.lowest_m) / self.band_m >= MOST_BANDS:
            raise ValueError(f"{self.band_m} m makes more than {MOST_BANDS} bands")

    def margin_m(self, size_m: float, gust_mps: float) -> float:
        """Return how far to keep from zones: where it is, how large, what a gust does.

        In whole metres upwards, so that a little more wind does not move every way.
        """
        reckoned_m = self.accuracy_m + size_m / 2 + GUST_S * gust_mps + self.extra_m
        return float(math.ceil(reckoned_m * (1 + SCALE_ERROR)))

    def bands_m(self, ground: Ground | None) -> tuple[float, ...]:
        """Return the heights to cruise at, above the ground of the station, lowest first.

        Where the ground is unknown, it is taken to be level.
        """
        highest_ground_m = ground.highest_m - ground.station_m if ground else 0.0
        lowest_ground_m = ground.lowest_m - ground.station_m if ground else 0.0
        bottom_m, top_m = self.lowest_m + highest_ground_m, self.highest_m + lowest_ground_m
        count = math.floor((top_m - bottom_m) / self.band_m) + 1
        return tuple(bottom_m + number * self.band_m for number in range(max(count, 0)))


@dataclass(frozen=True, slots=True, eq=False)
class ClosedZone:
    """A zone that this drone may not enter."""

    zone_id: str
    shape: Outline
    bottom_m: float
    """Above the ground of the station, as low as it may be."""
    top_m: float
    """As high as it may be."""
    avoid: bool = False
    """Entered where there is no way round."""

    def between(self, low_m: float, high_m: float) -> bool:
        """Tell whether it may stand between two heights."""
        return self.bottom_m <= high_m and low_m <= self.top_m


def closed_zone(
    chart: Chart, zone: Zone, ground: Ground | None, permits: frozenset[str] = frozenset()
) -> ClosedZone | None:
    """Return a zone on the chart and at its heights; None if this drone may enter it.

    What is not understood closes: a shape that cannot be drawn closes everything, limits that
    cannot be compared close every height. A height above the ground (AGL) is taken from the
    lowest ground up and from the highest down, whichever closes more; where the ground is
    unknown, no height can be compared.
    """
    if zone.applies_to and DRONE not in zone.applies_to:
        return None
    if zone.kind == "permit" and zone.zone_id in permits:
        return None
    bottom_m, top_m = _limits_m(zone, ground)
    shape = outline(chart, zone.area)
    avoid = zone.kind == "avoid" and shape is not UNCLEAR
    return ClosedZone(zone.zone_id, shape, bottom_m, top_m, avoid)


def _limits_m(zone: Zone, ground: Ground | None) -> tuple[float, float]:
    """Return the lowest and highest a zone may reach, above the ground of the station."""
    if ground is None:
        return -math.inf, math.inf
    bottom_m, top_m = -math.inf, math.inf
    if zone.lower_reference == "AGL":
        bottom_m = zone.lower_m + ground.lowest_m - ground.station_m
    elif zone.lower_reference == "AMSL":
        bottom_m = zone.lower_m - ground.station_m
    if zone.upper_m is not None:
        above_m = ground.highest_m if zone.upper_reference == "AGL" else 0.0
        top_m = zone.upper_m + above_m - ground.station_m
    if bottom_m > top_m:
        return -math.inf, math.inf
    return bottom_m, top_m
