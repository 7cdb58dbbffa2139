"""The layers a vehicle knows: what is newest, what has expired, what holds at an instant."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256

import msgspec

from edge.conditions.areas import contains
from edge.conditions.checks import fault
from edge.conditions.windows import applies, changes
from edge.messages.broker.wire import to_json
from edge.messages.conditions import (
    Closure,
    Layer,
    SegmentSpeed,
    TrafficFactor,
    Weather,
    Zone,
)
from edge.messages.geo import Place

MAX_PARTS = 64
"""Of all layers together: about six megabytes."""
MAX_HEARD = 256
"""Names whose newest version is remembered after the layer has expired."""
MEASURES = tuple(
    name for name in Weather.__struct_fields__ if name not in ("from_utc", "until_utc", "area")
)


@dataclass(frozen=True, slots=True)
class Layers:
    """The layers as they stand; every change makes a new object."""

    parts: tuple[Layer, ...] = ()
    """Of complete layers, by name and part."""
    waiting: tuple[Layer, ...] = ()
    """Parts of newer layers of which others are still to come, by name and part."""
    heard: tuple[tuple[str, int], ...] = ()
    """The newest complete version of each name, also of what has expired."""
    number: int = 0
    """Counts every change of what holds; plans refer to it."""

    def refusal(self, layer: Layer, utc: datetime) -> str:
        """Return why a layer cannot be taken; empty if it can."""
        if wrong := fault(layer):
            return wrong
        if layer.expires_utc <= utc:
            return f"layer {layer.name} expired at {layer.expires_utc.isoformat()}"
        newest = dict(self.heard).get(layer.name, 0)
        awaited = [part for part in self.waiting if part.name == layer.name]
        if awaited:
            newest = max(newest, awaited[0].version - 1)
        if layer.version <= newest:
            return (
                f"layer {layer.name} version {layer.version} is not newer than {newest}, "
                "which is known"
            )
        same = [part for part in awaited if part.version == layer.version]
        if any(part.part == layer.part for part in same):
            return f"layer {layer.name} part {layer.part} is known"
        if any((p.parts, p.expires_utc) != (layer.parts, layer.expires_utc) for p in same):
            return f"layer {layer.name} part {layer.part} does not belong to the other parts"
        others = [p for p in (*self.parts, *self.waiting) if p.name != layer.name]
        if len(others) + layer.parts > MAX_PARTS:
            return f"layer {layer.name} would be more than {MAX_PARTS} parts of all layers"
        return ""

    def take(self, layer: Layer, utc: datetime) -> "Layers":
        """Return the layers with this one; the same object if it cannot be taken."""
        if self.refusal(layer, utc):
            return self
        awaited = [
            p for p in self.waiting if (p.name, p.version) == (layer.name, layer.version)
        ]
        come = _sorted((*awaited, layer))
        others = tuple(part for part in self.waiting if part.name != layer.name)
        if len(come) < layer.parts:
            return replace(self, waiting=_sorted((*others, *come)))
        kept = tuple(part for part in self.parts if part.name != layer.name)
        heard = dict(self.heard) | {layer.name: layer.version}
        newest = sorted(heard.items(), key=lambda item: item[1])[-MAX_HEARD:]
        return Layers(
            parts=_sorted((*kept, *come)),
            waiting=others,
            heard=tuple(sorted(newest)),
            number=self.number + 1,
        )

    def without_expired(self, utc: datetime) -> "Layers":
        """Return the layers that have not expired; the same object if none has."""
        parts = tuple(part for part in self.parts if part.expires_utc > utc)
        waiting = tuple(part for part in self.waiting if part.expires_utc > utc)
        if len(parts) == len(self.parts) and len(waiting) == len(self.waiting):
            return self
        number = self.number + (len(parts) < len(self.parts))
        return replace(self, parts=parts, waiting=waiting, number=number)

    def next_change_utc(self, utc: datetime) -> datetime | None:
        """Return the next instant at which anything begins or ends; None if nothing will."""
        ahead = [
            instant
            for part in self.parts
            if part.expires_utc > utc
            for instant in (part.expires_utc, *_instants(part, utc))
            if utc < instant <= part.expires_utc
        ]
        return min(ahead, default=None)

    def segments(self, utc: datetime) -> tuple[SegmentSpeed, ...]:
        """Return the speeds that hold, one for each pair: closed, else the newest layer's."""
        found: dict[tuple[int, int], SegmentSpeed] = {}
        for part in self._holding(utc):
            for segment in part.segments:
                pair = segment.from_node, segment.to_node
                known = found.get(pair)
                if known is None or known.kmh > 0:
                    found[pair] = segment
        return tuple(found.values())

    def factors(self, utc: datetime) -> tuple[TrafficFactor, ...]:
        """Return the factors that hold; those that overlap multiply."""
        return tuple(f for f in self.coming_factors(utc) if f.from_utc <= utc)

    def coming_factors(self, utc: datetime) -> tuple[TrafficFactor, ...]:
        """Return the factors that hold now or later, each ending with its layer."""
        return tuple(
            cut
            for part in self._holding(utc)
            for factor in part.factors
            if (cut := _until_expiry(factor, part)).until_utc > max(utc, factor.from_utc)
        )

    def closures(self, utc: datetime) -> tuple[Closure, ...]:
        """Return the closures that hold."""
        return tuple(
            closure
            for part in self._holding(utc)
            for closure in part.closures
            if closure.from_utc <= utc < closure.until_utc
        )

    def weather(self, utc: datetime, place: Place) -> Weather | None:
        """Return the weather at a place: each measure from the nearest source that knows it.

        An area counts before everywhere, then the newest layer. None if nobody knows.
        """
        known = [
            weather
            for part in reversed(self._holding(utc))
            for weather in part.weather
            if weather.from_utc <= utc < weather.until_utc and contains(weather.area, place)
        ]
        if not known:
            return None
        known.sort(key=lambda weather: weather.area is None)
        return msgspec.structs.replace(
            known[0],
            from_utc=max(weather.from_utc for weather in known),
            until_utc=min(weather.until_utc for weather in known),
            **{name: _first(known, name) for name in MEASURES},
        )

    def zones(self, utc: datetime) -> tuple[Zone, ...]:
        """Return the zones that apply."""
        return tuple(
            zone for part in self._holding(utc) for zone in part.zones if applies(zone, utc)
        )

    def hash(self) -> str:
        """Return the SHA-256, hex, of what holds; the way there does not matter."""
        digest = sha256()
        for part in self.parts:
            digest.update(to_json(part))
        return digest.hexdigest()

    def _holding(self, utc: datetime) -> list[Layer]:
        """Return the parts that have not expired, the newest last."""
        holding = [part for part in self.parts if part.expires_utc > utc]
        return sorted(holding, key=lambda part: (part.issued_utc, part.name, part.part))


NO_LAYERS = Layers()


def _instants(part: Layer, utc: datetime) -> Iterator[datetime]:
    for spans in (part.factors, part.closures, part.weather):
        for span in spans:
            yield span.from_utc
            yield span.until_utc
    for zone in part.zones:
        for window in zone.windows:
            yield from changes(window, utc)


def _sorted(parts: Sequence[Layer]) -> tuple[Layer, ...]:
    return tuple(sorted(parts, key=lambda part: (part.name, part.part)))


def _until_expiry(factor: TrafficFactor, part: Layer) -> TrafficFactor:
    if factor.until_utc <= part.expires_utc:
        return factor
    return msgspec.structs.replace(factor, until_utc=part.expires_utc)


def _first(known: Sequence[Weather], name: str) -> float | bool | None:
    values = (getattr(weather, name) for weather in known)
    return next((value for value in values if value is not None), None)
