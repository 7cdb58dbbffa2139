"""What every fault says: whom it strikes, and when."""

from typing import Annotated, Final, Literal

import msgspec
from msgspec import Meta

EVERYBODY, STATION, BROKER = "*", "station", "broker"

SubState = Literal["offered", "loading", "underway", "at_stop", "returning", "debriefing"]
PHASES: Final[tuple[SubState, ...]] = (
    "offered",
    "loading",
    "underway",
    "at_stop",
    "returning",
    "debriefing",
)
"""The sub-states in which a fault strikes a vehicle; before and after its work nothing is
at stake."""

Seconds = Annotated[float, Meta(ge=0, le=172_800)]
Down = Annotated[float, Meta(ge=0, le=36_000)]
Fraction = Annotated[float, Meta(ge=0, le=1)]
Count = Annotated[int, Meta(ge=0, le=10_000)]


class BaseFault(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="kind"
):
    """Base of every fault; its tag is its name in a scenario and in a report."""

    vehicle: str = EVERYBODY
    """A vehicle's name, "station", "broker", or "*": every vehicle."""
    at_s: Seconds
    """Seconds after the day's opening."""
    during: SubState | None = None
    """Strikes only in this sub-state of the vehicle: the next time that it is in it from
    `at_s` on, and not at all if it never is."""

    @property
    def name(self) -> str:
        """What a scenario calls this kind of fault."""
        return str(self.__struct_config__.tag)


class Lasting(BaseFault, frozen=True, kw_only=True):
    """A fault that goes on for a while."""

    lasts_s: Seconds = 60.0
