"""What the autopilot says to readings; what it says of itself is kept for those who wait."""

import math
from collections import deque
from collections.abc import Callable, Sequence

import msgspec

from edge.messages.geo import Place
from edge.messages.machines.autopilot import (
    AutopilotReading,
    AutopilotState,
    AutopilotText,
    HomePosition,
    Landed,
    MissionProgress,
    Mode,
    RemoteIdHeard,
    VehicleAttitude,
    VehicleMotion,
    Wind,
)
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.mavlink.manners.manner import Manner
from firmware_bridge.mavlink.vehicle.sensors import (
    FASTEST_MPS,
    altitude_of,
    battery_of,
    gnss_of,
    heading_of,
    ill_of,
    is_place,
    range_below_of,
    winch_of,
)
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

Told = AutopilotReading | GnssFix | GnssNoFix
STATE_EVERY_S = 0.45  # the guard takes nothing older than a second for true
RECENT_TEXTS = 5
ARMED = mavlink.MAV_MODE_FLAG_SAFETY_ARMED
CRITICAL = mavlink.MAV_STATE_CRITICAL
PREARM = mavlink.MAV_SYS_STATUS_PREARM_CHECK
LANDED: dict[int, Landed] = {1: "on_ground", 2: "in_air", 3: "taking_off", 4: "landing"}
NO_ITEM = 65_535
LATE_MS = 3000  # what comes that much behind the next is no straggler


