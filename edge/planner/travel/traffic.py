"""Traffic as the kernel reads it: which class each way belongs to, and each class's pace."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.parts import MOST_SLICES, PACES
from edge.native.replan.problem import LONGEST_LEG_MS, TravelSlices
from edge.planner.conditions import Slowdown

MOST_CLASSES = 256
STEPS_PERMILLE = (1, 5, 10, 20, 50, 100, 200, 500, 1000, 5000, 100_000)


def slowed(
    base_ms: NDArray[np.int32], found: Sequence[Slowdown], span_ms: int
) -> tuple[NDArray[np.int32], TravelSlices | None]:
    """Return travel times and how they change, from what slows the ways down and when.

    What comes after `span_ms` is not told apart; what holds the whole time goes into the travel
    times themselves. Where the ways differ in more than 256 manners their paces are rounded, as
    little as will do.
    """
    if not found:
        return base_ms, None
    edges = {edge for one in found for edge in (one.from_ms, one.until_ms)}
    starts = sorted(edge for edge in edges if 0 < edge <= span_ms)[: MOST_SLICES - 1]
    factors = [_factor(base_ms, found, since) for since in (0, *starts)]
    permille = np.clip(np.rint(np.stack(factors, axis=-1) * 1000), *PACES).astype(np.int64)
    if (permille == permille[..., :1]).all():
        stretched = np.rint(np.minimum(base_ms * factors[0], LONGEST_LEG_MS - 1))
        reachable = np.where(base_ms < LONGEST_LEG_MS, stretched, base_ms)
        return np.ascontiguousarray(reachable, dtype=np.int32), None
    for step in STEPS_PERMILLE:
        rows = np.clip((permille + step // 2) // step * step, *PACES)
        rows = rows.reshape(-1, rows.shape[-1])
        _, first, class_of = np.unique(_keys(rows), return_index=True, return_inverse=True)
        if len(first) <= MOST_CLASSES:
            slices = TravelSlices(
                starts_ms=tuple(starts),
                class_of=class_of.reshape(base_ms.shape).astype(np.uint8),
                permille=np.ascontiguousarray(rows[first], dtype=np.int32),
            )
            return base_ms, slices
    raise AssertionError("ways that are all rounded to one pace are of one class")


def _factor(
    base_ms: NDArray[np.int32], found: Sequence[Slowdown], at_ms: int
) -> NDArray[np.float64]:
    """Return how many times as long each way takes at an instant."""
    factor = np.ones(base_ms.shape)
    for one in found:
        if one.from_ms <= at_ms < one.until_ms:
            factor = factor * one.stretch
    return factor


def _keys(rows: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return one number a row, the same for the same rows."""
    key = np.zeros(len(rows), dtype=np.int64)
    for column in rows.T:
        _, key = np.unique(key * np.int64(PACES[1] + 1) + column, return_inverse=True)
    return key
