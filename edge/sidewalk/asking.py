"""From an action to the guard's question, from its answer to orders of both devices.

Compartments are called by the number on their door, from 1.
"""

from collections.abc import Callable, Iterable
from functools import partial
from typing import Any

import msgspec

from edge.messages.geo import AltitudeM
from edge.messages.machines import actuators, controller, orders
from edge.messages.machines.actuators import AnyCommand, Compartment
from edge.messages.machines.cleared import Cleared
from edge.messages.machines.controller import ControllerOrder
from edge.messages.machines.orders import AutopilotOrder, GoTo
from edge.sidewalk import events as e

LEASE_S = 0.5  # renewed five times a second; silence ends it
STEP_MPS = 0.05  # a speed that differs by less is the same

AnyOrder = AutopilotOrder | ControllerOrder


def command_of(action: e.AnyAction, number: int, now_s: float) -> AnyCommand | None:
    """Return what the guard is asked; None for what moves and opens nothing."""
    wish = _wish_of(action)
    if wish is None:
        return None
    return msgspec.structs.replace(
        wish, number=number, issued_s=now_s, expires_s=now_s + LEASE_S
    )


def _wish_of(action: e.AnyAction) -> AnyCommand | None:
    """Return the command without its lease."""
    bare = partial(_bare, action.number)
    match action:
        case e.Go(place=place, speed_mps=speed_mps):
            return bare(actuators.GoToward, place=place, speed_mps=speed_mps)
        case e.GoHelped(place=place, speed_mps=speed_mps):
            return bare(actuators.GoToward, place=place, speed_mps=speed_mps, by="assistance")
        case e.Stay() | e.WakeMotors() | e.RestMotors():
            return bare(actuators.Hold)  # armed or not, its motors have nowhere to go
        case e.MoveLid(opens=True, stop_id=stop_id):
            return bare(actuators.OpenLid, stop_id=stop_id)
        case e.MoveLid():
            return bare(actuators.CloseLid)
        case e.Unbolt(compartment=compartment, stop_id=stop_id):
            return bare(actuators.Unlock, compartment=compartment, stop_id=stop_id)
        case e.BoltAll():
            return bare(actuators.Lock)
        case e.SoundSiren(on=on):
            return bare(actuators.SoundAlarm, on=on)
        case _:
            return None


def _bare(number: int, kind: Callable[..., AnyCommand], **fields: Any) -> AnyCommand:  # noqa: ANN401
    return kind(number=number, issued_s=0.0, expires_s=0.0, **fields)


def orders_of(
    action: e.AnyAction,
    cleared: Cleared[AnyCommand] | None,
    key: str,
    *,
    altitude_m: AltitudeM | None = None,
    compartments: int = 0,
) -> tuple[AnyOrder, ...]:
    """Return the orders of an action, one after the other; the last to end is its answer.

    `key` names them. What moves or opens needs the guard's answer, and is done as the guard
    cleared it, not as it was asked. A renewal that changes nothing has the name of the order
    before it: an autopilot that was told where to go is not told again.
    """
    name = f"{key}.{action.number}"
    asked = _wish_of(action)
    if asked is None:
        return _loading(action, name)
    assert cleared is not None, f"{type(action).__name__} without the guard"
    assert type(cleared.command) is type(asked), "the guard has cleared something else"
    hold = orders.ChangeMode(order_id=f"{name}.1", mode="hold")
    match action:
        case e.WakeMotors():
            return (hold, orders.Arm(order_id=f"{name}.2"))
        case e.RestMotors():
            return (hold, orders.Disarm(order_id=f"{name}.2"))
        case _:
            return device_orders(
                (cleared,), name, altitude_m=altitude_m, compartments=compartments
            )


def device_orders(
    cleared: Iterable[Cleared[AnyCommand]],
    name: str,
    *,
    altitude_m: AltitudeM | None = None,
    compartments: int = 0,
) -> tuple[AnyOrder, ...]:
    """Return what the guard has cleared as orders: of an action, or of its own safe stop."""
    found: list[AnyOrder] = []
    for step, one in enumerate(cleared, 1):
        order_id, command = f"{name}.{step}", one.command
        match command:
            case actuators.GoToward():
                found.append(_go_to(command, order_id, altitude_m or 0.0))
            case actuators.Hold():
                found.append(orders.ChangeMode(order_id=order_id, mode="hold"))
            case actuators.OpenLid() | actuators.CloseLid():
                lease_s = min(LEASE_S, command.expires_s - one.cleared_s)
                opens = isinstance(command, actuators.OpenLid)
                # A lid moves only as long as it is told anew: each renewal is an order.
                new_id = f"{order_id}.{round(one.cleared_s * 1000)}"
                found.append(controller.MoveLid(order_id=new_id, opens=opens, lease_s=lease_s))
            case actuators.Unlock():
                found.append(
                    controller.Unlock(
                        order_id=order_id, compartment=index_of(command.compartment)
                    )
                )
            case actuators.Lock():
                found += _bolts(command.compartment, order_id, compartments)
            case actuators.SoundAlarm(on=on):
                # A controller without a siren says so; the alarm stands without it.
                found.append(controller.SoundSiren(order_id=order_id, on=on))
            case _:
                pass
    return tuple(found)


def _go_to(command: actuators.GoToward, order_id: str, altitude_m: float) -> GoTo:
    steps = max(1, int(command.speed_mps / STEP_MPS + 1e-6))  # never faster than cleared
    place = command.place
    lat_e7, lon_e7 = round(place.lat_deg * 1e7), round(place.lon_deg * 1e7)
    return GoTo(
        order_id=f"{order_id}.{lat_e7}.{lon_e7}.{steps}",
        place=place,
        altitude_m=altitude_m,
        speed_mps=round(steps * STEP_MPS, 3),
    )


def index_of(name: Compartment) -> int:
    """Return how the controller counts a compartment."""
    return int(name) - 1


def name_of(index: int) -> Compartment:
    """Return what stands on the door of the controller's compartment."""
    return str(index + 1)


def _bolts(
    compartment: Compartment | None, order_id: str, compartments: int
) -> list[ControllerOrder]:
    every = range(compartments) if compartment is None else (index_of(compartment),)
    return [controller.Lock(order_id=f"{order_id}.{one}", compartment=one) for one in every]


def _loading(action: e.AnyAction, name: str) -> tuple[AnyOrder, ...]:
    match action:
        case e.ClearBoard(fence=fence):
            mission = orders.LoadPlan(order_id=f"{name}.2", kind="mission", parts=())
            if not fence:
                return (mission,)
            return (orders.LoadPlan(order_id=f"{name}.1", kind="fence", parts=fence), mission)
        case _:
            return ()
