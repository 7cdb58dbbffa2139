"""What the console shows, each entry with the version of its last change.

A reader who has seen version n is given everything that changed since; there is no queue for
each reader, so a slow one costs nothing and only misses what was overtaken anyway.
"""

from collections import deque
from typing import Literal

import msgspec

from edge.streams import Latest

Kind = Literal["station", "vehicles", "live", "routes", "stops", "alarms", "books"]
KINDS: tuple[Kind, ...] = ("station", "vehicles", "live", "routes", "stops", "alarms", "books")
TRAIL_POINTS = 1500  # of each vehicle; at 30 m apart some 45 km

Entry = tuple[int, msgspec.Raw]
TrailPoint = tuple[int, int, float, float]
"""(version, ms since 1970, latitude, longitude)."""


class Board:
    """Entries by kind and key, encoded once for all readers."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._lives = 0
        self._entries: dict[Kind, dict[str, Entry]] = {kind: {} for kind in KINDS}
        self._trails: dict[str, deque[TrailPoint]] = {}
        self.version = 0
        self.changed: Latest[int] = Latest()

    @property
    def generation(self) -> str:
        """Changes when everything must be read anew."""
        return f"{self._name}.{self._lives}"

    def put(self, kind: Kind, key: str, raw: bytes) -> None:
        """Set an entry to this JSON; nothing happens if it is the same."""
        entries = self._entries[kind]
        known = entries.get(key)
        if known is not None and bytes(known[1]) == raw:
            return
        self.version += 1
        entries.pop(key, None)  # so that a dict's order is the order of versions
        entries[key] = (self.version, msgspec.Raw(raw))

    def keep_only(self, kind: Kind, keys: set[str]) -> None:
        """Forget the entries of a kind that are not named; readers begin anew if there are."""
        gone = self._entries[kind].keys() - keys
        if gone:
            for key in gone:
                del self._entries[kind][key]
            self._lives += 1
            self.version += 1

    def extend_trail(self, vehicle: str, points: list[tuple[int, float, float]]) -> None:
        """Append (ms since 1970, latitude, longitude) to where a vehicle has been."""
        if points:
            trail = self._trails.setdefault(vehicle, deque(maxlen=TRAIL_POINTS))
            self.version += 1
            trail.extend((self.version, *point) for point in points)

    def clear_trails(self) -> None:
        """Forget where everybody has been."""
        self._trails.clear()

    def told(self) -> None:
        """Wake the readers."""
        self.changed.set(self.version)

    def since(self, generation: str, version: int) -> dict[str, object]:
        """Return what changed since a version of a generation; everything if it is over."""
        whole = generation != self.generation
        if whole:
            version = 0
        told: dict[str, object] = {
            "generation": self.generation,
            "version": self.version,
            "whole": whole,
        }
        for kind in KINDS:
            changed: dict[str, msgspec.Raw] = {}
            for key, (changed_at, raw) in reversed(self._entries[kind].items()):
                if changed_at <= version:
                    break
                changed[key] = raw
            if changed or whole:
                told[kind] = changed
        trails: dict[str, list[tuple[int, float, float]]] = {}
        for vehicle, trail in self._trails.items():
            new = []
            for changed_at, at_ms, lat_deg, lon_deg in reversed(trail):
                if changed_at <= version:
                    break
                new.append((at_ms, lat_deg, lon_deg))
            if new:
                trails[vehicle] = new[::-1]
        if trails or whole:
            told["trails"] = trails
        return told
