"""A van as a moving mass: how far along its way it is at any instant."""

import math
from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from itertools import pairwise

import msgspec

from edge.messages.geo import Place
from sim.roads.way import Way
from sim.town.streets import M_PER_DEG
from sim.world import Truth

SPEEDS_UP_MPS2 = 1.6
SLOWS_DOWN_MPS2 = 2.2


class _Phase(msgspec.Struct, frozen=True):
    """Even acceleration from an instant on."""

    from_s: float
    at_m: float
    speed_mps: float
    accel_mps2: float


class Van:
    """Asked where it is, it answers; between two questions it costs nothing."""

    def __init__(self, place: Place) -> None:
        self._place = place
        self._heading_deg = 0.0
        self._phases: list[_Phase] = []
        self._ends_s = 0.0
        self._points: tuple[Place, ...] = (place, place)
        self._along_m: list[float] = [0.0, 0.0]
        self._headings_deg: list[float] = [0.0]
        self._driven_m = 0.0

    def drive(self, way: Way, now_s: float, *, halts_s: Sequence[float] = ()) -> float:
        """Set off along a way; return when the van will stand at its end.

        `halts_s` are waits at the way's inner points, in order (0: does not stop).
        """
        self.halt(now_s)
        if way.points[0] != self._place:
            way = Way(
                (self._place, *way.points), (way.limits_mps[0], *way.limits_mps), way.lasts_s
            )
        self._measure(way.points)
        if way.lasts_s is not None:
            self._phases = self._timed(way.lasts_s, now_s)
            self._ends_s = now_s + way.lasts_s
        else:
            self._phases, self._ends_s = self._profile(way.limits_mps, halts_s, now_s)
        return self._ends_s

    def halt(self, now_s: float) -> Place:
        """Stand still at once, here; return the place."""
        truth = self.truth(now_s)
        if self._phases:
            self._driven_m += self._reached_m(now_s)[0]
            self._phases = []
        self._heading_deg = truth.heading_deg
        self._place = Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg)
        return self._place

    @property
    def arrives_s(self) -> float:
        """When it stands, or has stood, at the end of its last way."""
        return self._ends_s

    def passes_s(self, point: int) -> float:
        """Return when it will pass, or has passed, a point of its present way."""
        at_m = self._along_m[point] - 1e-6
        index = bisect_left(self._phases, at_m, key=_begins_m)
        return self._phases[index].from_s if index < len(self._phases) else self._ends_s

    def driven_m(self, now_s: float) -> float:
        """Return what the odometer shows."""
        return self._driven_m + (self._reached_m(now_s)[0] if self._phases else 0.0)

    def truth(self, now_s: float) -> Truth:
        """Return where the van is; `now_s` never runs backwards."""
        place = self._place
        if not self._phases:
            return Truth(place.lat_deg, place.lon_deg, 0.0, self._heading_deg)
        at_m, speed_mps = self._reached_m(now_s)
        piece = min(max(bisect_right(self._along_m, at_m) - 1, 0), len(self._headings_deg) - 1)
        start, end = self._points[piece], self._points[piece + 1]
        length_m = self._along_m[piece + 1] - self._along_m[piece]
        part = min(1.0, (at_m - self._along_m[piece]) / length_m) if length_m else 1.0
        if part == 1.0:
            return Truth(end.lat_deg, end.lon_deg, speed_mps, self._headings_deg[piece])
        return Truth(
            start.lat_deg + part * (end.lat_deg - start.lat_deg),
            start.lon_deg + part * (end.lon_deg - start.lon_deg),
            speed_mps,
            self._headings_deg[piece],
        )

    def _reached_m(self, now_s: float) -> tuple[float, float]:
        """Return metres along the way and speed."""
        if now_s >= self._ends_s:
            return self._along_m[-1], 0.0
        index = bisect_right(self._phases, now_s, key=_starts_s) - 1
        phase = self._phases[max(index, 0)]
        passed_s = max(0.0, now_s - phase.from_s)
        speed_mps = max(0.0, phase.speed_mps + phase.accel_mps2 * passed_s)
        return phase.at_m + 0.5 * (phase.speed_mps + speed_mps) * passed_s, speed_mps

    def _measure(self, points: tuple[Place, ...]) -> None:
        east_m = M_PER_DEG * math.cos(math.radians(points[0].lat_deg))
        self._points, self._along_m, self._headings_deg = points, [0.0], []
        for start, end in pairwise(points):
            east = (end.lon_deg - start.lon_deg) * east_m
            north = (end.lat_deg - start.lat_deg) * M_PER_DEG
            self._along_m.append(self._along_m[-1] + math.hypot(east, north))
            self._headings_deg.append(math.degrees(math.atan2(east, north)) % 360.0)

    def _timed(self, lasts_s: float, now_s: float) -> list[_Phase]:
        """Speed up, cruise and slow down so that the way takes exactly `lasts_s`."""
        length_m = self._along_m[-1]
        if lasts_s <= 0 or length_m <= 0:
            return [_Phase(now_s, 0.0, 0.0, 0.0)]
        accel = max(SPEEDS_UP_MPS2, 4 * length_m / lasts_s**2)
        root = math.sqrt(max(0.0, (accel * lasts_s) ** 2 - 4 * accel * length_m))
        cruise_mps = (accel * lasts_s - root) / 2
        ramp_s = cruise_mps / accel
        ramp_m = 0.5 * cruise_mps * ramp_s
        return [
            _Phase(now_s, 0.0, 0.0, accel),
            _Phase(now_s + ramp_s, ramp_m, cruise_mps, 0.0),
            _Phase(now_s + lasts_s - ramp_s, length_m - ramp_m, cruise_mps, -accel),
        ]

    def _profile(
        self, limits: Sequence[float], halts_s: Sequence[float], now_s: float
    ) -> tuple[list[_Phase], float]:
        lengths = [b - a for a, b in pairwise(self._along_m)]
        speeds = self._corner_speeds(lengths, limits, halts_s)
        phases: list[_Phase] = []
        at_s = now_s
        for piece, length_m in enumerate(lengths):
            at_s = _cross(phases, at_s, self._along_m[piece], length_m,
                          speeds[piece], speeds[piece + 1], limits[piece])  # fmt: skip
            if piece < len(halts_s) and halts_s[piece] > 0:
                phases.append(_Phase(at_s, self._along_m[piece + 1], 0.0, 0.0))
                at_s += halts_s[piece]
        return phases, at_s

    def _corner_speeds(
        self, lengths: Sequence[float], limits: Sequence[float], halts_s: Sequence[float]
    ) -> list[float]:
        """Return the speed at each point, such that all can be kept."""
        speeds = [0.0]
        for piece in range(1, len(lengths)):
            turn = abs(
                (self._headings_deg[piece] - self._headings_deg[piece - 1] + 180) % 360 - 180
            )
            corner = math.inf if turn < 20 else 8.0 if turn < 50 else 4.5
            if piece - 1 < len(halts_s) and halts_s[piece - 1] > 0:
                corner = 0.0
            speeds.append(min(corner, limits[piece - 1], limits[piece]))
        speeds.append(0.0)
        for piece, length_m in enumerate(lengths):
            most = math.sqrt(speeds[piece] ** 2 + 2 * SPEEDS_UP_MPS2 * length_m)
            speeds[piece + 1] = min(speeds[piece + 1], most)
        for piece in reversed(range(len(lengths))):
            most = math.sqrt(speeds[piece + 1] ** 2 + 2 * SLOWS_DOWN_MPS2 * lengths[piece])
            speeds[piece] = min(speeds[piece], most)
        return speeds


