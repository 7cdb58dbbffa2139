"""The board in a vehicle: a machine that runs the shipped daemon."""

import asyncio
from collections.abc import Callable
from functools import partial
from pathlib import Path

from edge.clock import Clock
from edge.config import Config
from edge.daemon import Daemon
from edge.daemon.telling import VERSION
from edge.handover.proof import SigningKey
from edge.record.recorder import Recorder
from edge.record.shelf import FOLDER, Shelf
from edge.uplink.port import Connect
from firmware_bridge.bridge import run_bridge
from sim.chance import chance
from sim.machine import Machine
from sim.people.cab import Cab
from sim.virtual_time import VirtualTimeLoop
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
        self._recorder: Recorder | None = None
        self.cab = Cab()
        rng = chance(seed, config.vehicle.name, "disk")
        self.machine = Machine(config.vehicle.name, folder, self._run_daemon, self._died, rng)

    def _died(self) -> None:
        if self._recorder is not None:
            self._recorder.end("killed")
        self._sever()
        self.cab.dark()

    async def _run_daemon(self, disk: Path, start: int) -> None:
        config, clock = self._config, self._new_clock()
        rng = chance(self._seed, config.vehicle.name, "daemon", str(start))
        shelf = Shelf(
            disk / config.store.folder / FOLDER,
            days=config.record.days_of(config.vehicle.kind),
            max_mb=config.record.max_mb,
        )
        recorder = self._recorder = Recorder(shelf, _moment)
        recorder.begin(config, disk, clock, rng, key=self._key, version=VERSION)
        open_link = recorder.opening(self._ports.open_link)
        devices = partial(run_bridge, config, clock=clock, rng=rng, open_link=open_link)
        daemon = Daemon(
            config,
            key=self._key,
            clock=clock,
            rng=rng,
            devices=devices,
            connect=recorder.connecting(self._connect),
            folder=disk,
            disk=self.machine.storage.for_stores(),
            at_desk=recorder.at_desk,
            searching=recorder.searching(config),
        )
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(daemon.run(), name="daemon")
                await daemon.ready.wait()
                tasks.create_task(self.cab.watch(daemon.desk), name="page")
        finally:
            recorder.end("stopped")


def _moment() -> tuple[float, int]:
    loop = asyncio.get_running_loop()
    return loop.moment() if isinstance(loop, VirtualTimeLoop) else (loop.time(), 0)
