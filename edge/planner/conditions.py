"""What traffic makes of travel times: a factor for each way, by the instant it is begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.conditions.areas import share_inside
from edge.conditions.layers import Layers
from edge.messages.geo import Place
from edge.native.replan.reference.driving import service_begin
from edge.planner.problem import LONGEST_LEG_MS, ProblemStop, clock_ms

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slowdown:
    """One factor of the conditions as it touches the ways of one problem."""

    from_ms: int
    until_ms: int
    stretch: Floats | float
    """How many times as long each way takes, (n + 2, n + 2), or all of them."""


def slowdowns(
    layers: Layers, places: Sequence[Place], zero_utc: datetime
) -> tuple[Slowdown, ...]:
    """Return what traffic does to the ways between places, from `zero_utc` on.

    Factors of some road classes or some kinds of vehicle only do nothing here: without
    roads nobody knows which part of a way they touch.
    """
    found = []
    for factor in layers.coming_factors(zero_utc):
        if factor.factor == 1.0 or factor.road_classes or factor.vehicle_kinds:
            continue
        stretch: Floats | float = float(factor.factor)
        if factor.area is not None:
            share = share_inside(factor.area, places)
            if not share.any():
                continue
            stretch = 1.0 + share * (factor.factor - 1.0)
        found.append(
            Slowdown(
                clock_ms(factor.from_utc, zero_utc),
                clock_ms(factor.until_utc, zero_utc),
                stretch,
            )
        )
    return tuple(found)


def frozen_ms(
    base_ms: NDArray[np.int32],
    found: Sequence[Slowdown],
    stops: Sequence[ProblemStop],
    order: Sequence[int],
) -> NDArray[np.int32]:
    """Return the travel times an order meets: each row as at the instant its node is left.

    Simulating the order on them is exact. Rows of stops that are not in the order are as at
    the start.
    """
    if not found:
        return base_ms
    frozen = np.empty_like(base_ms)
    frozen[:] = _row_ms(base_ms, found, slice(None), 0)
    clock, here = 0, 0
    for node in order:
        clock += int(frozen[here, node])
        begin, _ = service_begin(clock, stops[node - 1].windows)
        clock, here = begin + stops[node - 1].service_ms, node
        frozen[node] = _row_ms(base_ms, found, node, clock)
    return frozen


def _row_ms(
    base_ms: NDArray[np.int32], found: Sequence[Slowdown], rows: int | slice, clock: int
) -> NDArray[np.int32]:
    factor: Floats | float = 1.0
    for slowdown in found:
        if slowdown.from_ms <= clock < slowdown.until_ms:
            stretch = slowdown.stretch
            factor = factor * (stretch if isinstance(stretch, float) else stretch[rows])
    stretched = np.rint(np.minimum(base_ms[rows] * factor, LONGEST_LEG_MS))
    rounded: NDArray[np.int32] = stretched.astype(np.int32)
    return rounded
