"""When the vehicle will be where: what the day teaches of its pace, and how sure that is.

Real over planned durations are judged by their logarithm, apart for short legs, long legs and
services. What was learnt is drawn towards a prior that counts as some legs already driven, so
that the first leg of the day decides nothing; a single odd leg is cut off at a bound.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.native.replan.problem import LONGEST_LEG_MS

Kind = Literal["short_leg", "long_leg", "service"]

KINDS: tuple[Kind, ...] = ("short_leg", "long_leg", "service")
SHORT_LEG_S = 180.0  # below, parking and turning decide, above the roads
LEAST_JUDGED_S = 20.0  # a shorter leg or service says nothing about pace
PRIOR_WEIGHT = 4.0  # the prior counts as so many legs, for the mean
PRIOR_SPREAD_WEIGHT = 8.0  # and as so many for the spread
DRIFT_WEIGHT = 40.0  # and no day teaches more than so many: traffic at noon is not that at 8
ODD = 1.2  # |log ratio| beyond this counts as this: a coffee is no traffic
SPREADS: dict[Kind, float] = {"short_leg": 0.40, "long_leg": 0.22, "service": 0.50}
"""Standard deviation of log(real / planned) before anything is learnt: assumed, and tried on
simulated days only. A day's own legs take over from them within some ten stops."""
BIAS_SPREAD = 0.15
"""How far a whole day's mean may lie from the plan's, before anything is learnt."""
TENTH_Z = 1.2816  # of a normal distribution, one tenth lies beyond


class Pace(msgspec.Struct, frozen=True, array_like=True):
    """What one kind of span has taught: weight, mean and squares of log(real / planned)."""

    weight: float = 0.0
    mean: float = 0.0
    square: float = 0.0
    """Weighted sum of squared distances from the mean."""

    def learn(self, planned_s: float, real_s: float) -> "Pace":
        """Take in one span; one too short to say anything changes nothing."""
        if planned_s < LEAST_JUDGED_S or real_s <= 0.0:
            return self
        ratio = max(-ODD, min(ODD, math.log(max(real_s, 1.0) / planned_s)))
        kept = min(1.0, DRIFT_WEIGHT / (self.weight + 1.0))
        weight = self.weight * kept + 1.0
        step = ratio - self.mean
        mean = self.mean + step / weight
        return Pace(weight, mean, self.square * kept + step * (ratio - mean))


class Paces(msgspec.Struct, frozen=True, omit_defaults=True):
    """The pace of the day, by kind of span."""

    short_leg: Pace = Pace()
    long_leg: Pace = Pace()
    service: Pace = Pace()

    def learn_leg(self, planned_s: float, real_s: float) -> "Paces":
        """Take in a leg that was driven."""
        kind = leg_kind(planned_s)
        learnt = self.of(kind).learn(planned_s, real_s)
        return msgspec.structs.replace(self, **{kind: learnt})

    def learn_service(self, planned_s: float, real_s: float) -> "Paces":
        """Take in a stop that was served."""
        return msgspec.structs.replace(self, service=self.service.learn(planned_s, real_s))

    def of(self, kind: Kind) -> Pace:
        """Return the pace of one kind."""
        pace: Pace = getattr(self, kind)
        return pace


def leg_kind(planned_s: float) -> Kind:
    """Return how a leg is judged."""
    return "short_leg" if planned_s < SHORT_LEG_S else "long_leg"


@dataclass(frozen=True, slots=True)
class Outlook:
    """What to expect of one kind of span: real over planned duration."""

    mean: float
    """Of the ratio itself."""
    deviation: float
    """Of a single span, as a share of its planned duration."""
    bias_deviation: float
    """How wrong the mean may be, for all spans alike."""


def outlook(pace: Pace, kind: Kind) -> Outlook:
    """Return what to expect, drawn towards the prior."""
    centre, prior = _centre(pace), SPREADS[kind]
    whole = pace.weight + PRIOR_SPREAD_WEIGHT
    spread = math.sqrt((PRIOR_SPREAD_WEIGHT * prior**2 + pace.square) / whole)
    mean = math.exp(centre + spread**2 / 2)
    unsure = math.sqrt(1.0 / (1.0 / BIAS_SPREAD**2 + pace.weight / spread**2))
    return Outlook(mean, mean * math.sqrt(math.expm1(spread**2)), mean * unsure)


@dataclass(frozen=True, slots=True)
class Learnt:
    """By how much the day is slower (above 1) or faster than the plan assumed."""

    short_leg: float = 1.0
    long_leg: float = 1.0
    service: float = 1.0

    def stretched(self, travel_ms: NDArray[np.int32]) -> NDArray[np.int32]:
        """Return travel times at the pace of the day."""
        if self.short_leg == self.long_leg == 1.0:
            return travel_ms
        short = travel_ms < SHORT_LEG_S * 1000
        slower = travel_ms * np.where(short, self.short_leg, self.long_leg)
        slower = np.minimum(np.rint(slower), LONGEST_LEG_MS - 1)
        return np.where(travel_ms < LONGEST_LEG_MS, slower, travel_ms).astype(np.int32)

    def factor(self, leg_s: float) -> float:
        """Return by how much a leg that takes so long was stretched."""
        return self.short_leg if leg_kind(leg_s) == "short_leg" else self.long_leg


