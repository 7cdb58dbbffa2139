"""From the controller's words to what the daemon reads: SI units, unknown stays unknown."""

import math
from typing import get_args

from edge.messages.machines.controller import (
    CompartmentEvent,
    CompartmentNews,
    ControllerPresence,
    ControllerStatus,
    Part,
    ResetCause,
)
from firmware_bridge.mcu.words import PROTOCOL, EventWord, Hello, StatusWord

STOPPED, SIREN = 4, 8  # flags of a status
RESETS: tuple[ResetCause, ...] = get_args(ResetCause)
PARTS: dict[Part, int] = {"wheels": 1, "lid": 2, "winch": 4, "siren": 16}
NEWS: tuple[CompartmentNews, ...] = get_args(CompartmentNews)


def presence_of(hello: Hello, now_s: float) -> ControllerPresence:
    """Return who is there."""
    known = hello.protocol == PROTOCOL
    return ControllerPresence(
        received_s=now_s,
        protocol=hello.protocol,
        boot_id=hello.boot_id,
        firmware=hello.firmware[:8].hex(),
        reset_cause=RESETS[hello.reset_cause] if hello.reset_cause < len(RESETS) else "unknown",
        parts=tuple(part for part, bit in PARTS.items() if hello.capabilities & bit),
        compartments=hello.compartments,
        why_not="" if known else f"it speaks protocol {hello.protocol}, not {PROTOCOL}",
    )


def status_of(word: StatusWord, *, takes_orders: bool, now_s: float) -> ControllerStatus:
    """Return what it does and senses."""
    return ControllerStatus(
        received_s=now_s,
        takes_orders=takes_orders,
        stop_pressed=bool(word.flags & STOPPED),
        siren=bool(word.flags & SIREN),
        speed_mps=word.speed_mmps / 1000,
        turn_dps=math.degrees(word.turn_mradps / 1000),
        doors_open=tuple(map(_yes, word.doors)),
        bolts_locked=tuple(map(_yes, word.bolts)),
        lid_open=_yes(word.lid),
        tilt_deg=_over(word.tilt_cdeg, 100),
        lifted=_yes(word.lifted),
        temperature_c=_over(word.temperature_cc, 100),
        winch_out_m=_over(word.winch_mm, 1000),
        battery_v=_over(word.battery_mv, 1000),
        lost_events=word.lost_events,
        damaged_frames=word.refused_frames,
    )


def event_of(
    word: EventWord, *, order_id: str | None, at_s: float, now_s: float
) -> CompartmentEvent | None:
    """Return what happened, None of a kind that a newer controller knows and we do not."""
    if word.what > len(NEWS):
        return None
    return CompartmentEvent(
        received_s=now_s,
        at_s=at_s,
        boot_id=word.boot_id,
        event_id=word.event_id,
        what=NEWS[word.what - 1],
        compartment=word.compartment,
        order_id=order_id,
    )


def _yes(told: int | None) -> bool | None:
    return None if told is None else told == 1


def _over(told: int | None, divisor: int) -> float | None:
    return None if told is None else told / divisor
