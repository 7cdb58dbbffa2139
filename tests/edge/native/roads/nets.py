"""Random road networks, and what networkx finds on them."""

from dataclasses import dataclass

import networkx
import numpy as np

from edge.native.roads.kernel import Places, node_network, turn_network


@dataclass(frozen=True)
class Arcs:
    """A road graph as the kernel is given it, without anything around."""

    first_arc: np.ndarray
    tail: np.ndarray
    head: np.ndarray
    weight_ms: np.ndarray
    first_turn: np.ndarray
    turn_to: np.ndarray
    turn_ds: np.ndarray
    turn_access: np.ndarray

    def turn_network(self, access_bit=1, ms_per_ds=100):
        return turn_network(
            *(self.first_turn, self.turn_to, self.turn_ds, self.turn_access),
            self.weight_ms,
            access_bit=access_bit,
            ms_per_ds=ms_per_ds,
        )

    def node_network(self):
        return node_network(self.first_arc, self.head, self.weight_ms)


def random_arcs(rng, nodes, arcs, longest_ms=20_000, closed=0.1, forbidden=0.2):
    """Return arcs between random nodes, some closed, with some turns absent or forbidden."""
    tail = np.sort(rng.integers(0, nodes, arcs)).astype(np.int32)
    head = rng.integers(0, nodes, arcs).astype(np.int32)
    weight = rng.integers(0, longest_ms + 1, arcs).astype(np.int32)
    weight[rng.random(arcs) < closed] = -1
    first_arc = np.searchsorted(tail, np.arange(nodes + 1)).astype(np.int32)
    turns = [
        [f for f in range(first_arc[v], first_arc[v + 1]) if rng.random() >= forbidden]
        for v in head
    ]
    count = sum(map(len, turns))
    return Arcs(
        first_arc=first_arc,
        tail=tail,
        head=head,
        weight_ms=weight,
        first_turn=np.cumsum([0, *map(len, turns)]).astype(np.int32),
        turn_to=np.array([f for into in turns for f in into], dtype=np.int32),
        turn_ds=rng.choice([0, 3, 50, 199, 65_534, 65_535], count).astype(np.uint16),
        turn_access=rng.integers(1, 4, count).astype(np.uint8),
    )


def line_graph(arcs, access_bit=1, ms_per_ds=100):
    """Return networkx's graph of turns between arcs, as the kernel must understand it."""
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(arcs.tail.size))
    for arc in range(arcs.tail.size):
        for turn in range(arcs.first_turn[arc], arcs.first_turn[arc + 1]):
            into = int(arcs.turn_to[turn])
            if arcs.weight_ms[into] >= 0 and arcs.turn_access[turn] & access_bit:
                penalty_ds = int(arcs.turn_ds[turn])
                penalty_ds = 0 if penalty_ds == 65_535 else penalty_ds
                cost = int(arcs.weight_ms[into]) + ms_per_ds * penalty_ds
                graph.add_edge(arc, into, ms=cost)
    return graph


def node_graph(arcs):
    """Return networkx's graph of nodes; of several arcs between two the quickest."""
    graph = networkx.DiGraph()
    graph.add_nodes_from(range(arcs.first_arc.size - 1))
    for tail, head, ms in zip(arcs.tail, arcs.head, arcs.weight_ms, strict=True):
        known = graph.get_edge_data(int(tail), int(head))
        if ms >= 0 and (known is None or ms < known["ms"]):
            graph.add_edge(int(tail), int(head), ms=int(ms))
    return graph


def places(*points):
    """Return places: of each point a list of (state, ms)."""
    every = [place for point in points for place in point]
    return Places(
        first=np.cumsum([0, *map(len, points)]).astype(np.int32),
        at=np.array([at for at, _ in every], dtype=np.int32),
        ms=np.array([ms for _, ms in every], dtype=np.int32),
    )
