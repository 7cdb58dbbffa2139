"""How people are on average: scenarios set it, drivers and customers draw from it."""

from typing import Annotated

import msgspec
from msgspec import Meta

from sim.wire import Fraction


class CustomerManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How customers are, on average."""

    away_frac: Fraction = 0.06
    refuses_frac: Fraction = 0.01
    slow_frac: Fraction = 0.15
    """Take some minutes to come to the door."""
    wrong_pin_frac: Fraction = 0.15
    """Read out a wrong PIN first."""
    forgot_pin_frac: Fraction = 0.02
    under_age_frac: Fraction = 0.05
    """Cannot show that they are old enough."""
    has_safe_place_frac: Fraction = 0.4
    answers_s: Annotated[float, Meta(ge=0, le=600)] = 20.0


class DriverManners(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How often the driver and the loading dock err."""

    missing_frac: Fraction = 0.004
    """Parcels that are not on the dock."""
    stray_frac: Fraction = 0.005
    """Parcels of somebody else on the dock."""
    twice_frac: Fraction = 0.01
    """Parcels scanned a second time by mistake."""
    lost_frac: Fraction = 0.0
    """Undelivered parcels that are not found at the debrief."""
    halt_frac: Fraction = 0.12
    """Corners with a red light or somebody crossing."""
    photo_kb: int = 0
    """Added to each photo."""
