"""A sidewalk robot on driven wheels: turns on the spot, speeds up slowly, feels no wind."""

import math
from dataclasses import dataclass

from sim.vehicles.machines.battery import Battery, Pack
from sim.vehicles.machines.body import (
    G_MPS2,
    Body,
    Demand,
    Vector,
    angle_between,
    approach,
)

PIVOT_DEG = 60.0  # further off than this it turns before it drives
STANDS_MPS = 0.02


@dataclass(frozen=True, slots=True)
class Chassis:
    """Six small wheels, two motors, 35 kg."""

    mass_kg: float = 35.0
    speed_mps: float = 2.0
    accel_mps2: float = 0.8
    brake_mps2: float = 1.5
    turn_dps: float = 60.0
    rolling_frac: float = 0.03
    efficiency_frac: float = 0.6
    idle_w: float = 40.0


SIDEWALK_ROBOT = Chassis()
SEVEN_CELLS = Pack(cells=7, capacity_ah=50.0, heat_j_per_k=9000.0, cooling_w_per_k=2.5)


class Rover:
    """It drives at a demanded velocity, once it has turned to it."""

    def __init__(
        self,
        chassis: Chassis = SIDEWALK_ROBOT,
        *,
        battery: Battery | None = None,
        payload_kg: float = 0.0,
        heading_deg: float = 0.0,
    ) -> None:
        self.chassis = chassis
        self.body = Body(heading_deg=heading_deg)
        self.battery = battery or Battery(SEVEN_CELLS)
        self.payload_kg = payload_kg
        self.speed_mps = chassis.speed_mps
        self._speed_mps = 0.0

    @property
    def is_on_ground(self) -> bool:
        """It always is."""
        return True

    @property
    def is_at_rest(self) -> bool:
        """Its wheels stand."""
        return self._speed_mps == 0.0 and self.body.turn_dps == 0.0

    def step(self, demand: Demand | None, wind_enu_mps: Vector, spent_s: float) -> None:  # noqa: ARG002
        """Drive on, or roll out without a demand."""
        body, frame = self.body, self.chassis
        east, north = demand.velocity_enu_mps[:2] if demand else (0.0, 0.0)
        wanted = min(frame.speed_mps, math.hypot(east, north))
        turn = 0.0
        if wanted > STANDS_MPS:
            off = angle_between(body.heading_deg, math.degrees(math.atan2(east, north)))
            turn = min(frame.turn_dps, max(-frame.turn_dps, 3.0 * off))
            wanted *= max(0.0, 1.0 - abs(off) / PIVOT_DEG)
        elif demand and demand.heading_deg is not None:
            off = angle_between(body.heading_deg, demand.heading_deg)
            turn = min(frame.turn_dps, max(-frame.turn_dps, 3.0 * off)) if abs(off) > 1 else 0.0
        body.turn_dps = approach(body.turn_dps, turn, 240.0 * spent_s)
        body.heading_deg = (body.heading_deg + body.turn_dps * spent_s) % 360.0
        rate = frame.accel_mps2 if wanted > self._speed_mps else frame.brake_mps2
        before = self._speed_mps
        self._speed_mps = approach(before, wanted, rate * spent_s)
        if wanted == 0.0 and self._speed_mps < STANDS_MPS:
            self._speed_mps = 0.0
        yaw = math.radians(body.heading_deg)
        velocity = (self._speed_mps * math.sin(yaw), self._speed_mps * math.cos(yaw), 0.0)
        body.velocity_enu_mps = velocity
        body.east_m += velocity[0] * spent_s
        body.north_m += velocity[1] * spent_s
        accel = max(0.0, (self._speed_mps - before) / spent_s)
        force_n = (frame.mass_kg + self.payload_kg) * (accel + frame.rolling_frac * G_MPS2)
        turning_w = abs(body.turn_dps) * 0.6
        drive_w = force_n * self._speed_mps / frame.efficiency_frac
        self.battery.draw(frame.idle_w + drive_w + turning_w, spent_s)

    def rest(self, spent_s: float) -> None:
        """Stand for a while."""
        self.battery.draw(self.chassis.idle_w, spent_s)
