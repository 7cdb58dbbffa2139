"""Messages about the vehicle itself: alive, healthy, charged, where home is."""

import math
from datetime import datetime, timedelta

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.manners.manner import Activity
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.failsafes import Failsafes
from sim.devices.autopilot.talk.motion import pressure_hpa
from sim.devices.autopilot.talk.voice import Voice

GYRO, ACCEL, MAG, BARO, GPS = 0x01, 0x02, 0x04, 0x08, 0x20
RATES, ATTITUDE, YAW, HEIGHT, PLACE, MOTORS = 0x400, 0x800, 0x1000, 0x2000, 0x4000, 0x8000
FENCE, AHRS, LOGGING, BATTERY, PREARM = 0x100000, 0x200000, 0x1000000, 0x2000000, 0x10000000
ALL = (
    GYRO | ACCEL | MAG | BARO | GPS | RATES | ATTITUDE | YAW | HEIGHT | PLACE | MOTORS | AHRS
    | LOGGING | BATTERY | PREARM
)  # fmt: skip
ARMED, MANUAL_INPUT, STABILIZE, GUIDED, AUTO, CUSTOM = 128, 64, 16, 8, 4, 1
BOOT, STANDBY, ACTIVE, CRITICAL = 1, 3, 4, 5
EKF_ALL = 0x33F  # attitude, velocities, absolute position and heights
LITHIUM_POLYMER = 1


