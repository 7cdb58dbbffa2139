"""The corners of all zones, and which of them see each other: a graph to find ways in."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from edge.air.airspace import ClosedZone
from edge.air.barrier import Barrier, Bools, nearby
from edge.air.chart import Floats
from edge.air.outline import ROUND_CORNERS, Outline, sixteen_sides
from edge.errors import DoorstepError
from edge.native.air.sight import CLEAR

MOST_CORNERS = 1_500
"""A million lines; more zones than that within reach of a drone are refused."""


class CrowdedError(DoorstepError):
    """There are more zones than ways can be sought among; says how many."""


@dataclass(frozen=True)
class Sightlines:
    """Zones, and the straight lines between their corners that keep clear of all of them."""

    barrier: Barrier
    within_m: float
    """No flight leads farther from the origin."""
    corners_m: Floats
    """(n, 2), clear of every zone."""
    seen: Bools
    """(n, n), symmetric; false on the diagonal."""

    @classmethod
    def among(
        cls, zones: Sequence[ClosedZone], margin_m: float, within_m: float
    ) -> "Sightlines":
        """Return the lines among zones. Raises CrowdedError if they are too many."""
        near = nearby(zones, margin_m, within_m)
        if sum(_most_corners(zone.shape) for zone in near) > MOST_CORNERS:
            near = tuple(replace(zone, shape=_plain(zone.shape)) for zone in near)
        barrier = Barrier(near, margin_m)
        corners = [np.empty((0, 2)), *(zone.shape.corners_m(margin_m) for zone in near)]
        corners_m = _to_turn_at(np.concatenate(corners), barrier, within_m)
        seen = barrier.sight(corners_m, _each_pair(len(corners_m)))
        return cls(barrier, within_m, corners_m, seen | seen.T)

    def with_zone(self, zone: ClosedZone) -> "Sightlines":
        """Return the lines with one zone more: only what it changes is tested.

        Raises CrowdedError if the zones are now too many.
        """
        margin_m = self.barrier.margin_m
        if not nearby([zone], margin_m, self.within_m):
            return self
        alone = Barrier((zone,), margin_m)
        kept = alone.blocking(self.corners_m) == CLEAR
        old_m = self.corners_m[kept]
        still = alone.sight(old_m, np.triu(self.seen[np.ix_(kept, kept)]))
        barrier = Barrier((*self.barrier.zones, zone), margin_m)
        new_m = _to_turn_at(zone.shape.corners_m(margin_m), barrier, self.within_m, len(old_m))
        corners_m = np.concatenate([old_m, new_m])
        asked = _each_pair(len(corners_m))
        asked[: len(old_m), : len(old_m)] = False
        seen = barrier.sight(corners_m, asked)
        seen[: len(old_m), : len(old_m)] = still
        return Sightlines(barrier, self.within_m, corners_m, seen | seen.T)

    def joined(self, points_m: Floats) -> tuple[Floats, Bools]:
        """Return points and corners in one array, points first, and who sees whom, (n, n).

        A point that is not clear of the zones sees nothing.
        """
        nodes_m = np.concatenate([points_m, self.corners_m])
        count = len(points_m)
        asked = _each_pair(len(nodes_m))
        asked[count:] = False
        closed = self.barrier.blocking(points_m) != CLEAR
        asked[:count][closed] = False
        asked[:, :count][:, closed] = False
        seen = self.barrier.sight(nodes_m, asked)
        seen |= seen.T
        seen[count:, count:] = self.seen
        return nodes_m, seen


def _to_turn_at(
    corners_m: Floats, barrier: Barrier, within_m: float, others: int = 0
) -> Floats:
    """Return the corners that flights can turn at. Raises CrowdedError if too many."""
    corners_m = corners_m[np.hypot(corners_m[:, 0], corners_m[:, 1]) <= within_m]
    clear_m: Floats = corners_m[barrier.blocking(corners_m) == CLEAR]
    if len(clear_m) + others > MOST_CORNERS:
        raise CrowdedError(
            f"{len(barrier.zones)} zones have {len(clear_m) + others} corners to fly round,"
            f" more than {MOST_CORNERS}"
        )
    return clear_m


def _each_pair(count: int) -> Bools:
    return np.triu(np.ones((count, count), dtype=np.bool_), 1)


def _most_corners(shape: Outline) -> int:
    return sum(ROUND_CORNERS if len(ring) == 1 else len(ring) for ring in shape.rings_m)


def _plain(shape: Outline) -> Outline:
    """Return a shape of few corners that holds another."""
    if _most_corners(shape) <= ROUND_CORNERS:
        return shape
    return Outline((sixteen_sides(shape.rings_m[0]),))
