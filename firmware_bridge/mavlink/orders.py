"""Orders to conversations, each manner's way; what must not be done is refused here."""

import math
from dataclasses import dataclass

from edge.errors import RefusedError
from edge.messages.machines import orders
from edge.messages.machines.autopilot import Mode
from edge.messages.machines.orders import AutopilotOrder
from firmware_bridge.mavlink.exchange import params
from firmware_bridge.mavlink.exchange.commands import Command, Commanding
from firmware_bridge.mavlink.exchange.exchange import Exchange, Line
from firmware_bridge.mavlink.exchange.items import GRIPPER, TAKE_OFF, WINCH, items_of
from firmware_bridge.mavlink.exchange.plans import Board, CheckingPlan, LoadingPlan
from firmware_bridge.mavlink.manners.manner import Manner
from firmware_bridge.mavlink.vehicle.telemetry import Telemetry
from firmware_bridge.mavlink.wire.dialect import mavlink

SET_MODE, REPOSITION, SET_CURRENT, MISSION_START, ARM = 176, 192, 224, 300, 400
GLOBAL_INT = 5
CHANGE_MODE = 1.0
CUSTOM_MODE = 1.0
AS_IT_IS = -1.0
NAN = math.nan
CLIMB_WITHIN_S = 30.0
MISSION_INT = mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_INT
BYTEWISE = mavlink.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE


@dataclass(frozen=True, slots=True)
class Desk:
    """Everything that an order may have to look at."""

    line: Line
    manner: Manner
    telemetry: Telemetry
    board: Board
    capabilities: int | None

    @property
    def ints(self) -> bool:
        """It takes whole-numbered items: it says so, or has not said what it takes."""
        return self.capabilities is None or bool(self.capabilities & MISSION_INT)

    @property
    def is_bytewise(self) -> bool:
        """How it puts whole numbers into the float of a parameter."""
        if self.capabilities is None:
            return self.manner.is_bytewise
        return bool(self.capabilities & BYTEWISE)


def exchange_for(order: AutopilotOrder, desk: Desk) -> Exchange:
    """Return the conversation that carries out an order. Raises RefusedError."""
    line = desk.line
    match order:
        case orders.LoadPlan(kind=kind, parts=parts):
            is_flown = bool(desk.telemetry.armed) and desk.telemetry.mode == "mission"
            if kind == "mission" and is_flown and not desk.manner.keeps_old_plan:
                raise RefusedError("it would fly a mixture of two missions: let it hold first")
            return LoadingPlan(
                line,
                desk.manner,
                desk.board,
                kind,
                items_of(kind, parts, desk.manner, desk.telemetry.place),
                ints=desk.ints,
                may_clear=desk.telemetry.armed is False,
            )
        case orders.CheckPlan(kind=kind, parts=parts):
            items = items_of(kind, parts, desk.manner, desk.telemetry.place)
            return CheckingPlan(line, desk.manner, desk.board, kind, items, ints=desk.ints)
        case orders.CheckParameters(wanted=wanted):
            groups = [one.names for one in wanted or desk.manner.wanted]
            return params.Reading(line, groups, is_bytewise=desk.is_bytewise)
        case orders.SetParameter(name=name, value=value):
            return params.Setting(line, name, value, is_bytewise=desk.is_bytewise)
        case _:
            return Commanding(line, commands_of(order, desk), desk.telemetry.texts_since)


