"""A GNSS receiver on a pty under a stable path: speaks NMEA, drives where it is told to."""

import asyncio
import contextlib
import math
import os
import tty
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path

from edge.messages.geo import Place, east_north_m, metres_per_degree
from sim.devices.receiver import with_fix
from sim.world import Truth

EPOCH_S = 0.1
SPEED_MPS = 25.0
SIGMA_M = 1.0


class Receiver:
    """10 Hz of a van on its way to `target`; whoever does not read misses what was said."""

    def __init__(self, master: int, place: Place) -> None:
        self._master = master
        self.place = place
        self.target = place

    @property
    def away_m(self) -> float:
        """How far the target still is."""
        return math.hypot(*east_north_m(self.place, self.target))

    async def run(self) -> None:
        """Drive and speak, for ever."""
        while True:
            truth = self._move()
            said = with_fix(
                datetime.now(UTC), self.place.lat_deg, self.place.lon_deg, truth, SIGMA_M
            )
            with contextlib.suppress(BlockingIOError):  # nobody reads: the daemon is dead
                os.write(self._master, said)
            await asyncio.sleep(EPOCH_S)

    def _move(self) -> Truth:
        east_m, north_m = east_north_m(self.place, self.target)
        away_m = math.hypot(east_m, north_m)
        step_m = min(away_m, SPEED_MPS * EPOCH_S)
        if away_m > 0:
            north_deg_m, east_deg_m = metres_per_degree(self.place.lat_deg)
            self.place = Place(
                lat_deg=self.place.lat_deg + north_m / away_m * step_m / north_deg_m,
                lon_deg=self.place.lon_deg + east_m / away_m * step_m / east_deg_m,
            )
        heading_deg = math.degrees(math.atan2(east_m, north_m)) % 360.0
        speed_mps = step_m / EPOCH_S
        return Truth(self.place.lat_deg, self.place.lon_deg, speed_mps, heading_deg)


@contextmanager
def plugged_in(path: Path, place: Place) -> Iterator[Receiver]:
    """Have a receiver behind `path`."""
    master, slave = os.openpty()
    try:
        tty.setraw(slave)
        os.set_blocking(master, False)
        path.symlink_to(os.ttyname(slave))
        yield Receiver(master, place)
    finally:
        os.close(master)
        os.close(slave)  # held open, so that the line outlives every daemon
