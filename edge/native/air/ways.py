"""The quickest ways from some nodes to all others, where most pairs are joined by a line."""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.native.library import native_function

Ints = NDArray[np.int32]

CLOSED = 2**31 - 1
"""The time of a line or way that does not exist."""
INTS_IN = np.ctypeslib.ndpointer(dtype=np.int32, flags="C_CONTIGUOUS")
INTS_OUT = np.ctypeslib.ndpointer(dtype=np.int32, flags=("C_CONTIGUOUS", "WRITEABLE"))


@dataclass(frozen=True, slots=True)
class Ways:
    """The quickest ways from each source."""

    sources: Ints
    time_ms: Ints
    """(sources, n); CLOSED without a way."""
    before: Ints
    """(sources, n): the node before this one on the way, -1 at its beginning."""

    def nodes(self, source: int, end: int) -> list[int]:
        """Return the nodes of the way from the source of a row to a node, both included.

        Empty if there is no way.
        """
        if self.time_ms[source, end] == CLOSED:
            return []
        way = [end]
        while (node := int(self.before[source, way[-1]])) >= 0:
            way.append(node)
        return way[::-1]


def quickest_ways(times_ms: Ints, sources: Ints, first_through: int = 0) -> Ways:
    """Return the quickest ways over straight lines; through the nodes from one on only.

    times_ms: (n, n) row from, column to; CLOSED without a line. Raises ValueError if it is not
    square, a time is negative or a source is none of the nodes.
    """
    n = len(times_ms)
    sources = np.ascontiguousarray(sources, dtype=np.int32)
    times_ms = np.ascontiguousarray(times_ms, dtype=np.int32)
    if times_ms.shape != (n, n) or (n and times_ms.min() < 0):
        raise ValueError(f"times of shape {times_ms.shape}, or one of them negative")
    if sources.size and not (sources.min() >= 0 and sources.max() < n):
        raise ValueError(f"a source is none of the {n} nodes")
    found = Ways(
        sources,
        np.empty((len(sources), n), dtype=np.int32),
        np.empty((len(sources), n), dtype=np.int32),
    )
    ways = native_function(
        "doorstep_air_ways",
        ctypes.c_int32,
        *(INTS_IN, ctypes.c_int32, INTS_IN, ctypes.c_int32, ctypes.c_int32),
        *(INTS_OUT, INTS_OUT),
    )
    if (
        ways(times_ms, n, sources, len(sources), first_through, found.time_ms, found.before)
        != 0
    ):
        raise MemoryError(f"no memory for {n} nodes")
    return found