def commands_of(order: AutopilotOrder, desk: Desk) -> tuple[Command, ...]:
    """Return the commands of an order, in their order. Raises RefusedError."""
    manner, told = desk.manner, desk.telemetry
    match order:
        case orders.Arm():
            _refuse_doubtful_mission(desk)
            return (_arm(told),)
        case orders.Disarm():
            # Never with 21196, which would stop the motors in the air.
            return (Command(ARM, (0.0,), seen=lambda: told.armed is False),)
        case orders.ChangeMode(mode=mode):
            if mode == "mission":
                _refuse_unproven_mission(desk)
            return _hold(desk) if mode == "hold" else (_mode(mode, desk),)
        case orders.TakeOff(height_m=height_m):
            return _take_off(height_m, desk)
        case orders.GoTo(place=place, altitude_m=altitude_m, speed_mps=speed_mps):
            return (
                Command(
                    REPOSITION,
                    (AS_IT_IS if speed_mps is None else speed_mps, CHANGE_MODE, 0.0, NAN),
                    place=(
                        GLOBAL_INT,
                        round(place.lat_deg * 1e7),
                        round(place.lon_deg * 1e7),
                        altitude_m,
                    ),
                    seen=lambda: told.mode == manner.go_to_ends_in,
                ),
            )
        case orders.StartMission():
            return _start(desk)
        case orders.GoOnFrom(part=part):
            proven = _refuse_unproven_mission(desk)
            if part + manner.first_item >= proven:
                raise RefusedError(f"the mission has no part {part}")
            return (
                Command(
                    SET_CURRENT,
                    (float(part + manner.first_item),),
                    seen=lambda: told.part == part,
                ),
            )
        case orders.Grip(closed=closed):
            return (Command(GRIPPER, (1.0, float(closed))),)
        case orders.MoveWinch(length_m=length_m, speed_mps=speed_mps):
            return (Command(WINCH, (1.0, 1.0, length_m, speed_mps), asks=1),)
        case _:
            raise AssertionError(f"{type(order).__name__} is no command")


def _arm(told: Telemetry) -> Command:
    return Command(ARM, (1.0,), seen=lambda: told.armed is True)


def _mode(mode: Mode, desk: Desk) -> Command:
    params = desk.manner.mode_params(mode)
    if params is None:
        raise RefusedError(f"{desk.manner.name} has no mode for {mode}")
    told = desk.telemetry
    return Command(SET_MODE, (CUSTOM_MODE, *params), seen=lambda: told.mode == mode)


def _hold(desk: Desk) -> tuple[Command, ...]:
    """Return how it stops where it is.

    Who goes somewhere in the very mode of holding (PX4, `Loiter::on_active`) goes on if only
    asked for that mode; it stops if it is sent to where it is, which a place that is no
    number means. Once it holds, that comes first and alone: somebody may be in the way.
    """
    told = desk.telemetry
    if desk.manner.go_to_ends_in != "hold" or told.armed is False:
        return (_mode("hold", desk),)
    here = (AS_IT_IS, CHANGE_MODE, 0.0, NAN, NAN, NAN, NAN)
    stay = Command(REPOSITION, here, acks=2)
    return (stay,) if told.mode == "hold" else (_mode("hold", desk), stay)


def _take_off(height_m: float, desk: Desk) -> tuple[Command, ...]:
    manner, told = desk.manner, desk.telemetry
    if "climb" in manner.cannot:
        raise RefusedError(f"{manner.name} stays on the ground")
    if told.armed is not True:
        raise RefusedError("it is not armed")
    to_m = height_m
    if manner.take_off_is_amsl:
        if told.home is None:
            raise RefusedError(f"{manner.name} has not told how high its home is")
        to_m += told.home.altitude_m
    anywhere = (0.0, 0.0) if not manner.take_off_is_amsl else (NAN, NAN)
    climb = Command(
        TAKE_OFF,
        (0.0, 0.0, 0.0, NAN if manner.take_off_is_amsl else 0.0, *anywhere, to_m),
        seen=lambda: told.landed in ("taking_off", "in_air") or told.mode == "take_off",
        seen_within_s=CLIMB_WITHIN_S,
    )
    if manner.take_off_in is None or told.mode == manner.take_off_in:
        return (climb,)
    return (_mode(manner.take_off_in, desk), climb)


def _start(desk: Desk) -> tuple[Command, ...]:
    manner, told = desk.manner, desk.telemetry
    _refuse_unproven_mission(desk)
    # Parameters other than 0 are denied by ArduPilot.
    start = Command(
        MISSION_START, (0.0, 0.0), seen=lambda: told.mode == "mission" and told.armed is True
    )
    if told.armed is True or manner.start_arms:
        return (start,)
    return (_mode("guided", desk), _arm(told), start)


def _refuse_doubtful_mission(desk: Desk) -> None:
    if desk.board.proven("mission") is None:
        raise RefusedError(
            "nobody knows which mission is on board: load one, check it, or load an empty one"
        )


def _refuse_unproven_mission(desk: Desk) -> int:
    """Return how many items the mission on board has."""
    _refuse_doubtful_mission(desk)
    proven = desk.board.proven("mission")
    if not proven:
        raise RefusedError("there is no mission on board")
    return len(proven)
