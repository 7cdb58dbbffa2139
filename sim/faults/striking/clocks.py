"""A computer's wall clock, which may be wrong."""

import asyncio
from dataclasses import dataclass
from datetime import datetime, timedelta

from edge.clock import BUILD_UTC, Clock, LoopClock, TimeSource


@dataclass(slots=True)
class WallClock:
    """A computer's idea of the time of day; each start of its daemon believes it."""

    opens: datetime
    off_s: float = 0.0
    trusted: bool = True
    """By somebody who vouches for it; else it is as good as a Pi without a clock chip."""

    def at_start(self) -> Clock:
        """Return the clock of a process that starts now."""
        loop = asyncio.get_running_loop()
        utc = self.opens + timedelta(seconds=loop.time() + self.off_s)
        source: TimeSource = "simulated"
        if not self.trusted:
            source = "host" if utc >= BUILD_UTC else "none"
        return LoopClock(loop, utc, source)