class Status:
    """Messages by number, as of now."""

    def __init__(
        self, craft: Craft, failsafes: Failsafes, voice: Voice, boot_utc: datetime
    ) -> None:
        self._craft = craft
        self._failsafes = failsafes
        self._voice = voice
        self._boot_utc = boot_utc
        self._makers = {
            0: self._heartbeat,
            1: self._sys_status,
            2: self._system_time,
            29: self._scaled_pressure,
            36: self._servos,
            42: self._mission_current,
            49: self._origin,
            65: self._channels,
            125: self._power,
            147: self._battery_status,
            148: self._version,
            152: self._memory,
            162: self._fence_status,
            168: self._wind,
            193: self._ekf,
            230: self._estimator,
            231: self._wind_cov,
            241: self._vibration,
            242: self._home,
            245: self._extended,
        }
        self.numbers = frozenset(self._makers)

    def make(self, number: int) -> Message | None:
        """Return a message of this number; None if it has nothing to say yet."""
        maker = self._makers.get(number)
        return maker() if maker else None

    @property
    def _state(self) -> int:
        craft = self._craft
        if craft.activity is Activity.BOOT:
            return BOOT
        if self._failsafes.is_critical:
            return CRITICAL
        return ACTIVE if craft.armed else STANDBY

    def _heartbeat(self) -> Message:
        craft = self._craft
        manner = craft.manner
        base = CUSTOM | (ARMED if craft.armed else 0)
        if craft.gives_texts:
            base |= STABILIZE if craft.activity is not Activity.MANUAL else 0
            base |= GUIDED if craft.activity is Activity.GUIDED else 0
            base |= AUTO if craft.activity in (Activity.MISSION, Activity.RETURN) else 0
            base |= MANUAL_INPUT if craft.activity is Activity.MANUAL else 0
        else:
            main = craft.custom_mode >> 16 & 0xFF
            base |= STABILIZE | (GUIDED | AUTO if main in (4, 6) else MANUAL_INPUT)
        return mavlink.MAVLink_heartbeat_message(
            manner.vehicle_type, manner.autopilot, base, craft.custom_mode, self._state, 3
        )

    def _sys_status(self) -> Message:
        craft = self._craft
        battery = craft.machine.battery
        healthy = ALL if craft.knows_position else ALL & ~(GPS | AHRS | PLACE | PREARM)
        if not craft.armed and craft.why_not_arm():
            healthy &= ~PREARM
        present = ALL | FENCE
        fenced = bool(craft.parameters.get("FENCE_ENABLE")) or bool(craft.plans[1])
        enabled = ALL | (FENCE if fenced else 0)
        healthy |= 0 if self._failsafes.breached else FENCE
        return mavlink.MAVLink_sys_status_message(
            present, enabled, healthy, 250, round(battery.voltage_v * 1e3),
            round(battery.current_a * 100), round(battery.left_frac * 100), 0, 0, 0, 0, 0, 0,
        )  # fmt: skip

    def _battery_status(self) -> Message:
        battery = self._craft.machine.battery
        cells = battery.pack.cells
        cell_mv = round(battery.voltage_v / cells * 1e3)
        return mavlink.MAVLink_battery_status_message(
            0, 1, LITHIUM_POLYMER, round(battery.temperature_c * 100),
            [cell_mv] * cells + [65535] * (10 - cells), round(battery.current_a * 100),
            round(battery.used_ah * 1e3), round(battery.used_wh * 36.0),
            round(battery.left_frac * 100), 0, 1,
        )  # fmt: skip

    def _system_time(self) -> Message:
        utc = self._boot_utc + timedelta(seconds=self._voice.now_s - self._voice.boot_s)
        known = self._craft.knows_position
        unix_us = int(utc.timestamp() * 1e6) if known else 0
        return mavlink.MAVLink_system_time_message(unix_us, self._voice.boot_ms)

    def _extended(self) -> Message:
        return mavlink.MAVLink_extended_sys_state_message(0, self._craft.landed_state)

    def _mission_current(self) -> Message:
        mission = self._craft.mission
        total = max(0, len(mission.items) - mission.first)
        active = self._craft.activity is Activity.MISSION
        if not total:
            state = 1
        elif mission.is_over:
            state = 5
        else:
            state = 3 if mission.is_running else 4 if mission.current else 2
        return mavlink.MAVLink_mission_current_message(
            mission.current, total, state, 1 if active else 2
        )

    def _home(self) -> Message | None:
        craft = self._craft
        if not craft.has_home:
            return None
        home, ground = craft.home, craft.plant.ground
        return mavlink.MAVLink_home_position_message(
            *ground.e7(home), round((ground.alt_m + home.up_m) * 1e3),
            home.north_m, home.east_m, -home.up_m, [1.0, 0.0, 0.0, 0.0], 0.0, 0.0, 0.0,
        )  # fmt: skip

    def _origin(self) -> Message | None:
        ground = self._craft.plant.ground
        if not self._craft.knows_position:
            return None
        return mavlink.MAVLink_gps_global_origin_message(
            round(ground.lat_deg * 1e7), round(ground.lon_deg * 1e7), round(ground.alt_m * 1e3)
        )

    def _version(self) -> Message:
        manner = self._craft.manner
        custom = list(b"doorstep")
        return mavlink.MAVLink_autopilot_version_message(
            manner.capabilities, manner.version, 0, 0, 0, custom, custom, custom, 0, 0,
            0x646F6F7273746570 if not self._craft.gives_texts else 0,
        )  # fmt: skip

    def _fence_status(self) -> Message:
        breached = self._failsafes.breached
        kinds = {"altitude": 2, "circle": 3, "polygon": 3}
        return mavlink.MAVLink_fence_status_message(
            bool(breached), bool(breached), kinds.get(breached, 0), 0
        )

    def _servos(self) -> Message:
        spins = 1450 if self._craft.armed else 1000
        return mavlink.MAVLink_servo_output_raw_message(
            self._voice.boot_us & 0xFFFFFFFF, 0, spins, spins, spins, spins, 0, 0, 0, 0
        )

    def _channels(self) -> Message:
        return mavlink.MAVLink_rc_channels_message(
            self._voice.boot_ms, 16, *[1500, 1500, 1000, 1500, 1800], *[1500] * 13, 254
        )

    def _power(self) -> Message:
        return mavlink.MAVLink_power_status_message(5000, 0, 1)

    def _memory(self) -> Message:
        return mavlink.MAVLink_meminfo_message(0, 65535, 131072)

    def _scaled_pressure(self) -> Message:
        ground, point = self._craft.plant.ground, self._craft.here
        hpa = pressure_hpa(ground.alt_m + point.up_m)
        return mavlink.MAVLink_scaled_pressure_message(self._voice.boot_ms, hpa, 0.0, 2500)

    def _wind(self) -> Message:
        wind = self._craft.plant.wind
        return mavlink.MAVLink_wind_message(wind.from_deg, wind.speed_mps, 0.0)

    def _wind_cov(self) -> Message:
        wind = self._craft.plant.wind
        towards = math.radians(wind.from_deg + 180.0)
        return mavlink.MAVLink_wind_cov_message(
            self._voice.boot_us, wind.speed_mps * math.cos(towards),
            wind.speed_mps * math.sin(towards), 0.0, 0.5, 0.5, math.nan, math.nan, math.nan,
        )  # fmt: skip

    def _ekf(self) -> Message:
        flags = EKF_ALL if self._craft.knows_position else 0x400 | 0x21
        return mavlink.MAVLink_ekf_status_report_message(flags, 0.05, 0.05, 0.05, 0.05, 0.0)

    def _estimator(self) -> Message:
        flags = EKF_ALL if self._craft.knows_position else 0x21
        return mavlink.MAVLink_estimator_status_message(
            self._voice.boot_us, flags, 0.05, 0.05, 0.05, 0.05, 0.0, 0.0, 0.6, 0.9
        )

    def _vibration(self) -> Message:
        shakes = 8.0 if self._craft.armed else 0.1
        return mavlink.MAVLink_vibration_message(self._voice.boot_us, *[shakes] * 3, 0, 0, 0)
