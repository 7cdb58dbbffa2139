"""What traffic makes of travel times: a factor for each way, by the instant it is begun."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.messages.conditions import Circle, Conditions
from edge.messages.geo import Place
from edge.native.replan.reference.simulate import service_begin
from edge.planner.problem import LONGEST_LEG_MS, ProblemStop, clock_ms

METRES_PER_DEGREE = 111_195.0

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Slowdown:
    """One factor of the conditions as it touches the ways of one problem."""

    from_ms: int
    until_ms: int
    stretch: Floats | float
    """How many times as long each way takes, (n + 2, n + 2), or all of them."""


def slowdowns(
    conditions: Conditions | None, places: Sequence[Place], zero_utc: datetime
) -> tuple[Slowdown, ...]:
    """Return what the conditions do to the ways between places, from `zero_utc` on.

    Conditions that have expired, or touch none of the ways, do nothing.
    """
    if conditions is None or conditions.expires_utc <= zero_utc:
        return ()
    found = []
    for factor in conditions.traffic:
        until_utc = min(factor.until_utc, conditions.expires_utc)
        if until_utc <= zero_utc or until_utc <= factor.from_utc or factor.factor == 1.0:
            continue
        stretch: Floats | float = float(factor.factor)
        if factor.area is not None:
            share = share_inside(factor.area, places)
            if not share.any():
                continue
            stretch = 1.0 + share * (factor.factor - 1.0)
        found.append(
            Slowdown(
                clock_ms(factor.from_utc, zero_utc), clock_ms(until_utc, zero_utc), stretch
            )
        )
    return tuple(found)


def share_inside(area: Circle, places: Sequence[Place]) -> Floats:
    """Return which part of the straight way between any two places lies in the area."""
    lat_deg = np.array([place.lat_deg for place in places])
    lon_deg = np.array([place.lon_deg for place in places])
    east_scale = METRES_PER_DEGREE * np.cos(np.radians(area.centre.lat_deg))
    x_m = (lon_deg - area.centre.lon_deg) * east_scale
    y_m = (lat_deg - area.centre.lat_deg) * METRES_PER_DEGREE
    inside = np.hypot(x_m, y_m) <= area.radius_m
    dx_m, dy_m = x_m[None, :] - x_m[:, None], y_m[None, :] - y_m[:, None]
    # |from + t (to - from)| = radius, for t in [0, 1]
    a = dx_m**2 + dy_m**2
    b = x_m[:, None] * dx_m + y_m[:, None] * dy_m
    c = (x_m**2 + y_m**2 - area.radius_m**2)[:, None]
    root = b**2 - a * c
    crosses = (root > 0) & (a > 0)
    half = np.sqrt(np.where(crosses, root, 0.0))
    length = np.where(crosses, a, 1.0)
    enters = np.clip((-b - half) / length, 0.0, 1.0)
    leaves = np.clip((-b + half) / length, 0.0, 1.0)
    standing = (a == 0) & inside[:, None]
    share: Floats = np.where(crosses, leaves - enters, np.where(standing, 1.0, 0.0))
    return share


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
