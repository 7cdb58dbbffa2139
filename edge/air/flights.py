"""Flights between all pairs of points: the quickest allowed, or why there is none."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from edge.air.chart import Floats
from edge.air.level import Level, LevelWays, Question
from edge.native.air.ways import CLOSED

Ints = NDArray[np.int32]

NO_LEVEL = -1
SAME_PLACE_M = 1.0  # nearer than this nobody takes off
Reason = Literal["far", "zone", "no way", "wind", "range", "height", "crowded"]
SENTENCES: dict[Reason, str] = {
    "far": "it lies farther from the station than lengths can be trusted",
    "zone": "it begins or ends in or too near to {zones}",
    "no way": "there is no way round {zones}",
    "wind": "the wind is too strong for the track",
    "range": "it needs more energy than a full battery has above the reserve",
    "height": "the ground leaves no height between the lowest and the highest allowed",
    "crowded": "there are too many zones to find a way among",
}


@dataclass(frozen=True, slots=True)
class Refusal:
    """Why there is no flight from one point to another."""

    reason: Reason
    zones: tuple[str, ...] = ()
    """Ids of the zones that are to blame."""

    def __str__(self) -> str:
        """Return a sentence for people."""
        zones = ", ".join(f"zone {zone}" for zone in self.zones) or "a zone"
        return f"not flown: {SENTENCES[self.reason].format(zones=zones)}"


@dataclass(frozen=True, slots=True)
class Flight:
    """One flight: up, level along a line of corners, down."""

    track_m: Floats
    """(k, 2) on the chart, both ends included."""
    start_m: float
    """Heights above the ground of the station."""
    cruise_m: float
    end_m: float
    time_ms: int
    energy_j: int
    avoided: tuple[str, ...]
    """Zones it enters although they were to be avoided: there is no way round."""

    @property
    def length_m(self) -> float:
        """Return how long the level part is."""
        return float(np.hypot(*np.diff(self.track_m, axis=0).T).sum())


class Flights:
    """The answer. A refused pair has the time CLOSED, and `why` says what stands against it."""

    def __init__(
        self,
        question: Question,
        levels: Sequence[Level],
        *,
        far: Sequence[bool] = (),
        crowded: bool = False,
    ) -> None:
        """Levels lie lowest first. Nothing is flown to what is far, or at all if crowded."""
        self._question = question
        self._crowded = crowded
        self._ways = [LevelWays(level, question) for level in levels]
        n = len(question.points_m)
        self._far = np.array(far if far else [False] * n, dtype=np.bool_)
        self.time_ms: Ints = np.full((n, n), CLOSED, dtype=np.int32)
        """Row from, column to."""
        self.energy_j: Ints = np.full((n, n), CLOSED, dtype=np.int32)
        self._level = np.full((n, n), NO_LEVEL, dtype=np.int32)
        if not crowded:
            self._settle()
        self._same = self._same_places()
        self.time_ms[self._same] = 0
        self.energy_j[self._same] = 0

    def _settle(self) -> None:
        """Choose the level of each pair: the quickest of those that avoid what is to be."""
        near = ~(self._far[:, None] | self._far[None, :])
        for strict in (True, False):
            open_pairs = near & (self._level == NO_LEVEL)
            for number, ways in enumerate(self._ways):
                if ways.level.strict != strict:
                    continue
                better = open_pairs & ways.in_range & (ways.time_ms < self.time_ms)
                self.time_ms[better] = ways.time_ms[better]
                self.energy_j[better] = ways.energy_j[better]
                self._level[better] = number

    def _same_places(self) -> NDArray[np.bool_]:
        points_m, heights_m = self._question.points_m, self._question.heights_m
        apart_m = np.hypot(*np.moveaxis(points_m[:, None] - points_m[None, :], -1, 0))
        same: NDArray[np.bool_] = (apart_m < SAME_PLACE_M) & (
            heights_m[:, None] == heights_m[None, :]
        )
        return same

    def flown(self, start: int, end: int) -> bool:
        """Tell whether one gets from one point to another."""
        return bool(self.time_ms[start, end] != CLOSED)

    def flight(self, start: int, end: int) -> Flight | Refusal:
        """Return the flight from one point to another, or why there is none."""
        if not self.flown(start, end):
            return self.why(start, end)
        heights_m, points_m = self._question.heights_m, self._question.points_m
        if self._same[start, end]:
            height_m = float(heights_m[start])
            return Flight(points_m[[start, end]], height_m, height_m, height_m, 0, 0, ())
        ways = self._ways[int(self._level[start, end])]
        track_m = ways.track_m(start, end)
        return Flight(
            track_m,
            float(heights_m[start]),
            ways.level.cruise_m,
            float(heights_m[end]),
            int(self.time_ms[start, end]),
            int(self.energy_j[start, end]),
            ways.level.avoided(track_m, float(min(heights_m[start], heights_m[end]))),
        )

    def why(self, start: int, end: int) -> Refusal:
        """Return what stands against a flight that there is not."""
        assert not self.flown(start, end), "there is a flight"
        if self._crowded:
            return Refusal("crowded")
        if self._far[start] or self._far[end]:
            return Refusal("far")
        if not self._ways:
            return Refusal("height")
        if any(ways.time_ms[start, end] != CLOSED for ways in self._ways):
            return Refusal("range")
        free = [ways for ways in self._ways if not ways.closing[start] + ways.closing[end]]
        if not free:
            closing = self._ways[-1].closing
            shut = dict.fromkeys((closing[start], closing[end]))
            return Refusal("zone", tuple(zone for zone in shut if zone))
        if any(ways.way_in_calm(start, end) for ways in free):
            return Refusal("wind")
        zones = free[-1].in_the_way(start, end)
        return Refusal("no way", zones) if zones else Refusal("range")
