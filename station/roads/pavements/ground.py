"""What a way is to who goes on foot, by its tags: how wide, and with which pavements."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Literal

from edge.roads.classes import FOOT, MOTOR
from station.roads.access import Access, measure

Sort = Literal["road", "foot", "crossing", "shared", "square", "other"]

FOOT_M = 2.0  # of a footway or pavement whose width nobody mapped
SHARED_M = 4.0
LANE_M = 3.25
ROAD_M = {"motorway": 14.0, "trunk": 14.0, "primary": 10.0, "secondary": 9.0, "tertiary": 7.0}
OTHER_ROAD_M = 6.0
LEAST_M, MOST_M = 0.8, 40.0  # a width beyond them is a mistake in the map
SHARED = frozenset({"living_street", "pedestrian"})
NO_ROAD = frozenset({"service", "track"})
WALKED = frozenset({"footway", "path"})


@dataclass(frozen=True, slots=True)
class Ground:
    """A way's own width, and those of the pavements to its left and right; 0: none."""

    sort: Sort
    width_m: float
    left_m: float = 0.0
    right_m: float = 0.0


_same = cache(Ground)


def ground_of(tags: Mapping[str, str], road_class: str, access: Access) -> Ground:
    """Return what a way is to who goes on foot."""
    walked, driven = (access.forward | access.backward) & FOOT, access.forward & MOTOR
    driven |= access.backward & MOTOR
    own_m = _width_m(tags.get("width"))
    if road_class in SHARED:
        sort: Sort = "square" if tags.get("area") == "yes" else "shared"
        return _same(sort if walked else "other", own_m or SHARED_M)
    if road_class in WALKED and not driven:
        crosses = "crossing" in (tags.get("footway"), tags.get("path"))
        sort = "crossing" if crosses else "foot"
        if tags.get("area") == "yes":
            sort = "square"
        return _same(sort if walked else "other", own_m or FOOT_M)
    if road_class in NO_ROAD or not driven:
        return _same("other", own_m or SHARED_M)
    width_m = own_m or _lanes_m(tags) or ROAD_M.get(road_class.removesuffix("_link"))
    left_m, right_m = _beside_m(tags, "left"), _beside_m(tags, "right")
    return _same("road", width_m or OTHER_ROAD_M, left_m, right_m)


def is_walked_area(tags: Mapping[str, str]) -> bool:
    """Say whether a mapped area is for who goes on foot."""
    return tags.get("area:highway") in ("footway", "pedestrian", "path", "living_street")


def _beside_m(tags: Mapping[str, str], side: str) -> float:
    """Return how wide the pavement on a side is; 0 where none is, or it is a way of its own."""
    said = tags.get(f"sidewalk:{side}") or tags.get("sidewalk:both") or tags.get("sidewalk", "")
    if said not in ("yes", "both", side):
        return 0.0
    keys = (f"sidewalk:{side}:width", "sidewalk:both:width", "sidewalk:width")
    found = (_width_m(tags.get(key)) for key in keys)
    return next((width_m for width_m in found if width_m), FOOT_M)


def _lanes_m(tags: Mapping[str, str]) -> float | None:
    lanes = tags.get("lanes", "")
    return _width_m(str(int(lanes) * LANE_M)) if lanes.isdecimal() else None


def _width_m(text: str | None) -> float | None:
    width_m = measure(text) if text else None
    return width_m if width_m is not None and LEAST_M <= width_m <= MOST_M else None
