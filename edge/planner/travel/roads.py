"""How long the ways take on roads, in each part of the day, and how they lead."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from edge.conditions.layers import Layers
from edge.messages.geo import Place, distance_m
from edge.messages.legs import Leg
from edge.messages.routes import Stop
from edge.native.replan.problem import TravelSlices
from edge.planner.problem import LONGEST_LEG_MS
from edge.planner.travel.slices import STEADY, Sliced, sliced
from edge.planner.travel.times import Times
from edge.roads.classes import RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.leg import leg
from edge.roads.posted import PostedLimits
from edge.roads.search import WeightedRoads, matrix_ms
from edge.roads.snap import Snap, Snapper
from edge.roads.weights import Weighing

Int32s = NDArray[np.int32]

MOST_SLICES = 4  # of the day, the nearest first: what changes later is planned for again
MOST_TABLES = 12  # of the slices, and of other places asked for in between
MOST_PLACES = 512  # of a table; then those are dropped that nobody asks for
MOST_SNAPS = 4096
NEW_SHARE = 3  # more than a third of the places new, and the table is made anew
OFF_ROAD_MPS = 4.0  # from where no road is near, as the crow flies


@dataclass(frozen=True, slots=True, eq=False)
class _Table:
    """Times between places at one state of the roads; a few more make a larger one."""

    digest: bytes
    row_of: dict[Snap, int]
    ms: Int32s

    def missing(self, wanted: Sequence[Snap]) -> list[Snap]:
        return [snap for snap in wanted if snap not in self.row_of]

    def of(self, snaps: Sequence[Snap | None]) -> Int32s:
        """Return the times between places it has; LONGEST_LEG_MS where one is None."""
        rows = [-1 if snap is None else self.row_of[snap] for snap in snaps]
        size = len(self.ms)
        full = np.full((size + 1, size + 1), LONGEST_LEG_MS, dtype=np.int32)
        full[:-1, :-1] = self.ms
        found = full[np.ix_(rows, rows)]  # row -1 is the last: no way
        np.fill_diagonal(found, 0)
        return found


@dataclass(frozen=True, slots=True, eq=False)
class _State:
    """How the roads are while nothing in the layers begins or ends."""

    layers: Layers
    from_utc: datetime
    until_utc: datetime | None
    digest: bytes
    """Of the weights: the same for states that differ in nothing that concerns the roads."""

    def holds(self, layers: Layers, utc: datetime) -> bool:
        began = self.layers is layers and self.from_utc <= utc
        return began and (self.until_utc is None or utc < self.until_utc)


class RoadTravel:
    """How one kind of vehicle drives on one road graph.

    Remembers snaps and tables, so that a plan made anew costs a search for where the vehicle
    is, and a new stop two. Not to be used from two threads at once.
    """

    def __init__(
        self,
        graph: RoadGraph,
        user: RoadUser,
        *,
        kind: str = "van",
        fastest_mps: float | None = None,
    ) -> None:
        self._user: RoadUser = user
        self._weighing = Weighing(graph, user, kind, fastest_mps)
        self._snapper = Snapper(graph)
        self._snaps: dict[tuple[Place, Place | None], Snap | None] = {}
        self._tables: list[_Table] = []
        self._roads: tuple[bytes, WeightedRoads] | None = None
        self._weights: tuple[bytes, Int32s] | None = None
        self._states: list[_State] = []
        self._sliced: tuple[tuple[bytes, ...], tuple[Snap | None, ...], Sliced] | None = None

    @property
    def limits(self) -> PostedLimits:
        """What is posted on these roads."""
        return PostedLimits(self._snapper, self._user)

    def times(
        self,
        start: Place,
        heading_deg: float | None,
        stops: Sequence[Stop],
        station: Place,
        *,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
    ) -> Times:
        """Return the travel times as `Travel.times` does.

        LONGEST_LEG_MS from and to a stop that is more than 200 m from any road, or that no
        open road leads to. The column of the start holds the times from it: nobody drives
        back to where he was.
        """
        begin = self._snapper.snap(start, self._user, heading_deg, moving=True)
        snaps = [self._snap(stop.place, stop.door) for stop in stops]
        snaps.append(self._snap(station, None))
        places = [start, *(stop.place for stop in stops), station]
        instants = _instants(layers, from_utc, until_utc)
        found = self._slices(snaps, layers, instants)
        row = self._roads_at(layers, from_utc).matrix_ms([begin], snaps)[0]
        base_ms = _with_start(found.base_ms, row)
        for node, snap in ((0, begin), (len(places) - 1, snaps[-1])):
            if snap is None:
                _estimate(base_ms, node, places)
        if len(found.kept) == 1:
            return Times(base_ms)
        starts_ms = [
            round((instants[kept] - from_utc).total_seconds() * 1000) for kept in found.kept
        ]
        class_of = np.full(base_ms.shape, STEADY, dtype=np.uint8)
        class_of[1:, 1:] = found.class_of
        return Times(base_ms, TravelSlices(tuple(starts_ms[1:]), class_of, found.permille))

    def leg(
        self,
        start: Place,
        heading_deg: float | None,
        end: Place,
        *,
        layers: Layers,
        utc: datetime,
        door: Place | None = None,
    ) -> Leg | None:
        """Return the quickest leg at an instant; None if no road or no way is known."""
        begin = self._snapper.snap(start, self._user, heading_deg, moving=True)
        goal = self._snap(end, door)
        if begin is None or goal is None:
            return None
        return leg(self._roads_at(layers, utc), begin, goal, door=door)

    def _snap(self, place: Place, door: Place | None) -> Snap | None:
        key = place, door
        if key not in self._snaps:
            if len(self._snaps) >= MOST_SNAPS:
                del self._snaps[next(iter(self._snaps))]  # the oldest
            self._snaps[key] = self._snapper.snap(place, self._user, door=door)
        return self._snaps[key]

    def _roads_at(self, layers: Layers, utc: datetime) -> WeightedRoads:
        """Return the roads as they are at an instant."""
        digest = self._digest_at(layers, utc)
        if self._roads is None or self._roads[0] != digest:
            if self._weights is None or self._weights[0] != digest:
                self._weights = digest, self._weighing.weights_ms(layers, utc)
            graph, base_ms = self._weighing.graph, self._weighing.base_ms
            roads = WeightedRoads(graph, self._user, self._weights[1], base_ms)
            self._roads = digest, roads
        return self._roads[1]

    def _digest_at(self, layers: Layers, utc: datetime) -> bytes:
        for state in self._states:
            if state.holds(layers, utc):
                return state.digest
        weights = self._weighing.weights_ms(layers, utc)
        digest = blake2b(weights.tobytes(), digest_size=16).digest()
        self._weights = digest, weights
        state = _State(layers, utc, layers.next_change_utc(utc), digest)
        self._states = [state, *self._states][:MOST_SLICES]
        return digest

    def _slices(
        self, snaps: Sequence[Snap | None], layers: Layers, instants: Sequence[datetime]
    ) -> Sliced:
        """Return the tables of stops and station at each instant as one."""
        digests = tuple(self._digest_at(layers, utc) for utc in instants)
        if self._sliced is None or self._sliced[:2] != (digests, tuple(snaps)):
            # Backwards, so that the roads as they are now are those that stay built.
            tables = [self._table(snaps, layers, utc) for utc in reversed(instants)]
            self._sliced = digests, tuple(snaps), sliced(tables[::-1])
        return self._sliced[2]

    def _table(self, snaps: Sequence[Snap | None], layers: Layers, utc: datetime) -> Int32s:
        """Return the times between stops and station; LONGEST_LEG_MS where one is None."""
        digest = self._digest_at(layers, utc)
        wanted = list(dict.fromkeys(snap for snap in snaps if snap is not None))
        known = [table for table in self._tables if table.digest == digest]
        best = min(known, key=lambda table: len(table.missing(wanted)), default=None)
        missing = wanted if best is None else best.missing(wanted)
        if best is None or len(missing) * NEW_SHARE > len(wanted):
            rows = {snap: row for row, snap in enumerate(wanted)}
            table = _Table(digest, rows, matrix_ms(self._roads_at(layers, utc), wanted))
        elif missing:
            self._tables.remove(best)
            table = _grown(self._roads_at(layers, utc), best, wanted)
        else:
            self._tables.remove(best)
            table = best
        self._tables = [*self._tables, table][-MOST_TABLES:]  # the one asked for last stays
        return table.of(snaps)


def _grown(roads: WeightedRoads, known: _Table, wanted: Sequence[Snap]) -> _Table:
    """Return a table with more places, of which those known are not looked for again."""
    new = known.missing(wanted)
    kept = list(known.row_of)
    if len(kept) + len(new) > MOST_PLACES:
        kept = [snap for snap in wanted if snap in known.row_of]
    rows = [known.row_of[snap] for snap in kept]
    snaps, size = [*kept, *new], len(kept)
    table = np.zeros((len(snaps), len(snaps)), dtype=np.int32)
    table[:size, :size] = known.ms[np.ix_(rows, rows)]
    table[size:, :] = roads.matrix_ms(new, snaps)
    for column, snap in enumerate(new, size):
        table[:size, column] = roads.to_one_ms(kept, snap)
    np.fill_diagonal(table, 0)
    return _Table(known.digest, {snap: row for row, snap in enumerate(snaps)}, table)


def _with_start(table: Int32s, row: Int32s) -> Int32s:
    """Return a table with the start before it; its row holds now, and nobody asks later."""
    whole = np.zeros((row.size + 1, row.size + 1), dtype=np.int32)
    whole[1:, 1:] = table
    whole[0, 1:] = whole[1:, 0] = row
    return whole


def _instants(layers: Layers, from_utc: datetime, until_utc: datetime) -> list[datetime]:
    """Return when a part of the day begins in which the conditions stay as they are."""
    instants = [from_utc]
    while len(instants) < MOST_SLICES:
        following = layers.next_change_utc(instants[-1])
        if following is None or following >= until_utc:
            break
        instants.append(following)
    return instants


def _estimate(table: Int32s, node: int, places: Sequence[Place]) -> None:
    """Fill in the times from and to a place that is on no road, as the crow flies."""
    for other, place in enumerate(places):
        away_ms = round(distance_m(places[node], place) / OFF_ROAD_MPS * 1000)
        table[node, other] = table[other, node] = min(away_ms, LONGEST_LEG_MS)
