"""The problem as the kernel in C reads it: `terrain_t` of search/tour.h, field by field."""

import ctypes
from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.problem import (
    BREACH_MS,
    INT32_MAX,
    LONGEST_LEG_MS,
    PACE_ONE,
    Problem,
    TravelSlices,
)

FINE = 100  # tour.h: costs in the kernel are so many times finer than milliseconds
DEAREST = 2**48  # tour.h: fine cost of one stop's lateness, at most
ALWAYS_OPEN_MS = -(2**40)
NEVER_MS = 2**60
DIMENSIONS = 3

# fmt: off
FIGURES = (
    "n", "end", "width", "locked", "gaps", "told", "laden", "wait_pct", "start_ms",
    "told_weight", "told_most", "change", "slices", "least_permille", "breaks", "dimensions",
    "energy", "at_start", "battery", "reserve",
)
ARRAYS = (
    "leg", "leg_to", "price", "price_to", "window_from", "opens", "closes", "late_weight",
    "latest_told", "drop", "told_first", "told_last", "deadline", "doubt_from", "doubt_to",
    "doubt", "service", "charge", "rank",
    "pickup_of", "delivery_of", "load", "on_board", "most", "pause_opens", "pause_closes",
    "pause_lasts", "use", "slice_end", "speed", "pace", "class_of",
)
# fmt: on
NARROW = {"price", "price_to", "window_from", "rank", "pickup_of", "delivery_of", "use"}


class Question(ctypes.Structure):
    """The problem, and the arrays it points to, which live as long as it."""

    _fields_ = [(name, ctypes.c_int64) for name in FIGURES] + [
        (name, ctypes.c_void_p) for name in ARRAYS
    ]

    def __init__(self, problem: Problem) -> None:
        figures: dict[str, int] = dict.fromkeys(FIGURES, 0)
        values: dict[str, Any] = dict.fromkeys(ARRAYS, ())
        for part in (_ways(problem), _stops(problem), _pairs(problem), _laden(problem)):
            for name, value in part.items():
                if name in figures:
                    figures[name] = int(value)
                else:
                    values[name] = value
        self.arrays = [_array(name, values[name]) for name in ARRAYS]
        addresses = [array.ctypes.data for array in self.arrays]
        super().__init__(*figures.values(), *addresses)


def _array(name: str, value: Any) -> NDArray[Any]:  # noqa: ANN401
    """Return an array as the kernel reads it."""
    dtype = np.uint8 if name == "class_of" else np.int32 if name in NARROW else np.int64
    return np.ascontiguousarray(value, dtype=dtype)


def _ways(problem: Problem) -> dict[str, Any]:
    """Return legs and prices, and what the order before makes of them."""
    service = np.array([0, *(stop.service_ms for stop in problem.stops), 0], dtype=np.int64)
    leg = problem.travel_ms + service[:, None]
    price = problem.travel_ms.astype(np.int64)
    if problem.slices is not None:
        price = np.minimum(_at_mean_pace(price, problem.slices), 2 * LONGEST_LEG_MS)
    rank = np.full(problem.end + 1, -1)
    if problem.prices.change_ms:
        chain = [0, *problem.order_before]
        kept = price[chain[:-1], chain[1:]]
        price[np.ix_(chain, chain)] += problem.prices.change_ms
        price[chain[:-1], chain[1:]] = kept
        rank[chain] = np.arange(len(chain))
    return {
        "leg": leg,
        "leg_to": leg.T,
        "price": price,
        "price_to": price.T,
        "service": service,
        "rank": rank,
        "change": problem.prices.change_ms * FINE,
    }


def _at_mean_pace(travel_ms: NDArray[np.int64], slices: TravelSlices) -> NDArray[np.int64]:
    """Return how long ways take at the mean pace of their class: what the search goes by."""
    mean = slices.permille.sum(axis=1, dtype=np.int64) // slices.permille.shape[1]
    at_mean: NDArray[np.int64] = travel_ms * mean[slices.class_of] // 1000
    return at_mean


