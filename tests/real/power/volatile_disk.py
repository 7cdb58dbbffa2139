"""A disk with a cache that a power cut empties: run as a process of its own.

    python -m tests.real.power.volatile_disk IMAGE FOLDER

serves FOLDER/disk from IMAGE. A line `cut SEED` on stdin is the power cut: of what was written
and not flushed a part survives, drawn from the seed; it goes back into IMAGE, and from then on
every write and flush fails.
"""

import contextlib
import errno
import os
import select
import sys
from pathlib import Path
from random import Random

from tests.real.power.fuse import answer, mount

SECTOR_B = 512


class VolatileDisk:
    """Reads give what was written last; `durable` is what was flushed."""

    def __init__(self, image: bytes) -> None:
        self.size_b = len(image)
        self._now = bytearray(image)
        self._durable = bytearray(image)
        self._pending: list[tuple[int, bytes]] = []
        self._has_power = True
        self.flushes = 0

    def read(self, at: int, size_b: int) -> bytes:
        return bytes(self._now[at : at + size_b])

    def write(self, at: int, content: bytes) -> None:
        self._needs_power()
        self._now[at : at + len(content)] = content
        self._pending.append((at, content))

    def flush(self) -> None:
        self._needs_power()
        for at, content in self._pending:
            self._durable[at : at + len(content)] = content
        self._pending.clear()
        self.flushes += 1

    def cut(self, rng: Random) -> tuple[bytes, int]:
        """Return what a reader finds afterwards, and how many writes were in the cache."""
        self._has_power = False
        waiting = len(self._pending)
        for at, content in self._survivors(rng):
            self._durable[at : at + len(content)] = content
        return bytes(self._durable), waiting

    def _survivors(self, rng: Random) -> list[tuple[int, bytes]]:
        """Draw what of the cache had reached the disk: none, some, in any order, torn."""
        chance = rng.choice((0.0, 0.1, 0.5, 0.9))
        kept = [one for one in self._pending if rng.random() < chance]
        rng.shuffle(kept)
        if kept and rng.random() < 0.5:
            at, content = kept[-1]
            kept[-1] = at, content[: SECTOR_B * rng.randint(0, len(content) // SECTOR_B)]
        return kept

    def _needs_power(self) -> None:
        if not self._has_power:
            raise OSError(errno.EIO, "no power")


def main() -> None:
    """Serve until the file system is unmounted."""
    image, folder = Path(sys.argv[1]), Path(sys.argv[2])
    disk = VolatileDisk(image.read_bytes())
    device = mount(folder)
    print("mounted", flush=True)
    ends = [device, sys.stdin.fileno()]
    with contextlib.suppress(BrokenPipeError):
        while True:
            ready, _, _ = select.select(ends, [], [])
            if sys.stdin.fileno() in ready:
                line = sys.stdin.readline()
                if not line:
                    ends.remove(sys.stdin.fileno())
                    continue
                found, waiting = disk.cut(Random(line))
                image.write_bytes(found)
                print(waiting, disk.flushes, flush=True)
            if device in ready and not answer(device, disk):
                break
    os.close(device)


if __name__ == "__main__":
    main()
