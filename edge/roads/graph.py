"""The road graph: turn-aware, in plain arrays that a vehicle maps from a file."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import ArrayLike, NDArray

from edge.roads import assemble
from edge.roads.classes import CLASS_INDEX, DEFAULT_SPEED_KMH, EVERYONE
from edge.roads.stored.file import content_digest, read_graph_file, write_graph_file
from edge.roads.stored.layout import Arrays, Bounds, Country, Header, Names, Source

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Uint8s = NDArray[np.uint8]
Uint16s = NDArray[np.uint16]


@dataclass(frozen=True, slots=True, eq=False)
class RoadGraph:
    """N nodes, A arcs (one direction each, sorted by tail), T turns from one arc to the next.

    A piece of road is the line between two nodes; both arcs along it share its
    shape. `points` are the OSM nodes that any shape touches, once each.
    """

    node_lat_e7: Int32s
    node_lon_e7: Int32s
    first_arc: Int32s
    """[N+1] the arcs that leave node n are first_arc[n] to first_arc[n+1]-1."""
    arc_tail: Int32s
    arc_head: Int32s
    arc_length_dm: Int32s
    """At least 1."""
    arc_class: Uint8s
    """Into `classes.ROAD_CLASSES`."""
    arc_speed_kmh: Uint8s
    """At least 1: posted, or the default of class and country; for motor traffic."""
    arc_access: Uint8s
    """Bits of who may use it in this direction, and gets back: islands are closed."""
    arc_flags: Uint8s
    """ROUNDABOUT, DESTINATION_ONLY, TUNNEL."""
    arc_name: Int32s
    """Into `names`; 0 = none."""
    arc_reverse: Int32s
    """The arc the other way along the same piece of road, or -1."""
    first_turn: Int32s
    """[A+1] the turns from arc a are first_turn[a] to first_turn[a+1]-1."""
    turn_to: Int32s
    """[T] the arc that may follow; what nobody may do is absent. U-turns only at dead ends."""
    turn_ds: Uint16s
    """[T] penalty for motor traffic, waits at signals and signs along the arc before included
    [tenths of a second]; FORBIDDEN_DS where no motor traffic may turn."""
    turn_access: Uint8s
    """[T] bits of who may make the turn: restrictions, exceptions, bollards. Decides alone."""
    arc_piece: Int32s
    """[A] piece of road p, or ~p where the arc runs against its shape."""
    first_shape: Int32s
    """[P+1] the shape of piece p is shape_point[first_shape[p] : first_shape[p+1]]."""
    shape_point: Int32s
    """[S] into the points."""
    point_osm: Int64s
    """[U] OSM node ids, rising."""
    point_lat_e7: Int32s
    point_lon_e7: Int32s
    pair_key: Int64s
    """[Q] U * (point from) + (point to), rising; one for each neighbouring pair on an arc."""
    pair_arc: Int32s
    names: Names
    bounds: Bounds
    country: Country
    imported_from: Source
    attribution: str
    digest: str
    """SHA-256 of header and arrays, in hex."""

    @classmethod
    def open(cls, path: Path) -> Self:
        """Map a file; what is never touched is never read. Raises GraphFileError."""
        header, arrays, digest = read_graph_file(path)
        return cls._of(header, arrays, digest)

    @classmethod
    def of_parts(cls, header: Header, arrays: Arrays) -> Self:
        """Return a graph in memory of what a file would hold, unchecked."""
        return cls._of(header, arrays, content_digest(header, arrays))

    @classmethod
    def of_arrays(
        cls,
        node_lat_e7: ArrayLike,
        node_lon_e7: ArrayLike,
        arc_tail: ArrayLike,
        arc_head: ArrayLike,
        *,
        arc_length_dm: ArrayLike | None = None,
        arc_class: ArrayLike = CLASS_INDEX["residential"],
        arc_speed_kmh: ArrayLike = DEFAULT_SPEED_KMH["residential"],
        arc_access: ArrayLike = EVERYONE,
        arc_flags: ArrayLike = 0,
        arc_name: ArrayLike = 0,
        names: Sequence[str] = ("",),
        turns: tuple[ArrayLike, ArrayLike, ArrayLike] | None = None,
        country: Country | None = None,
    ) -> Self:
        """Return a graph of straight arcs between nodes: a generated town, or a test's few.

        Arcs are sorted by tail, those of one tail stay as given; a scalar counts for every
        arc. Arc x->y is the reverse of the first y->x that has none. OSM node n+1 is node n.
        `turns` is (from, to, tenths of a second) in numbers of the arcs as given; without it
        every turn costs nothing, and U-turns are made at dead ends only.
        """
        header, arrays = assemble.straight_graph(
            node_lat_e7,
            node_lon_e7,
            arc_tail,
            arc_head,
            length_dm=arc_length_dm,
            per_arc={
                "arc_class": arc_class,
                "arc_speed_kmh": arc_speed_kmh,
                "arc_access": arc_access,
                "arc_flags": arc_flags,
                "arc_name": arc_name,
            },
            names=names,
            turns=turns,
            country=country,
        )
        return cls.of_parts(header, arrays)

    @classmethod
    def _of(cls, header: Header, arrays: Arrays, digest: str) -> Self:
        fields = dict(arrays)
        names = Names(fields.pop("name_first"), fields.pop("name_bytes"))
        return cls(
            **fields,
            names=names,
            bounds=header.bounds,
            country=header.country,
            imported_from=header.source,
            attribution=header.attribution,
            digest=digest,
        )

    def write(self, path: Path) -> None:
        """Write the graph under a temporary name and rename it. Raises GraphFileError."""
        header = Header(
            bounds=self.bounds,
            country=self.country,
            source=self.imported_from,
            attribution=self.attribution,
        )
        write_graph_file(path, header, self.arrays())

    def arrays(self) -> Arrays:
        """Return the arrays as the file holds them."""
        own = {"names", "bounds", "country", "imported_from", "attribution", "digest"}
        arrays = {name: getattr(self, name) for name in self.__slots__ if name not in own}
        return arrays | {"name_first": self.names.first, "name_bytes": self.names.content}

    @property
    def nodes(self) -> int:
        return self.node_lat_e7.size

    @property
    def arcs(self) -> int:
        return self.arc_tail.size

    @property
    def turns(self) -> int:
        return self.turn_to.size

    def name(self, arc: int) -> str:
        """Return the street's name, its number if it has none, or ""."""
        return self.names[int(self.arc_name[arc])]

    def points(self, arc: int) -> Int32s:
        """Return the points along an arc, in its direction, both ends included."""
        piece = int(self.arc_piece[arc])
        forward = piece if piece >= 0 else ~piece
        found = self.shape_point[self.first_shape[forward] : self.first_shape[forward + 1]]
        return found if piece >= 0 else found[::-1]

    def shape(self, arc: int) -> tuple[Int32s, Int32s]:
        """Return latitudes and longitudes along an arc, both ends included [1e-7 deg]."""
        points = self.points(arc)
        return self.point_lat_e7[points], self.point_lon_e7[points]

    def osm_nodes(self, arc: int) -> Int64s:
        """Return the OSM nodes along an arc, as many as its shape has points."""
        return self.point_osm[self.points(arc)]

    def arcs_of_pairs(self, pairs: Int64s) -> Int32s:
        """Return the arc on which each pair of neighbouring OSM nodes lies, (K, 2) -> (K,).

        -1 where none does in that direction. Of two arcs along the same nodes the first.
        """
        if not self.point_osm.size or not self.pair_key.size:
            return np.full(len(pairs), -1, dtype=np.int32)
        points = np.searchsorted(self.point_osm, pairs)
        points = np.minimum(points, self.point_osm.size - 1)
        known = (self.point_osm[points] == pairs).all(axis=1)
        keys = points[:, 0] * np.int64(self.point_osm.size) + points[:, 1]
        at = np.minimum(np.searchsorted(self.pair_key, keys), self.pair_key.size - 1)
        known &= self.pair_key[at] == keys
        return np.where(known, self.pair_arc[at], np.int32(-1))
