"""Times and ways between snapped places, at one user's weights."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from edge.native.roads.kernel import (
    UNREACHABLE_MS,
    Network,
    Places,
    many_ms,
    node_network,
    reversed_network,
    turn_network,
    way,
)
from edge.roads.classes import ACCESS_BITS, FORBIDDEN_DS, RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.snap import Snap

Int32s = NDArray[np.int32]

PENALISED: frozenset[RoadUser] = frozenset({"van", "truck"})
WITHOUT_TURNS: frozenset[RoadUser] = frozenset({"foot"})
MS_PER_DS = 100

Found = list[tuple[int, int]]


@dataclass(frozen=True, slots=True, eq=False)
class RoadWay:
    """A way from one snap to another, arc by arc."""

    arcs: Int32s
    from_frac: float
    """Where it begins on the first arc."""
    to_frac: float
    """Where it ends on the last arc."""
    lasts_ms: int


@dataclass(slots=True, eq=False)
class WeightedRoads:
    """A graph at one user's weights; whoever has other weights makes another."""

    graph: RoadGraph
    user: RoadUser
    weight_ms: Int32s
    """[A] to drive an arc; negative: closed."""
    base_ms: Int32s
    """[A] without conditions: how a vehicle leaves an arc that has been closed round it."""
    _network: Network = field(init=False)
    _reverse: Network | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        graph = self.graph
        if self.user in WITHOUT_TURNS:
            self._network = node_network(graph.first_arc, graph.arc_head, self.weight_ms)
        else:
            self._network = turn_network(
                *(graph.first_turn, graph.turn_to, graph.turn_ds, graph.turn_access),
                self.weight_ms,
                access_bit=ACCESS_BITS[self.user],
                ms_per_ds=MS_PER_DS if self.user in PENALISED else 0,
            )

    def matrix_ms(self, starts: Sequence[Snap | None], goals: Sequence[Snap | None]) -> Int32s:
        """Return the times from each start to each goal, (starts, goals).

        UNREACHABLE_MS where no way leads, also from and to what could not be snapped.
        """
        from_places = _places([self._starts(snap) for snap in starts])
        to_places = _places([self._goals(snap) for snap in goals])
        table = many_ms(self._network, from_places, to_places)
        return self._with_same_arcs(table, starts, goals)

    def to_one_ms(self, starts: Sequence[Snap | None], goal: Snap | None) -> Int32s:
        """Return the times from each start to one goal, (starts,), by one search backwards."""
        if self._reverse is None:
            self._reverse = reversed_network(self._network)
        ends = self._goals(goal)
        early_ms = max((-ms for _, ms in ends), default=0)
        early_ms = max(early_ms, 0)
        back = many_ms(
            self._reverse,
            _places([[(state, ms + early_ms) for state, ms in ends]]),
            _places([self._starts(snap) for snap in starts]),
        )
        table = np.where(back < UNREACHABLE_MS, back - early_ms, back).astype(np.int32)
        return self._with_same_arcs(table.reshape(-1, 1), starts, [goal])[:, 0]

    def way(self, start: Snap, goal: Snap) -> RoadWay | None:
        """Return the quickest way; None if there is none."""
        starts, goals = self._starts_by_position(start), self._goals_by_position(goal)
        flat_starts = [place for _, found in starts for place in found]
        flat_goals = [place for _, found in goals for place in found]
        found = way(self._network, _places([flat_starts]), _places([flat_goals]))
        along = self._along_one_arc(start, goal)
        if along is not None and (found is None or along.lasts_ms <= found.lasts_ms):
            return along
        if found is None:
            return None
        begin = [position for position, places in starts for _ in places][found.start]
        end = [position for position, places in goals for _ in places][found.goal]
        if self.user in WITHOUT_TURNS:
            arcs = [begin[0], *self._arcs_between(found.states), end[0]]
        else:
            arcs = [begin[0], *found.states.tolist()]
        return RoadWay(np.array(arcs, dtype=np.int32), begin[1], end[1], found.lasts_ms)

    def turn_ms(self, arc: int, into: int) -> int:
        """Return what the turn from one arc into the next costs the user; 0 if it is none."""
        if self.user not in PENALISED:
            return 0
        graph = self.graph
        first, end = int(graph.first_turn[arc]), int(graph.first_turn[arc + 1])
        at = np.flatnonzero(graph.turn_to[first:end] == into)
        penalty_ds = int(graph.turn_ds[first + at[0]]) if at.size else FORBIDDEN_DS
        return 0 if penalty_ds == FORBIDDEN_DS else penalty_ds * MS_PER_DS

    def _starts(self, snap: Snap | None) -> Found:
        if snap is None:
            return []
        return [place for _, found in self._starts_by_position(snap) for place in found]

    def _starts_by_position(self, snap: Snap) -> list[tuple[tuple[int, float], Found]]:
        """Return which states each position of a start reaches first, and after how long."""
        network, result = self._network, []
        for arc, frac in snap.positions():
            rest_ms = round((1.0 - frac) * self._leaving_ms(arc))
            if self.user in WITHOUT_TURNS:
                found = [(int(self.graph.arc_head[arc]), rest_ms)]
            else:
                edges = network.edges[network.first[arc] : network.first[arc + 1]]
                found = [(to, rest_ms + ms) for to, ms in edges.tolist()]
            result.append(((arc, frac), found))
        return result

    def _goals(self, snap: Snap | None) -> Found:
        if snap is None:
            return []
        return [place for _, found in self._goals_by_position(snap) for place in found]

    def _goals_by_position(self, snap: Snap) -> list[tuple[tuple[int, float], Found]]:
        """Return the states of a goal's open positions, and what is added to their times."""
        result = []
        for arc, frac in snap.positions():
            whole_ms = int(self.weight_ms[arc])
            if whole_ms < 0:
                continue
            rest_ms = round((1.0 - frac) * whole_ms)
            if self.user in WITHOUT_TURNS:
                at = int(self.graph.arc_tail[arc])
                result.append(((arc, frac), [(at, whole_ms - rest_ms)]))
            else:
                result.append(((arc, frac), [(arc, -rest_ms)]))
        return result

    def _leaving_ms(self, arc: int) -> int:
        weight_ms = int(self.weight_ms[arc])
        return weight_ms if weight_ms >= 0 else max(0, int(self.base_ms[arc]))

    def _along_one_arc(self, start: Snap, goal: Snap) -> RoadWay | None:
        """Return the way that never leaves an arc; None if the goal does not lie ahead."""
        best: RoadWay | None = None
        for arc, from_frac in start.positions():
            for goal_arc, to_frac in goal.positions():
                weight_ms = int(self.weight_ms[arc])
                if arc != goal_arc or from_frac > to_frac or weight_ms < 0:
                    continue
                lasts_ms = round((to_frac - from_frac) * weight_ms)
                if best is None or lasts_ms < best.lasts_ms:
                    arcs = np.array([arc], dtype=np.int32)
                    best = RoadWay(arcs, from_frac, to_frac, lasts_ms)
        return best

    def _with_same_arcs(
        self, table: Int32s, starts: Sequence[Snap | None], goals: Sequence[Snap | None]
    ) -> Int32s:
        """Lower the times between places on the same arc to driving along it."""
        on_arc: dict[int, list[int]] = {}
        for column, goal in enumerate(goals):
            for arc, _ in () if goal is None else goal.positions():
                on_arc.setdefault(arc, []).append(column)
        for row, start in enumerate(starts):
            if start is None:
                continue
            for arc, _ in start.positions():
                for column in on_arc.get(arc, ()):
                    goal = goals[column]
                    along = None if goal is None else self._along_one_arc(start, goal)
                    if along is not None:
                        table[row, column] = min(int(table[row, column]), along.lasts_ms)
        return table

    def _arcs_between(self, nodes: Int32s) -> list[int]:
        """Return the quickest arc from each node to the next."""
        arcs = []
        for tail, head in zip(nodes[:-1].tolist(), nodes[1:].tolist(), strict=True):
            leaving = range(self.graph.first_arc[tail], self.graph.first_arc[tail + 1])
            arcs.append(
                min(
                    (arc for arc in leaving if self._leads_to(arc, head)),
                    key=lambda arc: int(self.weight_ms[arc]),
                )
            )
        return arcs

    def _leads_to(self, arc: int, node: int) -> bool:
        return int(self.graph.arc_head[arc]) == node and int(self.weight_ms[arc]) >= 0


def matrix_ms(roads: WeightedRoads, points: Sequence[Snap | None]) -> Int32s:
    """Return the times between all points, (P, P): row from, column to; zero to itself."""
    table = roads.matrix_ms(points, points)
    np.fill_diagonal(table, 0)
    return table


def _places(points: Sequence[Found]) -> Places:
    every = [place for point in points for place in point]
    pairs = np.array(every, dtype=np.int32).reshape(-1, 2)
    return Places(
        first=np.cumsum([0, *map(len, points)], dtype=np.int32),
        at=np.ascontiguousarray(pairs[:, 0]),
        ms=np.ascontiguousarray(pairs[:, 1]),
    )
