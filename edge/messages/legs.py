"""The way of one leg: its line on the map, and what the driver does where."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place

Manoeuvre = Literal[
    "depart",
    "continue",
    "slight_left",
    "left",
    "sharp_left",
    "slight_right",
    "right",
    "sharp_right",
    "u_turn",
    "roundabout",
    "ramp_left",
    "ramp_right",
    "ramp",
    "merge",
    "arrive",
    "arrive_left",
    "arrive_right",
]
"""`continue` goes straight on into a street of another name; `arrive_left` has the door on the
left. The page words them."""


class Step(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One thing the driver does, and how far he then goes until the next."""

    manoeuvre: Manoeuvre
    at: Place
    street: str = ""
    """Where it leads; empty if the street has no name."""
    exit: Annotated[int, Meta(ge=1, le=50)] | None = None
    """Which exit of the roundabout, counted from where it is entered."""
    length_m: Annotated[float, Meta(ge=0)] = 0.0
    lasts_s: Annotated[float, Meta(ge=0)] = 0.0


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A way by road from one place to another."""

    points: Annotated[tuple[Place, ...], Meta(min_length=1, max_length=50_000)]
    """The line on the map, from where the vehicle is on the road to where it stops."""
    length_m: Annotated[float, Meta(ge=0)]
    lasts_s: Annotated[float, Meta(ge=0)]
    steps: tuple[Step, ...]
    """The first departs, the last arrives."""
