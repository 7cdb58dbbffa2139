"""Traffic, weather, closures and zones: in layers, versioned, and nothing without an expiry."""

from edge.messages.conditions.areas import Area, Circle, Polygon, Ring
from edge.messages.conditions.layers import (
    Closure,
    KindName,
    Layer,
    RoadClass,
    SegmentSpeed,
    TrafficFactor,
    Weather,
)
from edge.messages.conditions.zones import Day, HeightReference, Window, Zone, ZoneKind

__all__ = [
    "Area",
    "Circle",
    "Closure",
    "Day",
    "HeightReference",
    "KindName",
    "Layer",
    "Polygon",
    "Ring",
    "RoadClass",
    "SegmentSpeed",
    "TrafficFactor",
    "Weather",
    "Window",
    "Zone",
    "ZoneKind",
]
