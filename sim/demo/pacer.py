"""The one hand on the clock of all the demo's processes."""

import asyncio
from collections.abc import Sequence

from sim.demo.children import VanProcess
from sim.demo.paced import Pace, PacedLoop

FASTEST = 1000.0
FASTEST_UNWATCHED = 300.0  # a stall of 0.1 s is a dead network of half a minute
LOOK_EVERY_S = 0.25  # real
# Behind by more, a round trip through the broker looks like a dead network.
TOO_LATE_S = 6.0
GOOD_S = 2.0


class Pacer:
    """Changes the speed of the station and of every van together."""

    def __init__(self, loop: PacedLoop, vans: Sequence[VanProcess] = ()) -> None:
        self._loop = loop
        self.vans = tuple(vans)

    @property
    def speed(self) -> float:
        """Simulated seconds per real second; 0 stands still."""
        return self._loop.pace.speed

    async def change(self, speed: float) -> None:
        """Take another speed, from now on."""
        await self._spread(self._loop.pace.changed(min(max(speed, 0.0), FASTEST)))

    async def calm(self) -> None:
        """Go at the speed of real time from here, whatever is still to be caught up."""
        await self._spread(Pace.starting_now(1.0, self._loop.time()))

    async def as_fast_as_it_goes(self) -> None:
        """Keep the speed as high as the slowest process can follow, for ever."""
        while True:
            await asyncio.sleep(LOOK_EVERY_S * max(self.speed, 1.0))
            late_s = max((self._loop.late_s, *(van.sign.late_s for van in self.vans)))
            if late_s > TOO_LATE_S:
                await self.change(max(10.0, 0.8 * self.speed))
            elif late_s < GOOD_S:
                await self.change(min(1.15 * self.speed, FASTEST_UNWATCHED))

    async def _spread(self, pace: Pace) -> None:
        self._loop.follow(pace)
        for van in self.vans:
            await van.pace(pace)
