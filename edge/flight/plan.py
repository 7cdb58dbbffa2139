"""A leg as a mission for an autopilot: out, to the drop, and back, whole before it takes off.

The way home is on board before the motors run, behind a wait over the drop: if the daemon dies
out there, the autopilot goes home by itself, round the zones, with the parcel.
"""

import math
from collections.abc import Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import Place, SpeedMps
from edge.messages.machines.plans import (
    Climb,
    CorneredFence,
    Cruise,
    HeightM,
    MissionPart,
    Refuge,
    RoundFence,
    TouchDown,
    Via,
)
from edge.messages.parcels import StopId
from edge.planner.travel.air import Waypoint

Manner = Literal["drop", "winch", "land"]
WAITS_S = 90.0  # for the daemon's word over the drop; then it goes home by itself
SAME_POINT_DEG = 1e-7  # what an autopilot keeps
LEAST_CLIMB_M = 2.0


class DropSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where and how a parcel may be let go."""

    place: Place
    manner: Manner
    radius_m: Annotated[float, Meta(gt=0, le=50)]
    """Of the approved circle."""
    hover_m: HeightM
    """Height above home in which it waits, drops or lets the line out."""
    lowest_m: HeightM
    highest_m: HeightM
    """It is let go between these, and nowhere else."""
    line_m: Annotated[float, Meta(ge=0, le=100)] = 0.0
    """Of the winch's line that reaches the ground from there."""


class FlightPlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is put on board, and which of its parts is what."""

    plan_id: Annotated[str, Meta(min_length=1, max_length=48)]
    stop_id: StopId
    site: DropSite
    parts: tuple[MissionPart, ...]
    drop_part: int
    """The part that waits, or lands, at the drop."""
    back: tuple[MissionPart, ...] = ()
    """The mission home of a flight that lands at the drop; else it is in `parts`."""
    fence: tuple[RoundFence | CorneredFence, ...] = ()
    rally: tuple[Refuge, ...] = ()

    @property
    def home_part(self) -> int:
        """The first part behind the drop."""
        return self.drop_part + 1


class UnflyableError(Exception):
    """These waypoints make no mission. Says why."""


def plan_leg(
    plan_id: str,
    stop_id: StopId,
    site: DropSite,
    out: Sequence[Waypoint],
    back: Sequence[Waypoint],
    *,
    cruise_mps: SpeedMps,
    in_air: bool = False,
    fence: Sequence[RoundFence | CorneredFence] = (),
    rally: Sequence[Refuge] = (),
) -> FlightPlan:
    """Return the mission of a flight out and back, as `AirTravel.waypoints` gives both.

    `in_air`: it flies already, so the climb is left out. Raises UnflyableError.
    """
    _refuse_wrong(site, out, back, in_air=in_air)
    parts: list[MissionPart] = [] if in_air else [_climb(out)]
    parts += [Cruise(speed_mps=cruise_mps), *_level(out)]
    homeward: list[MissionPart] = [*_level(back), TouchDown(place=back[-1].place)]
    if site.manner == "land":
        drop: MissionPart = TouchDown(place=site.place)
        behind: tuple[MissionPart, ...] = ()
        separate = (_climb(back), Cruise(speed_mps=cruise_mps), *homeward)
    else:
        drop = Via(place=site.place, height_m=site.hover_m, wait_s=WAITS_S)
        behind = tuple(homeward)  # its first point is straight above
        separate = ()
    return FlightPlan(
        plan_id=plan_id,
        stop_id=stop_id,
        site=site,
        parts=(*parts, drop, *behind),
        drop_part=len(parts),
        back=separate,
        fence=tuple(fence),
        rally=tuple(rally),
    )


def plan_home(
    plan: FlightPlan, plan_id: str, way: Sequence[Waypoint], *, cruise_mps: SpeedMps
) -> FlightPlan:
    """Return the way home from anywhere in the air; nothing is let go on it."""
    if len(way) < 4:
        raise UnflyableError("a way home has a start, two points in the air and an end")
    parts = (Cruise(speed_mps=cruise_mps), *_level(way), TouchDown(place=way[-1].place))
    return FlightPlan(
        plan_id=plan_id,
        stop_id=plan.stop_id,
        site=plan.site,
        parts=parts,
        drop_part=-1,
        fence=plan.fence,
        rally=plan.rally,
    )


def _climb(way: Sequence[Waypoint]) -> Climb:
    return Climb(height_m=way[1].height_m)


def _level(way: Sequence[Waypoint]) -> list[MissionPart]:
    """Return the level part: what `waypoints` gives between its two ends, each point once."""
    points: list[MissionPart] = []
    last = way[0]
    for point in way[1:-1]:
        if not (_same(point.place, last.place) and point.height_m == last.height_m):
            points.append(Via(place=point.place, height_m=point.height_m))
        last = point
    return points


def _refuse_wrong(
    site: DropSite, out: Sequence[Waypoint], back: Sequence[Waypoint], *, in_air: bool
) -> None:
    if len(out) < 4 or len(back) < 4:
        raise UnflyableError("a flight has at least a start, two points in the air and an end")
    if not _same(out[-1].place, site.place) or not _same(back[0].place, site.place):
        raise UnflyableError("it does not lead to the drop and from there")
    if not _same(out[1].place, out[0].place) or not _same(back[1].place, back[0].place):
        raise UnflyableError("it does not begin straight up")
    if not site.lowest_m <= site.hover_m <= site.highest_m:
        raise UnflyableError(
            f"it would wait at {site.hover_m:g} m, and may let go from {site.lowest_m:g} m to "
            f"{site.highest_m:g} m"
        )
    up_m = math.inf if in_air else out[1].height_m - out[0].height_m
    down_m = LEAST_CLIMB_M if site.manner == "land" else out[-2].height_m - site.hover_m
    if min(up_m, down_m) < LEAST_CLIMB_M:
        raise UnflyableError("it would cruise no higher than it starts or waits")
    if site.manner == "winch" and not site.line_m:
        raise UnflyableError("a winch without a length of line")


def _same(one: Place, other: Place) -> bool:
    return (
        abs(one.lat_deg - other.lat_deg) <= SAME_POINT_DEG
        and abs(one.lon_deg - other.lon_deg) <= SAME_POINT_DEG
    )
