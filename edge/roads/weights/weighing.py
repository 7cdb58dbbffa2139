"""Weights of all arcs for one vehicle, as traffic, weather, closures and zones are now.

Effective weight = length / (live speed, else base speed) x weather x area factors; -1 where
something closes the arc. Every effect is laid on the base anew, none on what another left.
"""

from dataclasses import dataclass, field
from datetime import datetime

import numpy as np
from numpy.typing import NDArray

from edge.conditions.layers import Layers
from edge.conditions.weather import road_factor
from edge.messages.conditions import Closure, Layer, TrafficFactor, Zone
from edge.messages.geo import Place, metres_per_degree
from edge.roads.classes import ROAD_CLASSES, RoadUser
from edge.roads.graph import RoadGraph
from edge.roads.segments import Int32s, Segments, segments_of
from edge.roads.weights.base import TRUCK_KMH, base_ms, user_kmh, whole_ms
from edge.roads.weights.effects import (
    NOTHING,
    Effect,
    of_closure,
    of_factor,
    of_segments,
    of_zone,
)

Floats = NDArray[np.float64]

MOST_EFFECTS = 4096  # remembered at once; more are worked out again each time
WEATHER_CELL_M = 2000.0
MOST_WEATHER_CELLS = 400
WITH_TRAFFIC: frozenset[RoadUser] = frozenset({"van", "truck"})


@dataclass(slots=True, eq=False)
class Weighing:
    """Weighs a graph for one vehicle, and remembers what each item of the conditions does."""

    graph: RoadGraph
    user: RoadUser
    kind: str = "van"
    """Of vehicle, as the conditions name them."""
    fastest_mps: float | None = None
    base_ms: Int32s = field(init=False)
    _segments: Segments | None = field(init=False, default=None)
    _effects: dict[Closure | Zone | TrafficFactor, Effect] = field(
        init=False, default_factory=dict
    )
    _traffic: tuple[tuple[Layer, ...], Effect] = field(init=False, default=((), NOTHING))
    _weather_cell: tuple[Int32s, list[Place]] | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        self.base_ms = base_ms(self.graph, self.user, self.fastest_mps)

    def weights_ms(self, layers: Layers, utc: datetime) -> Int32s:
        """Return how long each arc takes at an instant, (A,) [ms]; -1 where it is closed."""
        stretch = self._stretch(layers, utc)
        if stretch is None:
            return self.base_ms
        closed = np.isinf(stretch) | (self.base_ms < 0)
        lasts_ms = whole_ms(np.where(closed, 1.0, stretch) * self.base_ms)
        return np.where(closed, np.int32(-1), lasts_ms)

    def _stretch(self, layers: Layers, utc: datetime) -> Floats | None:
        """Return how many times as long each arc takes; None: nothing is known."""
        effects = [self._remembered(item) for item in self._items(layers, utc)]
        if self.user in WITH_TRAFFIC:
            effects.append(self._traffic_effect(layers, utc))
        weather = self._weather_stretch(layers, utc)
        effects = [effect for effect in effects if effect.arcs.size]
        if not effects:
            return weather
        stretch = np.ones(self.graph.arcs) if weather is None else weather
        for effect in effects:
            stretch[effect.arcs] *= effect.stretch
        return stretch

    @property
    def segments(self) -> Segments:
        """The grid of the user's roads, built when it is first needed."""
        if self._segments is None:
            self._segments = segments_of(self.graph, self.user)
        return self._segments

    def _items(self, layers: Layers, utc: datetime) -> list[Closure | Zone | TrafficFactor]:
        return [
            *layers.closures(utc),
            *(zone for zone in layers.zones(utc) if self._concerns(zone.applies_to)),
            *(
                factor
                for factor in layers.factors(utc)
                if factor.factor != 1.0 and self._concerns(factor.vehicle_kinds)
            ),
        ]

    def _concerns(self, kinds: tuple[str, ...]) -> bool:
        return not kinds or self.kind in kinds

    def _remembered(self, item: Closure | Zone | TrafficFactor) -> Effect:
        known = self._effects.get(item)
        if known is None:
            if len(self._effects) >= MOST_EFFECTS:
                del self._effects[next(iter(self._effects))]  # the oldest
            known = self._effects[item] = self._effect(item)
        return known

    def _effect(self, item: Closure | Zone | TrafficFactor) -> Effect:
        match item:
            case Closure():
                return of_closure(self.segments, item)
            case Zone():
                return of_zone(self.segments, item)
            case TrafficFactor():
                return of_factor(self.segments, item)

    def _traffic_effect(self, layers: Layers, utc: datetime) -> Effect:
        """Return what live speeds do; looked at again only when a part of them changes."""
        parts = tuple(p for p in layers.parts if p.segments and p.expires_utc > utc)
        known, effect = self._traffic
        if len(parts) != len(known) or any(
            a is not b for a, b in zip(parts, known, strict=True)
        ):
            most_kmh = TRUCK_KMH if self.user == "truck" else np.inf
            kmh = user_kmh(self.graph, self.user)
            effect = of_segments(self.segments, layers.segments(utc), kmh, most_kmh)
            self._traffic = parts, effect
        return effect

    def _weather_stretch(self, layers: Layers, utc: datetime) -> Floats | None:
        """Return what the weather at each arc's tail does; None: nothing."""
        if not any(part.weather for part in layers.parts):
            return None
        if self._weather_cell is None:
            self._weather_cell = _weather_cells(self.graph)
        cell, places = self._weather_cell
        kind = self.kind if self.user in WITH_TRAFFIC else self.user
        table = np.ones((len(places), len(ROAD_CLASSES)))
        for row, place in enumerate(places):
            weather = layers.weather(utc, place)
            if weather is not None:
                table[row] = [road_factor(weather, name, kind) for name in ROAD_CLASSES]
        if (table == 1.0).all():
            return None
        stretch: Floats = table[cell[self.graph.arc_tail], self.graph.arc_class]
        return stretch


def weights_ms(graph: RoadGraph, user: RoadUser, layers: Layers, utc: datetime) -> Int32s:
    """Return the weights of one instant; who needs more than one keeps a `Weighing`."""
    return Weighing(graph, user).weights_ms(layers, utc)


def _weather_cells(graph: RoadGraph) -> tuple[Int32s, list[Place]]:
    """Return the cell of each node, and the middle of each cell."""
    bounds = graph.bounds
    north_m, east_m = metres_per_degree((bounds.south_deg + bounds.north_deg) / 2)
    height_m = (bounds.north_deg - bounds.south_deg) * north_m
    width_m = (bounds.east_deg - bounds.west_deg) * east_m
    cell_m = max(WEATHER_CELL_M, (height_m * width_m / MOST_WEATHER_CELLS) ** 0.5)
    up, aside = cell_m / north_m, cell_m / max(east_m, 1.0)
    row = ((graph.node_lat_e7 / 1e7 - bounds.south_deg) / up).astype(np.int64)
    column = ((graph.node_lon_e7 / 1e7 - bounds.west_deg) / aside).astype(np.int64)
    columns = int(column.max(initial=0)) + 1
    used, cell = np.unique(row * columns + column, return_inverse=True)
    places = [
        Place(
            lat_deg=bounds.south_deg + (number // columns + 0.5) * up,
            lon_deg=bounds.west_deg + (number % columns + 0.5) * aside,
        )
        for number in used.tolist()
    ]
    return cell.astype(np.int32), places
