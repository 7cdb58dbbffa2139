"""How the leg being driven leads: asked of the roads beside the loop, shown on the page."""

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

from edge.executor.mission.progress import Mission, Phase
from edge.executor.replanning.planning import Planning, Situation
from edge.messages.geo import Place
from edge.messages.legs import Leg
from edge.messages.state import VehicleState

MOST_POINTS = 1_000  # of a line on the page; a longer one is thinned


@dataclass(frozen=True, slots=True)
class Way:
    """A leg, and where it leads."""

    end: Place
    leg: Leg


class Wayfinder:
    """Looks for the way to the present goal whenever that changes."""

    def __init__(
        self, planning: Planning, situation: Callable[[], Situation], found: Callable[[], None]
    ) -> None:
        """Call `found` when there is another way to show."""
        self._planning = planning
        self._situation = situation
        self._found = found
        self._wanted = asyncio.Event()
        self._blind = False
        self.way: Way | None = None

    def look(self) -> None:
        """Look for the way anew: the goal, the plan or the roads have changed."""
        self._wanted.set()

    def moved(self, state: VehicleState) -> None:
        """Look now if there was no position to look from: after a start, out of a garage."""
        if self._blind and state.place is not None:
            self.look()

    async def run(self) -> None:
        """Find ways for ever, the newest goal only."""
        while True:
            await self._wanted.wait()
            self._wanted.clear()
            situation = self._situation()
            end, state = goal(situation.mission), situation.state
            self._blind = end is not None and (state is None or state.place is None)
            leg = await self._planning.leg(situation, end) if end is not None else None
            self.way = Way(end, leg) if end is not None and leg is not None else None
            self._found()


def goal(mission: Mission) -> Place | None:
    """Return where the vehicle is driving to; None: nowhere."""
    if mission.phase is Phase.UNDERWAY:
        return mission.stop.place
    if mission.phase is Phase.RETURNING and mission.route is not None:
        return mission.route.station
    return None


def line(way: Way | None, start: Place, end: Place) -> tuple[Place, ...]:
    """Return the line to draw: the way if it leads there, else a straight one."""
    if way is None or way.end != end:
        return (start, end)
    points = way.leg.points
    step = max(1, -(-len(points) // MOST_POINTS))
    return (*points[::step], points[-1]) if step > 1 else points
