"""Parts of a plan to mission items, and what two items must share to be the same."""

import math
from collections.abc import Callable, Sequence
from typing import NamedTuple

from edge.errors import RefusedError
from edge.messages.geo import Place
from edge.messages.machines import plans
from edge.messages.machines.plans import PlanKind, PlanPart
from firmware_bridge.mavlink.manners.manner import Manner
from firmware_bridge.mavlink.wire.dialect import Message, mavlink

GLOBAL, MISSION, RELATIVE = 0, 2, 3
TWINS = {5: GLOBAL, 6: RELATIVE, 11: 10}  # the same frames, as whole-numbered items name them
PLAN_TYPES: dict[PlanKind, int] = {"mission": 0, "fence": 1, "rally": 2}
HEIGHT_STEP_M = 0.011  # ArduPilot keeps centimetres
PARAM_STEP = 1e-3
HOME_GRAIN_E7 = 1000  # some 10 m: a take-off is from home, which is set anew with each arming

TAKE_OFF, WAYPOINT, LAND, RETURN = 22, 16, 21, 20
PAYLOAD_PLACE, CHANGE_SPEED, GRIPPER, WINCH = 94, 178, 211, 42600
INSIDE_CORNER, OUTSIDE_CORNER, INSIDE_CIRCLE, OUTSIDE_CIRCLE = 5001, 5002, 5003, 5004
RALLY_POINT = 5100
PARAMS_THAT_COUNT: dict[int, tuple[int, ...]] = {
    # Others are the firmware's to fill in: radii, headings, what it does not keep.
    WAYPOINT: (0,),
    PAYLOAD_PLACE: (0,),
    CHANGE_SPEED: (0, 1),
    GRIPPER: (0, 1),
    WINCH: (0, 1, 2, 3),
    INSIDE_CORNER: (0,),
    OUTSIDE_CORNER: (0,),
    INSIDE_CIRCLE: (0,),
    OUTSIDE_CIRCLE: (0,),
}
WITHOUT_PLACE = frozenset({RETURN, CHANGE_SPEED, GRIPPER, WINCH})
WITHOUT_HEIGHT = frozenset(
    {INSIDE_CORNER, OUTSIDE_CORNER, INSIDE_CIRCLE, OUTSIDE_CIRCLE, *WITHOUT_PLACE}
)


class Item(NamedTuple):
    """One item, as MISSION_ITEM_INT says it."""

    command: int
    frame: int = MISSION
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    lat_e7: int = 0
    lon_e7: int = 0
    height_m: float = 0.0


def items_of(
    kind: PlanKind, parts: Sequence[PlanPart], manner: Manner, home: Place | None
) -> tuple[Item, ...]:
    """Return the items of a plan, home first where the firmware keeps it there.

    Raises RefusedError for what the vehicle would not carry out.
    """
    items: list[Item] = []
    if kind == "mission" and manner.has_home_item and parts:
        items.append(at(home, WAYPOINT, GLOBAL) if home else Item(WAYPOINT, GLOBAL))
    for part in parts:
        items += _PARTS[type(part)](part, manner, home)
        tag = str(part.__struct_config__.tag)
        if tag in manner.cannot:
            raise RefusedError(f"{manner.name} does not do {tag}")
        if type(part) not in _KINDS[kind]:
            raise RefusedError(f"{tag} is no part of a {kind}")
    return tuple(items)


def at(
    place: Place,
    command: int,
    frame: int = RELATIVE,
    *,
    height_m: float = 0.0,
    params: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0),
) -> Item:
    """Return an item at a place."""
    lat_e7, lon_e7 = round(place.lat_deg * 1e7), round(place.lon_deg * 1e7)
    return Item(command, frame, params, lat_e7, lon_e7, height_m)


def _climb(part: plans.Climb, manner: Manner, home: Place | None) -> list[Item]:
    free = (0.0, 0.0, 0.0, manner.free_heading)
    if not manner.needs_take_off_place:
        return [Item(TAKE_OFF, RELATIVE, free, height_m=part.height_m)]
    if home is None:
        raise RefusedError(f"{manner.name} has not told where its home is")
    return [at(home, TAKE_OFF, height_m=part.height_m, params=free)]


def _via(part: plans.Via, manner: Manner, _home: Place | None) -> list[Item]:
    wait = (float(round(part.wait_s)), 0.0, 0.0, manner.free_heading)
    return [at(part.place, WAYPOINT, height_m=part.height_m, params=wait)]


def _set_down(part: plans.SetDown, _manner: Manner, _home: Place | None) -> list[Item]:
    deepest = (round(part.deepest_m, 2), 0.0, 0.0, 0.0)  # ArduPilot keeps centimetres
    return [at(part.place, PAYLOAD_PLACE, height_m=part.height_m, params=deepest)]


def _cornered(part: plans.CorneredFence, _manner: Manner, _home: Place | None) -> list[Item]:
    command = INSIDE_CORNER if part.stay == "inside" else OUTSIDE_CORNER
    count = (float(len(part.corners)), 0.0, 0.0, 0.0)
    return [at(corner, command, GLOBAL, params=count) for corner in part.corners]


