"""From a place to the road it belongs to, on the side of the street where it lies."""

import math
from dataclasses import dataclass, field

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.messages.geo import Place, metres_per_degree
from edge.roads.classes import CLASS_INDEX, TUNNEL, RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.segments import Int32s, Segments, segments_of

Floats = NDArray[np.float64]

SNAP_LIMIT_M = 200.0  # farther from any road, a stop needs review
NEAR_M = 70.0  # looked at first: in a town the answer lies here
HEADING_SLACK_M = 20.0  # a road in the vehicle's direction may be so much farther away
HEADING_LIMIT_DEG = 45.0
SIDE_LIMIT_M = 3.0  # nearer to the middle of the road a place lies on neither side
BIG_KMH = 60  # posted: nobody crosses such a road on foot with a parcel
BIG_CLASSES = frozenset(
    CLASS_INDEX[name + link]
    for name in ("motorway", "trunk", "primary", "secondary")
    for link in ("", "_link")
)
NO_STOPPING = frozenset(CLASS_INDEX[name] for name in ("motorway", "motorway_link"))


class Snap(msgspec.Struct, frozen=True):
    """Where a place lies on the roads: on one arc, or on both directions of a street."""

    arc: int
    along_frac: float
    """How far along the arc, 0 to 1."""
    away_m: float
    place: Place
    """On the middle of the road."""
    other_arc: int = -1
    """The opposite direction where that will do as well, or -1."""

    def positions(self) -> tuple[tuple[int, float], ...]:
        """Return (arc, how far along) of each direction that will do."""
        if self.other_arc < 0:
            return ((self.arc, self.along_frac),)
        return ((self.arc, self.along_frac), (self.other_arc, 1.0 - self.along_frac))


@dataclass(slots=True, eq=False)
class Snapper:
    """Snaps places to one graph; a grid for each user is built when it is first asked for."""

    graph: RoadGraph
    _grids: dict[RoadUser, Segments] = field(default_factory=dict)

    def grid(self, user: RoadUser) -> Segments:
        """Return the segments a user may use."""
        if user not in self._grids:
            self._grids[user] = segments_of(self.graph, user)
        return self._grids[user]

    def snap(
        self,
        place: Place,
        user: RoadUser,
        heading_deg: float | None = None,
        *,
        door: Place | None = None,
        moving: bool = False,
    ) -> Snap | None:
        """Return the nearest road within 200 m; None if there is none.

        With a heading, a road and direction that fit it come first. On a big two-way road a
        stop is served on the door's side only; without a door the place itself says the side.
        Motorways and tunnels are only for what is `moving`: the vehicle, not a stop.
        """
        grid = self.grid(user)
        for radius_m in (NEAR_M, SNAP_LIMIT_M):
            near = grid.near(place.lat_deg, place.lon_deg, radius_m)
            if not moving and near.size:
                near = near[self._may_stop(grid, near)]
            if not near.size:
                continue
            lines = _Lines.about(grid, near, place)
            best = int(lines.away_m.argmin())
            if lines.away_m[best] <= radius_m:
                return self._chosen(grid, near, lines, best, place, heading_deg, door)
        return None

    def _may_stop(self, grid: Segments, near: Int32s) -> NDArray[np.bool_]:
        pieces = grid.piece_of(near)
        arc = grid.piece_arcs[pieces].max(axis=1)
        stopping: NDArray[np.bool_] = (self.graph.arc_flags[arc] & TUNNEL) == 0
        for road_class in NO_STOPPING:
            stopping &= self.graph.arc_class[arc] != road_class
        return stopping

    def _chosen(
        self,
        grid: Segments,
        near: Int32s,
        lines: "_Lines",
        best: int,
        place: Place,
        heading_deg: float | None,
        door: Place | None,
    ) -> Snap:
        side: int | None = None
        if heading_deg is not None:
            fits = self._with_heading(grid, near, lines, best, heading_deg)
            if fits is not None:
                best, side = fits
        segment = int(near[best])
        piece = int(grid.piece_of(near[best : best + 1])[0])
        arcs = grid.piece_arcs[piece]
        if side is None:
            side = self._side(arcs, lines, best, place, door)
        frac = self._along(piece, segment, float(lines.t[best]))
        if side is None:
            side = 0 if arcs[0] >= 0 else 1
            other = int(arcs[1]) if side == 0 else -1
        else:
            other = -1
        return Snap(
            arc=int(arcs[side]),
            along_frac=frac if side == 0 else 1.0 - frac,
            away_m=float(lines.away_m[best]),
            place=lines.place(best, place),
            other_arc=other,
        )

    def _with_heading(
        self, grid: Segments, near: Int32s, lines: "_Lines", best: int, heading_deg: float
    ) -> tuple[int, int] | None:
        """Return the nearest line with a direction that fits, and which one; None if none."""
        pieces = grid.piece_of(near)
        bearing = np.degrees(np.arctan2(lines.dx_m, lines.dy_m))
        found: tuple[float, int, int] | None = None
        for side in (0, 1):
            turn = (bearing + 180.0 * side - heading_deg + 180.0) % 360.0 - 180.0
            fits = (
                (np.abs(turn) <= HEADING_LIMIT_DEG)
                & (lines.away_m <= lines.away_m[best] + HEADING_SLACK_M)
                & (lines.away_m <= SNAP_LIMIT_M)
                & (grid.piece_arcs[pieces, side] >= 0)
            )
            if fits.any():
                at = int(np.where(fits, lines.away_m, np.inf).argmin())
                if found is None or lines.away_m[at] < found[0]:
                    found = float(lines.away_m[at]), at, side
        return None if found is None else found[1:]

    def _side(
        self, arcs: Int32s, lines: "_Lines", best: int, place: Place, door: Place | None
    ) -> int | None:
        """Return 0 or 1 where only the direction along or against the piece will do."""
        if arcs[0] < 0 or arcs[1] < 0:
            return 0 if arcs[0] >= 0 else 1
        arc = int(arcs[0])
        big = (
            int(self.graph.arc_class[arc]) in BIG_CLASSES
            or int(self.graph.arc_speed_kmh[arc]) >= BIG_KMH
        )
        if not big:
            return None
        x_m, y_m = (0.0, 0.0) if door is None else _east_north_m(place, door)
        dx_m, dy_m = float(lines.dx_m[best]), float(lines.dy_m[best])
        left_m = (
            dx_m * (y_m - float(lines.y_m[best])) - dy_m * (x_m - float(lines.x_m[best]))
        ) / max(math.hypot(dx_m, dy_m), 1e-9)
        if abs(left_m) < SIDE_LIMIT_M:
            return None
        on_right = left_m < 0
        return 0 if on_right == (self.graph.country.driving_side == "right") else 1

    def _along(self, piece: int, segment: int, t: float) -> float:
        """Return how far along a piece a point of one of its segments lies, 0 to 1."""
        graph = self.graph
        first, end = int(graph.first_shape[piece]), int(graph.first_shape[piece + 1])
        points = graph.shape_point[first:end]
        lat, lon = graph.point_lat_e7[points], graph.point_lon_e7[points]
        lengths = lengths_m(lat, lon)
        whole = float(lengths.sum())
        at = segment - first
        done = float(lengths[:at].sum()) + t * float(lengths[at])
        return min(1.0, done / whole) if whole > 0 else 0.0


