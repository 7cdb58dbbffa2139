"""Ways between the station and the stops, estimated until the station knows roads."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from edge.messages.geo import Place
from edge.native.greatcircle import great_circle_matrix_m

Matrix = np.ndarray[Any, np.dtype[np.int64]]


@dataclass(frozen=True, slots=True)
class Ways:
    """Between all pairs of places, in their order: (n, n) metres and (n, n) seconds."""

    metres: Matrix
    seconds: Matrix


def ways_between(places: Sequence[Place], *, detour: float, speed_mps: float) -> Ways:
    """Return great-circle distances × detour, and the time they take at one speed."""
    lat_deg = np.array([place.lat_deg for place in places])
    lon_deg = np.array([place.lon_deg for place in places])
    metres = great_circle_matrix_m(lat_deg, lon_deg) * detour
    return Ways(
        metres=np.rint(metres).astype(np.int64),
        seconds=np.ceil(metres / speed_mps).astype(np.int64),
    )
