"""Faults of people, doors and roads, and of those who mean harm."""

from typing import Annotated, Literal

from msgspec import Meta

from sim.faults.base import BaseFault, Fraction, Lasting


class WrongScan(BaseFault, frozen=True, kw_only=True, tag="wrong_scan"):
    """The driver scans what is not his, what nobody knows, or presses what makes no sense."""

    what: Literal["foreign", "unknown", "again", "other_stop"] = "unknown"


class NobodyHome(Lasting, frozen=True, kw_only=True, tag="nobody_home"):
    """So many more customers than usual do not open."""

    lasts_s: Annotated[float, Meta(gt=0, le=172_800)] = 1800.0
    frac: Fraction = 0.8


class RoadClosed(Lasting, frozen=True, kw_only=True, tag="road_closed"):
    """A street is closed, and the station hears of it later."""

    lasts_s: Annotated[float, Meta(gt=0, le=172_800)] = 3600.0
    street: str = ""
    """By its name; empty: one of the town's bridges, drawn from the seed."""
    known_after_s: Annotated[float, Meta(ge=0, le=86_400)] = 600.0


class HostileCommand(BaseFault, frozen=True, kw_only=True, tag="hostile_command"):
    """An order that the vehicle must refuse: replayed, expired, forged, or for another one."""

    how: Literal["replayed", "expired", "forged", "wrong_vehicle"] = "forged"


AnyPeopleFault = WrongScan | NobodyHome | RoadClosed | HostileCommand
