"""Coordinates of files → places, lines and areas; what is doubtful is refused."""

from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import shapely

from edge.conditions.checks import flat
from edge.messages.conditions import Circle, Polygon
from edge.messages.geo import Place, metres_per_degree
from station.conditions.formats.reading import FaultyRecordError, Record, number

Note = Callable[[str], None]

MAX_POINTS = 2000
DECIMALS = 7  # of a degree: a centimetre
MAX_RADIUS_M = 100_000.0
TURN_DEG = 360.0


def place(key: str, value: object) -> Place:
    """Return the place of `[longitude, latitude, …]`."""
    cure = "write [longitude, latitude] in degrees"
    if not isinstance(value, Sequence) or isinstance(value, str) or len(value) < 2:
        raise FaultyRecordError(key, value, cure)
    return place_at(key, value[1], value[0])


def place_at(key: str, lat_deg: object, lon_deg: object) -> Place:
    """Return the place of a latitude and a longitude."""
    return Place(
        lat_deg=round(number(f"{key}: latitude", lat_deg, -90, 90), DECIMALS),
        lon_deg=round(number(f"{key}: longitude", lon_deg, -180, 180), DECIMALS),
    )


def line(key: str, value: object) -> tuple[Place, ...]:
    """Return a line of at least two places."""
    places = _places(key, value)
    if len(places) < 2:
        raise FaultyRecordError(key, value, "a line needs two different points or more")
    return places


def polygon(key: str, value: object, note: Note | None = None) -> Polygon:
    """Return the polygon of rings: the outer one, then its holes.

    Edges that cross are refused, or noted where a larger area does no harm.
    """
    if not isinstance(value, Sequence) or isinstance(value, str) or not value:
        raise FaultyRecordError(key, value, "write a list of rings")
    rings = tuple(_ring(key, ring) for ring in value)
    area = Polygon(outer=rings[0], holes=rings[1:])
    found = shapely.Polygon(*_degrees(area))
    if not found.is_valid:
        why = shapely.is_valid_reason(found)
        if note is None:
            raise FaultyRecordError(key, value, f"its edges cross ({why}): repair the polygon")
        note("zones whose edges cross: what is inside by any reading is inside")
    if flat(area):
        raise FaultyRecordError(key, value, "it has no area")
    return area


def circle(key: str, centre: object, radius: object) -> Circle:
    """Return the circle about `[longitude, latitude]`, radius in metres."""
    radius_m = number(f"{key}: radius", radius, 0.01, MAX_RADIUS_M)
    return Circle(centre=place(key, centre), radius_m=radius_m)


def corridor(way: Sequence[Place], half_width_m: float) -> Polygon:
    """Return the area at most so far from a line."""
    origin = way[0]
    north_m, east_m = metres_per_degree(origin.lat_deg)
    points = [
        (turned(p.lon_deg, origin.lon_deg) * east_m, (p.lat_deg - origin.lat_deg) * north_m)
        for p in way
    ]
    area = shapely.LineString(points).buffer(half_width_m, quad_segs=2)

    def ring(found: Any) -> tuple[Place, ...]:  # noqa: ANN401
        return tuple(
            Place(
                lat_deg=round(origin.lat_deg + y_m / north_m, DECIMALS),
                lon_deg=round(turned(origin.lon_deg + x_m / east_m, 0.0), DECIMALS),
            )
            for x_m, y_m in list(found.coords)[:-1]
        )

    holes = tuple(ring(hole) for hole in area.interiors)
    return Polygon(outer=ring(area.exterior), holes=holes)


def areas(key: str, value: object, note: Note | None = None) -> tuple[Circle | Polygon, ...]:
    """Return the areas of a GeoJSON geometry: polygons, and points that have a radius."""
    geometry = Record.of(value, key)
    kind, found = geometry.text("type"), geometry.get("coordinates")
    if kind == "Polygon":
        return (polygon(key, found, note),)
    if kind == "MultiPolygon" and isinstance(found, Sequence) and found:
        return tuple(polygon(key, part, note) for part in found)
    if kind == "Point":
        extent = geometry.get("extent")  # ED-318
        radius = Record.of(extent, "extent").get("radius") if extent is not None else None
        radius = radius if radius is not None else geometry.get("radius")
        if radius is None:
            raise FaultyRecordError(key, kind, "a point needs a radius to be an area")
        return (circle(key, found, radius),)
    raise FaultyRecordError(key, kind, "write a Polygon, a MultiPolygon or a Point with radius")


def turned(lon_deg: float, about_deg: float) -> float:
    """Return a longitude as degrees east of another, from -180 on and below 180."""
    return (lon_deg - about_deg + TURN_DEG / 2) % TURN_DEG - TURN_DEG / 2


def _ring(key: str, value: object) -> tuple[Place, ...]:
    places = _places(key, value)
    if len(places) > 1 and places[0] == places[-1]:
        places = places[:-1]
    if len(places) < 3:
        raise FaultyRecordError(key, value, "a ring needs three different corners or more")
    return places


def _places(key: str, value: object) -> tuple[Place, ...]:
    if not isinstance(value, Sequence) or isinstance(value, str):
        raise FaultyRecordError(key, value, "write a list of [longitude, latitude]")
    if len(value) > MAX_POINTS + 1:
        cure = f"{len(value)} points, {MAX_POINTS} are allowed: simplify it"
        raise FaultyRecordError(key, value[0], cure)
    places = [place(key, point) for point in value]
    return tuple(p for before, p in zip([None, *places], places, strict=False) if p != before)


def _degrees(area: Polygon) -> tuple[Any, list[Any]]:
    """Return shell and holes in degrees east and north of the first corner."""
    about_deg = area.outer[0].lon_deg
    rings = [
        np.array([(turned(p.lon_deg, about_deg), p.lat_deg) for p in ring])
        for ring in (area.outer, *area.holes)
    ]
    return rings[0], rings[1:]
