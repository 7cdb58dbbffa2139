"""Where the tapes stand, and which go when there are too many or they are too old."""

from datetime import datetime, timedelta
from pathlib import Path

FOLDER = "record"
SUFFIX = ".tape"
NEVER_FULL = 1 << 62
MIB = 1024 * 1024


class Shelf:
    """A folder of days, each a folder of tapes numbered by the starts of the daemon."""

    def __init__(self, folder: Path, *, days: int, max_mb: int) -> None:
        self.days = days
        """Tapes of so many days stay; 0: none is made."""
        self._folder = folder
        self._max_mb = max_mb

    def place(self, utc: datetime) -> tuple[Path, int]:
        """Return the path of a new tape, and how large it may become [bytes].

        Old tapes go first: those of days before the last `days`, then the oldest until half of
        the bound is free. Raises OSError.
        """
        day = self._folder / utc.date().isoformat()
        day.mkdir(parents=True, exist_ok=True, mode=0o700)
        bound_b = self._max_mb * MIB
        first_day = (utc.date() - timedelta(days=self.days - 1)).isoformat()
        tapes = tapes_of(self._folder)
        kept_b = sum(tape.stat().st_size for tape in tapes)
        for tape in tapes:
            if kept_b <= bound_b // 2 and tape.parent.name >= first_day:
                break
            kept_b -= tape.stat().st_size
            tape.unlink()
            if tape.parent != day and not any(tape.parent.iterdir()):
                tape.parent.rmdir()
        number = int(tapes[-1].stem) + 1 if tapes else 1
        path = day / f"{number:06d}{SUFFIX}"
        return path, bound_b - kept_b


def tapes_of(folder: Path) -> list[Path]:
    """Return the tapes in a folder and below, the oldest first."""
    found = (path for path in folder.rglob(f"*{SUFFIX}") if path.stem.isdecimal())
    return sorted(found, key=lambda path: int(path.stem))
