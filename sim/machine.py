"""A computer with a disk: its process can die between two instructions and start again."""

import asyncio
import shutil
from collections.abc import Callable, Coroutine
from pathlib import Path
from typing import Any

Process = Callable[[Path, int], Coroutine[Any, Any, None]]
"""Runs for ever on a disk; the number counts the starts from 1."""


class Machine:
    """Runs one life of the process after the other."""

    def __init__(
        self, name: str, folder: Path, process: Process, died: Callable[[], None]
    ) -> None:
        """Let `died` cut whatever the process speaks through, at the instant of its death."""
        self._name = name
        self._folder = folder
        self._process = process
        self._died = died
        self._killed: asyncio.Future[float] | None = None
        self.starts = 0
        self.disk = folder / "disk-1"
        """What the process of this life works on, or the one that comes next."""

    async def run(self) -> None:
        """Run one life after the other until cancelled."""
        while True:
            down_s = await self._live()
            await asyncio.sleep(down_s)

    def kill(self, down_s: float) -> bool:
        """End the process between two instructions; it starts again after `down_s`.

        What it has committed stays, as the disk would hold it after a kill -9: the next life
        works on a copy of the disk taken now, and whatever the old one does while it is
        being taken down reaches nobody. Returns False if it is down already.
        """
        if self._killed is None or self._killed.done():
            return False
        self._died()
        dead, self.disk = self.disk, self._folder / f"disk-{self.starts + 1}"
        shutil.copytree(dead, self.disk)
        self._killed.set_result(down_s)
        return True

    async def _live(self) -> float:
        """Run the process until it is killed; return how long it stays down."""
        loop = asyncio.get_running_loop()
        self.starts += 1
        self.disk.mkdir(parents=True, exist_ok=True)
        disk, self._killed = self.disk, loop.create_future()
        running = loop.create_task(self._process(disk, self.starts), name=self._name)
        try:
            await asyncio.wait((running, self._killed), return_when=asyncio.FIRST_COMPLETED)
            if not self._killed.done():
                running.result()
                raise AssertionError(f"the process of {self._name} never returns")
            return self._killed.result()
        finally:
            self._killed = None
            running.cancel()
            await asyncio.wait((running,))
            if disk != self.disk:
                shutil.rmtree(disk)
