"""Items of plans: what a firmware takes, how it keeps them and how they come back."""

import math

from firmware_bridge.mavlink.wire.dialect import Message, mavlink
from sim.devices.autopilot.manners.manner import Manner
from sim.devices.autopilot.memory import Item
from sim.devices.autopilot.pilot.ground import Ground, Point

MISSION, FENCE, RALLY = 0, 1, 2
UNSUPPORTED_FRAME, UNSUPPORTED = 2, 3
COMMANDS_OF = {FENCE: frozenset({5000, 5001, 5002, 5003, 5004}), RALLY: frozenset({5100})}
PLAIN = {5: 0, 6: 3, 11: 10}
"""Frames with _INT by the frame without."""
TERRAIN = frozenset({10, 11})
FRAMES = frozenset({0, 2, 3, 5, 6, 10, 11})
HAS_PLACE = frozenset({16, 17, 18, 19, 21, 22, 31, 82, 84, 85, 94, 179, 189, 195, 201, 5100})
HAS_PLACE |= COMMANDS_OF[FENCE]


def why_refused(message: Message, manner: Manner) -> int:
    """Return the MAV_MISSION_RESULT against an item, 0 for none."""
    kind = message.mission_type
    known = manner.mission_commands if kind == MISSION else COMMANDS_OF[kind]
    if message.command not in known:
        return UNSUPPORTED
    if message.frame not in FRAMES:
        return UNSUPPORTED_FRAME
    if message.frame in TERRAIN and not manner.takes_terrain:
        return UNSUPPORTED_FRAME
    return 0


def stored_item(message: Message, manner: Manner, home: Item | None) -> Item:
    """Return an item as it is kept."""
    kind = message.mission_type
    if kind == MISSION and message.seq == 0 and home is not None:
        return home
    x, y = message.x, message.y
    if message.get_type() == "MISSION_ITEM":
        x, y = round(message.x * 1e7), round(message.y * 1e7)
    frame = message.frame
    params = (message.param1, message.param2, message.param3, message.param4)
    if manner.plain_frames:
        frame = PLAIN.get(frame, frame) if message.command in HAS_PLACE else 0
        params = tuple(0.0 if math.isnan(p) else p for p in params)  # type: ignore[assignment]
    return Item(frame, message.command, params, x, y, message.z, message.autocontinue)


def home_item(home: Point, ground: Ground) -> Item:
    """Return ArduPilot's item 0."""
    return Item(0, 16, (0.0,) * 4, *ground.e7(home), ground.alt_m + home.up_m)


def item_message(
    peer: tuple[int, int], seq: int, item: Item, kind: int, current: bool, *, as_int: bool
) -> Message:
    """Return an item as it was asked for."""
    head = (*peer, seq, item.frame, item.command, int(current), item.autocontinue, *item.params)
    if as_int:
        return mavlink.MAVLink_mission_item_int_message(*head, item.x, item.y, item.z, kind)
    x, y = item.x * 1e-7, item.y * 1e-7
    return mavlink.MAVLink_mission_item_message(*head, x, y, item.z, kind)
