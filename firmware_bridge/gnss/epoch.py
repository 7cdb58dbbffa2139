"""Join the sentences of one instant, and judge whether together they are a fix."""

import math
from dataclasses import dataclass, field
from datetime import datetime

from edge.messages.readings import GnssFix, GnssNoFix
from firmware_bridge.gnss.accuracy import accuracy_from_dop_m
from firmware_bridge.gnss.dates import Calendar
from firmware_bridge.gnss.sentences import Gga, Gsa, Gst, Rmc, Sentence, Vtg, Zda

Joined = Rmc | Gga | Gsa | Gst | Vtg

QUIET_S = 0.25  # a pause this long ends a burst, also at 4800 Bd
DISPUTE_DEG = 2e-4  # 22 m: RMC and GGA of one instant say the same, or one is damaged
NO_FIX_QUALITIES = (0, 8)  # none, simulated
NO_FIX_MODE = 1
UNPROVEN_QUALITY = 7  # phones write "manual input" for every fix; only a valid RMC vouches


@dataclass(slots=True)
class Epoch:
    """What a receiver says of one instant; grows while the instant lasts."""

    received_s: float
    """When the last sentence of it arrived."""
    time_of_day_s: float | None
    rmc: Rmc | None = None
    gga: Gga | None = None
    gsa: Gsa | None = None
    gst: Gst | None = None
    vtg: Vtg | None = None
    holds: set[type[Joined]] = field(default_factory=set)

    @property
    def tells_twice(self) -> bool:
        """Whether two sentences tell the position."""
        return Rmc in self.holds and Gga in self.holds

    def join(self, sentence: Joined, now_s: float) -> None:
        """Take one more sentence."""
        match sentence:
            case Rmc():
                self.rmc = sentence
            case Gga():
                self.gga = sentence
            case Gsa():
                self.gsa = sentence
            case Gst():
                self.gst = sentence
            case Vtg():
                self.vtg = sentence
        self.holds.add(type(sentence))
        self.received_s = now_s


class EpochJoiner:
    """Sentences in; an epoch out as soon as it holds what the one before it held."""

    def __init__(self) -> None:
        self._open: Epoch | None = None
        self._told = True
        self._usual: set[type[Joined]] = set()
        self._burst_ends_s = math.inf

    @property
    def wake_at_s(self) -> float:
        """When an incomplete epoch is over for want of bytes."""
        return math.inf if self._told else self._burst_ends_s

    def bytes_came(self, now_s: float) -> None:
        """Put the end of the burst off."""
        self._burst_ends_s = now_s + QUIET_S

    def add(self, sentence: Sentence, now_s: float) -> list[Epoch]:
        """Take a sentence; return the epochs that it ends or completes."""
        if isinstance(sentence, Zda):
            return []
        ended: list[Epoch] = []
        if isinstance(sentence, Gsa | Vtg):  # these carry no time: they belong to what is open
            if self._open is None:
                return []
        elif self._open is None or self._begins_another(sentence, self._open):
            ended = self.end()
            self._usual = self._open.holds if self._open is not None else set()
            self._open = Epoch(now_s, sentence.time_of_day_s)
            self._told = False
        assert self._open is not None, "a sentence without an epoch"
        self._open.join(sentence, now_s)
        if not self._told and self._usual and self._usual <= self._open.holds:
            ended += self.end()
        return ended

    def end(self) -> list[Epoch]:
        """Return the open epoch unless it was returned before."""
        if self._open is None or self._told:
            return []
        self._told = True
        return [self._open]

    @staticmethod
    def _begins_another(sentence: Rmc | Gga | Gst, epoch: Epoch) -> bool:
        said_already = type(sentence) in epoch.holds
        if sentence.time_of_day_s is None or epoch.time_of_day_s is None:
            return said_already
        return said_already or sentence.time_of_day_s != epoch.time_of_day_s


def reading_of(epoch: Epoch, calendar: Calendar) -> GnssFix | GnssNoFix | None:
    """Return what an epoch amounts to, None if too little of it arrived or it disputes itself.

    Advances the calendar to the epoch.
    """
    rmc, gga, gsa = epoch.rmc, epoch.gga, epoch.gsa
    if rmc is None and gga is None:
        return None
    utc = _advanced(epoch, calendar)
    satellites = None if gga is None else gga.satellites
    positions = _positions(epoch)
    if epoch.time_of_day_s is None or not positions or not _is_vouched_for(epoch):
        return GnssNoFix(received_s=epoch.received_s, utc=utc, satellites=satellites)
    if _differ(*positions):
        return None
    (lat_deg, lon_deg), *_ = positions
    speed_mps, course_deg = _motion(epoch)
    hdop = next((said.hdop for said in (gga, gsa) if said and said.hdop is not None), None)
    told_m = None if epoch.gst is None else epoch.gst.accuracy_m
    modelled_m = None if gga is None else accuracy_from_dop_m(gga.quality, hdop)
    return GnssFix(
        received_s=epoch.received_s,
        lat_deg=lat_deg,
        lon_deg=lon_deg,
        utc=utc,
        altitude_m=None if gga is None else gga.altitude_m,
        speed_mps=speed_mps,
        course_deg=course_deg,
        accuracy_m=told_m or modelled_m,
        accuracy_from="receiver" if told_m else "dop" if modelled_m else "unknown",
        satellites=satellites,
        hdop=hdop,
    )


def _advanced(epoch: Epoch, calendar: Calendar) -> datetime | None:
    """Advance the calendar; return the epoch's instant, None if time or date are unknown."""
    rmc = epoch.rmc
    if epoch.time_of_day_s is None:
        return None
    if rmc is not None and rmc.valid and rmc.day is not None:
        calendar.tell_date(rmc.day, epoch.time_of_day_s)
    calendar.advance(epoch.time_of_day_s)
    return calendar.utc


def _positions(epoch: Epoch) -> list[tuple[float, float]]:
    """Return the positions told, the more precise first."""
    said = (epoch.gga, epoch.rmc)
    return [sentence.position_deg for sentence in said if sentence and sentence.position_deg]


def _is_vouched_for(epoch: Epoch) -> bool:
    """Tell whether nothing in the epoch speaks against its position.

    A GSA may speak of one constellation only, and be outvoted by an RMC and a GGA.
    """
    rmc, gga, gsa = epoch.rmc, epoch.gga, epoch.gsa
    if rmc is not None and not rmc.valid:
        return False
    if gga is not None and gga.quality in NO_FIX_QUALITIES:
        return False
    if gga is not None and gga.quality == UNPROVEN_QUALITY and rmc is None:
        return False
    return gsa is None or gsa.mode != NO_FIX_MODE or None not in (rmc, gga)


def _differ(first: tuple[float, float], *others: tuple[float, float]) -> bool:
    lat_deg, lon_deg = first
    shrink = math.cos(math.radians(lat_deg))
    return any(
        abs(other_lat_deg - lat_deg) > DISPUTE_DEG
        or abs(math.remainder(other_lon_deg - lon_deg, 360.0)) * shrink > DISPUTE_DEG
        for other_lat_deg, other_lon_deg in others
    )


def _motion(epoch: Epoch) -> tuple[float | None, float | None]:
    """Return speed and course, both from the sentence that knows the speed."""
    for said in (epoch.rmc, epoch.vtg):
        if said is not None and said.speed_mps is not None:
            course_deg = said.course_deg
            return said.speed_mps, None if course_deg is None else course_deg % 360.0
    return None, None
