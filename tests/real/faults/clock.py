"""A wall clock that jumps by years under the running daemon: libfaketime over a file."""

import asyncio
import platform
from pathlib import Path
from random import Random

from tests.real.faults.day import Villain

LIBRARY = Path(f"/usr/lib/{platform.machine()}-linux-gnu/faketime/libfaketimeMT.so.1")
JUMPS = ("+20y", "-20y", "+37s", "-3h", "+1024d", "-7d")
"""Years, seconds, and the weeks of GPS."""


def faked(file: Path) -> dict[str, str]:
    """Return the environment of programs whose wall clock says what the file says."""
    file.write_text("+0\n")
    return {
        "LD_PRELOAD": str(LIBRARY),
        "FAKETIME_TIMESTAMP_FILE": str(file),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
        "DONT_FAKE_MONOTONIC": "1",
    }


class ClockVillain(Villain):
    """Moves the wall clock and, mostly, back again."""

    def __init__(self, file: Path, rng: Random) -> None:
        super().__init__(rng)
        self._file = file

    async def strike(self) -> None:
        self._say(JUMPS[self.kills % len(JUMPS)])
        await asyncio.sleep(self.rng.uniform(0.2, 2.0))
        self._say("+0")

    def _say(self, offset: str) -> None:
        fresh = self._file.with_suffix(".new")
        fresh.write_text(offset + "\n")
        fresh.rename(self._file)
