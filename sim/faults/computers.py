"""Faults of computers and their disks: daemons and station alike."""

from typing import Annotated, Literal

from msgspec import Meta

from sim.faults.base import BaseFault, Count, Down, Fraction, Lasting


class Cut(BaseFault, frozen=True, kw_only=True):
    """An end of the process, at the instant, or at a write or some turns of the loop after."""

    down_s: Down = 2.0
    writes: Count = 0
    """Strikes in the n-th write to the disk after the instant; 0: does not wait for one."""
    turns: Count = 0
    """And so many rounds of the loop later: at the awaits that follow a commit."""


class PowerCut(Cut, frozen=True, kw_only=True, tag="power_cut"):
    """The power goes: of what was not synced, each write is kept, torn or lost by chance."""

    kept_frac: Fraction = 0.5
    torn_frac: Fraction = 0.25
    """Of the writes that are not kept, those of which some sectors are."""


class Kill(Cut, frozen=True, kw_only=True, tag="kill"):
    """kill -9: everything that was written is there afterwards."""


class RestartStorm(BaseFault, frozen=True, kw_only=True, tag="restart_storm"):
    """One start after the other that does not last."""

    times: Annotated[int, Meta(ge=2, le=100)] = 6
    every_s: Annotated[float, Meta(gt=0, le=600)] = 1.5
    """How long a life lasts on average."""


class DiskFull(Lasting, frozen=True, kw_only=True, tag="disk_full"):
    """Nothing more fits on the disk but this."""

    spare_b: Annotated[int, Meta(ge=0)] = 0


class SlowDisk(Lasting, frozen=True, kw_only=True, tag="slow_disk"):
    """Every sync takes so long."""

    delay_s: Annotated[float, Meta(gt=0, le=60)] = 1.5


class FailingDisk(Lasting, frozen=True, kw_only=True, tag="failing_disk"):
    """A part of the writes and syncs fails."""

    failed_frac: Fraction = 0.3


class BitRot(BaseFault, frozen=True, kw_only=True, tag="bit_rot"):
    """One bit of a stored row is another one from now on."""

    row: Literal["fact", "state", "track", "media"] = "fact"


AnyComputerFault = PowerCut | Kill | RestartStorm | DiskFull | SlowDisk | FailingDisk | BitRot
