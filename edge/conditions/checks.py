"""What the types of a layer cannot say: spans that never begin, areas that are a line."""

from edge.messages.conditions import Area, Circle, Closure, Layer, TrafficFactor, Weather
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
    if isinstance(area, Circle):
        return False
    points_m = [east_north_m(area.outer[0], corner) for corner in area.outer]
    far_x_m, far_y_m = max(points_m, key=lambda point: point[0] ** 2 + point[1] ** 2)
    return all(abs(far_x_m * y_m - far_y_m * x_m) < SMALLEST_M2 for x_m, y_m in points_m)
