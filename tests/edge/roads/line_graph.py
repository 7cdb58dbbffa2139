"""The oracle of the search: networkx on the turns between arcs, read from a road graph."""

import networkx

from edge.native.roads.kernel import UNREACHABLE_MS
from edge.roads.classes import ACCESS_BITS, FORBIDDEN_DS


def turn_graph(graph, roads):
    """Return networkx's graph of the turns between arcs, read from the road graph's arrays."""
    bit, penalised = ACCESS_BITS[roads.user], roads.user in ("van", "truck")
    turns = networkx.DiGraph()
    for arc in range(graph.arcs):
        for turn in range(graph.first_turn[arc], graph.first_turn[arc + 1]):
            into = int(graph.turn_to[turn])
            if graph.turn_access[turn] & bit and roads.weight_ms[into] >= 0:
                known = penalised and graph.turn_ds[turn] != FORBIDDEN_DS
                penalty_ms = int(graph.turn_ds[turn]) * 100 if known else 0
                turns.add_edge(arc, into, ms=int(roads.weight_ms[into]) + penalty_ms)
    return turns


def reckoned_ms(turns, roads, start, goal_sets):
    """Return the times from one snap to others, put together from networkx's labels."""
    best = [UNREACHABLE_MS] * len(goal_sets)
    for arc, frac in start.positions():
        rest_ms = round((1 - frac) * int(roads.weight_ms[arc]))
        lengths = networkx.single_source_dijkstra_path_length(turns, arc, weight="ms")
        lengths.pop(arc)  # whoever comes back to the first arc has driven round: not asked here
        for column, goal in enumerate(goal_sets):
            for goal_arc, goal_frac in goal.positions():
                whole_ms = int(roads.weight_ms[goal_arc])
                if goal_arc == arc and goal_frac >= frac:
                    best[column] = min(best[column], round((goal_frac - frac) * whole_ms))
                if goal_arc in lengths:
                    time = rest_ms + lengths[goal_arc] - round((1 - goal_frac) * whole_ms)
                    best[column] = min(best[column], time)
    return best
