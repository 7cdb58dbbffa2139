"""Single messages to readings: receiver, battery, health."""

import math

from edge.messages.machines.autopilot import BatteryReading, RangeBelow, WinchReading
from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

FIX_2D = 2
UNKNOWN_U16 = 65_535
UNKNOWN_U8 = 255
UNKNOWN_I16 = 32_767
SIGMAS_OF_95 = 1.96  # h_acc is one standard deviation of each axis, at its worst in one
FASTEST_MPS = 120.0
LONGEST_LINE_M = 1000.0
LOWEST_MM, HIGHEST_MM = -1_000_000, 20_000_000
FULL_TURN_CDEG = 36_000  # 65535 is unknown
LEFT = "MAV_SYS_STATUS_"
SENSORS = {
    bit: name.removeprefix(LEFT).removeprefix("SENSOR_").lower()
    for name, bit in (
        (name, getattr(mavlink, name))
        for name in dir(mavlink)
        if name.startswith(LEFT) and not name.endswith(("ENUM_END", "EXTENSION_USED"))
    )
    if bit != mavlink.MAV_SYS_STATUS_PREARM_CHECK and bit <= 1 << 31
}


def is_place(lat_e7: int, lon_e7: int) -> bool:
    """Tell whether two numbers are a place; both zero is what an estimator without one says."""
    in_range = abs(lat_e7) <= 900_000_000 and abs(lon_e7) <= 1_800_000_000
    return in_range and (lat_e7 != 0 or lon_e7 != 0)


def altitude_of(altitude_mm: int) -> float | None:
    """Return an altitude above the sea [m]; None for one that no vehicle of ours can have."""
    return altitude_mm / 1000 if LOWEST_MM <= altitude_mm <= HIGHEST_MM else None


def heading_of(centidegrees: int) -> float | None:
    """Return a heading [deg]; None if it is unknown."""
    return centidegrees / 100 % 360 if centidegrees <= FULL_TURN_CDEG else None


def gnss_of(message: Message, now_s: float) -> GnssFix | GnssNoFix:
    """Return the fix of GPS_RAW_INT; its time is none of day, so it has none."""
    seen = message.satellites_visible
    satellites = None if seen == UNKNOWN_U8 else seen
    if message.fix_type < FIX_2D or not is_place(message.lat, message.lon):
        return GnssNoFix(received_s=now_s, satellites=satellites)
    speed_mps = None if message.vel == UNKNOWN_U16 else message.vel / 100
    if speed_mps is not None and speed_mps > FASTEST_MPS:
        speed_mps = None
    accuracy_m = message.h_acc / 1000 * SIGMAS_OF_95 if message.h_acc else None
    return GnssFix(
        received_s=now_s,
        lat_deg=message.lat / 1e7,
        lon_deg=message.lon / 1e7,
        altitude_m=altitude_of(message.alt) if message.fix_type > FIX_2D else None,
        speed_mps=speed_mps,
        course_deg=heading_of(message.cog),
        accuracy_m=accuracy_m,
        accuracy_from="receiver" if accuracy_m else "unknown",
        satellites=satellites,
        hdop=None if message.eph == UNKNOWN_U16 else message.eph / 100,
    )


def battery_of(message: Message, now_s: float) -> BatteryReading:
    """Return BATTERY_STATUS in the units of the house."""
    cells = [mv for mv in message.voltages if mv != UNKNOWN_U16]
    cells += [mv for mv in message.voltages_ext if mv]
    percent = message.battery_remaining
    temperature = message.temperature
    current, used = message.current_battery, message.current_consumed
    return BatteryReading(
        received_s=now_s,
        battery=message.id,
        remaining_frac=percent / 100 if 0 <= percent <= 100 else None,
        voltage_v=sum(cells) / 1000 if cells else None,
        current_a=None if current == -1 else current / 100,
        temperature_c=None if temperature == UNKNOWN_I16 else temperature / 100,
        used_ah=None if used == -1 else used / 1000,
        left_s=float(message.time_remaining) if message.time_remaining > 0 else None,
    )


def range_below_of(message: Message, now_s: float) -> RangeBelow | None:
    """Return DISTANCE_SENSOR of one that looks down; None for every other one."""
    if message.orientation != mavlink.MAV_SENSOR_ROTATION_PITCH_270:
        return None
    distance_cm = message.current_distance
    in_range = message.min_distance <= distance_cm <= message.max_distance
    # 0 is an unknown quality, 1 an invalid signal.
    good = in_range and message.signal_quality != 1
    return RangeBelow(received_s=now_s, distance_m=distance_cm / 100 if good else None)


def winch_of(message: Message, now_s: float) -> WinchReading:
    """Return WINCH_STATUS in the units of the house."""
    line_m = message.line_length
    moving = message.status & mavlink.MAV_WINCH_STATUS_MOVING
    known = math.isfinite(line_m) and 0.0 <= line_m <= LONGEST_LINE_M
    return WinchReading(received_s=now_s, line_m=line_m if known else None, moving=bool(moving))


def ill_of(message: Message) -> tuple[str, ...]:
    """Return the sensors of SYS_STATUS that are there, switched on and not well."""
    ill = (
        message.onboard_control_sensors_present
        & message.onboard_control_sensors_enabled
        & ~message.onboard_control_sensors_health
    )
    return tuple(sorted(name for bit, name in SENSORS.items() if ill & bit))
