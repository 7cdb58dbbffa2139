"""Truth → a tilted, shaken accelerometer, a noisy receiver and wheels."""

import math
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random

import numpy as np
from numpy.typing import NDArray

from edge.messages.driving.signals import Acceleration
from edge.messages.geo import Place, metres_per_degree
from edge.messages.readings import GnssFix, WheelSpeed
from sim.driving.truth import RATE_HZ, STEP_S, Floats, Truth

GRAVITY_MPS2 = 9.80665
ORIGIN = Place(lat_deg=51.05, lon_deg=13.74)
NOON = datetime(2026, 6, 1, 12, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensors:
    """Which there are, and how bad."""

    gnss_hz: float = 1.0
    wheel_hz: float = 0.0
    """0: none."""
    accelerometer: bool = True
    disturbed: bool = True
    """Potholes, bumps, slamming doors, hands."""
    vibration_mps2: float = 0.6
    speed_sigma_mps: float = 0.1
    position_sigma_m: float = 2.0
    """Wanders; from one fix to the next a tenth of it."""
    latency_s: float = 0.12


def readings(
    truth: Truth, sensors: Sensors, rng: Random
) -> list[Acceleration | GnssFix | WheelSpeed]:
    """Return what the sensors say, in order of arrival."""
    noise = np.random.default_rng(rng.getrandbits(32))
    told: list[Acceleration | GnssFix | WheelSpeed] = list(_fixes(truth, sensors, noise))
    if sensors.wheel_hz:
        every = round(RATE_HZ / sensors.wheel_hz)
        for row in range(0, len(truth.at_s), every):
            speed = round(float(truth.speed_mps[row] * 1.01 + noise.normal(0, 0.05)), 2)
            told.append(WheelSpeed(received_s=float(truth.at_s[row]) + 0.02, speed_mps=speed))
    if sensors.accelerometer:
        box = rotation(rng)
        for at_s, (x, y, z) in zip(
            truth.at_s.tolist(), felt(truth, sensors, box, noise).tolist(), strict=True
        ):
            told.append(Acceleration(received_s=at_s, x_mps2=x, y_mps2=y, z_mps2=z))
    return sorted(told, key=lambda reading: reading.received_s)


def rotation(rng: Random) -> Floats:
    """Return a rotation drawn evenly: (3, 3), box from (forward, right, down)."""
    drawn = np.array([[rng.gauss(0, 1) for _ in range(3)] for _ in range(3)])
    square, upper = np.linalg.qr(drawn)
    turned: Floats = square * np.sign(np.diag(upper))
    if np.linalg.det(turned) < 0:
        turned[:, 0] *= -1
    return turned


def felt(
    truth: Truth, sensors: Sensors, box: Floats, noise: np.random.Generator
) -> NDArray[np.float64]:
    """Return the specific force in the axes of the box: (n, 3) [m/s2]."""
    count = len(truth.at_s)
    force = np.zeros((count, 3))
    force[:, 0] = truth.forward_mps2 + GRAVITY_MPS2 * np.sin(truth.slope_rad)
    force[:, 1] = truth.right_mps2
    force[:, 2] = -GRAVITY_MPS2 * np.cos(truth.slope_rad)
    shaken = sensors.vibration_mps2 * (0.3 + np.minimum(1.0, truth.speed_mps / 12))
    force += noise.normal(0, 1, (count, 3)) * shaken[:, None]
    engine = 0.5 * np.sin(2 * math.pi * 23.0 * truth.at_s)
    force += engine[:, None] * np.array([0.3, 0.3, 0.6])
    if sensors.disturbed:
        _disturb(force, truth, noise)
    seen: NDArray[np.float64] = force @ box.T
    if sensors.disturbed:
        for from_s, until_s in truth.handled_s:
            _handle(seen, round(from_s * RATE_HZ), round(until_s * RATE_HZ), noise)
    return seen


def _disturb(force: Floats, truth: Truth, noise: np.random.Generator) -> None:
    for at_s in truth.potholes_s:  # down and back, a hundredth of a second or some
        _add(force, at_s, 0.08, [noise.uniform(-14, -5), noise.uniform(-6, 6), 18.0], 12.0)
    for at_s in truth.bumps_s:  # nose up, nose down
        _add(force, at_s, 0.7, [1.6, 0.4, 5.0], 1.8)
    for at_s in truth.slams_s:  # rings
        _add(force, at_s, 0.3, [5.0, 9.0, 4.0], 15.0)


def _add(
    force: Floats, at_s: float, lasts_s: float, size: list[float], rings_hz: float
) -> None:
    first = round(at_s * RATE_HZ)
    into_s = np.arange(round(lasts_s * RATE_HZ)) * STEP_S
    shape = np.sin(2 * math.pi * rings_hz * into_s) * np.exp(-2 * into_s / lasts_s)
    piece = force[first : first + len(into_s)]
    piece += (shape[:, None] * np.array(size))[: len(piece)]


def _handle(seen: Floats, first: int, last: int, noise: np.random.Generator) -> None:
    """Somebody takes the box up, turns it and puts it back."""
    span = seen[first:last]
    into = np.linspace(0, math.pi, len(span))
    angle = noise.uniform(0.5, 1.5) * np.sin(into)
    rolled = span.copy()
    rolled[:, 0] = span[:, 0] * np.cos(angle) - span[:, 2] * np.sin(angle)
    rolled[:, 2] = span[:, 0] * np.sin(angle) + span[:, 2] * np.cos(angle)
    shaking = np.sin(np.outer(into, noise.uniform(2, 6, 3)) + noise.uniform(0, 6, 3))
    seen[first:last] = rolled + shaking * noise.uniform(2, 6, 3)


def _fixes(truth: Truth, sensors: Sensors, noise: np.random.Generator) -> list[GnssFix]:
    every = round(RATE_HZ / sensors.gnss_hz)
    rows = np.arange(0, len(truth.at_s), every)
    north = np.cumsum(truth.speed_mps * np.cos(truth.heading_rad)) * STEP_S
    east = np.cumsum(truth.speed_mps * np.sin(truth.heading_rad)) * STEP_S
    north_m, east_m = metres_per_degree(ORIGIN.lat_deg)
    keeps = math.exp(-1 / (sensors.gnss_hz * 30.0))  # errors of 30 s
    wander = noise.normal(0, sensors.position_sigma_m, 2)
    fixes = []
    for row in rows.tolist():
        speed = float(truth.speed_mps[row])
        drawn = noise.normal(0, 1, 6)
        wander = keeps * wander + math.sqrt(1 - keeps**2) * sensors.position_sigma_m * drawn[:2]
        off = wander + 0.1 * sensors.position_sigma_m * drawn[2:4]
        slack_rad = 1.5 * sensors.speed_sigma_mps / max(speed, 0.3)
        course_deg = math.degrees(float(truth.heading_rad[row]) + slack_rad * drawn[5]) % 360
        at_s = float(truth.at_s[row])
        fixes.append(
            GnssFix(
                received_s=at_s + sensors.latency_s,
                lat_deg=ORIGIN.lat_deg + (float(north[row]) + float(off[0])) / north_m,
                lon_deg=ORIGIN.lon_deg + (float(east[row]) + float(off[1])) / east_m,
                utc=NOON + timedelta(seconds=at_s),
                speed_mps=max(0.0, speed + sensors.speed_sigma_mps * float(drawn[4])),
                course_deg=course_deg,
                accuracy_m=5.0,
                accuracy_from="receiver",
            )
        )
    return fixes
