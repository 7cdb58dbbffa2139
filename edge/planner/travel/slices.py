"""From a table for each part of the day to one table and the paces of its traffic classes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.native.replan.problem import LONGEST_LEG_MS

Int32s = NDArray[np.int32]
Uint8s = NDArray[np.uint8]
Floats = NDArray[np.float64]

MOST_CLASSES = 256  # an uint8 each
STEADY = 0  # the class of ways that take the same time all day
FASTEST, SLOWEST = 1000, 100_000  # permille of the least time; the kernel takes no more
FINEST_STEP = 0.002  # paces nearer to each other than two thousandths are one
MOST_ROWS = 10_000  # of different paces; with more the step is made larger


@dataclass(frozen=True, slots=True, eq=False)
class Sliced:
    """One table, how it changes over the day, and how far that is from the tables given."""

    base_ms: Int32s
    """(m, m): the least of each way."""
    class_of: Uint8s
    """(m, m) traffic class of each way."""
    permille: Int32s
    """(classes, tables kept) of the base."""
    kept: tuple[int, ...]
    """Which tables differ from the one before; the first always."""
    worst_frac: float
    """By which part of itself a time may be wrong: 0.01 is a hundredth."""


def sliced(tables_ms: Sequence[Int32s]) -> Sliced:
    """Return tables of the same ways, one after the other, as one table and its paces.

    A way that is closed for a while is only very slow meanwhile. A way of a class is wrong by
    half the width of the class and half a thousandth; `worst_frac` is the largest there is.
    """
    kept = [0]
    for number, table in enumerate(tables_ms[1:], 1):
        if not np.array_equal(table, tables_ms[number - 1]):
            kept.append(number)
    stacked = np.stack([tables_ms[number] for number in kept], axis=-1)
    base_ms = np.ascontiguousarray(stacked.min(axis=-1))
    ratio = np.maximum(stacked, 1) / np.maximum(base_ms, 1)[..., None]
    ratio[base_ms >= LONGEST_LEG_MS] = 1.0  # no way leads there all day long
    logs = np.log(np.minimum(ratio, SLOWEST / 1000)).reshape(-1, len(kept))
    class_of, paces = _classes(logs)
    permille = np.clip(np.rint(np.exp(paces) * 1000), FASTEST, SLOWEST).astype(np.int32)
    permille[STEADY] = 1000
    wrong = np.abs(permille[class_of] / 1000 / np.exp(logs) - 1.0)
    return Sliced(
        base_ms=base_ms,
        class_of=np.ascontiguousarray(class_of.astype(np.uint8).reshape(base_ms.shape)),
        permille=permille,
        kept=tuple(kept),
        worst_frac=float(wrong.max(initial=0.0)),
    )


def _classes(logs: Floats) -> tuple[NDArray[np.intp], Floats]:
    """Return the class of each row and the classes' rows, (K, S) -> (K,), (<= 256, S)."""
    step = FINEST_STEP
    while True:
        cells, of = np.unique(
            np.rint(logs / step).astype(np.int32), axis=0, return_inverse=True
        )
        if len(cells) <= MOST_ROWS:
            break
        step *= 2.0
    nearest, count = _nearest_centres(cells.astype(np.float64))
    class_of = nearest[of.reshape(-1)]
    low = np.full((count, logs.shape[1]), np.log(SLOWEST / 1000))
    high = np.zeros_like(low)
    np.minimum.at(low, class_of, logs)
    np.maximum.at(high, class_of, logs)
    return class_of, (low + high) / 2


def _nearest_centres(rows: Floats) -> tuple[NDArray[np.intp], int]:
    """Return the nearest centre of each row, and how many there are, at most 256.

    The first centre is at rest, zero throughout; each next is the row farthest from all before
    it (Gonzalez 1985: no choice of centres has half the largest distance). Distance is the
    largest difference in any slice.
    """
    nearest = np.full(len(rows), STEADY, dtype=np.intp)
    away = np.abs(rows).max(axis=1, initial=0.0)
    count = 1
    while count < MOST_CLASSES and away.max(initial=0.0) > 0.0:
        to_centre = np.abs(rows - rows[int(away.argmax())]).max(axis=1)
        closer = to_centre < away
        nearest[closer] = count
        away[closer] = to_centre[closer]
        count += 1
    return nearest, count
