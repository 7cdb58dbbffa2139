"""Ways between the station and the stops: on roads where they are known, else estimated."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.native.greatcircle import great_circle_matrix_m
from edge.native.roads.kernel import UNREACHABLE_MS
from edge.roads.classes import RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.leg import leg
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.snap import SNAP_LIMIT_M, Snap, Snapper
from edge.roads.weights import base_ms

Matrix = np.ndarray[Any, np.dtype[np.int64]]

DRIVES_AS: RoadUser = "van"  # whatever kind of vehicle a station has: van or contractor


NEVER_S = 10**7
"""Of a way that a kind of vehicle cannot take: no shift is so long."""


@dataclass(frozen=True, slots=True)
class Ways:
    """Between all pairs of places, in their order."""

    seconds: Matrix
    """(n, n): row from, column to."""
    metres: Matrix
    """(n, n): what a way costs besides its time; on roads, what the usual speed makes of it."""

    def driven_m(self, order: Sequence[int]) -> int:
        """Return how far it is from place to place in this order."""
        return sum(int(self.metres[start, end]) for start, end in pairwise(order))

    def why_not(self, place: int) -> str:  # noqa: ARG002
        """Return why no way leads to a place and back to the first; empty if one does."""
        return ""


def estimated_ways(places: Sequence[Place], *, detour: float, speed_mps: float) -> Ways:
    """Return great-circle distances × detour, and the time they take at one speed."""
    lat_deg = np.array([place.lat_deg for place in places])
    lon_deg = np.array([place.lon_deg for place in places])
    metres = great_circle_matrix_m(lat_deg, lon_deg) * detour
    return Ways(
        metres=np.rint(metres).astype(np.int64),
        seconds=np.ceil(metres / speed_mps).astype(np.int64),
    )


@dataclass(frozen=True, slots=True)
class RoadWays(Ways):
    """The same on roads without traffic, as every vehicle knows them before it sets out."""

    roads: WeightedRoads
    snaps: tuple[Snap | None, ...]

    def driven_m(self, order: Sequence[int]) -> int:
        """Return the length of the quickest ways from place to place."""
        total_m = 0.0
        for start, end in pairwise(order):
            one, other = self.snaps[start], self.snaps[end]
            found = None if one is None or other is None else leg(self.roads, one, other)
            assert found is not None, "a place that no way leads to is on no route"
            total_m += found.length_m
        return round(total_m)

    def why_not(self, place: int) -> str:
        """Return why no way leads to a place and back to the first; empty if one does."""
        if self.snaps[place] is None:
            return (
                f"no road for a {self.roads.user} within {SNAP_LIMIT_M:.0f} m: check its place "
                "(`doorstep-station place`), or import a larger extract (`roads import`)"
            )
        if max(self.seconds[0, place], self.seconds[place, 0]) * 1000 >= UNREACHABLE_MS:
            return f"no road leads a {self.roads.user} there and back from the station"
        return ""


def ways_on_roads(
    places: Sequence[Place], graph: RoadGraph, *, file: str, speed_mps: float
) -> RoadWays:
    """Return the ways between places on a graph; the first place is the station.

    A way's `metres` are its time at `speed_mps`, so that a second on the road weighs as much
    against a second of waiting as it does with estimates. Raises RefusedError if the station
    is on no road.
    """
    snapper = Snapper(graph)
    snaps = tuple(snapper.snap(place, DRIVES_AS) for place in places)
    if snaps[0] is None:
        raise RefusedError(
            f"[roads] file {file}: no road for a {DRIVES_AS} within {SNAP_LIMIT_M:.0f} m of "
            f"the station at {places[0].lat_deg}, {places[0].lon_deg}: name the file of this "
            "town (`doorstep-station roads import`), or correct lat_deg and lon_deg"
        )
    weight_ms = base_ms(graph, DRIVES_AS)
    roads = WeightedRoads(graph, DRIVES_AS, weight_ms, weight_ms)
    seconds = np.ceil(matrix_ms(roads, snaps) / 1000).astype(np.int64)
    metres = np.rint(seconds * speed_mps).astype(np.int64)
    return RoadWays(seconds=seconds, metres=metres, roads=roads, snaps=snaps)
