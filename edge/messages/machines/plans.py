"""Parts of a mission, a fence and the rally points, before any autopilot's way to say them."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place, SpeedMps

HeightM = Annotated[float, Meta(ge=-500, le=10_000, description="above home [m]")]
PlanKind = Literal["mission", "fence", "rally"]


class Part(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="part"
):
    """Base of every part."""


class Climb(Part, frozen=True, kw_only=True, tag="climb"):
    """Take off straight up."""

    height_m: HeightM


class Via(Part, frozen=True, kw_only=True, tag="via"):
    """Go there; a vehicle on the ground leaves the height out of account."""

    place: Place
    height_m: HeightM = 0.0
    wait_s: Annotated[float, Meta(ge=0, le=3600)] = 0.0


class TouchDown(Part, frozen=True, kw_only=True, tag="touch_down"):
    """Land there."""

    place: Place


class GoHome(Part, frozen=True, kw_only=True, tag="go_home"):
    """Return the autopilot's own way."""


class Cruise(Part, frozen=True, kw_only=True, tag="cruise"):
    """From here on at this speed over ground."""

    speed_mps: SpeedMps


class Release(Part, frozen=True, kw_only=True, tag="release"):
    """Open the gripper; whether the parcel fell must be seen otherwise."""


class SetDown(Part, frozen=True, kw_only=True, tag="set_down"):
    """Go down there until the parcel touches the ground, let it go, climb again."""

    place: Place
    height_m: HeightM
    deepest_m: Annotated[float, Meta(gt=0, le=100)]
    """How far below that height the ground may be."""


class Lower(Part, frozen=True, kw_only=True, tag="lower"):
    """Let the winch's line out; a negative length takes it in."""

    length_m: Annotated[float, Meta(ge=-100, le=100)]
    speed_mps: Annotated[float, Meta(gt=0, le=10)] = 0.5


class RoundFence(Part, frozen=True, kw_only=True, tag="round_fence"):
    """Stay inside the circle, or outside."""

    centre: Place
    radius_m: Annotated[float, Meta(gt=0, le=100_000)]
    stay: Literal["inside", "outside"]


class CorneredFence(Part, frozen=True, kw_only=True, tag="cornered_fence"):
    """Stay inside the polygon, or outside."""

    corners: Annotated[tuple[Place, ...], Meta(min_length=3, max_length=100)]
    stay: Literal["inside", "outside"]


class Refuge(Part, frozen=True, kw_only=True, tag="refuge"):
    """A rally point: where a return may end instead of at home."""

    place: Place
    height_m: HeightM


MissionPart = Climb | Via | TouchDown | GoHome | Cruise | Release | SetDown | Lower
PlanPart = MissionPart | RoundFence | CorneredFence | Refuge
