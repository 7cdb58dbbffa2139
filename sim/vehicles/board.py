"""The board in a vehicle: runs the shipped daemon, which can be killed and started again."""

import asyncio
import shutil
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge.clock import Clock
from edge.config import Config
from edge.daemon import Daemon
from edge.handover.proof import SigningKey
from edge.uplink.port import Connect
from firmware_bridge.bridge import run_bridge
from sim.chance import chance
from sim.people.cab import Cab
from sim.wire import Ports


class Board:
    """One vehicle's computer with its disk, its ports and its page."""

    def __init__(
        self,
        config: Config,
        *,
        key: SigningKey,
        seed: int,
        ports: Ports,
        connect: Connect,
        folder: Path,
        new_clock: Callable[[], Clock],
        sever: Callable[[], None],
    ) -> None:
        self._config = config
        self._key = key
        self._seed = seed
        self._ports = ports
        self._connect = connect
        self._folder = folder
        self._new_clock = new_clock
        self._sever = sever
        self._killed: asyncio.Future[float] | None = None
        self.cab = Cab()
        self.starts = 0
        self.disk = folder / "disk-1"
        """What the daemon of this life works on, or the one that comes next."""

    async def run(self) -> None:
        """Run one daemon after the other until cancelled."""
        while True:
            down_s = await self._live()
            await asyncio.sleep(down_s)

    def kill(self, down_s: float) -> bool:
        """End the daemon between two instructions; it starts again after `down_s`.

        What it has committed stays, as the disk would hold it after a kill -9: the next life
        works on a copy of the disk taken now, and whatever the old one does while it is
        being taken down reaches nobody. Returns False if it is down already.
        """
        if self._killed is None or self._killed.done():
            return False
        self._sever()
        self.cab.dark()
        dead, self.disk = self.disk, self._folder / f"disk-{self.starts + 1}"
        shutil.copytree(dead, self.disk)
        self._killed.set_result(down_s)
        return True

    async def _live(self) -> float:
        """Run one daemon until it is killed; return how long it stays down."""
        loop = asyncio.get_running_loop()
        self.starts += 1
        self.disk.mkdir(parents=True, exist_ok=True)
        disk, self._killed = self.disk, loop.create_future()
        running = loop.create_task(self._run_daemon(disk), name=f"daemon {self.starts}")
        try:
            await asyncio.wait((running, self._killed), return_when=asyncio.FIRST_COMPLETED)
            if not self._killed.done():
                running.result()
                raise AssertionError("a daemon never returns")
            return self._killed.result()
        finally:
            self._killed = None
            running.cancel()
            await asyncio.wait((running,))
            if disk != self.disk:
                shutil.rmtree(disk)

    async def _run_daemon(self, disk: Path) -> None:
        config, clock = self._config, self._new_clock()
        rng = chance(self._seed, config.vehicle.name, "daemon", str(self.starts))
        devices = partial(
            run_bridge, config, clock=clock, rng=rng, open_link=self._ports.open_link
        )
        daemon = Daemon(
            config,
            key=self._key,
            clock=clock,
            rng=rng,
            devices=devices,
            connect=self._connect,
            folder=disk,
        )
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(daemon.run(), name="daemon")
            await daemon.ready.wait()
            tasks.create_task(self.cab.watch(daemon.desk), name="page")
