"""What the day of every simulated vehicle is made of, whoever drives it."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import datetime, timedelta

from edge.clock import Clock, LoopClock
from edge.messages.geo import Place, distance_m
from edge.messages.state import Backlog
from sim.devices.autopilot.autopilot import Autopilot
from sim.devices.autopilot.cable import OnCable
from sim.people.loader import Loader
from sim.scenario import Scenario
from sim.vehicles.board import Board

BACKLOG_KNOWN_AFTER_S = 15.0
GROUND_M = 12.0  # of the whole town, above mean sea level: it is flat
PAD_M = 15.0
SET_BY_HAND = {
    "BATT_FS_LOW_ACT": 2.0,
    "BATT_FS_CRT_ACT": 1.0,
    "FENCE_ENABLE": 1.0,
    "FENCE_TYPE": 4.0,
    "FS_GCS_ENABLE": 1.0,
    "NAV_DLL_ACT": 2.0,
    "COM_LOW_BAT_ACT": 3.0,
    "GF_ACTION": 2.0,
}
"""What a technician has set before the first flight: what the bridge asks for."""


def set_by_hand(autopilot: Autopilot, values: Mapping[str, float]) -> None:
    """Set those parameters that this firmware has."""
    for parameter, value in values.items():
        if parameter in autopilot.memory.parameters:
            autopilot.memory.parameters.set(parameter, value)


class Equipped:
    """One vehicle's day; `over` is set when it is closed."""

    board: Board

    def __init__(self, scenario: Scenario, name: str) -> None:
        self.name = name
        self.over = asyncio.Event()
        self._scenario = scenario
        self._group = scenario.group_of(name)
        self._closed_at = 0
        self._loop = asyncio.get_running_loop()

    @property
    def phase(self) -> str:
        """What its page shows."""
        view = self.board.cab.views.value
        return view.phase if view is not None else "dark"

    async def settled(self) -> None:
        """Wait until the day is closed and the station has acknowledged all of it."""
        await self.over.wait()
        views, version = self.board.cab.views, 0
        while True:
            # An older view may tell of a time when nothing waited.
            version, view = await views.newer_than(max(version, self._closed_at))
            if view.backlog == Backlog(facts=0, track=0, proof=0):
                return

    async def _work(self, work: Callable[[], Awaitable[None]]) -> None:
        """Have its people work from the shift's beginning to the closed day."""
        await self._until(self._scenario.after_s(self._group.shift_start))
        await work()
        await asyncio.sleep(BACKLOG_KNOWN_AFTER_S)
        self._closed_at = self.board.cab.views.version
        self.over.set()

    async def _until(self, at_s: float) -> None:
        await asyncio.sleep(at_s - self._loop.time())

    def _utc(self) -> datetime:
        return self._scenario.opens + timedelta(seconds=self._loop.time())


class Uncrewed(Equipped):
    """A machine's day: an autopilot drives it, and a loader looks after it."""

    autopilot: OnCable
    loader: Loader

    def __init__(self, scenario: Scenario, name: str, parked: Place) -> None:
        """Put it at `parked`."""
        super().__init__(scenario, name)
        self._parked = parked

    @property
    def away_m(self) -> float:
        """How far it really is from where it was put."""
        truth = self.autopilot.autopilot.truth
        return distance_m(self._parked, Place(lat_deg=truth.lat_deg, lon_deg=truth.lon_deg))

    def _is_away(self) -> bool:
        """Tell whether nobody can put anything in, or take it out."""
        return self.away_m > PAD_M or self.autopilot.autopilot.truth.speed_mps > 0.1

    def _new_clock(self) -> Clock:
        """Return the clock of a daemon that starts now."""
        return LoopClock(self._loop, self._utc(), "simulated")
