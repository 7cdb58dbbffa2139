"""Some zones, and the distance to keep from them: which points and lines are clear."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge.air.airspace import ClosedZone
from edge.air.chart import Floats
from edge.native.air.sight import CLEAR, Walls, blocking_zones

SHRUNK_M = 0.01
"""A line along the margin is clear: the distance to keep is tested this much smaller."""

ROWS = 64
"""Of a matrix of pairs at a time, so that what is reckoned on the way stays small."""

Bools = NDArray[np.bool_]
Ints = NDArray[np.int32]


@dataclass(frozen=True)
class Barrier:
    """Zones that are kept clear of."""

    zones: tuple[ClosedZone, ...]
    margin_m: float

    @cached_property
    def walls(self) -> Walls:
        """Return the walls with the distance that is tested."""
        return Walls([zone.shape.walls(self.margin_m - SHRUNK_M) for zone in self.zones])

    def blocking(self, points_m: Floats) -> Ints:
        """Return for each point, (n, 2), the first zone it is in or too near to, or CLEAR."""
        alone = np.repeat(np.arange(len(points_m), dtype=np.int32), 2).reshape(-1, 2)
        blocked = blocking_zones(points_m, alone, self.walls)
        for number, zone in enumerate(self.zones):
            asked = np.flatnonzero(blocked == CLEAR)
            blocked[asked[zone.shape.holds(points_m[asked])]] = number
        return blocked

    def closing(self, points_m: Floats) -> list[str]:
        """Return for each point, (n, 2), the id of the zone as above, or nothing."""
        return [
            "" if number == CLEAR else self.zones[number].zone_id
            for number in self.blocking(points_m).tolist()
        ]

    def sight(self, points_m: Floats, asked: Bools) -> Bools:
        """Return which of the pairs that are asked for, (n, n), have a clear line.

        Of points that are clear themselves.
        """
        seen = np.zeros_like(asked)
        for first in range(0, len(asked), ROWS):
            rows = asked[first : first + ROWS]
            pairs = np.argwhere(rows).astype(np.int32) + np.array([first, 0], dtype=np.int32)
            clear = blocking_zones(points_m, pairs, self.walls) == CLEAR
            seen[first : first + ROWS][rows] = clear
        return seen

    def touched(self, track_m: Floats) -> tuple[str, ...]:
        """Return the ids of all zones that a track, (k, 2), enters or comes too near to."""
        last = len(track_m) - 1
        pairs = np.array([(k, min(k + 1, last)) for k in range(max(last, 1))], dtype=np.int32)
        return tuple(
            zone.zone_id
            for zone, walls in zip(self.zones, self.walls.of_zone, strict=True)
            if zone.shape.holds(track_m).any()
            or (blocking_zones(track_m, pairs, Walls([walls])) != CLEAR).any()
        )


def nearby(
    zones: Sequence[ClosedZone], margin_m: float, within_m: float
) -> tuple[ClosedZone, ...]:
    """Return the zones within a distance of the origin; one without a shape is everywhere."""
    boxes = Barrier(tuple(zones), margin_m).walls.boxes_m
    apart: Bools = np.any((boxes[:, :2] > within_m) | (boxes[:, 2:] < -within_m), axis=1)
    return tuple(
        zone
        for zone, far in zip(zones, apart.tolist(), strict=True)
        if not (far and zone.shape.rings_m)
    )
