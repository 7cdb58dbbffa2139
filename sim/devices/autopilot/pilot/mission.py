"""A stored mission being carried out, item by item, by the deeds they ask for."""

import math
from typing import TYPE_CHECKING

from sim.devices.autopilot.memory import Item
from sim.devices.autopilot.pilot.deeds import STILL, Climb, Deed, GoTo, Land, Return, Stay
from sim.devices.autopilot.pilot.fence import breach
from sim.devices.autopilot.pilot.ground import Point
from sim.devices.autopilot.pilot.place import Place
from sim.vehicles.machines.body import Demand

if TYPE_CHECKING:
    from sim.devices.autopilot.pilot.craft import Craft

WAYPOINT, LOITER_UNLIMITED, LOITER_TURNS, LOITER_TIME = 16, 17, 18, 19
RETURN, LAND, TAKE_OFF, DELAY, PAYLOAD_PLACE = 20, 21, 22, 93, 94
LOITER_TO_HEIGHT, SPLINE, CONDITION_DELAY, JUMP = 31, 82, 112, 177
NAVIGATES = frozenset({16, 17, 18, 19, 20, 21, 22, 31, 82, 84, 85, 92, 93, 94, 112})
RELATIVE, TERRAIN = frozenset({3, 6}), frozenset({10, 11})
SECONDS_PER_TURN = 25.0
MOST_JUMPS = 64  # in one step: a mission of jumps alone must not hang the controller


