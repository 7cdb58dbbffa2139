"""What a scenario says of faults: any kind by name, and bounds for those that are drawn."""

from collections.abc import Iterable
from typing import Annotated, Final

import msgspec
from msgspec import Meta

from sim.faults.computers import AnyComputerFault
from sim.faults.machines import AnyMachineFault
from sim.faults.network import AnyNetworkFault
from sim.faults.people import AnyPeopleFault
from sim.faults.senses import AnySenseFault

Fault = AnyComputerFault | AnyNetworkFault | AnySenseFault | AnyPeopleFault | AnyMachineFault
NAMES: Final = tuple(str(kind.__struct_config__.tag) for kind in Fault.__args__)
"""Every kind of fault, as scenarios call it."""


class Faults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What is drawn besides the faults that are named."""

    per_h: Annotated[float, Meta(ge=0, le=3600)] = 12.0
    """Of the whole day, over all vehicles, station and broker."""
    only: tuple[str, ...] = ()
    """Kinds; empty: all that strike something on this day."""
    never: tuple[str, ...] = ()
    hours: Annotated[float, Meta(gt=0, le=72)] = 10.0
    """How long after the opening the last one may begin."""


class Struck(msgspec.Struct, frozen=True, kw_only=True):
    """A fault that had its effect."""

    fault: str
    vehicle: str
    """Whom it struck; "station" or "broker" besides."""
    at_s: float
    vehicle_kind: str
    """"van", "drone" …; "station", "broker"."""
    sub_state: str
    """What the vehicle was at, as its page shows it: "loading", "at_stop" …; else empty."""


def by_instant(faults: Iterable[Fault]) -> tuple[Fault, ...]:
    """Return faults in the order in which they begin."""
    return tuple(sorted(faults, key=lambda fault: (fault.at_s, fault.name, fault.vehicle)))
