"""Commands to a vehicle under way: go there, faster, pause, let go, lower, fence."""

import math
from collections.abc import Callable

from sim.devices.autopilot.manners.manner import Activity
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.deeds import GoTo
from sim.devices.autopilot.talk.orders.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    UNSUPPORTED,
    Order,
    refusal,
)

CHANGE_MODE = 1
FENCE_ON, FENCE_OFF = 1, 0


def reposition(craft: Craft, order: Order) -> int:
    """DO_REPOSITION: go there and stay; ends in GUIDED or in AUTO.LOITER."""
    if order.frame is None and not craft.manner.repositions_by_long:
        return UNSUPPORTED
    there = Activity.GUIDED if craft.gives_texts else Activity.HOLD
    changes = order.whole(1) & CHANGE_MODE
    if not changes and (craft.activity is not there or not craft.gives_texts):
        return craft.manner.no_reposition_ack
    if not order.names_a_place and order.x is not None:
        return DENIED
    goal = order.point(craft)
    speed = order.params[0] if order.params[0] > 0 else None
    if craft.do(there):
        return refusal(craft)
    if not (craft.flies and craft.is_on_ground):
        craft.deed = GoTo(goal, speed_mps=speed, stays_s=math.inf)
    return ACCEPTED


def pause(craft: Craft, order: Order) -> int:
    """DO_PAUSE_CONTINUE: 0 is stay, 1 is go on."""
    wanted = Activity.MISSION if order.params[0] >= 0.5 else Activity.HOLD
    return refusal(craft) if craft.do(wanted) else ACCEPTED


def change_speed(craft: Craft, order: Order) -> int:
    """DO_CHANGE_SPEED: only over ground."""
    speed = order.params[1]
    if not (speed > 0 and math.isfinite(speed)):
        return DENIED
    craft.speed_mps = min(speed, craft.machine.speed_mps)
    return ACCEPTED


def set_home(craft: Craft, order: Order) -> int:
    """DO_SET_HOME: here, or at a place."""
    if not craft.knows_position:
        return FAILED
    if order.params[0] != 1 and not order.names_a_place:
        return DENIED
    craft.home = craft.here if order.params[0] == 1 else order.point(craft)
    return ACCEPTED


def set_item(craft: Craft, order: Order) -> int:
    """DO_SET_MISSION_CURRENT."""
    return ACCEPTED if craft.mission.jump(order.whole(0)) else FAILED


def gripper(craft: Craft, order: Order) -> int:
    """DO_GRIPPER: the answer comes before anything has moved."""
    if order.params[1] not in (0.0, 1.0):
        return DENIED
    craft.payload.grip(release=order.params[1] == 0.0)
    return ACCEPTED


def winch(craft: Craft, order: Order) -> int:
    """DO_WINCH."""
    craft.payload.winch(order.whole(1), order.params[2])
    return ACCEPTED


def fence(craft: Craft, order: Order) -> int:
    """DO_FENCE_ENABLE: ArduPilot only."""
    if not craft.gives_texts:
        return UNSUPPORTED
    if order.params[0] not in (FENCE_ON, FENCE_OFF):
        return FAILED
    craft.parameters.set("FENCE_ENABLE", order.params[0])
    return ACCEPTED


def turn(craft: Craft, order: Order) -> int:
    """CONDITION_YAW: ArduPilot only, under way in GUIDED."""
    if not craft.gives_texts or not craft.flies:
        return UNSUPPORTED
    if craft.activity is not Activity.GUIDED or craft.is_on_ground:
        return FAILED
    heading = order.params[0] + (craft.plant.sensors.heading_deg if order.params[3] else 0.0)
    goal = craft.deed.goal or craft.here
    craft.deed = GoTo(goal, stays_s=math.inf, heading_deg=heading % 360.0)
    return ACCEPTED


def look_at(craft: Craft, order: Order) -> int:  # noqa: ARG001
    """Camera commands: taken, there is no camera."""
    return ACCEPTED


HANDLERS: dict[int, Callable[[Craft, Order], int]] = {
    115: turn,
    178: change_speed,
    179: set_home,
    183: look_at,
    192: reposition,
    193: pause,
    195: look_at,
    197: look_at,
    201: look_at,
    207: fence,
    211: gripper,
    224: set_item,
    42600: winch,
}
