"""A leg on the pavement: its line, where it crosses roads, and the door at its end."""

from collections.abc import Iterable, Sequence
from typing import Annotated, Literal

import msgspec
from msgspec import Meta
from msgspec.structs import replace

from edge.messages.geo import Place, SpeedMps
from edge.messages.machines.actuators import Compartment
from edge.messages.parcels import StopId
from edge.sidewalk.way import length_m, stretches

Purpose = Literal["stop", "home", "charge"]
KERB_M = 2.5  # it waits so far before a road: its own half, the doubt of its fix, its roll-out
LEAST_WAIT_S, MOST_WAIT_S = 300.0, 600.0  # at the door (works.md S5)


class MappedCrossing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A place to go over a road: all within reach of its middle is road."""

    crossing_id: Annotated[str, Meta(min_length=1, max_length=48)]
    middle: Place
    reach_m: Annotated[float, Meta(gt=0, le=60)]


class PlannedCrossing(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A road that the way goes over."""

    crossing_ids: tuple[str, ...]
    """More than one where there is no room to wait between two."""
    wait_m: float
    """Along the way: here it waits for its permissions."""
    road_m: float
    """Here the road begins."""
    clear_m: float
    """Here it has left the road."""


class DoorSite(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where the lid may be opened, and for what."""

    place: Place
    radius_m: Annotated[float, Meta(gt=0, le=50)]
    compartments: Annotated[tuple[Compartment, ...], Meta(min_length=1, max_length=8)]
    waits_s: Annotated[float, Meta(ge=LEAST_WAIT_S, le=MOST_WAIT_S)] = 420.0
    """For the customer's code."""


class DrivePlan(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One leg: to a stop's door, home, or to where it is charged."""

    plan_id: Annotated[str, Meta(min_length=1, max_length=48)]
    points: Annotated[tuple[Place, ...], Meta(min_length=2, max_length=2000)]
    speed_mps: SpeedMps
    purpose: Purpose = "stop"
    stop_id: StopId | None = None
    crossings: tuple[PlannedCrossing, ...] = ()
    """In the order it comes to them."""
    door: DoorSite | None = None
    room_m: float | None = None
    """How far it may swing out of its way, where a kerb map bounds it."""

    @property
    def length_m(self) -> float:
        """How long the way is."""
        return length_m(self.points)


class UndrivableError(Exception):
    """No leg can be made of this line. Says why."""


def plan_leg(
    plan_id: str,
    points: Sequence[Place],
    crossings: Iterable[MappedCrossing],
    *,
    speed_mps: SpeedMps,
    purpose: Purpose = "stop",
    stop_id: StopId | None = None,
    door: DoorSite | None = None,
    room_m: float | None = None,
) -> DrivePlan:
    """Return the leg along a line, with the mapped crossings that it goes over.

    A crossing that it sets out from has no place to wait before it: it is entered from
    where it stands. Raises UndrivableError.
    """
    if len(points) < 2 or not length_m(points) > 0:
        raise UndrivableError("a way has a start and an end elsewhere")
    if (purpose == "stop") != (door is not None and stop_id is not None):
        raise UndrivableError("a way to a stop has a stop and its door, and no other has")
    roads = sorted(
        (road_m, clear_m, one.crossing_id)
        for one in crossings
        for road_m, clear_m in stretches(points, one.middle, one.reach_m)
    )
    if roads and max(clear_m for _, clear_m, _ in roads) >= length_m(points) - 0.01:
        raise UndrivableError(f"it would end on crossing {roads[-1][2]}")
    return DrivePlan(
        plan_id=plan_id,
        points=tuple(points),
        speed_mps=speed_mps,
        purpose=purpose,
        stop_id=stop_id,
        crossings=_joined(roads),
        door=door,
        room_m=room_m,
    )


def _joined(roads: Iterable[tuple[float, float, str]]) -> tuple[PlannedCrossing, ...]:
    """Return the crossings in order; those without room to wait between them are one."""
    joined: list[PlannedCrossing] = []
    for road_m, clear_m, crossing_id in roads:
        one = PlannedCrossing(
            crossing_ids=(crossing_id,),
            wait_m=round(max(0.0, road_m - KERB_M), 2),
            road_m=round(road_m, 2),
            clear_m=round(clear_m + KERB_M, 2),
        )
        if joined and one.wait_m <= joined[-1].clear_m:
            last = joined.pop()
            ids = dict.fromkeys((*last.crossing_ids, crossing_id))
            clear = max(last.clear_m, one.clear_m)
            one = replace(last, crossing_ids=tuple(ids), clear_m=clear)
        joined.append(one)
    return tuple(joined)
