"""A small disk of the vehicle's own that somebody fills to the last byte, and clears again."""

import asyncio
import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from random import Random

from tests.real.faults.day import Villain

SIZE_MB = 40  # the daemon's reserves and what it writes take a half of it
PIECES_B = (1 << 20, 4096, 1)


@contextmanager
def small_disk(folder: Path) -> Iterator[str]:
    """Mount a file system there; yields why it cannot be done, empty if it is."""
    folder.mkdir(parents=True)
    mount = ["mount", "-t", "tmpfs", "-o", f"size={SIZE_MB}m", "doorstep-test", str(folder)]
    done = subprocess.run(mount, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        yield done.stderr.strip()
        return
    try:
        yield ""
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)


class DiskVillain(Villain):
    """Fills the disk for a while."""

    def __init__(self, folder: Path, rng: Random) -> None:
        super().__init__(rng)
        self._filling = folder / "somebody-elses-film"
        self.refused_seen = 0

    async def strike(self) -> None:
        self._fill()
        until_s = asyncio.get_running_loop().time() + self.rng.uniform(0.5, 3.0)
        while asyncio.get_running_loop().time() < until_s:
            self._fill()  # what the daemon gives up, its reserve, too
            await asyncio.sleep(0.05)
        self._filling.unlink()

    def _fill(self) -> None:
        with self._filling.open("ab") as file:
            for size_b in PIECES_B:
                try:
                    while True:
                        os.write(file.fileno(), bytes(size_b))
                except OSError:
                    continue
