"""The station's computer: a machine that runs the shipped station."""

import asyncio
from collections.abc import Callable
from pathlib import Path

from edge.clock import Clock
from edge.uplink.port import Connect
from sim.chance import chance
from sim.depot.office import station_keys
from sim.machine import Machine
from station.config import StationConfig
from station.office import Office
from station.serve import Station
from station.store.database import Database


class House:
    """The station of a simulated day, life after life."""

    def __init__(
        self,
        config_on: Callable[[Path], StationConfig],
        *,
        seed: int,
        clock: Clock,
        connect: Connect,
        folder: Path,
        sever: Callable[[], None],
    ) -> None:
        """Build it; `config_on` is its configuration on a disk."""
        self._config_on = config_on
        self._seed = seed
        self._clock = clock
        self._connect = connect
        self._open: asyncio.Future[tuple[Office, Database]] = (
            asyncio.get_running_loop().create_future()
        )
        rng = chance(seed, "station", "disk")
        self.machine = Machine("station", folder, self._serve, sever, rng)

    async def opened(self) -> tuple[Office, Database]:
        """Wait until a station is ready; return what the newest one works with."""
        return await asyncio.shield(self._open)

    async def _serve(self, disk: Path, start: int) -> None:
        config = self._config_on(disk)
        connect = self.machine.storage.connect
        database = await Database.open(config.database_path, connect=connect)
        try:
            station = Station(
                config,
                station_keys(self._seed, config),
                database,
                clock=self._clock,
                connect=self._connect,
                rng=chance(self._seed, "station", str(start)),
            )
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(station.run(), name="station")
                await station.ready.wait()
                self._open.set_result((station.office, database))
        finally:
            if self._open.done():
                self._open = asyncio.get_running_loop().create_future()
            await database.close()
