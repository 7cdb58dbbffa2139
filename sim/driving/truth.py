"""Ground truth of a drive at 50 Hz: manoeuvres one after the other, gentle and harsh."""

import math
from dataclasses import dataclass, field
from random import Random

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RATE_HZ = 50.0
STEP_S = 1 / RATE_HZ
RAMP_S = 0.3  # in which a foot or a wheel builds a force up
TOWN_MPS = (7.0, 16.0)
GENTLE_FRAC = (0.15, 0.8)  # of the limit
HARSH_FRAC = (1.15, 1.7)
EDGE_FRAC = (0.9, 1.1)


@dataclass(frozen=True, slots=True)
class Truth:
    """A drive: arrays at 50 Hz, and what else happened when [s]."""

    at_s: Floats
    speed_mps: Floats
    forward_mps2: Floats
    right_mps2: Floats
    heading_rad: Floats
    """Clockwise from north, unwrapped."""
    slope_rad: Floats
    potholes_s: tuple[float, ...]
    bumps_s: tuple[float, ...]
    slams_s: tuple[float, ...]
    handled_s: tuple[tuple[float, float], ...]
    """Spans in which somebody held the box in his hand."""


@dataclass(slots=True)
class _Course:
    forward: list[float] = field(default_factory=list)
    right: list[float] = field(default_factory=list)
    speed_mps: float = 0.0

    def hold(self, lasts_s: float) -> None:
        self.push(0.0, 0.0, lasts_s)

    def push(self, forward: float, right: float, lasts_s: float) -> None:
        """Build a force up, hold it, let go; never below standing still."""
        for step in range(max(1, round(lasts_s * RATE_HZ))):
            into_s = min(step * STEP_S, lasts_s - step * STEP_S)
            share = 0.5 - 0.5 * math.cos(math.pi * min(1.0, into_s / RAMP_S))
            force = forward * share
            if self.speed_mps + force * STEP_S < 0:
                force = -self.speed_mps / STEP_S
            self.speed_mps = max(0.0, self.speed_mps + force * STEP_S)
            self.forward.append(force)
            self.right.append(right * share if self.speed_mps > 0 else 0.0)


def drive(
    rng: Random, lasts_s: float, limits: tuple[float, float, float], *, least_s: float = 0.7
) -> Truth:
    """Return a drive in town; `limits` of braking, acceleration and cornering [m/s2].

    `least_s` is how long each manoeuvre holds its force at least.
    """
    course = _Course()
    braking, speeding_up, cornering = limits
    while len(course.forward) < lasts_s * RATE_HZ:
        if course.speed_mps < TOWN_MPS[0]:
            _reach(course, rng, speeding_up, rng.uniform(*TOWN_MPS), least_s)
        choice = rng.random()
        holds_s = 2 * RAMP_S + least_s + rng.uniform(0.0, 1.2)
        if choice < 0.45:
            force = braking * _size(rng)
            most_s = 2 * RAMP_S + (course.speed_mps - 1.5) / force
            if most_s > 2 * RAMP_S + least_s + RAMP_S:
                course.push(-force, 0.0, min(holds_s, most_s - RAMP_S))
        elif choice < 0.9:
            force = cornering * _size(rng) * rng.choice((-1, 1))
            course.push(0.0, force, holds_s)
        elif course.speed_mps > 0:
            soft = min(1.5, braking * 0.4)
            course.push(-soft, 0.0, course.speed_mps / soft + 3 * RAMP_S)
            course.hold(rng.uniform(4.0, 12.0))
        course.hold(rng.uniform(3.5, 9.0))
    return _finished(course, rng)


def _reach(
    course: _Course, rng: Random, limit: float, speed_mps: float, least_s: float
) -> None:
    force = limit * _size(rng)
    lasts_s = max((speed_mps - course.speed_mps) / force, least_s) + RAMP_S
    course.push(force, 0.0, lasts_s + RAMP_S)
    course.hold(rng.uniform(3.5, 6.0))


def _size(rng: Random) -> float:
    spans = (GENTLE_FRAC, HARSH_FRAC, EDGE_FRAC)
    return rng.uniform(*rng.choices(spans, weights=(0.6, 0.35, 0.05))[0])


def _finished(course: _Course, rng: Random) -> Truth:
    forward, right = np.array(course.forward), np.array(course.right)
    count = len(forward)
    at_s: Floats = np.arange(count, dtype=np.float64) * STEP_S
    speed = np.concatenate([[0.0], np.cumsum(forward)[:-1] * STEP_S]).clip(0.0)
    turn = np.where(speed > 0.5, right / np.maximum(speed, 0.5), 0.0)
    right = turn * speed
    waves = [rng.uniform(0, 2 * math.pi) for _ in range(3)]
    slope = sum(
        0.025 * np.sin(2 * math.pi * at_s / period_s + wave)
        for period_s, wave in zip((70.0, 113.0, 190.0), waves, strict=True)
    )
    moving = at_s[speed > 5.0].tolist()
    resting = at_s[speed < 0.01].tolist()
    minutes = count * STEP_S / 60
    some = [rng.choice(moving) for _ in range(round(3 * minutes))]
    handled = sorted(rng.choice(moving) for _ in range(round(minutes / 3)))
    return Truth(
        at_s=at_s,
        speed_mps=speed,
        forward_mps2=forward,
        right_mps2=right,
        heading_rad=np.cumsum(turn) * STEP_S,
        slope_rad=np.asarray(slope),
        potholes_s=tuple(some[::2]),
        bumps_s=tuple(some[1::2]),
        slams_s=tuple(rng.choice(resting) for _ in range(round(minutes)) if resting),
        handled_s=tuple((at, at + rng.uniform(1.5, 4.0)) for at in handled),
    )
