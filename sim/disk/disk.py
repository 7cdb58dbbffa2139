"""The disk of a simulated computer, life after life, with all that can be wrong with it."""

import asyncio
import errno
import shutil
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from random import Random

from edge.store import disk as host
from edge.store.disk import Disk
from sim.disk import layout, vfs
from sim.disk.platter import Platter, Survival
from sim.virtual_time import VirtualTimeLoop

RESERVE = ".ballast"
ROOM_B = 1 << 40  # of a disk that is not full


@dataclass(slots=True)
class _Wait:
    """Something that strikes in the n-th write from now on."""

    writes: int
    strike: Callable[[], None]


class SimDisk:
    """Told of every write by SQLite; hands the stores what they ask of a disk."""

    def __init__(self, folder: Path, rng: Random) -> None:
        self.folder = folder
        """Where the present life works."""
        self._rng = rng
        self._platters: dict[str, Platter] = {}
        self._gone: dict[str, Platter] = {}
        """Deleted, and no sync since: a cut may undo it."""
        self._waits: list[_Wait] = []
        self._limit_b: int | None = None
        self._failed_frac = 0.0
        self._slow_s = 0.0
        self.troubled_s = float("-inf")
        """When it last refused or failed something."""
        self.watched = False
        """Whether SQLite's writes go through here; needed for all that can be wrong with it."""

    def for_stores(self) -> Disk:
        """Return what the shipped stores take."""
        return Disk(
            connect=self.connect, spare_b=self.spare_b, reserve=self.reserve, keep=self.keep
        )

    def connect(self, path: Path, wait_s: float) -> sqlite3.Connection:
        """Open a database on this disk."""
        if not self.watched:
            return host.connect(path, wait_s)
        return vfs.connect(path, wait_s, self)

    def spare_b(self, _folder: Path) -> int:
        """Return how much still fits."""
        if self._limit_b is None:
            return ROOM_B
        return max(0, self._limit_b - self.used_b())

    def reserve(self, path: Path, size_b: int) -> None:
        """Make a file that counts for its size, but costs nothing."""
        with path.open("wb") as file:
            file.truncate(size_b)

    def keep(self, path: Path, content: bytes) -> None:
        """Keep a file. Raises OSError."""
        if self._refuses(len(content)):
            raise self._error(errno.ENOSPC)
        if self._fails():
            raise self._error(errno.EIO)
        self._take_time()
        host.keep(path, content)

    def changed_outside(self) -> None:
        """Take the files as they are now for what is safe."""
        self._platters.clear()
        self._gone.clear()

    def done_with(self) -> None:
        """Forget the disk: the day is over."""
        vfs.forget(self.folder)

    def fill(self, spare_b: int) -> None:
        """Let only so much still fit."""
        self._limit_b = self.used_b() + spare_b

    def empty(self) -> None:
        """Let everything fit again."""
        self._limit_b = None

    def fail(self, frac: float) -> None:
        """Let a part of the writes and syncs fail; 0: it works."""
        self._failed_frac = frac

    def slow_down(self, delay_s: float) -> None:
        """Let every sync take so long; 0: it is quick."""
        self._slow_s = delay_s

    def at_write(self, writes: int, strike: Callable[[], None]) -> Callable[[], None]:
        """Call `strike` in the n-th write from now on; return how to call that off."""
        wait = _Wait(writes, strike)
        self._waits.append(wait)

        def off() -> None:
            if wait in self._waits:
                self._waits.remove(wait)

        return off

    def go_on_in(self, folder: Path, survival: Survival | None) -> None:
        """Leave the old life's files as they are, and give the next life its own in `folder`.

        Without `survival` the next life finds everything written; with it, what a power cut
        leaves.
        """
        before, self.folder = self.folder, folder
        platters, self._platters = self._platters, {}
        gone, self._gone = self._gone, {}
        vfs.forget(before)
        folder.mkdir(parents=True)
        for source in sorted(before.rglob("*")):
            name = str(source.relative_to(before))
            target = folder / name
            if source.is_dir():
                target.mkdir()
            elif name.endswith(RESERVE):
                self.reserve(target, source.stat().st_size)
            elif survival is None or name not in platters:
                _copy(source, target)
        if survival is None:
            self._platters, self._gone = platters, gone
            return
        for name, platter in sorted({**gone, **platters}.items()):
            undone = name in platters or self._rng.random() >= survival.kept_frac
            found = platter.after_cut(self._rng, survival) if undone else None
            if found is not None:
                (folder / name).write_bytes(found)

    # What SQLite tells.

    def opened(self, path: str) -> None:
        """Begin to follow a file."""
        name = self._name(path)
        if name is None:
            return
        content = Path(path).read_bytes()
        if name not in self._platters or not content:
            self._platters[name] = Platter(bytearray(content), there=bool(content))

    def write(self, path: str, content: bytes, at: int) -> int:
        """Answer for a write."""
        name = self._name(path)
        if name is None:
            return layout.OK
        if self._limit_b is not None:
            grows_b = at + len(content) - Path(path).stat().st_size
            if grows_b > 0 and self._refuses(grows_b):
                return layout.FULL
        if self._failed_frac and self._fails():
            return layout.IOERR_WRITE
        self._platters[name].write(at, content)
        if self._waits:
            self._count()
        return layout.OK

    def truncate(self, path: str, size: int) -> int:
        """Answer for a file that is cut off."""
        name = self._name(path)
        if name is not None:
            self._platters[name].truncate(size)
        return layout.OK

    def sync(self, path: str) -> int:
        """Answer for a sync."""
        name = self._name(path)
        if name is None:
            return layout.OK
        if self._failed_frac and self._fails():
            return layout.IOERR_FSYNC
        if self._slow_s:
            self._take_time()
        self._platters[name].sync()
        self._gone.clear()
        return layout.OK

    def delete(self, path: str, synced: bool) -> None:
        """Take note of a deletion."""
        name = self._name(path)
        if name is None or name not in self._platters:
            return
        platter = self._platters.pop(name)
        if platter.there and not synced:
            self._gone[name] = platter

    def _name(self, path: str) -> str | None:
        """Return the file's name on this disk; None: it is an earlier life's."""
        folder = str(self.folder)
        return path[len(folder) + 1 :] if path.startswith(folder + "/") else None

    def _count(self) -> None:
        for wait in list(self._waits):
            wait.writes -= 1
            if wait.writes <= 0:
                self._waits.remove(wait)
                wait.strike()

    def used_b(self) -> int:
        """Return the size of everything on it."""
        return sum(file.stat().st_size for file in self.folder.rglob("*") if file.is_file())

    def _refuses(self, more_b: int) -> bool:
        if self._limit_b is None or self.used_b() + more_b <= self._limit_b:
            return False
        self.troubled_s = asyncio.get_running_loop().time()
        return True

    def _fails(self) -> bool:
        if self._rng.random() >= self._failed_frac:
            return False
        self.troubled_s = asyncio.get_running_loop().time()
        return True

    def _take_time(self) -> None:
        if not self._slow_s:
            return  # real processes write in a thread, where no loop runs
        loop = asyncio.get_running_loop()
        if isinstance(loop, VirtualTimeLoop):
            loop.work_takes(self._slow_s)

    def _error(self, code: int) -> OSError:
        return OSError(code, "the simulated disk")


def _copy(source: Path, target: Path) -> None:
    """Copy a file; a photo, which nobody ever changes, becomes a second name of the same."""
    if source.parent.name == "media":
        target.hardlink_to(source)
    else:
        shutil.copy2(source, target)
