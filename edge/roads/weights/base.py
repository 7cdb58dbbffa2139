"""How long each arc takes when nothing is in the way: by class, speed limit and user."""

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from edge.native.roads.kernel import UNREACHABLE_MS
from edge.roads.classes import ACCESS_BITS, CLASS_INDEX, ROAD_CLASSES, RoadUser
from edge.roads.graph import RoadGraph

Int32s = NDArray[np.int32]
Floats = NDArray[np.float64]

# What a van drives of the posted speed between the turns, whose cost the graph adds. OSRM's car
# profile (profiles/car.lua, `speed_reduction`) takes 0.8 on every road; on those without
# parked cars and side streets a van comes nearer to the limit.
VAN_SHARE: Mapping[str, float] = {
    "motorway": 0.9,
    "motorway_link": 0.9,
    "trunk": 0.9,
    "trunk_link": 0.9,
}
VAN_SHARE_ELSEWHERE = 0.8
TRUCK_SHARE = 0.9  # of a van's speed
TRUCK_KMH = 80.0  # the limit for lorries above 3.5 t on most roads of Europe
BICYCLE_KMH = 16.0  # a loaded cargo bicycle
BICYCLE_AMONG_WALKERS_KMH = 6.0
AMONG_WALKERS = ("pedestrian", "footway", "path")
FOOT_KMH = 1.4 * 3.6  # 1.4 m/s: the usual free walking speed (Weidmann 1993: 1.34 m/s)
SLOWEST_KMH = 1.0


def user_kmh(graph: RoadGraph, user: RoadUser) -> Floats:
    """Return the speed of a user on each arc, whether he may use it or not [km/h]."""
    if user == "foot":
        return np.full(graph.arcs, FOOT_KMH)
    if user == "bicycle":
        slow = [CLASS_INDEX[name] for name in AMONG_WALKERS]
        walkers = np.isin(graph.arc_class, slow)
        return np.where(walkers, BICYCLE_AMONG_WALKERS_KMH, BICYCLE_KMH)
    share = np.array([VAN_SHARE.get(name, VAN_SHARE_ELSEWHERE) for name in ROAD_CLASSES])
    kmh: Floats = share[graph.arc_class] * graph.arc_speed_kmh
    if user == "truck":
        kmh = np.minimum(kmh * TRUCK_SHARE, TRUCK_KMH)
    return np.maximum(kmh, SLOWEST_KMH)


def base_ms(graph: RoadGraph, user: RoadUser, fastest_mps: float | None = None) -> Int32s:
    """Return how long each arc takes, (A,) [ms]; -1 where the user may not drive.

    `fastest_mps` is what the vehicle itself can do, where that is less: a robot's.
    """
    kmh = user_kmh(graph, user)
    if fastest_mps is not None:
        kmh = np.minimum(kmh, max(fastest_mps * 3.6, SLOWEST_KMH))
    lasts_ms = whole_ms(graph.arc_length_dm * 360.0 / kmh)  # 100 ms a dm at 1 m/s
    may = graph.arc_access & ACCESS_BITS[user] != 0
    return np.where(may, lasts_ms, np.int32(-1))


def whole_ms(lasts_ms: Floats) -> Int32s:
    """Return times as the kernel takes them: whole, at least 1 ms, and bounded."""
    rounded: Int32s = np.rint(np.clip(lasts_ms, 1.0, UNREACHABLE_MS)).astype(np.int32)
    return rounded
