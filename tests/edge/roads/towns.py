"""Small towns of straight streets, and places in them by metres from their corner."""

from dataclasses import dataclass

import numpy as np

from edge.messages.geo import Place, metres_per_degree
from edge.roads.graph import RoadGraph

SOUTH_WEST = Place(lat_deg=41.15, lon_deg=-8.61)
NORTH_M, EAST_M = metres_per_degree(SOUTH_WEST.lat_deg)


def at(east_m, north_m):
    """Return the place so many metres from the corner of a town."""
    return Place(
        lat_deg=SOUTH_WEST.lat_deg + north_m / NORTH_M,
        lon_deg=SOUTH_WEST.lon_deg + east_m / EAST_M,
    )


@dataclass(frozen=True)
class Street:
    """A straight street through nodes, one arc from each to the next, and back."""

    nodes: tuple
    name: str = ""
    one_way: bool = False
    more: tuple = ()
    """Pairs of an arc's field and its value."""


def town(nodes, streets, **more):
    """Return a graph of nodes given as (east, north) [m], and of streets."""
    places = [at(*node) for node in nodes]
    tails, heads, names, fields = [], [], [], []
    every = ["", *sorted({street.name for street in streets} - {""})]
    for street in streets:
        pairs = list(zip(street.nodes, street.nodes[1:], strict=False))
        pairs += [] if street.one_way else [(head, tail) for tail, head in pairs]
        for tail, head in pairs:
            tails.append(tail)
            heads.append(head)
            names.append(every.index(street.name))
            fields.append(dict(street.more))
    defaults = {"arc_class": 11, "arc_speed_kmh": 30, "arc_access": 15, "arc_flags": 0}
    return RoadGraph.of_arrays(
        [round(place.lat_deg * 1e7) for place in places],
        [round(place.lon_deg * 1e7) for place in places],
        tails,
        heads,
        arc_name=names,
        names=every,
        **{
            name: np.array([own.get(name, default) for own in fields])
            for name, default in defaults.items()
        },
        **more,
    )


def grid_town(columns=6, rows=5, step_m=100.0, **more):
    """Return a town of two-way streets: node number is row * columns + column."""
    nodes = [
        (column * step_m, row * step_m) for row in range(rows) for column in range(columns)
    ]
    along = [
        Street(tuple(range(row * columns, (row + 1) * columns)), f"row {row}")
        for row in range(rows)
    ]
    across = [
        Street(tuple(range(column, rows * columns, columns)), f"column {column}")
        for column in range(columns)
    ]
    return town(nodes, along + across, **more)


def arc_between(graph, tail, head):
    """Return the arc from one node to the next."""
    leaving = range(graph.first_arc[tail], graph.first_arc[tail + 1])
    return next(arc for arc in leaving if graph.arc_head[arc] == head)
