"""The board in a vehicle: a machine that runs the shipped daemon."""

import asyncio
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
from sim.machine import Machine
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
        """Build it; `sever` cuts its connection to the broker without a goodbye."""
        self._config = config
        self._key = key
        self._seed = seed
        self._ports = ports
        self._connect = connect
        self._new_clock = new_clock
        self._sever = sever
        self.cab = Cab()
        self.machine = Machine(config.vehicle.name, folder, self._run_daemon, self._died)

    def _died(self) -> None:
        self._sever()
        self.cab.dark()

    async def _run_daemon(self, disk: Path, start: int) -> None:
        config, clock = self._config, self._new_clock()
        rng = chance(self._seed, config.vehicle.name, "daemon", str(start))
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
