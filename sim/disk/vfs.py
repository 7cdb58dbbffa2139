"""A file system under SQLite that tells somebody of every write, sync and truncation.

Everything else stays the host's own code: of an opened file only the table of methods is
exchanged for one in which these three go through Python.
"""

import ctypes
import logging
import sqlite3
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final, Protocol

from sim.disk import layout
from sim.disk.layout import Methods, Vfs

log = logging.getLogger(__name__)

NAME: Final = b"doorstep-simulated"


class Watcher(Protocol):
    """Who is told, before it happens; an answer but 0 is SQLite's code of a failure."""

    def opened(self, path: str) -> None:
        """Take note of a file that may be new."""
        ...

    def write(self, path: str, content: bytes, at: int) -> int:
        """Answer for a write."""
        ...

    def truncate(self, path: str, size: int) -> int:
        """Answer for a file that is cut off at `size`."""
        ...

    def sync(self, path: str) -> int:
        """Answer for a sync."""
        ...

    def delete(self, path: str, synced: bool) -> None:
        """Take note of a file that is going to be deleted."""
        ...


class _System:
    """The one file system of this process, and whose each file is."""

    def __init__(self) -> None:
        self._library = layout.library()
        self._host = self._library.sqlite3_vfs_find(None)
        self.watchers: dict[str, Watcher] = {}
        """By the path of the database."""
        self._files: dict[int, tuple[str, Watcher, Methods]] = {}
        self._tables: dict[int, Methods] = {}
        self._keep: list[Any] = []
        own = Vfs()
        ctypes.memmove(ctypes.byref(own), self._host, ctypes.sizeof(Vfs))
        own.name, own.next = NAME, None
        own.open, own.delete = layout.OPEN(self._open), layout.DELETE(self._delete)
        self._own = own
        if self._library.sqlite3_vfs_register(ctypes.byref(own), 0) != layout.OK:
            raise AssertionError("SQLite takes no file system")

    def _watcher(self, path: str) -> Watcher | None:
        for suffix in ("", "-wal", "-journal"):
            if path.endswith(suffix):
                found = self.watchers.get(path[: len(path) - len(suffix)])
                if found is not None:
                    return found
        return None

    def _open(self, _vfs: int, name: int | None, file: int, flags: int, out: Any) -> int:  # noqa: ANN401
        answer: int = self._host.contents.open(
            ctypes.cast(self._host, ctypes.c_void_p), name, file, flags, out
        )
        if answer != layout.OK or name is None:
            return answer
        path = ctypes.string_at(name).decode()
        watcher = self._watcher(path)
        if watcher is not None:
            pointer = ctypes.c_void_p.from_address(file)
            if pointer.value is not None:
                host = Methods.from_address(pointer.value)
                self._files[file] = (path, watcher, host)
                pointer.value = ctypes.addressof(self._table(pointer.value, host))
                watcher.opened(path)
        return answer

    def _table(self, address: int, host: Methods) -> Methods:
        own = self._tables.get(address)
        if own is None:
            own = Methods()
            ctypes.memmove(ctypes.byref(own), ctypes.byref(host), ctypes.sizeof(Methods))
            own.close, own.write = layout.CLOSE(self._close), layout.WRITE(self._write)
            own.truncate, own.sync = layout.TRUNCATE(self._truncate), layout.SYNC(self._sync)
            self._tables[address] = own
        return own

    def _delete(self, _vfs: int, name: bytes, synced: int) -> int:
        path = name.decode()
        watcher = self._watcher(path)
        if watcher is not None:
            watcher.delete(path, bool(synced))
        answer: int = self._host.contents.delete(
            ctypes.cast(self._host, ctypes.c_void_p), name, synced
        )
        return answer

    def _close(self, file: int) -> int:
        _, _, host = self._files.pop(file)
        answer: int = host.close(file)
        return answer

    def _write(self, file: int, content: int, size: int, at: int) -> int:
        path, watcher, host = self._files[file]
        answer = _ask(watcher.write, path, ctypes.string_at(content, size), at)
        return answer or host.write(file, content, size, at)

    def _truncate(self, file: int, size: int) -> int:
        path, watcher, host = self._files[file]
        answer = _ask(watcher.truncate, path, size)
        return answer or host.truncate(file, size)

    def _sync(self, file: int, flags: int) -> int:
        path, watcher, host = self._files[file]
        answer = _ask(watcher.sync, path)
        return answer or host.sync(file, flags)


def _ask(asked: Callable[..., int], *told: object) -> int:
    """Ask the watcher; C cannot be told of its errors, so that the write fails instead."""
    try:
        return asked(*told)
    except Exception:
        log.exception("the watcher of a simulated disk failed")
        return layout.IOERR_WRITE


_systems: list[_System] = []


def forget(folder: Path) -> None:
    """Watch no database below this folder any more."""
    for system in _systems:
        for path in [each for each in system.watchers if each.startswith(f"{folder}/")]:
            del system.watchers[path]


def connect(path: Path, wait_s: float, watcher: Watcher) -> sqlite3.Connection:
    """Open a database whose writes, syncs and truncations `watcher` hears of.

    Raises ConfigError where SQLite's own functions are out of reach.
    """
    if not _systems:
        _systems.append(_System())
    system = _systems[0]
    system.watchers[str(path)] = watcher
    address = f"{path.absolute().as_uri()}?vfs={NAME.decode()}"
    return sqlite3.connect(
        address, timeout=wait_s, isolation_level=None, check_same_thread=False, uri=True
    )
