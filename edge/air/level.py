"""All ways at one height: who reaches whom, how soon, with how much energy."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from edge.air.airframe import Airframe
from edge.air.airspace import ClosedZone
from edge.air.barrier import ROWS, Barrier
from edge.air.chart import Floats
from edge.air.sightlines import Sightlines
from edge.air.wind import CALM, AnyWind, ground_speeds_mps
from edge.native.air.ways import CLOSED, Ways, quickest_ways

Ints = NDArray[np.int32]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Question:
    """Between which points, in what wind, with what."""

    points_m: Floats
    """(n, 2) on the chart."""
    heights_m: Floats
    """(n,): where a flight from there begins and one to there ends, above the station."""
    wind: AnyWind
    """As reported near the ground."""
    airframe: Airframe
    payload_kg: float = 0.0


@dataclass(frozen=True, slots=True)
class Level:
    """One height to cruise at, and what is closed there."""

    cruise_m: float
    """Above the ground of the station."""
    lines: Sightlines
    zones: tuple[ClosedZone, ...]
    """At every height: climbing and descending passes others than cruising."""
    vertical_m: float
    strict: bool = True
    """Zones to avoid are closed too."""

    def closed_between(self, low_m: float, high_m: float) -> tuple[ClosedZone, ...]:
        """Return the zones that a climb from one height to another would pass."""
        return tuple(
            zone
            for zone in self.zones
            if (self.strict or not zone.avoid)
            and zone.between(low_m - self.vertical_m, high_m + self.vertical_m)
        )

    def avoided(self, track_m: Floats, lowest_m: float) -> tuple[str, ...]:
        """Return the zones to be avoided that a flight down to a height enters all the same."""
        if self.strict:
            return ()
        level = self.cruise_m
        asked = [zone for zone in self.zones if zone.avoid]
        cruised = [
            z for z in asked if z.between(level - self.vertical_m, level + self.vertical_m)
        ]
        climbed = [
            z for z in asked if z.between(lowest_m - self.vertical_m, level + self.vertical_m)
        ]
        margin_m = self.lines.barrier.margin_m
        found = Barrier(tuple(cruised), margin_m).touched(track_m)
        for end_m in (track_m[:1], track_m[-1:]):
            found += Barrier(tuple(climbed), margin_m).touched(end_m)
        return tuple(dict.fromkeys(found))


class LevelWays:
    """The answer of one level to a question."""

    def __init__(self, level: Level, question: Question) -> None:
        self.level = level
        self._question = question
        self._count = len(question.points_m)
        self.closing = self._closing()
        """For each point the zone that closes the climb from there, or nothing."""
        self._nodes_m, self._seen = level.lines.joined(question.points_m)
        closed = np.array([bool(zone) for zone in self.closing], dtype=np.bool_)
        self._seen[: self._count][closed] = False
        self._seen[:, : self._count][:, closed] = False
        self._ways = self._quickest(question.wind.aloft(level.cruise_m))
        self.time_ms, self.energy_j = self._totals()
        """(n, n) each, from take-off to landing; CLOSED without a way."""
        self.in_range: Bools = self.energy_j <= question.airframe.usable_j

    def _closing(self) -> list[str]:
        heights_m, points_m = self._question.heights_m, self._question.points_m
        closing = [""] * self._count
        for height_m in np.unique(heights_m).tolist():
            low_m, high_m = sorted((height_m, self.level.cruise_m))
            passed = self.level.closed_between(low_m, high_m)
            here = np.flatnonzero(heights_m == height_m)
            zones = Barrier(passed, self.level.lines.barrier.margin_m).closing(points_m[here])
            for point, zone in zip(here.tolist(), zones, strict=True):
                closing[point] = zone
        return closing

    def _quickest(self, wind: AnyWind) -> Ways:
        nodes_m, airspeed_mps = self._nodes_m, self._question.airframe.airspeed_mps
        times_ms = np.empty(self._seen.shape, dtype=np.int32)
        for first in range(0, len(nodes_m), ROWS):
            rows = slice(first, first + ROWS)
            tracks_m = nodes_m[None, :] - nodes_m[rows, None]
            speeds = ground_speeds_mps(tracks_m, wind, airspeed_mps)
            flown = self._seen[rows] & (speeds > 0)
            lengths_m = np.hypot(tracks_m[..., 0], tracks_m[..., 1])
            times = np.divide(1000 * lengths_m, speeds, where=flown, out=np.zeros_like(speeds))
            times_ms[rows] = np.where(flown & (times < CLOSED), np.rint(times), CLOSED)
        return quickest_ways(times_ms, np.arange(self._count, dtype=np.int32), self._count)

    def _totals(self) -> tuple[Ints, Ints]:
        frame, payload_kg = self._question.airframe, self._question.payload_kg
        level_ms = self._ways.time_ms[:, : self._count].astype(np.float64)
        up_m = self.level.cruise_m - self._question.heights_m
        vertical_s = frame.climb_s(up_m)[:, None] + frame.climb_s(-up_m)[None, :]
        vertical_j = (
            frame.climb_j(up_m, payload_kg)[:, None] + frame.climb_j(-up_m, payload_kg)[None, :]
        )
        cruise_w = frame.level_w(frame.airspeed_mps, payload_kg)
        energy_j = np.ceil(cruise_w * level_ms / 1000 + vertical_j)
        total_ms = np.rint(level_ms + 1000 * vertical_s)
        none = (level_ms == CLOSED) | (total_ms >= CLOSED) | (energy_j >= CLOSED)
        return (
            np.where(none, CLOSED, total_ms).astype(np.int32),
            np.where(none, CLOSED, energy_j).astype(np.int32),
        )

    def track_m(self, start: int, end: int) -> Floats:
        """Return the corners of the way, (k, 2), both ends included."""
        track_m: Floats = self._nodes_m[self._ways.nodes(start, end)]
        return track_m

    def way_in_calm(self, start: int, end: int) -> bool:
        """Tell whether there would be a way without wind."""
        return bool(self._in_calm.time_ms[start, end] != CLOSED)

    @cached_property
    def _in_calm(self) -> Ways:
        return self._quickest(CALM)

    def in_the_way(self, start: int, end: int) -> tuple[str, ...]:
        """Return the zones that stand in the straight line."""
        return self.level.lines.barrier.touched(self._question.points_m[[start, end]])