def _round(part: plans.RoundFence, _manner: Manner, _home: Place | None) -> list[Item]:
    command = INSIDE_CIRCLE if part.stay == "inside" else OUTSIDE_CIRCLE
    return [at(part.centre, command, GLOBAL, params=(part.radius_m, 0.0, 0.0, 0.0))]


_PARTS: dict[type, Callable[..., list[Item]]] = {
    plans.Climb: _climb,
    plans.Via: _via,
    plans.TouchDown: lambda part, manner, _home: [
        at(part.place, LAND, params=(0.0, 0.0, 0.0, manner.free_heading))
    ],
    plans.GoHome: lambda _part, _manner, _home: [Item(RETURN)],
    plans.Cruise: lambda part, _manner, _home: [
        Item(CHANGE_SPEED, params=(1.0, part.speed_mps, -1.0, 0.0))
    ],
    plans.Release: lambda _part, _manner, _home: [Item(GRIPPER, params=(1.0, 0.0, 0.0, 0.0))],
    plans.SetDown: _set_down,
    plans.Lower: lambda part, _manner, _home: [
        Item(WINCH, params=(1.0, 1.0, part.length_m, part.speed_mps))
    ],
    plans.RoundFence: _round,
    plans.CorneredFence: _cornered,
    plans.Refuge: lambda part, _manner, _home: [
        at(part.place, RALLY_POINT, height_m=float(round(part.height_m)))  # and here metres
    ],
}
_FENCES = frozenset({plans.RoundFence, plans.CorneredFence})
_KINDS: dict[PlanKind, frozenset[type]] = {
    "fence": _FENCES,
    "rally": frozenset({plans.Refuge}),
    "mission": frozenset(_PARTS) - _FENCES - {plans.Refuge},
}


def to_message(
    item: Item, sequence: int, target: tuple[int, int], plan_type: int, *, whole_numbered: bool
) -> Message:
    """Return MISSION_ITEM_INT, or MISSION_ITEM for who knows no other.

    Of a mission exactly the first item is the current one: MAVLink clients insist on it.
    """
    is_current = int(plan_type == 0 and sequence == 0)
    head = (*target, sequence, item.frame, item.command, is_current, 1, *item.params)
    if whole_numbered:
        return mavlink.MAVLink_mission_item_int_message(
            *head, item.lat_e7, item.lon_e7, item.height_m, plan_type
        )
    return mavlink.MAVLink_mission_item_message(
        *head, item.lat_e7 / 1e7, item.lon_e7 / 1e7, item.height_m, plan_type
    )


def from_message(message: Message) -> Item:
    """Return the item that either message says."""
    x, y = message.x, message.y
    if message.get_type() == "MISSION_ITEM":
        x, y = (round(value * 1e7) if math.isfinite(value) else 0 for value in (x, y))
    params = (message.param1, message.param2, message.param3, message.param4)
    return Item(message.command, message.frame, params, x, y, message.z)


def differences(
    sent: Sequence[Item],
    kept: Sequence[Item],
    manner: Manner,
    kind: PlanKind,
    *,
    grain_e7: int = 0,
) -> list[str]:
    """Return what is not the same on board, in sentences; nothing if all is as it was sent.

    `grain_e7`: how far places may lie apart; floats of MISSION_ITEM hold no more than a metre.
    """
    first = manner.first_item if kind == "mission" else 0  # home is the firmware's own
    if not sent and len(kept) <= first:
        return []
    if len(sent) != len(kept):
        return [f"{len(kept)} items on board instead of {len(sent)}"]
    return [
        f"item {number}: {theirs} instead of {ours}"
        for number, (ours, theirs) in enumerate(zip(sent, kept, strict=True))
        if number >= first and not _same(ours, theirs, grain_e7)
    ]


def _same(ours: Item, theirs: Item, grain_e7: int) -> bool:
    if ours.command != theirs.command:
        return False
    if any(
        abs(_number(ours.params[place]) - _number(theirs.params[place])) > PARAM_STEP
        for place in PARAMS_THAT_COUNT.get(ours.command, ())
    ):
        return False
    if ours.command in WITHOUT_PLACE:
        return True
    if ours.command not in WITHOUT_HEIGHT and (
        TWINS.get(ours.frame, ours.frame) != TWINS.get(theirs.frame, theirs.frame)
        or abs(_number(ours.height_m) - _number(theirs.height_m)) > HEIGHT_STEP_M
    ):
        return False
    if ours.command == TAKE_OFF and ours.lat_e7 == ours.lon_e7 == 0:
        return True  # straight up from where it stands
    near = max(abs(ours.lat_e7 - theirs.lat_e7), abs(ours.lon_e7 - theirs.lon_e7))
    return near <= (max(grain_e7, HOME_GRAIN_E7) if ours.command == TAKE_OFF else grain_e7)


def _number(value: float) -> float:
    return 0.0 if math.isnan(value) else value
