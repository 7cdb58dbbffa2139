"""What the types of a layer cannot say: spans that never begin, areas that are a line."""

from edge.messages.conditions import Area, Circle, Closure, Layer, Ring, TrafficFactor, Weather
from edge.messages.geo import east_north_m

SMALLEST_M2 = 0.01


def fault(layer: Layer) -> str:
    """Return what is wrong with a layer; empty if it can be used."""
    if layer.part > layer.parts:
        return f"layer {layer.name}: part {layer.part} of {layer.parts}"
    if layer.expires_utc <= layer.issued_utc:
        return f"layer {layer.name} expires before it is issued"
    spans: tuple[TrafficFactor | Closure | Weather, ...]
    spans = (*layer.factors, *layer.closures, *layer.weather)
    for span in spans:
        if span.until_utc <= span.from_utc:
            what = type(span).__name__
            return f"layer {layer.name}: a {what} ends at {span.until_utc}, before it begins"
    for zone in layer.zones:
        if flat(zone.area):
            return f"layer {layer.name}: zone {zone.zone_id} has no area"
    for number, factor in enumerate(layer.factors, 1):
        if factor.area is not None and flat(factor.area):
            return f"layer {layer.name}: factor {number} has no area"
    for number, weather in enumerate(layer.weather, 1):
        if weather.area is not None and flat(weather.area):
            return f"layer {layer.name}: weather {number} has no area"
    return ""


def flat(area: Area) -> bool:
    """Tell whether an area has none: a polygon whose corners lie on a line."""
    return not isinstance(area, Circle) and abs(ring_m2(area.outer)) < SMALLEST_M2


def ring_m2(ring: Ring) -> float:
    """Return the area a ring goes round [m²]; negative if it does so clockwise."""
    points = [east_north_m(ring[0], corner) for corner in ring]
    return (
        sum(
            ax_m * by_m - bx_m * ay_m
            for (ax_m, ay_m), (bx_m, by_m) in zip(points, points[1:] + points[:1], strict=True)
        )
        / 2
    )
