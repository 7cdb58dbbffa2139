"""What traffic and weather make of travel times where no roads are known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.conditions.areas import share_inside
from edge.conditions.layers import Layers
from edge.conditions.weather import road_factor
from edge.messages.geo import Place
from edge.planner.problem import INT32_MAX, clock_ms

Floats = NDArray[np.float64]

TYPICAL_CLASS = "secondary"  # what a way through a town is reckoned to be
CELL_DIGITS = 2  # of degrees: about a kilometre
MOST_CHANGES = 32  # of anything in the layers; what changes later is planned for again


@dataclass(frozen=True, slots=True)
class Slowdown:
    """One item of the conditions as it touches the ways of one problem."""

    from_ms: int
    until_ms: int
    stretch: Floats | float
    """How many times as long each way takes, (n + 2, n + 2), or all of them."""


def slowdowns(
    layers: Layers,
    places: Sequence[Place],
    kind: str,
    from_utc: datetime,
    until_utc: datetime,
) -> tuple[Slowdown, ...]:
    """Return what traffic and weather do to a kind's ways between places, from an instant on.

    A factor of an area touches the part of the straight way that lies in it. The weather of a
    way is that of its ends, half each, on a road of the `TYPICAL_CLASS`. Factors of some road
    classes only, live speeds and closures do nothing here, and no zone makes a way longer:
    without roads nobody knows which ways they touch.
    """
    return (
        *_by_traffic(layers, places, kind, from_utc),
        *_by_weather(layers, places, kind, from_utc, until_utc),
    )


def _by_traffic(
    layers: Layers, places: Sequence[Place], kind: str, zero_utc: datetime
) -> Iterator[Slowdown]:
    for factor in layers.coming_factors(zero_utc):
        concerned = not factor.vehicle_kinds or kind in factor.vehicle_kinds
        if factor.factor == 1.0 or factor.road_classes or not concerned:
            continue
        stretch: Floats | float = float(factor.factor)
        if factor.area is not None:
            share = share_inside(factor.area, places)
            if not share.any():
                continue
            stretch = 1.0 + share * (factor.factor - 1.0)
        yield Slowdown(
            clock_ms(factor.from_utc, zero_utc), clock_ms(factor.until_utc, zero_utc), stretch
        )


def _by_weather(
    layers: Layers,
    places: Sequence[Place],
    kind: str,
    from_utc: datetime,
    until_utc: datetime,
) -> Iterator[Slowdown]:
    """Yield a slowdown for each time between two changes; the last holds for the rest."""
    if not any(part.weather for part in layers.parts):
        return
    begins_utc: datetime | None = from_utc
    for number in range(MOST_CHANGES):
        if begins_utc is None or begins_utc > until_utc:
            return
        ends_utc = layers.next_change_utc(begins_utc) if number < MOST_CHANGES - 1 else None
        factors = _weather_factors(layers, places, kind, begins_utc)
        if (factors != 1.0).any():
            until_ms = INT32_MAX if ends_utc is None else clock_ms(ends_utc, from_utc)
            stretch = (factors[:, None] + factors[None, :]) / 2
            yield Slowdown(clock_ms(begins_utc, from_utc), until_ms, stretch)
        begins_utc = ends_utc


def _weather_factors(
    layers: Layers, places: Sequence[Place], kind: str, utc: datetime
) -> Floats:
    """Return what the weather at each place does, (n,); places near each other share theirs."""
    by_cell: dict[tuple[float, float], float] = {}
    factors = []
    for place in places:
        cell = round(place.lat_deg, CELL_DIGITS), round(place.lon_deg, CELL_DIGITS)
        if cell not in by_cell:
            weather = layers.weather(utc, place)
            by_cell[cell] = road_factor(weather, TYPICAL_CLASS, kind)
        factors.append(by_cell[cell])
    return np.array(factors)
