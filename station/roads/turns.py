"""Which arc may follow which, for whom, and what turning costs."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from edge.roads.assemble import all_turns, firsts
from edge.roads.classes import (
    DESTINATION_ONLY,
    EVERYONE,
    FOOT,
    FORBIDDEN_DS,
    MOTOR,
    ROUNDABOUT,
)
from station.roads.pieces import Arcs, Pieces
from station.roads.reader import Extract
from station.roads.restrictions import Restriction, Way

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Uint8s = NDArray[np.uint8]
Floats = NDArray[np.float64]

USERS = (1, 2, 4, 8)

# Costs of turning [tenths of a second], where there is a choice: braking, looking, speeding up.
BENDS = ((30.0, 0), (60.0, 10), (120.0, 25), (150.0, 40), (180.0, 50))  # up to so many degrees
STRAIGHT_DEG = 30.0
CROSSING_DS = 30  # waiting for a gap in who comes towards us
U_TURN_DS = 200
ROUNDABOUT_DS = 20  # giving way on entering
VISITORS_DS = 300  # into a road for visitors only: too dear for who just drives through
# Which turns are left, right, straight on, where a relation leaves several to choose from.
_WAYS_DEG: dict[Way, tuple[float, float]] = {
    "left": (-170.0, -15.0),
    "right": (15.0, 170.0),
    "straight": (-60.0, 60.0),
    "any": (-170.0, 170.0),
}


@dataclass(slots=True)
class Turns:
    """Pairs of arcs, sorted by both."""

    start: Int64s
    end: Int64s
    ds: NDArray[np.uint16]
    access: Uint8s

    def kept(self, keep: NDArray[np.bool_]) -> "Turns":
        """Return some of the turns."""
        return Turns(self.start[keep], self.end[keep], self.ds[keep], self.access[keep])


def turns_of(
    arcs: Arcs, pieces: Pieces, extract: Extract, driving_side: str, dropped: Counter[str]
) -> Turns:
    """Return the turns that somebody may make; counts restrictions that fit nowhere."""
    start, end = all_turns(arcs.head, arcs.first_arc)
    reverse = arcs.reverse
    back = end == reverse[start]
    angle_deg = _angles_deg(arcs, pieces, start, end)
    passes = pieces.point_passes[arcs.node_point[arcs.head[start]]]
    access = arcs.access[start] & arcs.access[end]
    onward = access & passes
    onward[back] = 0
    banned = _banned(arcs, pieces, extract, start, end, angle_deg, dropped)
    onward &= ~banned
    # Back is for whom nothing leads on: at a dead end, before a bollard.
    stuck = np.zeros(arcs.tail.size, np.uint8)
    for bit in USERS:
        leads_on = np.bincount(start[onward & bit != 0], minlength=stuck.size) > 0
        stuck |= np.where(leads_on, 0, bit).astype(np.uint8)
    allowed = np.where(back, access & stuck[start] & ~banned, onward).astype(np.uint8)
    ds = _costs_ds(arcs, pieces, extract, start, end, angle_deg, allowed, back, driving_side)
    return Turns(start, end, ds, allowed).kept(allowed != 0)


def _angles_deg(arcs: Arcs, pieces: Pieces, start: Int64s, end: Int64s) -> Floats:
    """Return by how much each turn bends, to the right positive, (-180, 180]."""
    first_deg, last_deg = pieces.out_deg
    piece, shape = arcs.piece, arcs.shape
    leaves_deg = np.where(piece >= 0, first_deg[shape], last_deg[shape])
    arrives_deg = np.where(piece >= 0, last_deg[shape], first_deg[shape]) + 180.0
    turned: Floats = 180.0 - (180.0 - (leaves_deg[end] - arrives_deg[start])) % 360.0
    return turned


def _costs_ds(
    arcs: Arcs,
    pieces: Pieces,
    extract: Extract,
    start: Int64s,
    end: Int64s,
    angle_deg: Floats,
    allowed: Uint8s,
    back: NDArray[np.bool_],
    driving_side: str,
) -> NDArray[np.uint16]:
    """Return what each turn costs motor traffic, FORBIDDEN_DS where it may not turn."""
    by_motor = (allowed & MOTOR != 0) & ~back
    choices = np.bincount(start[by_motor], minlength=arcs.tail.size)[start] >= 2
    bends = np.array([most for most, _ in BENDS[:-1]])
    costs = np.array([ds for _, ds in BENDS])
    bend_ds = costs[np.searchsorted(bends, np.abs(angle_deg), side="right")]
    across = angle_deg < -STRAIGHT_DEG if driving_side == "right" else angle_deg > STRAIGHT_DEG
    shape = arcs.shape
    flags = np.asarray(extract.flags, np.uint8)[pieces.way[shape]]
    was, will = flags[start], flags[end]
    circling, entering = was & ROUNDABOUT != 0, will & ROUNDABOUT != 0
    bend_ds = np.where(choices, bend_ds + CROSSING_DS * across, 0)
    bend_ds = np.where(circling, 0, np.where(entering, ROUNDABOUT_DS, bend_ds))
    ds = np.where(back, U_TURN_DS, bend_ds)
    ds = ds + VISITORS_DS * ((will & DESTINATION_ONLY != 0) & (was & DESTINATION_ONLY == 0))
    along_ds, against_ds = pieces.delay_ds
    wait_ds = np.where(arcs.piece >= 0, along_ds[shape], against_ds[shape])
    ds = np.where(back, ds, ds + wait_ds[start])
    ds = np.where(allowed & MOTOR != 0, np.minimum(ds, FORBIDDEN_DS - 1), FORBIDDEN_DS)
    return ds.astype(np.uint16)


def _banned(
    arcs: Arcs,
    pieces: Pieces,
    extract: Extract,
    start: Int64s,
    end: Int64s,
    angle_deg: Floats,
    dropped: Counter[str],
) -> Uint8s:
    """Return for each turn the bits of those whom a restriction forbids it."""
    banned = np.zeros(start.size, np.uint8)
    if not extract.restrictions:
        return banned
    at = _Places(arcs, pieces, extract, firsts(start, arcs.tail.size))
    for restriction in extract.restrictions:
        turns = list(at.turns(restriction, end))
        if len(turns) > len(restriction.from_ways) * len(restriction.to_ways):
            turns = [one for one in turns if _fits(restriction.way, float(angle_deg[one]))]
        if not turns:
            dropped["turn restriction between no two arcs of the graph"] += 1
        for turn in turns:
            if restriction.only:
                others = slice(*at.first_turn[int(start[turn]) : int(start[turn]) + 2])
                rest = banned[others].copy()
                same = [int(end[each]) for each in turns if start[each] == start[turn]]
                allowed = np.isin(end[others], same)
                banned[others] = np.where(allowed, rest, rest | restriction.bits)
            else:
                banned[turn] |= restriction.bits
    return banned & np.uint8(EVERYONE & ~FOOT)


class _Places:
    """Finds the turns of a restriction among all."""

    def __init__(
        self, arcs: Arcs, pieces: Pieces, extract: Extract, first_turn: Int32s
    ) -> None:
        self.first_turn = first_turn
        self._arcs = arcs
        named = {
            way for each in extract.restrictions for way in (*each.from_ways, *each.to_ways)
        }
        shape = arcs.shape
        way_id = np.asarray(extract.way_id, np.int64)[pieces.way[shape]]
        self._arcs_of: dict[int, list[int]] = {}
        for arc in np.flatnonzero(np.isin(way_id, sorted(named))).tolist():
            self._arcs_of.setdefault(int(way_id[arc]), []).append(arc)
        osm = pieces.point_osm[arcs.node_point]
        self._order = np.argsort(osm, kind="stable")
        self._osm = osm[self._order]

    def turns(self, restriction: Restriction, end: Int64s) -> Iterator[int]:
        """Yield the turns from the first ways by the node to the last ways."""
        at = int(np.searchsorted(self._osm, restriction.via_node))
        if at >= self._osm.size or int(self._osm[at]) != restriction.via_node:
            return
        node = int(self._order[at])
        to_arcs = {arc for way in restriction.to_ways for arc in self._arcs_of.get(way, ())}
        for way in restriction.from_ways:
            for arc in self._arcs_of.get(way, ()):
                if int(self._arcs.head[arc]) != node:
                    continue
                turns = range(int(self.first_turn[arc]), int(self.first_turn[arc + 1]))
                yield from (turn for turn in turns if int(end[turn]) in to_arcs)


def _fits(way: Way, angle_deg: float) -> bool:
    if way == "u":
        return abs(angle_deg) > 150.0
    lowest, highest = _WAYS_DEG[way]
    return lowest <= angle_deg <= highest
