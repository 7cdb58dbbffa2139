"""The kerb map: the area in which a robot may be, as rings; inside is an odd number of them."""

from collections.abc import Callable, Sequence

import numpy as np
import shapely
from numpy.typing import NDArray

from station.roads.pavements.lines import XY
from station.roads.pavements.walks import Walks

KEEPS_M = 0.05
"""It is drawn in by so much and then simplified by as much: nothing becomes larger."""
LEAST_M2 = 1.0  # of an island or a hole; a smaller hole is kept, for a robot falls into it
GAP_M = 0.1  # over a crossing: so far it laps over the pavement, so that they are one
ROUND = 2  # corners of a quarter of a circle

Areas = NDArray[np.object_]


class WalkedArea:
    """Pavements, footways, squares and crossings without the roads between."""

    def __init__(self, walks: Walks, progress: Callable[[str], None]) -> None:
        self._walks = walks
        progress(f"joining {len(walks.foot):,} pavements and footways")
        foot = _united([*_wide(walks.foot), *_polygons(walks.squares)])
        progress(f"taking off {len(walks.roads):,} roads")
        roads = _united(_wide(walks.roads))
        kept = shapely.difference(foot, roads)
        progress(f"laying {len(walks.crossings):,} crossings")
        whole = shapely.union_all([kept, *_wide(walks.crossings, GAP_M)])
        drawn_in = shapely.buffer(whole, -KEEPS_M, join_style="mitre")
        slim = shapely.simplify(drawn_in, KEEPS_M)
        parts = shapely.get_parts(slim)
        self.parts: Areas = parts[shapely.area(parts) >= LEAST_M2]

    def rings(self) -> list[list[tuple[int, int]]]:
        """Return the rings, each corner (latitude, longitude) in e7, in a lasting order."""
        found = []
        for part in self.parts.tolist():
            for ring in (part.exterior, *part.interiors):
                corners = [self._walks.flat.e7(xy) for xy in ring.coords[:-1]]
                if len(set(corners)) >= 3:
                    found.append(_from_least(corners))
        return sorted(found)

    def covers(self, lines: Sequence[Sequence[XY]], room_m: float) -> NDArray[np.bool_]:
        """Tell of each line whether it lies inside, by so much."""
        tree = shapely.STRtree(shapely.buffer(self.parts, -room_m))
        found = tree.query([shapely.LineString(line) for line in lines], "covered_by")
        inside = np.zeros(len(lines), np.bool_)
        inside[found[0]] = True
        return inside


def _wide(
    parts: Sequence[tuple[list[XY], float]], more_m: float = 0.0
) -> list[shapely.Geometry]:
    """Return lines with their widths."""
    return [
        shapely.buffer(shapely.LineString(xy), width_m / 2 + more_m, quad_segs=ROUND)
        for xy, width_m in parts
    ]


def _polygons(rings: Sequence[list[XY]]) -> list[shapely.Geometry]:
    found = [shapely.Polygon(ring) for ring in rings if len(ring) > 3]
    return [one if one.is_valid else shapely.make_valid(one) for one in found]


def _united(parts: Sequence[shapely.Geometry]) -> shapely.Geometry:
    return shapely.union_all(parts) if parts else shapely.Polygon()


def _from_least(corners: list[tuple[int, int]]) -> list[tuple[int, int]]:
    at = corners.index(min(corners))
    return corners[at:] + corners[:at]
