"""A computer with a disk: its process can die between two instructions and start again."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from random import Random
from typing import Any, Final

from edge.errors import StoreError
from sim.chance import chance
from sim.disk.disk import SimDisk
from sim.disk.platter import Survival

Process = Callable[[Path, int], Coroutine[Any, Any, None]]
"""Runs for ever on a disk; the number counts the starts from 1."""

RESTART_S: Final = 2.0  # systemd/doorstep-edge.service: RestartSec
TROUBLE_S: Final = 30.0  # a process may give up so long after its disk failed it


class Machine:
    """Runs one life of the process after the other."""

    def __init__(
        self,
        name: str,
        folder: Path,
        process: Process,
        died: Callable[[], None],
        rng: Random | None = None,
    ) -> None:
        """Let `died` cut whatever the process speaks through, at the instant of its death."""
        self._name = name
        self._folder = folder
        self._process = process
        self._died = died
        self._killed: asyncio.Future[float] | None = None
        self.starts = 0
        self.since_s = 0.0
        """When the present life began."""
        self.gave_up = 0
        """How often the process ended because its disk failed it."""
        self.disk = folder / "disk-1"
        """What the process of this life works on, or the one that comes next."""
        self.storage = SimDisk(self.disk, rng or chance(0, name, "disk"))

    async def run(self) -> None:
        """Run one life after the other until cancelled."""
        try:
            while True:
                down_s = await self._live()
                await asyncio.sleep(down_s)
        finally:
            self.storage.done_with()

    @property
    def up(self) -> bool:
        """Whether there is a process to kill."""
        return self._killed is not None and not self._killed.done()

    def kill(self, down_s: float, survival: Survival | None = None) -> bool:
        """End the process between two instructions; it starts again after `down_s`.

        What it has written stays, as the disk would hold it after a kill -9, or with
        `survival` what a power cut leaves of it: the next life
        works on a copy of the disk taken now, and whatever the old one does while it is
        being taken down reaches nobody. Returns False if it is down already.
        """
        if self._killed is None or self._killed.done():
            return False
        self._died()
        self.disk = self._folder / f"disk-{self.starts + 1}"
        self.storage.go_on_in(self.disk, survival)
        self._killed.set_result(down_s)
        return True

    async def _live(self) -> float:
        """Run the process until it is killed; return how long it stays down."""
        loop = asyncio.get_running_loop()
        self.starts += 1
        self.since_s = loop.time()
        self.disk.mkdir(parents=True, exist_ok=True)
        disk, self._killed = self.disk, loop.create_future()
        running = loop.create_task(self._process(disk, self.starts), name=self._name)
        try:
            await asyncio.wait((running, self._killed), return_when=asyncio.FIRST_COMPLETED)
            if not self._killed.done():
                self._let_give_up(running)
                return RESTART_S
            return self._killed.result()
        finally:
            self._killed = None
            running.cancel()
            await asyncio.wait((running,))
            if disk != self.disk:
                shutil.rmtree(disk)

    def _let_give_up(self, running: "asyncio.Task[None]") -> None:
        """Let a process end whose disk has just failed it: systemd starts it again."""
        error = running.exception()
        assert error is not None, f"the process of {self._name} never returns"
        recent_s = asyncio.get_running_loop().time() - self.storage.troubled_s
        if recent_s > TROUBLE_S or not _all_of_the_store(error):
            raise error
        self.gave_up += 1
        self._died()


def _all_of_the_store(error: BaseException) -> bool:
    if isinstance(error, BaseExceptionGroup):
        return all(_all_of_the_store(each) for each in error.exceptions)
    return isinstance(error, StoreError)
