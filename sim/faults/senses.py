"""Faults of clocks, of the receiver and of what stands on a serial port."""

from typing import Annotated, Literal

from msgspec import Meta

from sim.faults.base import BaseFault, Fraction, Lasting

Metres = Annotated[float, Meta(ge=-1_000_000, le=1_000_000)]


class ClockStep(BaseFault, frozen=True, kw_only=True, tag="clock_step"):
    """The wall clock jumps; the daemon's next start believes it, too."""

    step_s: Annotated[float, Meta(ge=-1.8e9, le=1.8e9)] = 3600.0
    """±57 years."""


class GpsWeek(Lasting, frozen=True, kw_only=True, tag="gps_week"):
    """The receiver counts the weeks from the wrong epoch: 1024 weeks ago."""


class GnssOutage(Lasting, frozen=True, kw_only=True, tag="gnss_outage"):
    """No position: no sky; a receiver that says nothing; a cable that is pulled."""

    how: Literal["roof", "power", "unplugged"] = "roof"


class GnssJump(Lasting, frozen=True, kw_only=True, tag="gnss_jump"):
    """Positions are off by so much, from one second to the next."""

    east_m: Metres = 400.0
    north_m: Metres = -250.0


class GnssSpoof(Lasting, frozen=True, kw_only=True, tag="gnss_spoof"):
    """Somebody draws the position away, slowly, with the best of signals."""

    away_mps: Annotated[float, Meta(gt=0, le=50)] = 3.0
    bearing_deg: Annotated[float, Meta(ge=0, lt=360)] = 70.0


class GnssFreeze(Lasting, frozen=True, kw_only=True, tag="gnss_freeze"):
    """The receiver says the last position again and again, as if it were new."""


class SerialGarbage(Lasting, frozen=True, kw_only=True, tag="serial_garbage"):
    """The cable carries noise between and in the sentences."""

    damage_frac: Fraction = 0.01
    noise_b_s: Annotated[int, Meta(ge=0, le=20_000)] = 400


class SwappedDevice(Lasting, frozen=True, kw_only=True, tag="swapped_device"):
    """Something else answers on the receiver's port."""

    speaks: Literal["elm327", "mavlink", "silence", "other_receiver"] = "elm327"


AnySenseFault = (
    ClockStep
    | GpsWeek
    | GnssOutage
    | GnssJump
    | GnssSpoof
    | GnssFreeze
    | SerialGarbage
    | SwappedDevice
)
