"""A quadcopter as a mass that tilts: attitude lags, thrust carries, drag holds, wind pushes."""

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

AIR_KG_PER_M3 = 1.225
HARDEST_LANDING_MPS = 3.0
IDLE_W = 25.0  # computer, radio, sensors


@dataclass(frozen=True, slots=True)
class Airframe:
    """A delivery drone of some 4 kg with four 15-inch rotors."""

    mass_kg: float = 3.8
    disc_m2: float = 0.456
    """Of all rotors together."""
    efficiency_frac: float = 0.55
    """Of rotor, motor and controller against the ideal rotor."""
    speed_mps: float = 15.0
    climb_mps: float = 3.0
    descent_mps: float = 2.0
    tilt_deg: float = 35.0
    drag_per_s: float = 0.12
    """Deceleration by one m/s of air speed."""
    attitude_lag_s: float = 0.15
    velocity_lag_s: float = 0.6
    climb_lag_s: float = 0.4
    turn_dps: float = 90.0


QUADCOPTER = Airframe()
SIX_CELLS = Pack(cells=6, capacity_ah=16.0)


class Quadcopter:
    """It follows a demanded velocity as well as its tilt, its rotors and the wind let it."""

    def __init__(
        self,
        airframe: Airframe = QUADCOPTER,
        *,
        battery: Battery | None = None,
        payload_kg: float = 0.0,
        heading_deg: float = 0.0,
    ) -> None:
        self.airframe = airframe
        self.body = Body(heading_deg=heading_deg)
        self.battery = battery or Battery(SIX_CELLS)
        self.payload_kg = payload_kg
        self.speed_mps = airframe.speed_mps
        self._tilt_mps2 = (0.0, 0.0)

    @property
    def is_on_ground(self) -> bool:
        """It touches the ground."""
        return self.body.up_m <= 0.0

    @property
    def is_at_rest(self) -> bool:
        """It stands with nothing left to happen."""
        return self.is_on_ground and self.body.velocity_enu_mps == (0.0, 0.0, 0.0)

    @property
    def mass_kg(self) -> float:
        """With what hangs below it."""
        return self.airframe.mass_kg + self.payload_kg

    def power_w(self, climb_mps: float, air_speed_mps: float) -> float:
        """Return what flying takes, by momentum theory: hover, climb and drag."""
        weight_n = self.mass_kg * G_MPS2
        ideal_w = math.pow(weight_n, 1.5) / math.sqrt(
            2.0 * AIR_KG_PER_M3 * self.airframe.disc_m2
        )
        # A little forward speed brings fresh air to the rotors, much of it only drag.
        induced = 1.0 / math.sqrt(1.0 + (air_speed_mps / 9.0) ** 2 * 0.35)
        drag_w = self.mass_kg * self.airframe.drag_per_s * air_speed_mps**2
        lift_w = weight_n * max(-0.3 * ideal_w / weight_n, climb_mps)
        return IDLE_W + (ideal_w * induced + drag_w + lift_w) / self.airframe.efficiency_frac

    def step(self, demand: Demand | None, wind_enu_mps: Vector, spent_s: float) -> None:
        """Fly on, or fall on without a demand."""
        if demand is None or self.battery.left_frac <= 0.0:
            self._fall(spent_s)
            return
        body, frame = self.body, self.airframe
        east, north, up = body.velocity_enu_mps
        stays = self.is_on_ground and demand.velocity_enu_mps[2] <= 0.0
        climb = min(frame.climb_mps, max(-frame.descent_mps, demand.velocity_enu_mps[2]))
        up += (climb - up) * (1.0 - math.exp(-spent_s / frame.climb_lag_s))
        wanted = demand.velocity_enu_mps[:2]
        speed = math.hypot(*wanted)
        if speed > frame.speed_mps:
            wanted = (wanted[0] * frame.speed_mps / speed, wanted[1] * frame.speed_mps / speed)
        air = (east - wind_enu_mps[0], north - wind_enu_mps[1])
        most = G_MPS2 * math.tan(math.radians(frame.tilt_deg))
        tilt = [
            (goal - now) / frame.velocity_lag_s + frame.drag_per_s * blown
            for goal, now, blown in zip(wanted, (east, north), air, strict=True)
        ]
        size = math.hypot(*tilt)
        shrink = most / size if size > most else 1.0
        follow = 1.0 - math.exp(-spent_s / frame.attitude_lag_s)
        self._tilt_mps2 = (
            self._tilt_mps2[0] + (tilt[0] * shrink - self._tilt_mps2[0]) * follow,
            self._tilt_mps2[1] + (tilt[1] * shrink - self._tilt_mps2[1]) * follow,
        )
        east += (self._tilt_mps2[0] - frame.drag_per_s * air[0]) * spent_s
        north += (self._tilt_mps2[1] - frame.drag_per_s * air[1]) * spent_s
        if stays:
            east = north = up = 0.0
            self._tilt_mps2 = (0.0, 0.0)
        self._turn(demand.heading_deg, spent_s)
        self._move((east, north, up), spent_s)
        air_speed = math.hypot(air[0], air[1])
        self.battery.draw(self.power_w(up, air_speed) * (0.25 if stays else 1.0), spent_s)

    def rest(self, spent_s: float) -> None:
        """Stand for a while."""
        self.battery.draw(IDLE_W, spent_s)

    def _fall(self, spent_s: float) -> None:
        east, north, up = self.body.velocity_enu_mps
        if not self.is_on_ground:
            keep = math.exp(-self.airframe.drag_per_s * spent_s)
            self._move((east * keep, north * keep, up - G_MPS2 * spent_s), spent_s)
        else:
            self.body.velocity_enu_mps = (0.0, 0.0, 0.0)
        self._tilt_mps2 = (0.0, 0.0)
        self.body.turn_dps = self.body.roll_rad = self.body.pitch_rad = 0.0
        self.battery.draw(IDLE_W, spent_s)

    def _turn(self, heading_deg: float | None, spent_s: float) -> None:
        body = self.body
        if heading_deg is None or self.is_on_ground:
            body.turn_dps = 0.0
            return
        most = self.airframe.turn_dps
        wanted = min(most, max(-most, 2.5 * angle_between(body.heading_deg, heading_deg)))
        body.turn_dps = approach(body.turn_dps, wanted, 180.0 * spent_s)
        body.heading_deg = (body.heading_deg + body.turn_dps * spent_s) % 360.0

    def _move(self, velocity: Vector, spent_s: float) -> None:
        body = self.body
        body.east_m += velocity[0] * spent_s
        body.north_m += velocity[1] * spent_s
        body.up_m += velocity[2] * spent_s
        if body.up_m <= 0.0 and velocity[2] <= 0.0:
            body.up_m = 0.0
            body.crashed = body.crashed or velocity[2] < -HARDEST_LANDING_MPS
            velocity = (0.0, 0.0, 0.0)
            self._tilt_mps2 = (0.0, 0.0)
        body.velocity_enu_mps = velocity
        yaw = math.radians(body.heading_deg)
        ahead = self._tilt_mps2[0] * math.sin(yaw) + self._tilt_mps2[1] * math.cos(yaw)
        right = self._tilt_mps2[0] * math.cos(yaw) - self._tilt_mps2[1] * math.sin(yaw)
        body.pitch_rad = -math.atan2(ahead, G_MPS2)
        body.roll_rad = math.atan2(right, G_MPS2)
