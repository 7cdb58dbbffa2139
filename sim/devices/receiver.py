"""A GNSS receiver at the far end of a serial cable: speaks NMEA 0183, errs like a real one."""

import asyncio
import math
from collections.abc import Callable
from datetime import datetime, timedelta
from random import Random
from typing import Annotated

import msgspec
from msgspec import Meta

from edge.clock import Clock
from sim.town.streets import M_PER_DEG
from sim.world import Truth

Metres = Annotated[float, Meta(ge=0, le=1000)]


class ReceiverFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How far off the receiver is."""

    drift_m: Metres = 1.2
    """Spread of the slow error (atmosphere, multipath), per axis."""
    drift_s: Annotated[float, Meta(gt=0, le=3600)] = 90.0
    """How long an error lasts."""
    noise_m: Metres = 0.25
    """Spread of the error from one second to the next, per axis."""


class Receiver:
    """1 Hz of RMC, GGA, GSA and GST, as long as it has power."""

    def __init__(
        self,
        truth: Callable[[], Truth],
        send: Callable[[bytes], None],
        *,
        clock: Clock,
        rng: Random,
        faults: ReceiverFaults,
    ) -> None:
        self._truth = truth
        self._send = send
        self._clock = clock
        self._rng = rng
        self._faults = faults
        self._keep = math.exp(-1.0 / faults.drift_s)
        self._step_m = faults.drift_m * math.sqrt(1.0 - self._keep * self._keep)
        self._east_m = rng.gauss(0, faults.drift_m)
        self._north_m = rng.gauss(0, faults.drift_m)
        self.sees_sky = True
        """False: alive, and says that it has no fix."""
        self.has_power = True
        """False: says nothing."""
        self.deceived: list[Callable[[Truth], Truth]] = []
        """What it is made to believe of where it is, one after the other."""
        self.late_s = 0.0
        """How far behind its own date and time are."""

    async def run(self) -> None:
        """Speak once a second, for ever, on the second of the receiver's own time."""
        loop = asyncio.get_running_loop()
        zero_s = loop.time() - self._clock.now_s()
        tick = math.floor(self._clock.now_s()) + 1
        while True:
            done = loop.create_future()
            timer = loop.call_at(zero_s + tick, done.set_result, None)
            try:
                await done
            finally:
                timer.cancel()
            if self.has_power:
                self._send(self.sentences(self._clock.utc()))
            tick += 1

    def truth(self) -> Truth:
        """Return where it really is."""
        return self._truth()

    def utc(self) -> datetime:
        """Return what time it really is."""
        return self._clock.utc()

    def sentences(self, utc: datetime) -> bytes:
        """Return what the receiver says about this instant."""
        self._drift()
        truth = self._truth()
        for deceive in self.deceived:
            truth = deceive(truth)
        if self.late_s:
            utc -= timedelta(seconds=self.late_s)
        if self.sees_sky:
            return with_fix(
                utc, *self._measured(truth), truth, 1.5 * self._faults.drift_m + 0.6
            )
        return without_fix(utc)

    def _drift(self) -> None:
        """Let the slow error wander (first-order Gauss-Markov, one second)."""
        gauss, keep = self._rng.gauss, self._keep
        self._east_m = keep * self._east_m + gauss(0, self._step_m)
        self._north_m = keep * self._north_m + gauss(0, self._step_m)

    def _measured(self, truth: Truth) -> tuple[float, float]:
        gauss, noise_m = self._rng.gauss, self._faults.noise_m
        east_m = M_PER_DEG * math.cos(math.radians(truth.lat_deg))
        return (
            truth.lat_deg + (self._north_m + gauss(0, noise_m)) / M_PER_DEG,
            truth.lon_deg + (self._east_m + gauss(0, noise_m)) / east_m,
        )


def with_fix(
    utc: datetime, lat_deg: float, lon_deg: float, motion: Truth, sigma_m: float
) -> bytes:
    """Return one epoch with a position."""
    time = _time(utc)
    where = f"{_minutes(lat_deg, 2, 'NS')},{_minutes(lon_deg, 3, 'EW')}"
    knots = motion.speed_mps * 3.6 / 1.852
    course = f"{motion.heading_deg:.2f}" if motion.speed_mps > 0.3 else ""
    return b"".join(
        (
            sentence(f"GNRMC,{time},A,{where},{knots:.3f},{course},{_day(utc)},,,A"),
            sentence(f"GNGGA,{time},{where},1,11,0.80,3.2,M,45.1,M,,"),
            IN_SPACE,
            sentence(
                f"GNGST,{time},{sigma_m:.1f},,,,{sigma_m:.1f},{sigma_m:.1f},{2 * sigma_m:.1f}"
            ),
        )
    )


def without_fix(utc: datetime) -> bytes:
    """Return one epoch of a receiver that sees no sky."""
    time = _time(utc)
    return b"".join(
        (
            sentence(f"GNRMC,{time},V,,,,,,,{_day(utc)},,,N"),
            sentence(f"GNGGA,{time},,,,,0,00,99.99,,,,,,"),
            sentence("GNGSA,A,1,,,,,,,,,,,,,99.99,99.99,99.99"),
            sentence(f"GNGST,{time},,,,,,,"),
        )
    )


def sentence(body: str) -> bytes:
    """Frame a sentence with its checksum."""
    data = body.encode("ascii")
    total, bits = int.from_bytes(data, "big"), 8 << len(data).bit_length()
    while bits > 8:  # fold the upper half onto the lower one until one byte is left
        bits //= 2
        total ^= total >> bits
    return b"$%b*%02X\r\n" % (data, total & 0xFF)


IN_SPACE = sentence("GNGSA,A,3,02,05,09,12,17,19,25,31,,,,,1.45,0.80,1.21")


def _time(utc: datetime) -> str:
    """Return hhmmss.ss; strftime takes three times as long."""
    hundredths = utc.microsecond // 10_000
    return f"{utc.hour:02d}{utc.minute:02d}{utc.second:02d}.{hundredths:02d}"


def _day(utc: datetime) -> str:
    return f"{utc.day:02d}{utc.month:02d}{utc.year % 100:02d}"


def _minutes(angle_deg: float, digits: int, sides: str) -> str:
    """Return ddmm.mmmmm,N: degrees and minutes as NMEA writes them."""
    whole_e5 = round(abs(angle_deg) * 60e5)  # in 1e-5 minutes, so that 60 never shows
    degrees, rest_e5 = divmod(whole_e5, 60 * 100_000)
    text = str(degrees * 10_000_000 + rest_e5).zfill(digits + 7)
    return f"{text[:-5]}.{text[-5:]},{sides[0] if angle_deg >= 0 else sides[1]}"
