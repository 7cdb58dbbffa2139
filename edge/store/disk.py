"""The disk under the stores: how a database is opened, and files beside it are kept."""

import os
import sqlite3
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path


def connect(path: Path, wait_s: float) -> sqlite3.Connection:
    """Open a database file, waiting so long for whoever still has it."""
    return sqlite3.connect(path, timeout=wait_s, isolation_level=None, check_same_thread=False)


def spare_b(folder: Path) -> int:
    """Return how many bytes still fit beside what is in this folder."""
    stat = os.statvfs(folder)
    return stat.f_bavail * stat.f_frsize


def reserve(path: Path, size_b: int) -> None:
    """Make a file of nothing that really takes its space. Raises OSError."""
    with path.open("wb") as file:
        os.posix_fallocate(file.fileno(), 0, size_b)


def keep(path: Path, content: bytes) -> None:
    """Write a file so that a power cut leaves all of it or nothing. Raises OSError."""
    fresh = path.with_name(f".{path.name}")
    with fresh.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    fresh.rename(path)
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


@dataclass(frozen=True, slots=True)
class Disk:
    """What the stores ask of a disk."""

    connect: Callable[[Path, float], sqlite3.Connection] = connect
    spare_b: Callable[[Path], int] = spare_b
    reserve: Callable[[Path, int], None] = reserve
    keep: Callable[[Path, bytes], None] = keep


HOST = Disk()
"""The machine's own."""