PLAIN_PACE = Learnt()


def learnt(paces: Paces) -> Learnt:
    """Return what the day has taught so far."""
    return Learnt(*(math.exp(_centre(paces.of(kind))) for kind in KINDS))


def _centre(pace: Pace) -> float:
    return pace.weight * pace.mean / (pace.weight + PRIOR_WEIGHT)


@dataclass(frozen=True, slots=True)
class Span:
    """One stop of an order as the plan has it: the leg to it, waiting, service."""

    leg_s: float
    service_s: float
    opens_s: tuple[tuple[float, float], ...] = ()
    """Windows (opens, closes), counted from the start of the plan [s]."""
    rest_s: float = 0.0
    """The driver's break before the leg."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """When a stop is reached, counted from the start of the plan [s]."""

    p10_s: float
    p50_s: float
    p90_s: float
    mean_s: float
    deviation_s: float

    def chance_after(self, instant_s: float) -> float:
        """Return how likely the arrival is later than an instant."""
        if self.deviation_s <= 0.0 or self.mean_s <= 0.0:
            return float(self.mean_s > instant_s)
        if instant_s <= 0.0:
            return 1.0
        middle, spread = _lognormal(self.mean_s, self.deviation_s)
        return 0.5 * math.erfc((math.log(instant_s) - middle) / (spread * math.sqrt(2)))


def arrivals(spans: Sequence[Span], paces: Paces) -> tuple[Arrival, ...]:
    """Return the distribution of each arrival of an order.

    Legs and services vary each for itself, and the day's mean pace is unsure for all of them
    alike. A wait for a window to open swallows what comes before it.
    """
    expect = {kind: outlook(paces.of(kind), kind) for kind in KINDS}
    mean, own = 0.0, 0.0
    shared = dict.fromkeys(KINDS, 0.0)  # seconds each kind's unsure mean has stretched
    found = []
    for span in spans:
        kind = leg_kind(span.leg_s)
        leg = expect[kind]
        mean += span.rest_s + span.leg_s * leg.mean
        own += (span.leg_s * leg.deviation) ** 2
        shared[kind] += span.leg_s * leg.bias_deviation
        deviation = math.sqrt(own + sum(s**2 for s in shared.values()))
        found.append(_arrival(mean, deviation))
        opens = _opening(span.opens_s, mean)
        if opens is not None:
            later, left = _not_before(mean, deviation, opens)
            mean, own = later, own * left**2
            shared = {kind: s * left for kind, s in shared.items()}
        service = expect["service"]
        mean += span.service_s * service.mean
        own += (span.service_s * service.deviation) ** 2
        shared["service"] += span.service_s * service.bias_deviation
    return tuple(found)


def _opening(windows: Sequence[tuple[float, float]], at_s: float) -> float | None:
    """Return when the window opens in which an arrival at this instant is served."""
    for opens, closes in windows:
        if at_s <= closes:
            return opens
    return None


def _arrival(mean: float, deviation: float) -> Arrival:
    if deviation <= 0.0 or mean <= 0.0:
        return Arrival(mean, mean, mean, mean, 0.0)
    middle, spread = _lognormal(mean, deviation)
    p10, p50, p90 = (math.exp(middle + z * spread) for z in (-TENTH_Z, 0.0, TENTH_Z))
    return Arrival(p10, p50, p90, mean, deviation)


def _lognormal(mean: float, deviation: float) -> tuple[float, float]:
    """Return location and scale of the log-normal distribution with these moments."""
    spread2 = math.log1p((deviation / mean) ** 2)
    return math.log(mean) - spread2 / 2, math.sqrt(spread2)


def _not_before(mean: float, deviation: float, opens: float) -> tuple[float, float]:
    """Return the mean of max(arrival, opens) and which share of the deviation is left.

    Clark (1961) for a normal variable and a constant.
    """
    if deviation <= 0.0:
        return max(mean, opens), float(mean > opens)
    apart = (mean - opens) / deviation
    above = 0.5 * math.erfc(-apart / math.sqrt(2))
    density = math.exp(-apart * apart / 2) / math.sqrt(2 * math.pi)
    first = opens + (mean - opens) * above + deviation * density
    gone = opens**2 * (1 - above) + (mean**2 + deviation**2) * above
    second = gone + (mean + opens) * deviation * density
    left = math.sqrt(max(0.0, second - first**2)) / deviation
    return first, left
