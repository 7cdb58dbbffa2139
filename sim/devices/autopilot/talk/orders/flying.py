"""Commands that begin and end a flight: arm, take off, land, return, start, mode."""

import math
from collections.abc import Callable

from sim.devices.autopilot.manners.manner import Activity
from sim.devices.autopilot.pilot.craft import Craft
from sim.devices.autopilot.pilot.deeds import Climb
from sim.devices.autopilot.pilot.plant import CRITICAL
from sim.devices.autopilot.talk.orders.order import (
    ACCEPTED,
    DENIED,
    FAILED,
    TEMPORARILY_REJECTED,
    UNSUPPORTED,
    Order,
    refusal,
)

FORCE = (21196.0, 2989.0)
PX4_AUTO, PX4_LOITER = 4, 3


def arm(craft: Craft, order: Order) -> int:
    """COMPONENT_ARM_DISARM."""
    wanted, force = order.params[0], order.params[1] in FORCE
    if wanted not in (0.0, 1.0):
        return UNSUPPORTED
    why = craft.arm(force=force) if wanted else craft.disarm(force=force)
    if not why:
        return ACCEPTED
    craft.tell(CRITICAL, f"Arm: {why}" if craft.gives_texts else f"Arming denied: {why}")
    return refusal(craft)


def set_mode(craft: Craft, order: Order) -> int:
    """DO_SET_MODE, in which PX4 names main and sub mode apart."""
    if not order.whole(0) & 1:
        return UNSUPPORTED if craft.gives_texts else DENIED
    custom_mode = order.whole(1)
    if not craft.gives_texts:
        sub = order.whole(2)
        if custom_mode == PX4_AUTO and not sub:
            sub = PX4_LOITER
        custom_mode = custom_mode << 16 | sub << 24
    return mode_verdict(craft, custom_mode)


def mode_verdict(craft: Craft, custom_mode: int) -> int:
    """Change the mode and return how that went."""
    unflown = not craft.flies and craft.manner.modes.get(custom_mode, ("", Activity.HOLD))[1]
    if unflown in (Activity.LAND, Activity.TAKE_OFF):
        return refusal(craft)
    return refusal(craft) if craft.set_mode(custom_mode) else ACCEPTED


def take_off(craft: Craft, order: Order) -> int:
    """NAV_TAKEOFF: above home on ArduPilot, above sea level on PX4."""
    if not craft.flies:
        return UNSUPPORTED if craft.gives_texts else DENIED
    if craft.gives_texts:
        up_m = order.z + craft.home.up_m
        if isinstance(craft.deed, Climb) and craft.armed and not craft.deed.done:
            return ACCEPTED
        guided = craft.activity is Activity.GUIDED
        if not (guided and craft.armed and craft.is_on_ground and math.isfinite(up_m)):
            return FAILED
        if order.z < 0.5:
            return FAILED
        craft.deed = Climb(up_m)
        return ACCEPTED
    least_m = craft.home.up_m + craft.limit("take_off", 2.5)
    up_m = max(least_m, order.up_m(craft, otherwise=least_m))
    if craft.armed and not craft.is_on_ground:
        return ACCEPTED  # it has taken off
    if craft.do(Activity.TAKE_OFF):
        return TEMPORARILY_REJECTED
    craft.deed = Climb(up_m)
    return ACCEPTED


def land(craft: Craft, order: Order) -> int:  # noqa: ARG001
    """NAV_LAND: here."""
    if not craft.flies:
        return UNSUPPORTED if craft.gives_texts else TEMPORARILY_REJECTED
    return refusal(craft) if craft.do(Activity.LAND) else ACCEPTED


def return_home(craft: Craft, order: Order) -> int:  # noqa: ARG001
    """NAV_RETURN_TO_LAUNCH."""
    return refusal(craft) if craft.do(Activity.RETURN) else ACCEPTED


def hold(craft: Craft, order: Order) -> int:  # noqa: ARG001
    """NAV_LOITER_UNLIM: stay here."""
    return refusal(craft) if craft.do(Activity.HOLD) else ACCEPTED


def start_mission(craft: Craft, order: Order) -> int:
    """MISSION_START: ArduPilot leaves a disarmed vehicle standing, PX4 arms it."""
    mission = craft.mission
    if craft.gives_texts:
        if order.params[0] or order.params[1]:
            return DENIED
        if craft.do(Activity.MISSION):
            return FAILED
        mission.released = craft.armed or not craft.flies
        return ACCEPTED
    if why := mission.why_not():
        craft.tell(CRITICAL, why)
        return TEMPORARILY_REJECTED
    first = order.whole(0)
    if first > 0 and not mission.jump(first):
        return DENIED
    if mission.is_over:
        mission.replaced()
    if craft.do(Activity.MISSION):
        return TEMPORARILY_REJECTED
    return arm(craft, order._replace(params=(1.0, 0.0, 0.0, 0.0)))


def terminate(craft: Craft, order: Order) -> int:
    """DO_FLIGHTTERMINATION: motors off, wherever it is."""
    if order.params[0] >= 0.5:
        craft.disarm(force=True)
    return ACCEPTED


HANDLERS: dict[int, Callable[[Craft, Order], int]] = {
    17: hold,
    20: return_home,
    21: land,
    22: take_off,
    176: set_mode,
    185: terminate,
    300: start_mission,
    400: arm,
}
