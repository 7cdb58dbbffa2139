"""What a pilot does at one time: stay, go, climb, land, return; each step says how to move."""

import math
from abc import ABC, abstractmethod
from typing import Protocol

from sim.devices.autopilot.pilot.ground import Point
from sim.vehicles.machines.body import Demand, Vector

STILL: Vector = (0.0, 0.0, 0.0)
BRAKES_MPS2 = 1.2
CLOSES_PER_S = 0.9  # the last metres: so much of the way in a second
LOW_M = 10.0  # below it a landing is slow
SETTLED_S = 0.6  # on the ground for so long is landed
SPOOL_UP_S = 1.0


class Helm(Protocol):
    """What a deed may ask of the craft."""

    @property
    def here(self) -> Point:
        """Where it believes to be."""
        ...

    @property
    def is_on_ground(self) -> bool:
        """It stands."""
        ...

    @property
    def flies(self) -> bool:
        """It is a copter."""
        ...

    @property
    def home(self) -> Point:
        """Where it is to return to."""
        ...

    @property
    def refuge(self) -> Point:
        """Where a return leads: home, or a rally point that is nearer."""
        ...

    @property
    def cruise_mps(self) -> float:
        """How fast it is to go, level."""
        ...

    def limit(self, name: str, otherwise: float) -> float:
        """Return one of the pilot's parameters by our word for it."""
        ...

    def let_go(self) -> None:
        """Open the gripper."""
        ...


class Deed(ABC):
    """Something that is being done; `done` says when it is over."""

    done = False
    landed_state = 2
    """MAV_LANDED_STATE while it goes on in the air."""
    goal: Point | None = None

    @abstractmethod
    def step(self, helm: Helm, spent_s: float) -> Demand:
        """Return how to move now."""


class Stay(Deed):
    """Hold a place, the present one if none is given, for a while or for ever."""

    def __init__(self, at: Point | None = None, *, lasts_s: float = math.inf) -> None:
        self.goal = at
        self._left_s = lasts_s

    def step(self, helm: Helm, spent_s: float) -> Demand:
        self._left_s -= spent_s
        self.done = self._left_s <= 0.0
        if helm.is_on_ground:
            return Demand(STILL)
        if self.goal is None:
            self.goal = helm.here
        return towards(helm, self.goal)


class GoTo(Deed):
    """Go to a place, and stay for a while if asked to."""

    def __init__(
        self,
        goal: Point,
        *,
        speed_mps: float | None = None,
        stays_s: float = 0.0,
        near_m: float | None = None,
        heading_deg: float | None = None,
    ) -> None:
        self.goal: Point = goal
        self.arrived = False
        self._speed_mps = speed_mps
        self._left_s = stays_s
        self._near_m = near_m
        self._heading_deg = heading_deg

    def step(self, helm: Helm, spent_s: float) -> Demand:
        near_m = self._near_m or helm.limit("near", 2.0)
        off_m = helm.here.level_m(self.goal)
        level = not helm.flies or abs(helm.here.up_m - self.goal.up_m) < max(near_m, 1.0)
        self.arrived = self.arrived or (off_m < near_m and level)
        if self.arrived:
            self._left_s -= spent_s
            self.done = self._left_s <= 0.0
            if not helm.flies:
                return Demand(STILL)
        return towards(helm, self.goal, self._speed_mps, self._heading_deg)


class Climb(Deed):
    """Take off, straight up, to a height."""

    landed_state = 3

    def __init__(self, up_m: float) -> None:
        self._up_m = up_m
        self._spool_s = SPOOL_UP_S

    def step(self, helm: Helm, spent_s: float) -> Demand:
        here = helm.here
        if self.goal is None:
            self.goal = Point(here.east_m, here.north_m, self._up_m)
        self._spool_s -= spent_s
        if self._spool_s > 0.0 and helm.is_on_ground:
            return Demand(STILL)
        self.done = here.up_m > self._up_m - 0.4
        return towards(helm, self.goal)