class Telemetry:
    """One autopilot; `restarted` when it has begun anew and knows nothing of before."""

    def __init__(self, manner: Manner | None) -> None:
        self.manner = manner
        self.armed: bool | None = None
        self.mode: Mode = "other"
        self.mode_name = ""
        self.landed: Landed | None = None
        self.home: HomePosition | None = None
        self.part: int | None = None
        """The mission's present part; None while unknown."""
        self.boots = 0
        """How often it has started anew while we listened."""
        self._failsafe = False
        self._can_arm: bool | None = None
        self._ill: tuple[str, ...] = ()
        self._boot_ms: int | None = None
        self._told: AutopilotState | None = None
        self._texts: deque[tuple[float, str]] = deque(maxlen=RECENT_TEXTS)
        self._takers: dict[int, Callable[[Message, float], Sequence[Told]]] = {
            mavlink.MAVLINK_MSG_ID_HEARTBEAT: self._heartbeat,
            mavlink.MAVLINK_MSG_ID_SYS_STATUS: self._sys_status,
            mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: self._extended,
            mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: self._motion,
            mavlink.MAVLINK_MSG_ID_ATTITUDE: self._attitude,
            mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: lambda m, now_s: [gnss_of(m, now_s)],
            mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: lambda m, now_s: [battery_of(m, now_s)],
            mavlink.MAVLINK_MSG_ID_HOME_POSITION: self._home,
            mavlink.MAVLINK_MSG_ID_MISSION_CURRENT: self._current,
            mavlink.MAVLINK_MSG_ID_MISSION_ITEM_REACHED: self._reached,
            mavlink.MAVLINK_MSG_ID_STATUSTEXT: self._text,
            mavlink.MAVLINK_MSG_ID_SYSTEM_TIME: self._system_time,
            mavlink.MAVLINK_MSG_ID_WIND: self._wind,
            mavlink.MAVLINK_MSG_ID_DISTANCE_SENSOR: self._range,
            mavlink.MAVLINK_MSG_ID_WINCH_STATUS: lambda m, now_s: [winch_of(m, now_s)],
            mavlink.MAVLINK_MSG_ID_OPEN_DRONE_ID_LOCATION: self._remote_id,
        }
        self.wanted_ids = frozenset(self._takers)
        """What is worth decoding."""

    @property
    def place(self) -> Place | None:
        """Where home is, None while it has not told."""
        home = self.home
        return None if home is None else Place(lat_deg=home.lat_deg, lon_deg=home.lon_deg)

    def take(self, message: Message, now_s: float) -> Sequence[Told]:
        """Return what a message of the autopilot tells."""
        taker = self._takers.get(message.get_msgId())
        return () if taker is None else taker(message, now_s)

    def forget(self) -> None:
        """Know nothing any more: it is lost, or has begun anew."""
        self.armed = self.landed = self.home = self.part = None
        self._can_arm, self._ill, self._told = None, (), None

    def texts_since(self, since_s: float) -> str:
        """Return what it has said since then: usually why it refuses something."""
        return "; ".join(text for at_s, text in self._texts if at_s >= since_s)

    def _heartbeat(self, message: Message, now_s: float) -> Sequence[Told]:
        self.armed = bool(message.base_mode & ARMED)
        self._failsafe = message.system_status >= CRITICAL
        if self.manner is not None:
            self.mode_name, self.mode = self.manner.told_mode(message.custom_mode)
        return self._state(now_s)

    def _sys_status(self, message: Message, now_s: float) -> Sequence[Told]:
        self._ill = ill_of(message)
        present = message.onboard_control_sensors_present
        if present & PREARM:
            self._can_arm = bool(message.onboard_control_sensors_health & PREARM)
        return self._state(now_s)

    def _extended(self, message: Message, now_s: float) -> Sequence[Told]:
        self.landed = LANDED.get(message.landed_state)
        return self._state(now_s)

    def _state(self, now_s: float) -> Sequence[Told]:
        if self.armed is None:
            return ()
        state = AutopilotState(
            received_s=now_s,
            mode=self.mode,
            mode_name=self.mode_name,
            armed=self.armed,
            failsafe=self._failsafe,
            landed=self.landed,
            can_arm=self._can_arm,
            ill=self._ill,
        )
        told = self._told
        is_recent = told is not None and now_s - told.received_s < STATE_EVERY_S
        if told and is_recent and state == msgspec.structs.replace(told, received_s=now_s):
            return ()
        self._told = state
        return [state]

    def _motion(self, message: Message, now_s: float) -> Sequence[Told]:
        self._booted(message.time_boot_ms)
        altitude_m = altitude_of(message.alt)
        if altitude_m is None or not is_place(message.lat, message.lon):
            return ()
        return [
            VehicleMotion(
                received_s=now_s,
                lat_deg=message.lat / 1e7,
                lon_deg=message.lon / 1e7,
                altitude_m=altitude_m,
                height_m=message.relative_alt / 1000,
                east_mps=message.vy / 100,
                north_mps=message.vx / 100,
                up_mps=-message.vz / 100,
                heading_deg=heading_of(message.hdg),
            )
        ]

    def _attitude(self, message: Message, now_s: float) -> Sequence[Told]:
        self._booted(message.time_boot_ms)
        values = (message.roll, message.pitch, message.yaw, message.yawspeed)
        if not all(map(math.isfinite, values)):
            return ()
        roll_deg, pitch_deg, yaw_deg, turn_dps = map(math.degrees, values)
        return [
            VehicleAttitude(
                received_s=now_s,
                roll_deg=roll_deg,
                pitch_deg=pitch_deg,
                heading_deg=yaw_deg % 360,
                turn_dps=turn_dps,
            )
        ]

    def _home(self, message: Message, now_s: float) -> Sequence[Told]:
        altitude_m = altitude_of(message.altitude)
        if altitude_m is None or not is_place(message.latitude, message.longitude):
            return ()
        self.home = HomePosition(
            received_s=now_s,
            lat_deg=message.latitude / 1e7,
            lon_deg=message.longitude / 1e7,
            altitude_m=altitude_m,
        )
        return [self.home]

    def _current(self, message: Message, now_s: float) -> Sequence[Told]:
        part = self._part_of(message.seq)
        if part == self.part:
            return ()
        self.part = part
        return [MissionProgress(received_s=now_s, part=part)]

    def _reached(self, message: Message, now_s: float) -> Sequence[Told]:
        reached = self._part_of(message.seq)
        if reached is None:
            return ()
        return [MissionProgress(received_s=now_s, part=self.part, reached=reached)]

    def _part_of(self, sequence: int) -> int | None:
        first = self.manner.first_item if self.manner else 0
        return None if sequence == NO_ITEM or sequence < first else sequence - first

    def _text(self, message: Message, now_s: float) -> Sequence[Told]:
        self._texts.append((now_s, message.text))
        severity = min(7, message.severity)
        return [AutopilotText(received_s=now_s, severity=severity, text=message.text)]

    def _system_time(self, message: Message, _now_s: float) -> Sequence[Told]:
        self._booted(message.time_boot_ms)
        return ()

    def _wind(self, message: Message, now_s: float) -> Sequence[Told]:
        if not (math.isfinite(message.direction) and 0 <= message.speed < FASTEST_MPS):
            return ()
        from_deg = message.direction % 360
        return [Wind(received_s=now_s, from_deg=from_deg, speed_mps=message.speed)]

    def _range(self, message: Message, now_s: float) -> Sequence[Told]:
        told = range_below_of(message, now_s)
        return [] if told is None else [told]

    def _remote_id(self, _message: Message, now_s: float) -> Sequence[Told]:
        return [RemoteIdHeard(received_s=now_s)]

    def _booted(self, boot_ms: int) -> None:
        """Notice a start: its own time since boot has fallen by more than a late message's."""
        if self._boot_ms is not None and boot_ms + LATE_MS < self._boot_ms:
            self.boots += 1
        self._boot_ms = boot_ms