def lengths_m(lat_e7: Int32s, lon_e7: Int32s) -> Floats:
    """Return the lengths of the segments between points not far apart [m]."""
    north_m, east_m = metres_per_degree(float(lat_e7[0]) / 1e7)
    lengths: Floats = np.hypot(
        np.diff(lat_e7.astype(np.float64)) * north_m,
        np.diff(lon_e7.astype(np.float64)) * east_m,
    )
    return lengths * 1e-7


def _east_north_m(origin: Place, place: Place) -> tuple[float, float]:
    north_m, east_m = metres_per_degree(origin.lat_deg)
    return (
        (place.lon_deg - origin.lon_deg) * east_m,
        (place.lat_deg - origin.lat_deg) * north_m,
    )


class _Lines(msgspec.Struct, frozen=True, eq=False):
    """Segments about a place, and the point of each that is nearest to it."""

    dx_m: Floats
    dy_m: Floats
    t: Floats
    x_m: Floats
    """Of the nearest point, east of the place."""
    y_m: Floats
    away_m: Floats

    @classmethod
    def about(cls, grid: Segments, segments: Int32s, place: Place) -> "_Lines":
        ax_m, ay_m, bx_m, by_m = grid.ends_m(segments, place.lat_deg, place.lon_deg)
        dx_m, dy_m = bx_m - ax_m, by_m - ay_m
        squared = np.maximum(dx_m * dx_m + dy_m * dy_m, 1e-12)
        t = np.minimum(np.maximum(-(ax_m * dx_m + ay_m * dy_m) / squared, 0.0), 1.0)
        x_m, y_m = ax_m + t * dx_m, ay_m + t * dy_m
        return cls(dx_m, dy_m, t, x_m, y_m, np.hypot(x_m, y_m))

    def place(self, at: int, origin: Place) -> Place:
        """Return the nearest point of one segment."""
        north_m, east_m = metres_per_degree(origin.lat_deg)
        return Place(
            lat_deg=origin.lat_deg + float(self.y_m[at]) / north_m,
            lon_deg=origin.lon_deg + float(self.x_m[at]) / east_m,
        )