class Land(Deed):
    """Come down, over a place if one is given, and be done on the ground."""

    landed_state = 4

    def __init__(self, at: Point | None = None) -> None:
        self.goal = at
        self._settled_s = 0.0

    def step(self, helm: Helm, spent_s: float) -> Demand:
        here = helm.here
        if not helm.flies or helm.is_on_ground:
            self._settled_s += spent_s
            self.done = self._settled_s >= SETTLED_S
            return Demand((0.0, 0.0, -0.3) if helm.flies else STILL)
        self._settled_s = 0.0
        if self.goal is None:
            self.goal = here
        off_m = here.level_m(self.goal)
        if off_m > 3.0:
            return towards(helm, Point(self.goal.east_m, self.goal.north_m, here.up_m))
        level = towards(helm, self.goal).velocity_enu_mps
        slow, quick = helm.limit("landing", 0.5), helm.limit("descent", 1.5)
        sinks = slow if here.up_m - helm.home.up_m < LOW_M else max(slow, quick)
        return Demand((level[0], level[1], -sinks))


class Return(Deed):
    """Climb, go home, wait, land; on wheels: drive home and stand."""

    def __init__(self) -> None:
        self._parts: list[Deed] | None = None

    @property
    def landed_state(self) -> int:  # type: ignore[override]
        """As its present part says."""
        return self._parts[0].landed_state if self._parts else 2

    def step(self, helm: Helm, spent_s: float) -> Demand:
        if self._parts is None:
            self._parts = self._plan(helm)
        while len(self._parts) > 1 and self._parts[0].done:
            self._parts.pop(0)
        self.goal = self._parts[0].goal
        demand = self._parts[0].step(helm, spent_s)
        self.done = len(self._parts) == 1 and self._parts[0].done
        return demand

    def _plan(self, helm: Helm) -> list[Deed]:
        here, refuge = helm.here, helm.refuge
        if not helm.flies:
            return [GoTo(refuge), Stay()]
        if helm.is_on_ground:
            return [Land()]
        up_m = max(here.up_m, refuge.up_m + helm.limit("return_height", 15.0))
        over = Point(refuge.east_m, refuge.north_m, up_m)
        rise: Deed = GoTo(Point(here.east_m, here.north_m, up_m))
        wait_s = helm.limit("return_wait", 0.0)
        return [rise, GoTo(over, stays_s=max(0.0, wait_s)), Land(refuge)]


class Follow(Deed):
    """Fly a velocity until it is no longer told."""

    def __init__(self, velocity_enu_mps: Vector, *, lasts_s: float) -> None:
        self._velocity = velocity_enu_mps
        self._left_s = lasts_s

    def step(self, helm: Helm, spent_s: float) -> Demand:  # noqa: ARG002
        self._left_s -= spent_s
        self.done = self._left_s <= 0.0
        east, north = self._velocity[:2]
        heading = math.degrees(math.atan2(east, north)) % 360.0
        return Demand(self._velocity, heading if math.hypot(east, north) > 1.0 else None)


def towards(
    helm: Helm, goal: Point, speed_mps: float | None = None, heading_deg: float | None = None
) -> Demand:
    """Return the velocity that leads to a place and stops there."""
    here = helm.here
    east, north = goal.east_m - here.east_m, goal.north_m - here.north_m
    off_m = math.hypot(east, north)
    fastest = helm.cruise_mps if speed_mps is None else speed_mps
    speed = min(fastest, CLOSES_PER_S * off_m, math.sqrt(2.0 * BRAKES_MPS2 * off_m))
    part = speed / off_m if off_m > 0.01 else 0.0
    rise = goal.up_m - here.up_m
    up = min(helm.limit("climb", 2.5), max(-helm.limit("descent", 1.5), 1.2 * rise))
    if heading_deg is None and off_m > 3.0:
        heading_deg = math.degrees(math.atan2(east, north)) % 360.0
    return Demand((east * part, north * part, up if helm.flies else 0.0), heading_deg)