class Mission:
    """Where it is in the plan; the plan itself outlives it."""

    def __init__(self, craft: "Craft") -> None:
        self._craft = craft
        self.current = 0
        self.deed: Deed | None = None
        self.is_running = False
        self.is_over = False
        self.released = True
        """False: it stands armed on the ground and waits for MISSION_START or a throttle."""
        self.last_goal: Point | None = None
        self._jumps: dict[int, int] = {}

    @property
    def items(self) -> list[Item]:
        """The plan."""
        return self._craft.plans[0]

    @property
    def first(self) -> int:
        """Where it begins: item 0 of ArduPilot is home."""
        return int(self._craft.manner.has_home_item)

    def why_not(self) -> str:
        """Return what stands against starting it."""
        craft = self._craft
        if len(self.items) <= self.first:
            return "No valid mission available"
        if craft.flies and craft.gives_texts and craft.is_on_ground and craft.armed:
            return "" if self.begins_with_take_off else "Missing Takeoff Cmd"
        return "" if craft.gives_texts else self._outside_fence()

    def _outside_fence(self) -> str:
        """Return which item leaves the fence: PX4 looks before it starts."""
        craft = self._craft
        shapes, ground = craft.plans[1], craft.plant.ground
        for number, item in enumerate(self.items):
            if item.command in NAVIGATES and (item.x or item.y):
                goal = self._goal(item)
                if breach(goal, craft.home, craft.parameters, shapes, ground):
                    return f"Mission rejected: item {number} is outside the fence"
        return ""

    @property
    def begins_with_take_off(self) -> bool:
        """Its next part that moves is a take-off."""
        start = max(self.current, self.first)
        moves = (item.command for item in self.items[start:] if item.command in NAVIGATES)
        return next(moves, None) == TAKE_OFF

    def replaced(self) -> None:
        """Begin anew: there is another plan."""
        self.jump(self.first if self._craft.gives_texts else 0)

    def jump(self, to: int) -> bool:
        """Go on with another item; tell if there is one."""
        if not 0 <= to < max(1, len(self.items)):
            return False
        self.current = to
        self.deed = None
        self.is_over = False
        self._craft.news.current = to
        return True

    def halt(self) -> None:
        """Stop where it is; it goes on from the same item."""
        self.deed = None
        self.is_running = False
        self._jumps.clear()

    def step(self, spent_s: float) -> Demand | None:
        """Return how to move; None once the mission is over."""
        craft = self._craft
        if not self.released and craft.flies and craft.is_on_ground:
            return Demand(STILL)
        if self.is_over:
            return None
        if not self.is_running:
            self.is_running = True
            self.current = min(max(self.current, self.first), len(self.items))
            craft.news.current = self.current
        for _ in range(MOST_JUMPS):
            if self.deed is not None and not self.deed.done:
                self.last_goal = self.deed.goal or self.last_goal
                return self.deed.step(craft, spent_s)
            if self.deed is not None and not self._next():
                break
            if self.current >= len(self.items):
                break
            self.deed = self._begin(self.items[self.current])
        else:
            return Demand(STILL)
        self.is_running = False
        self.is_over = True
        self.deed = None
        return None

    def _next(self) -> bool:
        """Note the present item as done and take the next."""
        craft = self._craft
        done = self.items[self.current] if self.current < len(self.items) else None
        if done and (done.command in NAVIGATES or not craft.gives_texts):
            craft.news.reached.append(self.current)
        to = self.current + 1
        if done and done.command == JUMP:
            to = self._jump_goal(done, otherwise=to)
        if to >= len(self.items):
            return False
        self.current = to
        self.deed = None
        craft.news.current = to
        return True

    def _jump_goal(self, item: Item, otherwise: int) -> int:
        made = self._jumps.get(self.current, 0)
        goal, times = (int(_number(value)) for value in item.params[:2])
        if not 0 <= goal < len(self.items) or (times >= 0 and made >= times):
            return otherwise
        self._jumps[self.current] = made + 1
        return goal

    def _begin(self, item: Item) -> Deed:
        """Return what an item asks for; what it cannot do is over at once."""
        craft = self._craft
        goal, wait_s = self._goal(item), _number(item.params[0])
        nothing = Stay(lasts_s=0.0)
        if not craft.flies and item.command in (TAKE_OFF, LAND, PAYLOAD_PLACE):
            return nothing if item.command != LAND or craft.gives_texts else GoTo(goal)
        match item.command:
            case 16 | 82:  # WAYPOINT, SPLINE_WAYPOINT
                return GoTo(goal, stays_s=wait_s, near_m=_number(item.params[1]) or None)
            case 17:
                return Stay(goal)
            case 18:
                return GoTo(goal, stays_s=wait_s * SECONDS_PER_TURN)
            case 19:
                return GoTo(goal, stays_s=wait_s)
            case 31:
                return GoTo(goal)
            case 20:
                return Return()
            case 21 | 85:
                return Land(goal)
            case 22 | 84:
                return Climb(goal.up_m) if craft.is_on_ground else GoTo(self._above(goal))
            case 93 | 112:  # NAV_DELAY, CONDITION_DELAY
                return Stay(self.last_goal, lasts_s=wait_s)
            case 94:
                return Place(goal)
            case _:
                self._do(item)
                return Stay(self.last_goal, lasts_s=0.0)

    def _do(self, item: Item) -> None:
        """Carry out what takes no time of its own."""
        craft = self._craft
        first, second, third = item.params[:3]
        match item.command:
            case 178 if second > 0:  # DO_CHANGE_SPEED
                craft.speed_mps = second
            case 211:
                craft.payload.grip(release=second == 0)
            case 42600:
                craft.payload.winch(int(_number(second)), _number(third))
            case 207:
                craft.parameters.set("FENCE_ENABLE", float(first > 0))
            case 179:
                craft.home = craft.here if first == 1 else self._goal(item)

    def _above(self, goal: Point) -> Point:
        here = self._craft.here
        return Point(here.east_m, here.north_m, goal.up_m)

    def _goal(self, item: Item) -> Point:
        """Return where an item leads; without a place: here."""
        craft, here = self._craft, self._craft.here
        up_m = item.z - craft.plant.ground.alt_m
        if item.frame in RELATIVE:
            up_m = item.z + craft.home.up_m
        elif item.frame in TERRAIN:
            up_m = item.z
        if not math.isfinite(up_m):
            up_m = here.up_m
        if item.x == 0 and item.y == 0:
            return Point(here.east_m, here.north_m, up_m)
        return craft.plant.ground.point(item.x, item.y, up_m)


def _number(value: float) -> float:
    return value if math.isfinite(value) else 0.0
