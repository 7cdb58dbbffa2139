"""How fast a sidewalk robot may be, by the law of the place it drives in."""

from dataclasses import dataclass

MPS_PER_MPH = 0.44704
WALKING_MPS = 1.8


@dataclass(frozen=True, slots=True)
class Jurisdiction:
    """Highest speeds [m/s] by where it drives."""

    name: str
    footway_mps: float
    crossing_mps: float
    shared_mps: float
    """Where people walk in all directions: squares, station forecourts."""
    in_darkness: bool = True


JURISDICTIONS: dict[str, Jurisdiction] = {
    one.name: one
    for one in (
        Jurisdiction("walking_pace", WALKING_MPS, WALKING_MPS, 1.0),
        Jurisdiction("6_mph", 6 * MPS_PER_MPH, 6 * MPS_PER_MPH, 1.4),
        Jurisdiction("10_mph", 10 * MPS_PER_MPH, 6 * MPS_PER_MPH, WALKING_MPS),
        Jurisdiction("12_mph", 12 * MPS_PER_MPH, 6 * MPS_PER_MPH, WALKING_MPS),
        Jurisdiction("by_daylight", WALKING_MPS, WALKING_MPS, 1.0, in_darkness=False),
    )
}
WALKING_PACE = JURISDICTIONS["walking_pace"]
