"""Messages about where the vehicle is and how it moves."""

import math
from typing import NamedTuple

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.ground import Point
from sim.devices.autopilot.talk.voice import Voice
from sim.vehicles.machines.body import G_MPS2

NO_COVARIANCE = [math.nan] * 21
POSITION_ONLY = 0xDF8  # ignore all but the position


class Now(NamedTuple):
    """What most messages say in one way or another."""

    point: Point
    lat_e7: int
    lon_e7: int
    alt_m: float
    relative_m: float
    east_mps: float
    north_mps: float
    up_mps: float
    roll: float
    pitch: float
    yaw: float
    heading_cdeg: int
    turn_rad_s: float


RTK_FIXED, RTK_M = 6, 0.1
"""A receiver with corrections calls its fix another; it is so near to the truth."""


class Motion:
    """Messages by number, as of now."""

    def __init__(self, craft: Craft, voice: Voice) -> None:
        self._craft = craft
        self._voice = voice
        self._makers = {
            24: self._gps_raw_int,
            27: self._raw_imu,
            30: self._attitude,
            31: self._attitude_quaternion,
            32: self._local_position_ned,
            33: self._global_position_int,
            62: self._nav_controller_output,
            74: self._vfr_hud,
            83: self._attitude_target,
            85: self._position_target_local,
            87: self._position_target_global,
            105: self._highres_imu,
            116: self._scaled_imu2,
            141: self._altitude,
            331: self._odometry,
            340: self._utm,
        }
        self.numbers = frozenset(self._makers)

    def make(self, number: int) -> Message | None:
        """Return a message of this number; None if it has nothing to say yet."""
        maker = self._makers.get(number)
        return maker(self._now()) if maker else None

    def _now(self) -> Now:
        craft = self._craft
        sensors, ground = craft.plant.sensors, craft.plant.ground
        point = sensors.point
        roll, pitch, yaw = sensors.attitude_rad
        return Now(
            point,
            *ground.e7(point),
            ground.alt_m + point.up_m,
            point.up_m - craft.home.up_m,
            *sensors.velocity_enu_mps,
            roll,
            pitch,
            yaw,
            round(sensors.heading_deg * 100) % 36000,
            math.radians(craft.machine.body.turn_dps),
        )

    def _global_position_int(self, now: Now) -> Message | None:
        known = self._craft.knows_position
        if not known and not self._craft.gives_texts:
            return None
        return mavlink.MAVLink_global_position_int_message(
            self._voice.boot_ms,
            now.lat_e7 if known else 0,
            now.lon_e7 if known else 0,
            round(now.alt_m * 1e3),
            round(now.relative_m * 1e3),
            round(now.north_mps * 100),
            round(now.east_mps * 100),
            round(-now.up_mps * 100),
            now.heading_cdeg,
        )

    def _gps_raw_int(self, now: Now) -> Message:
        known = self._craft.knows_position
        accuracy_m = self._craft.plant.sensors.faults.accuracy_m
        fix = RTK_FIXED if accuracy_m <= RTK_M else 3
        speed = math.hypot(now.east_mps, now.north_mps)
        course = math.degrees(math.atan2(now.east_mps, now.north_mps)) % 360.0
        return mavlink.MAVLink_gps_raw_int_message(
            self._voice.boot_us,
            fix if known else 1,
            now.lat_e7 if known else 0,
            now.lon_e7 if known else 0,
            round(now.alt_m * 1e3),
            90 if known else 9999,
            120 if known else 9999,
            round(speed * 100),
            round(course * 100) % 36000,
            12 if known else 0,
            round((now.alt_m + 47.0) * 1e3),
            round(accuracy_m * 1e3),
            round(accuracy_m * 1.5e3),
            100,
        )

    def _attitude(self, now: Now) -> Message:
        return mavlink.MAVLink_attitude_message(
            self._voice.boot_ms, now.roll, now.pitch, now.yaw, 0.0, 0.0, now.turn_rad_s
        )

    def _attitude_quaternion(self, now: Now) -> Message:
        return mavlink.MAVLink_attitude_quaternion_message(
            self._voice.boot_ms, *quaternion(now), 0.0, 0.0, now.turn_rad_s
        )

    def _local_position_ned(self, now: Now) -> Message:
        return mavlink.MAVLink_local_position_ned_message(self._voice.boot_ms, *_ned(now))

    def _odometry(self, now: Now) -> Message:
        return mavlink.MAVLink_odometry_message(
            self._voice.boot_us, 1, 8, *_ned(now)[:3], quaternion(now), *_ned(now)[3:],
            0.0, 0.0, now.turn_rad_s, NO_COVARIANCE, NO_COVARIANCE,
        )  # fmt: skip

    def _vfr_hud(self, now: Now) -> Message:
        speed = math.hypot(now.east_mps, now.north_mps)
        moving = self._craft.armed
        return mavlink.MAVLink_vfr_hud_message(
            speed, speed, now.heading_cdeg // 100, 45 if moving else 0, now.alt_m, now.up_mps
        )

    def _altitude(self, now: Now) -> Message:
        return mavlink.MAVLink_altitude_message(
            self._voice.boot_us, now.alt_m, now.alt_m, now.point.up_m, now.relative_m,
            math.nan, math.nan,
        )  # fmt: skip

    def _attitude_target(self, now: Now) -> Message:
        return mavlink.MAVLink_attitude_target_message(
            self._voice.boot_ms, 0, quaternion(now), 0.0, 0.0, now.turn_rad_s, 0.4
        )

    def _goal(self, now: Now) -> Point:
        return self._craft.goal or now.point

    def _position_target_local(self, now: Now) -> Message:
        goal = self._goal(now)
        return mavlink.MAVLink_position_target_local_ned_message(
            self._voice.boot_ms, 1, POSITION_ONLY, goal.north_m, goal.east_m, -goal.up_m,
            *[0.0] * 8,
        )  # fmt: skip

    def _position_target_global(self, now: Now) -> Message:
        goal, ground = self._goal(now), self._craft.plant.ground
        return mavlink.MAVLink_position_target_global_int_message(
            self._voice.boot_ms, 5, POSITION_ONLY, *ground.e7(goal), ground.alt_m + goal.up_m,
            *[0.0] * 8,
        )  # fmt: skip

    def _nav_controller_output(self, now: Now) -> Message:
        goal = self._goal(now)
        bearing = math.degrees(
            math.atan2(goal.east_m - now.point.east_m, goal.north_m - now.point.north_m)
        )
        return mavlink.MAVLink_nav_controller_output_message(
            math.degrees(now.roll), math.degrees(now.pitch), round(bearing), round(bearing),
            min(65535, round(now.point.level_m(goal))), goal.up_m - now.point.up_m, 0.0, 0.0,
        )  # fmt: skip

    def _force_mps2(self, now: Now) -> tuple[float, float, float]:
        """Return what an accelerometer feels (forward, right, down)."""
        jitter = 0.02 * self._craft.plant.sensors.jitter()
        return (
            G_MPS2 * math.sin(now.pitch) + jitter,
            -G_MPS2 * math.sin(now.roll) - jitter,
            -G_MPS2 * math.cos(now.pitch) * math.cos(now.roll) + jitter,
        )

    def _field_gauss(self, now: Now) -> tuple[float, float, float]:
        """Return a magnetic field of middle Europe as the body sees it, level."""
        return 0.2 * math.cos(now.yaw), -0.2 * math.sin(now.yaw), 0.44

    def _highres_imu(self, now: Now) -> Message:
        return mavlink.MAVLink_highres_imu_message(
            self._voice.boot_us, *self._force_mps2(now), 0.0, 0.0, now.turn_rad_s,
            *self._field_gauss(now), pressure_hpa(now.alt_m), 0.0, now.alt_m, 25.0, 0x1FFF,
        )  # fmt: skip

    def _milli(self, now: Now) -> list[int]:
        force = [round(f / G_MPS2 * 1e3) for f in self._force_mps2(now)]
        field = [round(f * 1e3) for f in self._field_gauss(now)]
        return [*force, 0, 0, round(now.turn_rad_s * 1e3), *field]

    def _raw_imu(self, now: Now) -> Message:
        return mavlink.MAVLink_raw_imu_message(self._voice.boot_us, *self._milli(now))

    def _scaled_imu2(self, now: Now) -> Message:
        return mavlink.MAVLink_scaled_imu2_message(self._voice.boot_ms, *self._milli(now))

    def _utm(self, now: Now) -> Message:
        return mavlink.MAVLink_utm_global_position_message(
            0, [0] * 18, now.lat_e7, now.lon_e7, round(now.alt_m * 1e3),
            round(now.relative_m * 1e3), round(now.north_mps * 100), round(now.east_mps * 100),
            round(-now.up_mps * 100), 600, 900, 100, 0, 0, 0, 0,
            3 if self._craft.landed_state == 2 else 1, 0,
        )  # fmt: skip


def _ned(now: Now) -> tuple[float, float, float, float, float, float]:
    point = now.point
    return (
        point.north_m, point.east_m, -point.up_m, now.north_mps, now.east_mps, -now.up_mps,
    )  # fmt: skip


def quaternion(now: Now) -> list[float]:
    """Return the attitude as w, x, y, z."""
    cr, sr = math.cos(now.roll / 2), math.sin(now.roll / 2)
    cp, sp = math.cos(now.pitch / 2), math.sin(now.pitch / 2)
    cy, sy = math.cos(now.yaw / 2), math.sin(now.yaw / 2)
    return [
        cr * cp * cy + sr * sp * sy,
        sr * cp * cy - cr * sp * sy,
        cr * sp * cy + sr * cp * sy,
        cr * cp * sy - sr * sp * cy,
    ]


def pressure_hpa(alt_m: float) -> float:
    """Return the pressure of the standard atmosphere."""
    return float(1013.25 * (1.0 - 2.25577e-5 * alt_m) ** 5.25588)
