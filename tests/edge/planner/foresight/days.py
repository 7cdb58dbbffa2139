"""Days by chance: legs and services that take longer or shorter than planned."""

import math
from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Town:
    """How far real days are from plans: spreads of log(real / planned)."""

    leg_spread: float = 0.25
    service_spread: float = 0.45
    leg_day_spread: float = 0.10
    """Of a whole day's mean."""
    service_day_spread: float = 0.15
    leg_bias: float = 0.0
    service_bias: float = 0.0


@dataclass(frozen=True)
class Driven:
    """One stop: planned and real leg and service [s]."""

    leg_s: float
    service_s: float
    real_leg_s: float
    real_service_s: float


def day(rng: Random, town: Town, stops: int = 60) -> list[Driven]:
    legs_day = rng.gauss(town.leg_bias, town.leg_day_spread)
    services_day = rng.gauss(town.service_bias, town.service_day_spread)
    driven = []
    for _ in range(stops):
        leg_s, service_s = rng.uniform(40, 900), rng.choice([90.0, 120.0, 240.0])
        driven.append(
            Driven(
                leg_s,
                service_s,
                leg_s * math.exp(rng.gauss(legs_day, town.leg_spread)),
                service_s * math.exp(rng.gauss(services_day, town.service_spread)),
            )
        )
    return driven