def _starts_s(phase: _Phase) -> float:
    return phase.from_s


def _begins_m(phase: _Phase) -> float:
    return phase.at_m


def _cross(
    phases: list[_Phase], at_s: float, at_m: float, length_m: float,
    first_mps: float, last_mps: float, limit_mps: float,
) -> float:  # fmt: skip
    """Add the phases that cross one piece; return when its end is reached."""
    if length_m <= 0:
        return at_s
    up, down = SPEEDS_UP_MPS2, SLOWS_DOWN_MPS2
    peak2 = (2 * up * down * length_m + down * first_mps**2 + up * last_mps**2) / (up + down)
    cruise_mps = min(limit_mps, math.sqrt(peak2))
    cruise_mps = max(cruise_mps, first_mps, last_mps)
    up_m = (cruise_mps**2 - first_mps**2) / (2 * up)
    down_m = (cruise_mps**2 - last_mps**2) / (2 * down)
    phases.append(_Phase(at_s, at_m, first_mps, up))
    at_s += (cruise_mps - first_mps) / up
    even_m = max(0.0, length_m - up_m - down_m)
    phases.append(_Phase(at_s, at_m + up_m, cruise_mps, 0.0))
    at_s += even_m / cruise_mps
    phases.append(_Phase(at_s, at_m + up_m + even_m, cruise_mps, -down))
    return at_s + (cruise_mps - last_mps) / down
