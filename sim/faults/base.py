"""What every fault says: whom it strikes, and when."""

from typing import Annotated

import msgspec
from msgspec import Meta

EVERYBODY, STATION, BROKER = "*", "station", "broker"

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

    @property
    def name(self) -> str:
        """What a scenario calls this kind of fault."""
        return str(self.__struct_config__.tag)


class Lasting(BaseFault, frozen=True, kw_only=True):
    """A fault that goes on for a while."""

    lasts_s: Seconds = 60.0
