"""Whether a straight step goes over a road of motor traffic."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from edge.messages.geo import Place, east_north_m, metres_per_degree
from edge.roads.classes import MOTOR
from edge.roads.crossings import QUIET
from edge.roads.graph import RoadGraph

Numbers = NDArray[Any]

STANDS_M = 0.6
"""Who stands in the middle of a road leaves it without going over it."""


class Roadways:
    """The middle lines of the roads of a graph."""

    def __init__(self, graph: RoadGraph) -> None:
        driven = (graph.arc_access & MOTOR != 0) & ~np.isin(graph.arc_class, list(QUIET))
        piece = np.where(graph.arc_piece >= 0, graph.arc_piece, ~graph.arc_piece)
        pieces = np.unique(piece[driven])
        counts = np.diff(graph.first_shape)[pieces] - 1
        before = np.cumsum(counts) - counts
        starts = np.arange(int(counts.sum())) + np.repeat(
            graph.first_shape[pieces] - before, counts
        )
        ends = np.stack([graph.shape_point[starts], graph.shape_point[starts + 1]])
        self._lat_deg = graph.point_lat_e7[ends] / 1e7
        self._lon_deg = graph.point_lon_e7[ends] / 1e7

    def between(self, here: Place, there: Place) -> bool:
        """Tell whether the straight step from here to there goes over a road."""
        north_m, east_m = metres_per_degree(here.lat_deg)
        x = (self._lon_deg - here.lon_deg) * east_m
        y = (self._lat_deg - here.lat_deg) * north_m
        to_x, to_y = east_north_m(here, there)
        side = to_x * y - to_y * x
        turn = (x[1] - x[0]) * to_y - (y[1] - y[0]) * to_x
        with np.errstate(divide="ignore", invalid="ignore"):
            share = ((x[1] - x[0]) * y[0] - (y[1] - y[0]) * x[0]) / turn
        met = (side[0] * side[1] <= 0) & (turn != 0)
        gone_m = share * float(np.hypot(to_x, to_y))
        return bool((met & (gone_m > STANDS_M) & (share <= 1.0)).any())
