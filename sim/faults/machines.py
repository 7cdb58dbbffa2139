"""Faults of drones, robots and lockers."""

from typing import Annotated

from msgspec import Meta

from sim.faults.base import BaseFault, Fraction, Lasting


class AutopilotReboot(BaseFault, frozen=True, kw_only=True, tag="autopilot_reboot"):
    """The autopilot loses power for a moment; a drone's only where it stands."""


class BatterySag(BaseFault, frozen=True, kw_only=True, tag="battery_sag"):
    """A part of the charge that was there is not there any more."""

    lost_frac: Annotated[float, Meta(gt=0, le=1)] = 0.3


class StuckLid(Lasting, frozen=True, kw_only=True, tag="stuck_lid"):
    """The lid stays as it is."""


class JammedLocker(Lasting, frozen=True, kw_only=True, tag="jammed_locker"):
    """A locker's doors do not open."""

    frac: Fraction = 1.0


AnyMachineFault = AutopilotReboot | BatterySag | StuckLid | JammedLocker
