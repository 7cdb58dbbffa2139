"""From an action to the guard's question, from the guard's answer to the autopilot's orders."""

from collections.abc import Callable
from functools import partial
from typing import Any

import msgspec

from edge.flight import events as e
from edge.messages.geo import AltitudeM
from edge.messages.machines import actuators, orders
from edge.messages.machines.actuators import AnyCommand
from edge.messages.machines.cleared import Cleared
from edge.messages.machines.orders import AutopilotOrder

LEASE_S = 0.5  # within it the autopilot must have it; what it then does ends by itself


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
        case e.Start(mission=mission):
            return bare(actuators.FlyPlan, parts=mission)
        case e.GoOn(mission=mission, part=part):
            return bare(actuators.FlyPlan, parts=mission[part:])
        case e.Stay():
            return bare(actuators.Hold)
        case e.GoHome():
            return bare(actuators.Return)
        case e.LandThere(place=place):
            return bare(actuators.Land, place=place)
        case e.LetGo(stop_id=stop_id):
            return bare(actuators.Drop, stop_id=stop_id)
        case e.LetDown(stop_id=stop_id, length_m=length_m):
            return bare(actuators.PayOut, stop_id=stop_id, length_m=length_m)
        case e.PullUp(length_m=length_m):
            return bare(actuators.TakeIn, length_m=length_m)
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
) -> tuple[AutopilotOrder, ...]:
    """Return the orders of an action, one after the other; the last to end is its answer.

    `key` names them, `altitude_m` is the present one. What moves needs the guard's answer.
    """
    names = iter([f"{key}.{action.number}.{step}" for step in (1, 2, 3)])
    asked = _wish_of(action)
    if asked is None:
        return _loading(action, tuple(names))
    assert cleared is not None, f"{type(action).__name__} without the guard"
    assert type(cleared.command) is type(asked), "the guard has cleared something else"
    match action:
        case e.Start():
            return (orders.StartMission(order_id=next(names)),)
        case e.GoOn(part=part):
            return (
                orders.GoOnFrom(order_id=next(names), part=part),
                orders.ChangeMode(order_id=next(names), mode="mission"),
            )
        case e.Stay():
            return (orders.ChangeMode(order_id=next(names), mode="hold"),)
        case e.GoHome():
            return (orders.ChangeMode(order_id=next(names), mode="return"),)
        case e.LandThere(place=None):
            return (orders.ChangeMode(order_id=next(names), mode="land"),)
        case e.LandThere(place=place):
            assert place is not None, "the case before"
            if altitude_m is None:
                return (orders.ChangeMode(order_id=next(names), mode="land"),)
            return (orders.GoTo(order_id=next(names), place=place, altitude_m=altitude_m),)
        case e.LetGo():
            return (orders.Grip(order_id=next(names), closed=False),)
        case e.LetDown(length_m=length_m):
            return (orders.MoveWinch(order_id=next(names), length_m=length_m),)
        case e.PullUp(length_m=length_m):
            return (orders.MoveWinch(order_id=next(names), length_m=-length_m),)
        case _:
            raise AssertionError(f"{type(action).__name__} moves nothing")


def orders_for(
    cleared: Cleared[AnyCommand], key: str, *, altitude_m: AltitudeM | None = None
) -> tuple[AutopilotOrder, ...]:
    """Return the orders of one of the guard's own commands, of a safe stop."""
    match cleared.command:
        case actuators.Hold():
            return (orders.ChangeMode(order_id=key, mode="hold"),)
        case actuators.GoToward(place=place) if altitude_m is not None:
            return (orders.GoTo(order_id=key, place=place, altitude_m=altitude_m),)
        case actuators.GoToward():
            return (orders.ChangeMode(order_id=key, mode="hold"),)
        case actuators.Land(place=place, via=via) if place and altitude_m is not None:
            return (orders.GoTo(order_id=key, place=(*via, place)[0], altitude_m=altitude_m),)
        case actuators.Land():
            return (orders.ChangeMode(order_id=key, mode="land"),)
        case actuators.TakeIn(length_m=length_m):
            return (orders.MoveWinch(order_id=key, length_m=-length_m),)
        case _:
            return ()


def _loading(action: e.AnyAction, names: tuple[str, ...]) -> tuple[AutopilotOrder, ...]:
    match action:
        case e.PutOnBoard(mission=mission, fence=fence, rally=rally):
            # The fence first: PX4 holds the mission against it.
            loads = [orders.LoadPlan(order_id=names[2], kind="mission", parts=mission)]
            if rally:
                loads.insert(0, orders.LoadPlan(order_id=names[1], kind="rally", parts=rally))
            if fence:
                loads.insert(0, orders.LoadPlan(order_id=names[0], kind="fence", parts=fence))
            return tuple(loads)
        case e.ProveOnBoard(mission=mission):
            return (orders.CheckPlan(order_id=names[0], kind="mission", parts=mission),)
        case _:
            return ()