def _stops(problem: Problem) -> dict[str, Any]:
    """Return what the stops and the end promise."""
    stops = problem.stops
    any_time = (ALWAYS_OPEN_MS, NEVER_MS)
    told = [
        s.deadline_ms is not None or s.announced is not None or s.doubtful is not None
        for s in stops
    ]
    windows: list[tuple[tuple[int, int], ...]] = [()]
    windows += [s.windows or (any_time,) * has for s, has in zip(stops, told, strict=True)]
    windows += [((ALWAYS_OPEN_MS, problem.shift_end_ms),)]
    spans = [any_time, *(stop.announced or any_time for stop in stops), any_time]
    doubts = [any_time, *(stop.doubtful or any_time for stop in stops), any_time]
    deadlines = [NEVER_MS if s.deadline_ms is None else s.deadline_ms for s in stops]
    weights = np.array(
        [0, *(s.late_weight for s in stops), problem.prices.overtime_weight], dtype=np.int64
    )
    told_weight = problem.prices.announced_weight * FINE
    return {
        "n": len(stops),
        "end": problem.end,
        "width": problem.end + 1,
        "locked": len(problem.locked),
        "gaps": any(len(stop.windows) > 1 for stop in stops),
        "told": any(told),
        "wait_pct": problem.prices.wait_pct,
        "start_ms": problem.start_ms,
        "told_weight": told_weight,
        "told_most": DEAREST // told_weight if told_weight else 2**62,
        "window_from": np.cumsum([0, *(len(each) for each in windows)]),
        "opens": [opens for each in windows for opens, _ in each],
        "closes": [closes for each in windows for _, closes in each],
        "late_weight": weights * FINE,
        "latest_told": np.where(weights, DEAREST // np.maximum(weights * FINE, 1), 2**62),
        "told_first": [first for first, _ in spans],
        "told_last": [last for _, last in spans],
        "deadline": [NEVER_MS, *deadlines, NEVER_MS],
        "doubt_from": [first for first, _ in doubts],
        "doubt_to": [last for _, last in doubts],
        "doubt": [0, *(s.doubt_pct if s.doubtful else 0 for s in stops), 0],
    }


def _pairs(problem: Problem) -> dict[str, Any]:
    """Return who goes with whom, and what leaving out costs.

    A delivery whose pickup is locked goes alone, but to leave it out is a breach.
    """
    drops = [0, *(stop.drop_ms for stop in problem.stops), 0]
    pickup_of, delivery_of = [0] * len(drops), [0] * len(drops)
    for pickup, delivery in problem.pairs:
        if pickup in problem.locked:
            drops[delivery] += BREACH_MS
        else:
            pickup_of[delivery], delivery_of[pickup] = pickup, delivery
    drop = np.array(drops, dtype=np.int64) * FINE
    return {"pickup_of": pickup_of, "delivery_of": delivery_of, "drop": drop}


def _laden(problem: Problem) -> dict[str, Any]:
    """Return loads, breaks, energy and traffic, as far as the problem has them."""
    part: dict[str, Any] = {"laden": problem.is_laden, "least_permille": 1000}
    stops, width = problem.stops, problem.end + 1
    if problem.capacity:
        load = np.zeros((width, DIMENSIONS), dtype=np.int64)
        for node, stop in enumerate(stops, 1):
            load[node, : len(stop.load)] = stop.load
        part |= {"dimensions": len(problem.capacity), "load": load}
        part |= {"most": [*problem.capacity, *[INT32_MAX] * DIMENSIONS]}
    part["on_board"] = [*problem.on_board, *[0] * DIMENSIONS]
    part |= {
        "breaks": len(problem.breaks),
        "pause_opens": [pause.opens_ms for pause in problem.breaks],
        "pause_closes": [pause.closes_ms for pause in problem.breaks],
        "pause_lasts": [pause.lasts_ms for pause in problem.breaks],
    }
    if (energy := problem.energy) is not None:
        part |= {
            "energy": 1,
            "at_start": energy.at_start,
            "battery": energy.capacity,
            "reserve": energy.reserve,
            "use": energy.use,
            "charge": [0, *(stop.charge for stop in stops), 0],
        }
    if (slices := problem.slices) is not None:
        part |= {
            "slices": len(slices.starts_ms) + 1,
            "least_permille": slices.permille.min(),
            "slice_end": [*slices.starts_ms, 2**62],
            "speed": PACE_ONE * 1000 // slices.permille.astype(np.int64),
            "pace": slices.permille.astype(np.int64) * 1024 // 1000,
            "class_of": slices.class_of,
        }
    return part
