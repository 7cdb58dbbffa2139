"""How long each vehicle of a day is switched on."""

import asyncio
from collections.abc import Sequence

from edge.messages.state import Backlog
from sim.vehicles.vehicle import Vehicle


class WorkingDay:
    """Lives through the vehicles' days; on a day that goes on, each is switched off in time."""

    def __init__(self, least_s: float) -> None:
        """0: the day is over with the last vehicle, and none is switched off before."""
        self._least_s = least_s
        self._off_s: dict[str, float] = {}
        self._done: dict[str, asyncio.Event] = {}

    async def live(self, vehicle: Vehicle, *, has_work: bool) -> None:
        """Live through a vehicle's day: for ever, or until somebody switches it off."""
        if not self._least_s:
            await vehicle.run()
            return
        done = self._done[vehicle.name] = asyncio.Event()
        async with asyncio.TaskGroup() as tasks:
            living = tasks.create_task(vehicle.run(), name=f"{vehicle.name} on")
            await (vehicle.settled() if has_work else _nothing_waits(vehicle))
            self._off_s[vehicle.name] = asyncio.get_running_loop().time()
            living.cancel()
        done.set()

    async def over(self, at_work: Sequence[Vehicle], limit_h: float) -> str:
        """Wait for the end of the day; say what is the matter when it does not come."""
        try:
            async with asyncio.timeout(limit_h * 3600):
                for vehicle in at_work:
                    await self._done_with(vehicle)
                left_s = self._least_s - asyncio.get_running_loop().time()
                if left_s > 0:
                    await asyncio.sleep(left_s)
        except TimeoutError:
            phases = ", ".join(f"{vehicle.name} is {vehicle.phase}" for vehicle in at_work)
            return f"not over after {limit_h} h: {phases}"
        return ""

    async def _done_with(self, vehicle: Vehicle) -> None:
        if self._least_s:
            await asyncio.sleep(0)  # every vehicle has begun to live by then
            await self._done[vehicle.name].wait()
        else:
            await vehicle.settled()

    def on_h(self, names: list[str], simulated_s: float) -> float:
        """Return how long vehicles were switched on, together."""
        return sum(self._off_s.get(name, simulated_s) for name in names) / 3600


async def _nothing_waits(vehicle: Vehicle) -> None:
    """Wait until the station has acknowledged all that a vehicle without work has to say."""
    version, backlog = 0, None
    while backlog != Backlog(facts=0, track=0, proof=0):
        version, view = await vehicle.board.cab.views.newer_than(version)
        backlog = view.backlog
