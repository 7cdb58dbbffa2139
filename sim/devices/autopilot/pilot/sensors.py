"""Truth to what the controller believes: a slow error of position, a quick one of all."""

import math
from random import Random
from typing import Annotated

import msgspec
from msgspec import Meta

from sim.devices.autopilot.pilot.ground import Point
from sim.vehicles.machines.body import Body, Vector

Metres = Annotated[float, Meta(ge=0, le=1000)]


class SensorFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far off the sensors are."""

    drift_m: Metres = 0.4
    """Spread of the slow error of position, per axis."""
    drift_s: Annotated[float, Meta(gt=0, le=3600)] = 60.0
    noise_m: Metres = 0.03
    """Spread of the error from one estimate to the next, after the filter."""
    speed_mps: Annotated[float, Meta(ge=0, le=10)] = 0.05
    accuracy_m: Metres = 0.6
    """What its receiver calls the spread of its position, per axis."""
    compass_deg: Annotated[float, Meta(ge=0, le=90)] = 1.0


class Sensors:
    """What is believed of one body."""

    def __init__(self, body: Body, rng: Random, faults: SensorFaults | None = None) -> None:
        self._body = body
        self._rng = rng
        self.faults = faults or SensorFaults()
        spread = self.faults.drift_m
        self._drift_m = [rng.gauss(0, spread), rng.gauss(0, spread), 0.0]
        self._quick = [0.0] * 7
        self.sees_sky = True
        """False: no fix, and soon no position."""

    def pass_time(self, spent_s: float) -> None:
        """Let the errors wander (first-order Gauss-Markov)."""
        faults, gauss = self.faults, self._rng.gauss
        keep = math.exp(-spent_s / faults.drift_s)
        spread = faults.drift_m * math.sqrt(1.0 - keep * keep)
        self._drift_m = [keep * error + gauss(0, spread) for error in self._drift_m]
        self._quick = [gauss(0, 1.0) for _ in self._quick]

    @property
    def point(self) -> Point:
        """Where it believes to be."""
        body, drift, noise = self._body, self._drift_m, self.faults.noise_m
        return Point(
            body.east_m + drift[0] + noise * self._quick[0],
            body.north_m + drift[1] + noise * self._quick[1],
            body.up_m + drift[2] + noise * self._quick[2],
        )

    @property
    def velocity_enu_mps(self) -> Vector:
        """How it believes to move."""
        east, north, up = self._body.velocity_enu_mps
        noise = self.faults.speed_mps
        quick = self._quick
        return east + noise * quick[3], north + noise * quick[4], up + noise * quick[5]

    @property
    def heading_deg(self) -> float:
        """Where it believes to look."""
        return (self._body.heading_deg + self.faults.compass_deg * self._quick[6]) % 360.0

    @property
    def attitude_rad(self) -> tuple[float, float, float]:
        """Roll, pitch, yaw; the body's are good enough."""
        yaw = math.radians(self.heading_deg)
        yaw = yaw - 2.0 * math.pi if yaw > math.pi else yaw
        return self._body.roll_rad, self._body.pitch_rad, yaw

    def jitter(self) -> float:
        """Return one draw of spread 1, for readings that nobody steers by."""
        return self._quick[0]
