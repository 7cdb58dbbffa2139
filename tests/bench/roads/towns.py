"""The towns that are measured: an imported extract, and points and ways in it."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np

from edge.messages.geo import Place, metres_per_degree
from edge.roads.classes import ACCESS_BITS, CLASS_INDEX, RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.snap import Snap, Snapper
from edge.roads.weights import base_ms, user_kmh
from station.roads.countries import rules_of
from station.roads.importer import import_roads

FILES = {"porto": ("porto_portugal.osm.pbf", "pt"), "monaco": ("monaco-osrm.osm.pbf", "mc")}
CENTRE_M = (5500.0, 3000.0)  # stops lie so far east and west, north and south of the middle
NO_STOPS = [
    CLASS_INDEX[f"{name}{link}"] for name in ("motorway", "trunk") for link in ("", "_link")
]


@dataclass(frozen=True, slots=True)
class Town:
    """One extract, as imported."""

    name: str
    pbf: Path
    graph: RoadGraph


def town(name: str, folder: Path) -> Town:
    """Import one of the extracts below a folder."""
    file, country = FILES[name]
    graph, _ = import_roads(folder / file, rules_of(country), lambda said: None)
    return Town(name, folder / file, graph)


def stops(graph: RoadGraph, count: int, seed: int, user: RoadUser = "van") -> list[Place]:
    """Return places some metres from roads in the middle of the extract."""
    rng = np.random.default_rng(seed)
    lat, lon = graph.node_lat_e7[graph.arc_tail] / 1e7, graph.node_lon_e7[graph.arc_tail] / 1e7
    middle_lat, middle_lon = float(np.median(lat)), float(np.median(lon))
    north_m, east_m = metres_per_degree(middle_lat)
    near = np.abs(lat - middle_lat) * north_m < CENTRE_M[1]
    near &= np.abs(lon - middle_lon) * east_m < CENTRE_M[0]
    return _beside(graph, np.flatnonzero(near & _served(graph, user)), count, rng, 10.0)


def on_roads(graph: RoadGraph, count: int, seed: int) -> list[Place]:
    """Return places on the middle of roads anywhere in the extract."""
    rng = np.random.default_rng(seed)
    return _beside(graph, np.flatnonzero(_served(graph, "van")), count, rng, 0.0)


def _served(graph: RoadGraph, user: RoadUser) -> np.ndarray:
    may = graph.arc_access & ACCESS_BITS[user] != 0
    return may & ~np.isin(graph.arc_class, NO_STOPS)


def _beside(
    graph: RoadGraph, arcs: np.ndarray, count: int, rng: np.random.Generator, away_m: float
) -> list[Place]:
    places = []
    for arc in rng.choice(arcs, count).tolist():
        lat, lon = (values / 1e7 for values in graph.shape(arc))
        at = rng.integers(lat.size - 1)
        aside = rng.uniform(-away_m, away_m, 2) / 111_195
        places.append(
            Place(
                lat_deg=float(lat[at] + lat[at + 1]) / 2 + aside[0],
                lon_deg=float(lon[at] + lon[at + 1]) / 2 + aside[1],
            )
        )
    return places


def snapped(graph: RoadGraph, places: Sequence[Place], user: RoadUser) -> list[Snap]:
    """Return the snaps of those places that have one."""
    snapper = Snapper(graph)
    found = [snapper.snap(place, user) for place in places]
    return [snap for snap in found if snap is not None]


def speeds(graph: RoadGraph, arcs: np.ndarray, kmh: np.ndarray) -> list[tuple[int, int, float]]:
    """Return (from node, to node, km/h) of every pair of OSM nodes on arcs."""
    return [
        (int(here), int(there), float(speed))
        for arc, speed in zip(arcs.tolist(), kmh.tolist(), strict=True)
        for here, there in _pairs(graph, arc)
    ]


def _pairs(graph: RoadGraph, arc: int) -> list[tuple[int, int]]:
    nodes = graph.osm_nodes(arc).tolist()
    return list(pairwise(nodes))


def changed_speeds(graph: RoadGraph, share: float, seed: int) -> list[tuple[int, int, float]]:
    """Return slow speeds on a share of a van's arcs: the news of a rush hour."""
    rng = np.random.default_rng(seed)
    arcs = np.flatnonzero(graph.arc_access & ACCESS_BITS["van"])
    chosen = rng.choice(arcs, round(arcs.size * share), replace=False)
    kmh = np.maximum(
        4, np.rint(user_kmh(graph, "van")[chosen] * rng.uniform(0.2, 0.8, chosen.size))
    )
    return speeds(graph, chosen, kmh)


def own_speeds(graph: RoadGraph) -> list[tuple[int, int, float]]:
    """Return the speeds that a van's base weights are made of."""
    arcs = np.flatnonzero(base_ms(graph, "van") >= 0)
    return speeds(graph, arcs, user_kmh(graph, "van")[arcs])
