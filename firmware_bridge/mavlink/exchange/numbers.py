"""The numbers in parameters: two encodings, and what a fleet wants them to be."""

import math
import struct
from collections.abc import Sequence

from edge.messages.machines.orders import Number, WantedParameter
from firmware_bridge.mavlink.wire.dialect import Message

STRUCT_OF_TYPE = {1: "B", 2: "b", 3: "H", 4: "h", 5: "I", 6: "i", 9: "f"}
NEAR = 1e-6  # of a float's value: it has been through 24 bits


def value_of(message: Message, *, is_bytewise: bool) -> Number:
    """Return the number in a PARAM_VALUE: its bytes, or a float of its value."""
    kind = STRUCT_OF_TYPE.get(message.param_type, "f")
    if kind == "f":
        return float(message.param_value)
    if not is_bytewise:
        return round(message.param_value) if math.isfinite(message.param_value) else 0
    raw = struct.pack("<f", message.param_value)
    (value,) = struct.unpack_from(f"<{kind}", raw)
    return int(value)


def float_of(value: Number, param_type: int, *, is_bytewise: bool) -> float:
    """Return what stands in the float of a PARAM_SET. Raises ValueError if it does not fit."""
    kind = STRUCT_OF_TYPE.get(param_type, "f")
    if kind == "f" or not is_bytewise:
        return float(value)
    try:
        raw = struct.pack(f"<{kind}", int(value)).ljust(4, b"\0")
    except struct.error as error:
        raise ValueError(f"{value} does not fit a parameter of type {param_type}") from error
    return float(struct.unpack("<f", raw)[0])


def problems_of(
    wanted: Sequence[WantedParameter], values: dict[str, Number]
) -> tuple[str, ...]:
    """Say what is wrong and how to set it; what a vehicle lacks counts unless it may."""
    told = []
    for one in wanted:
        name = next((name for name in one.names if name in values), None)
        if name is None:
            if one.needed:
                told.append(f"{one.names[0]} does not come, or is not known to it: {one.why}")
            continue
        value = values[name]
        if one.one_of:
            fits = any(is_same(value, other) for other in one.one_of)
            cure = " or ".join(str(other) for other in one.one_of)
        else:
            fits = (one.least is None or value >= one.least or is_same(value, one.least)) and (
                one.most is None or value <= one.most or is_same(value, one.most)
            )
            bounds = ("at least", one.least), ("at most", one.most)
            cure = " and ".join(
                f"{word} {bound}" for word, bound in bounds if bound is not None
            )
        if not fits:
            told.append(f"{name} is {value}: {one.why}; set it to {cure}")
    return tuple(told)


def is_same(value: Number, other: Number) -> bool:
    """Tell whether two numbers are one, but for a float's last bits."""
    return math.isclose(value, other, rel_tol=NEAR, abs_tol=NEAR)
