"""Is a place inside the fence? By radius, height, circles and polygons."""

from sim.devices.autopilot.memory import Item, Parameters
from sim.devices.autopilot.pilot.ground import Ground, Point

INSIDE_POLYGON, OUTSIDE_POLYGON, INSIDE_CIRCLE, OUTSIDE_CIRCLE = 5001, 5002, 5003, 5004
ALTITUDE, CIRCLE, POLYGONS = 1, 2, 4  # bits of FENCE_TYPE


def breach(
    point: Point, home: Point, parameters: Parameters, shapes: list[Item], ground: Ground
) -> str:
    """Return what is breached by being there, "" for nothing."""
    if "FENCE_TYPE" in parameters:
        kinds = int(parameters["FENCE_TYPE"])
        most_m = parameters["FENCE_RADIUS"] if kinds & CIRCLE else 0.0
        highest_m = parameters.get("FENCE_ALT_MAX") if kinds & ALTITUDE else 0.0
        shapes = shapes if kinds & POLYGONS else []
    else:
        most_m = parameters.get("GF_MAX_HOR_DIST")
        highest_m = parameters.get("GF_MAX_VER_DIST")
    if 0.0 < most_m < point.level_m(home):
        return "circle"
    if 0.0 < highest_m < point.up_m - home.up_m:
        return "altitude"
    return "polygon" if _outside(point, shapes, ground) else ""


def _outside(point: Point, shapes: list[Item], ground: Ground) -> bool:
    """Outside of all that must hold it, or inside of any that must not."""
    holds: list[bool] = []
    at = 0
    while at < len(shapes):
        item = shapes[at]
        if item.command in (INSIDE_CIRCLE, OUTSIDE_CIRCLE):
            corner = ground.point(item.x, item.y, 0.0)
            within = point.level_m(corner) <= item.params[0]
            count = 1
        else:
            count = max(1, int(item.params[0]))
            corners = [ground.point(i.x, i.y, 0.0) for i in shapes[at : at + count]]
            within = _within(point, corners)
        if item.command in (OUTSIDE_POLYGON, OUTSIDE_CIRCLE):
            if within:
                return True
        else:
            holds.append(within)
        at += count
    return bool(holds) and not any(holds)


def _within(point: Point, corners: list[Point]) -> bool:
    """Count the sides that a ray to the east crosses."""
    odd = False
    for a, b in zip(corners, corners[1:] + corners[:1], strict=True):
        if (a.north_m > point.north_m) != (b.north_m > point.north_m):
            part = (point.north_m - a.north_m) / (b.north_m - a.north_m)
            odd ^= point.east_m < a.east_m + part * (b.east_m - a.east_m)
    return odd
