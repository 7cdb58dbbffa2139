"""What a robot's lookout sees and hears: people, light, permissions, codes, helpers."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place, SpeedMps

Metres = Annotated[float, Meta(ge=-200, le=200)]
PersonMps = Annotated[float, Meta(ge=-15, le=15)]
Operator = Annotated[str, Meta(min_length=1, max_length=64)]


class PersonSeen(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody near, seen from the robot."""

    east_m: Metres
    north_m: Metres
    east_mps: PersonMps = 0.0
    north_mps: PersonMps = 0.0


class LookedAround(
    msgspec.Struct, frozen=True, kw_only=True, tag="looked_around", tag_field="kind"
):
    """Everybody within sight, ten times a second; nobody is an empty list, not silence."""

    received_s: float = 0.0
    people: Annotated[tuple[PersonSeen, ...], Meta(max_length=100)] = ()
    dark: bool | None = None


class CrossingLeave(
    msgspec.Struct, frozen=True, kw_only=True, tag="crossing_leave", tag_field="kind"
):
    """A signal, a gap sensor or a person lets it go over."""

    received_s: float = 0.0
    crossing_id: Annotated[str, Meta(min_length=1, max_length=48)]
    source: Literal["signal", "gap", "human"]
    lasts_s: Annotated[float, Meta(ge=0, le=600)]


class CodeEntered(
    msgspec.Struct, frozen=True, kw_only=True, tag="code_entered", tag_field="kind"
):
    """Somebody typed a code at the lid, or showed a token; compared at once and forgotten."""

    received_s: float = 0.0
    code: Annotated[str, Meta(min_length=1, max_length=64)]

    def __repr__(self) -> str:
        """Say nothing of the code."""
        return "CodeEntered(...)"


class HelperBeat(
    msgspec.Struct, frozen=True, kw_only=True, tag="helper_beat", tag_field="kind"
):
    """A person from afar is there, and for how long at most; without beats nobody is."""

    received_s: float = 0.0
    operator: Operator
    left_s: Annotated[float, Meta(ge=0, le=3600)]
    """0: gives it back."""


class HelperSteers(
    msgspec.Struct, frozen=True, kw_only=True, tag="helper_steers", tag_field="kind"
):
    """That person wants it to go there, as long as the beats come; no place: to stand."""

    received_s: float = 0.0
    operator: Operator
    place: Place | None = None
    speed_mps: SpeedMps = 0.0


LookoutWord = LookedAround | CrossingLeave | CodeEntered | HelperBeat | HelperSteers
