"""Space kept in reserve: on a full disk even DELETE fails, until this is given up."""

import logging
from pathlib import Path

from edge.store.disk import HOST, Disk

log = logging.getLogger(__name__)

BALLAST_B = 8 * 1024 * 1024
FULL_B = 256 * 1024  # no commit can be counted on below this


class Ballast:
    """A file of nothing beside the database."""

    def __init__(self, path: Path, size_b: int = BALLAST_B, disk: Disk = HOST) -> None:
        self._path = path
        self._disk = disk
        self._size_b = size_b
        self.missing = False
        """There is no reserve: the disk is full or nearly so."""

    def disk_is_full(self) -> bool:
        """Tell whether next to nothing is left."""
        return self._spare_b() < FULL_B

    def release(self) -> bool:
        """Give the space up; False if that was done before."""
        try:
            self._path.unlink()
        except OSError:
            return False
        self.missing = True
        log.error("disk full, reserve released", extra={"file": str(self._path)})
        return True

    def restore(self) -> None:
        """Take the space again if the disk can spare twice as much."""
        if self._size_b == 0:
            return
        self.missing = False
        if self._path.exists() and self._path.stat().st_size == self._size_b:
            return
        spare_b = self._spare_b()
        self.missing = spare_b < 2 * self._size_b
        try:
            if not self.missing:
                self._disk.reserve(self._path, self._size_b)
        except OSError:
            self._path.unlink(missing_ok=True)
            self.missing = True
        if self.missing:
            log.error("no space for the reserve", extra={"spare_b": spare_b})

    def _spare_b(self) -> int:
        return self._disk.spare_b(self._path.parent)
