"""Targets told many times a second: GUIDED on ArduPilot, OFFBOARD on PX4."""

import math

from firmware_bridge.mavlink.wire.dialect import Message
from sim.devices.autopilot.manners.manner import Activity
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.deeds import Follow, GoTo, Stay
from sim.devices.autopilot.pilot.ground import Point
from sim.vehicles.machines.body import Vector

NO_POSITION, NO_VELOCITY = 0x7, 0x38
AMSL, RELATIVE, TERRAIN = frozenset({0, 5}), frozenset({3, 6}), frozenset({10, 11})
LOCAL_FRAMES = frozenset({1, 7, 8, 9})


def take_setpoint(craft: Craft, message: Message) -> None:
    """Follow SET_POSITION_TARGET_GLOBAL_INT or _LOCAL_NED, in the mode that is for it."""
    if not craft.gives_texts:
        craft.setpoint_s = craft.now_s
    wanted = Activity.GUIDED if craft.gives_texts else Activity.OFFBOARD
    if craft.activity is not wanted or not craft.armed:
        return
    if craft.flies and craft.is_on_ground and craft.gives_texts:
        return  # first TAKEOFF
    place, usable = _place(craft, message)
    if not usable:
        craft.deed = Stay()  # ArduPilot stops for what it cannot read
    elif message.type_mask & NO_POSITION == 0:
        craft.deed = GoTo(place, stays_s=math.inf)
    elif message.type_mask & NO_VELOCITY == 0:
        craft.deed = Follow(_velocity(message), lasts_s=craft.parameters.get("GUID_TIMEOUT", 3))


def _velocity(message: Message) -> Vector:
    return (message.vy, message.vx, -message.vz)


def _place(craft: Craft, message: Message) -> tuple[Point, bool]:
    """Return the place, and whether the frame and the numbers make one."""
    here, frame = craft.here, message.coordinate_frame
    if message.get_type() == "SET_POSITION_TARGET_LOCAL_NED":
        offset = here if frame in (7, 9) else Point(0.0, 0.0, 0.0)
        numbers = (message.x, message.y, message.z)
        usable = frame in LOCAL_FRAMES and all(map(math.isfinite, numbers))
        return Point(
            offset.east_m + message.y, offset.north_m + message.x, offset.up_m - message.z
        ), usable
    if frame in AMSL:
        up_m = message.alt - craft.plant.ground.alt_m
    elif frame in RELATIVE:
        up_m = message.alt + craft.home.up_m
    else:
        up_m = message.alt
    known = frame in AMSL | RELATIVE | TERRAIN
    placed = message.type_mask & NO_POSITION or (
        abs(message.lat_int) <= 900_000_000 and math.isfinite(up_m)
    )
    return craft.plant.ground.point(message.lat_int, message.lon_int, up_m), bool(
        known and placed
    )
