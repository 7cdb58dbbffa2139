"""The search in C, given arrays: networks, places on them, times and ways."""

import ctypes
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.native.library import native_function

UNREACHABLE_MS = 400_000_000  # LONGEST_MS of search.h

Int32s = NDArray[np.int32]

_INT32 = ctypes.c_int32
_INT32S = np.ctypeslib.ndpointer(dtype=np.int32, ndim=1, flags="C_CONTIGUOUS")
_UINT16S = np.ctypeslib.ndpointer(dtype=np.uint16, ndim=1, flags="C_CONTIGUOUS")
_UINT8S = np.ctypeslib.ndpointer(dtype=np.uint8, ndim=1, flags="C_CONTIGUOUS")
_EDGES = np.ctypeslib.ndpointer(dtype=np.int32, ndim=2, flags="C_CONTIGUOUS")
_OUT = np.ctypeslib.ndpointer(dtype=np.int32, ndim=1, flags=("C_CONTIGUOUS", "WRITEABLE"))
_TABLE_OUT = np.ctypeslib.ndpointer(dtype=np.int32, ndim=2, flags=("C_CONTIGUOUS", "WRITEABLE"))


@dataclass(frozen=True, slots=True, eq=False)
class Network:
    """States and edges between them; made by the functions below, which check everything."""

    first: Int32s
    """[n + 1] the edges of state s are first[s] to first[s + 1] - 1."""
    edges: Int32s
    """(E, 2): the state it leads to, what it costs [ms]."""

    @property
    def states(self) -> int:
        return self.first.size - 1


@dataclass(frozen=True, slots=True, eq=False)
class Places:
    """Where points lie on a network: those of point p are first[p] to first[p + 1] - 1."""

    first: Int32s
    at: Int32s
    """The state."""
    ms: Int32s
    """Starts: after how long it is reached. Goals: what is added to the time it is reached."""

    @property
    def points(self) -> int:
        return self.first.size - 1


@dataclass(frozen=True, slots=True)
class Way:
    """The quickest way from one start to one goal."""

    states: Int32s
    start: int
    """Which place of the start it begins at."""
    goal: int
    """Which place of the goal it ends at."""
    lasts_ms: int


def turn_network(
    first_turn: Int32s,
    turn_to: Int32s,
    turn_ds: NDArray[np.uint16],
    turn_access: NDArray[np.uint8],
    weight_ms: Int32s,
    *,
    access_bit: int,
    ms_per_ds: int,
) -> Network:
    """Return the network whose states are arcs and whose edges are the turns of one user.

    A turn costs the arc it leads into and its penalty, in tenths of a second of `ms_per_ds`
    each; an arc of negative weight is closed. Raises ValueError if the arrays do not fit.
    """
    arcs, turns = weight_ms.size, turn_to.size
    same_size("arcs", arcs, first_turn.size - 1)
    same_size("turns", turns, turn_ds.size, turn_access.size)
    first, edges = _room(arcs, turns)
    build = native_function(
        "doorstep_roads_turn_network",
        *(_INT32, _INT32, _INT32S, _INT32, _INT32S, _UINT16S, _UINT8S),
        *(_INT32, _INT32, _INT32S, _OUT, _TABLE_OUT),
    )
    count = build(
        *(arcs, first_turn, turns, turn_to, turn_ds, turn_access),
        *(access_bit, ms_per_ds, weight_ms, first, edges),
    )
    return _checked(Network(first, edges[: max(count, 0)]), count)


def node_network(first_arc: Int32s, head: Int32s, weight_ms: Int32s) -> Network:
    """Return the network whose states are nodes and whose edges are arcs; as `turn_network`."""
    nodes, arcs = first_arc.size - 1, head.size
    same_size("arcs", arcs, weight_ms.size)
    first, edges = _room(nodes, arcs)
    build = native_function(
        "doorstep_roads_node_network",
        *(_INT32, _INT32, _INT32S, _INT32, _INT32S, _INT32S, _OUT, _TABLE_OUT),
    )
    count = build(nodes, first_arc, arcs, head, weight_ms, first, edges)
    return _checked(Network(first, edges[: max(count, 0)]), count)


def reversed_network(network: Network) -> Network:
    """Return the network with every edge the other way: from one goal to many starts."""
    first, edges = np.empty_like(network.first), np.empty_like(network.edges)
    turn_round = native_function(
        "doorstep_roads_reversed", *(_INT32, _INT32, _INT32S, _EDGES, _OUT, _TABLE_OUT)
    )
    count = turn_round(network.states, network.first, network.edges, first, edges)
    return _checked(Network(first, edges), count)


def many_ms(network: Network, starts: Places, goals: Places) -> Int32s:
    """Return the times from each start to each goal, UNREACHABLE_MS where no way leads.

    (starts, goals). The GIL is free meanwhile. Raises ValueError if a place lies nowhere.
    """
    table = np.empty((starts.points, goals.points), dtype=np.int32)
    many = native_function(
        "doorstep_roads_many",
        *(_INT32, _INT32, _INT32S, _EDGES),
        *(_INT32, _INT32S, _INT32S, _INT32S),
        *(_INT32, _INT32S, _INT32S, _INT32S, _TABLE_OUT),
    )
    done = many(
        network.states, network.first, network.edges, *_three(starts), *_three(goals), table
    )
    if done != 0:
        raise ValueError(f"a place lies outside the {network.states} states, or no memory")
    return table


def way(network: Network, starts: Places, goals: Places) -> Way | None:
    """Return the quickest way from the one start to the one goal; None if there is none."""
    same_size("points", 1, starts.points, goals.points)
    states = np.empty(network.states, dtype=np.int32)
    ends = np.empty(3, dtype=np.int32)
    find = native_function(
        "doorstep_roads_way",
        *(_INT32, _INT32, _INT32S, _EDGES),
        *(_INT32, _INT32S, _INT32S, _INT32, _INT32S, _INT32S, _OUT, _OUT),
    )
    count = find(
        *(network.states, network.first, network.edges),
        *(starts.at.size, starts.at, starts.ms, goals.at.size, goals.at, goals.ms),
        *(states, ends),
    )
    if count < 0:
        raise ValueError(f"a place lies outside the {network.states} states, or no memory")
    return Way(states[:count].copy(), *map(int, ends)) if count else None


def same_size(what: str, *sizes: int) -> None:
    """Raise ValueError if arrays that belong together differ in size."""
    if len(set(sizes)) != 1:
        raise ValueError(f"the arrays of {what} differ in size: {', '.join(map(str, sizes))}")


def _three(places: Places) -> tuple[int, Int32s, Int32s, Int32s]:
    same_size("places", places.at.size, places.ms.size, int(places.first[-1]))
    return places.points, places.first, places.at, places.ms


def _room(states: int, edges: int) -> tuple[Int32s, Int32s]:
    if states < 0:
        raise ValueError("a road network without even a beginning")
    return np.empty(states + 1, dtype=np.int32), np.empty((edges, 2), dtype=np.int32)


def _checked(network: Network, count: int) -> Network:
    if count < 0:
        raise ValueError(f"the arrays of a road network of {network.states} states do not fit")
    return network
