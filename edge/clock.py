"""The only place that knows what time it is."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Literal, Protocol

TimeSource = Literal["none", "host", "gnss", "ntp", "simulated"]

# Trust in a source, lowest first; a clock is only ever corrected upwards.
TRUST: tuple[TimeSource, ...] = ("none", "host", "gnss", "ntp", "simulated")

VOUCHED: tuple[TimeSource, ...] = ("gnss", "ntp", "simulated")
"""Clocks by which something may be held to have expired. A host's own clock may be years off (a
Pi has no clock chip); under it nothing expires, and the numbers alone keep replays out."""

# A wall clock before this day was never set (a Pi has no clock chip); bump at each release.
BUILD_UTC = datetime(2026, 11, 1, tzinfo=UTC)


class Clock(Protocol):
    """Monotonic seconds for deciding, UTC with its source for telling people."""

    @property
    def source(self) -> TimeSource:
        """Who vouches for `utc`."""
        ...

    def now_s(self) -> float:
        """Return seconds since this clock started; never runs backwards."""
        ...

    def utc(self) -> datetime:
        """Return the wall time that belongs to `now_s`; only as good as `source`."""
        ...

    def correct(self, utc: datetime, source: TimeSource) -> float | None:
        """Take a better wall time; return the step in seconds, or None if not taken."""
        ...


class LoopClock:
    """Clock of the running event loop: real in the vehicle, virtual in the simulator."""

    def __init__(
        self, loop: asyncio.AbstractEventLoop, started_utc: datetime, source: TimeSource
    ) -> None:
        self._loop = loop
        self._zero_s = loop.time()
        self._zero_utc = started_utc
        self._source: TimeSource = source

    @classmethod
    def started_now(cls, source: TimeSource = "host") -> "LoopClock":
        """Return a clock for the running loop that starts at the host's wall time."""
        utc = datetime.now(UTC)
        if utc < BUILD_UTC:
            source = "none"
        return cls(asyncio.get_running_loop(), utc, source)

    @property
    def source(self) -> TimeSource:
        """Who vouches for `utc`."""
        return self._source

    def now_s(self) -> float:
        """Return seconds since this clock started; never runs backwards."""
        return self._loop.time() - self._zero_s

    def utc(self) -> datetime:
        """Return the wall time that belongs to `now_s`."""
        return self._zero_utc + timedelta(seconds=self.now_s())

    def correct(self, utc: datetime, source: TimeSource) -> float | None:
        """Take a wall time from a source more trusted than the present one."""
        if TRUST.index(source) <= TRUST.index(self._source) or utc < BUILD_UTC:
            return None
        step_s = (utc - self.utc()).total_seconds()
        self._zero_utc += timedelta(seconds=step_s)
        self._source = source
        return step_s
