"""People on the pavement: they come, overtake, cross, stop, run; and how a robot sees them."""

import math
from dataclasses import dataclass
from random import Random
from typing import Literal

Sort = Literal["oncoming", "ahead", "crossing", "standing", "stopping", "child"]
SORTS: tuple[Sort, ...] = ("oncoming", "ahead", "crossing", "standing", "stopping", "child")
PACE_S, PACE_SPREAD = 2.0, 0.12  # of the share by which somebody is quicker or slower
GIVES_WAY_M = 2.2  # nearer than this to a robot ahead people go round it
ROUND_MPS = 0.8
RANGE_M, SIGHT_M, SIGHT_MPS = 14.0, 0.08, 0.15  # of the robot's sensor, and its errors

Point = tuple[float, float]


@dataclass(slots=True)
class Walker:
    """One of them, in metres east and north of home."""

    sort: Sort
    east_m: float
    north_m: float
    wish_mps: Point
    """As fast as it would go with nobody there."""
    stops_s: float = math.inf
    """When it stands still, and for how long."""
    stands_s: float = 0.0
    velocity_mps: Point = (0.0, 0.0)
    pace: float = 1.0
    _side: float = 1.0

    def step(self, now_s: float, spent_s: float, robot: Point, rng: Random) -> None:
        """Walk on; go round a robot that is in the way."""
        keep = math.exp(-spent_s / PACE_S)
        spread = PACE_SPREAD * math.sqrt(1.0 - keep * keep)
        self.pace = 1.0 + (self.pace - 1.0) * keep + rng.gauss(0.0, spread)
        share = 0.0 if self.stops_s <= now_s < self.stops_s + self.stands_s else self.pace
        east_mps, north_mps = (share * part for part in self.wish_mps)
        speed_mps = math.hypot(east_mps, north_mps)
        to = (robot[0] - self.east_m, robot[1] - self.north_m)
        away_m = math.hypot(*to)
        if speed_mps > 0.05 and 0.01 < away_m < GIVES_WAY_M:
            ahead = (east_mps / speed_mps, north_mps / speed_mps)
            if ahead[0] * to[0] + ahead[1] * to[1] > 0.3 * away_m:
                across = ahead[0] * to[1] - ahead[1] * to[0]  # the robot is on the left
                self._side = -1.0 if across < 0 else 1.0
                slow = min(speed_mps, max(0.0, away_m - 1.1))
                east_mps = ahead[0] * slow + ahead[1] * self._side * ROUND_MPS
                north_mps = ahead[1] * slow - ahead[0] * self._side * ROUND_MPS
        # Nobody turns or stops within a step: half a second to another velocity.
        turn = min(1.0, spent_s / 0.25)
        was = self.velocity_mps
        self.velocity_mps = (
            was[0] + (east_mps - was[0]) * turn,
            was[1] + (north_mps - was[1]) * turn,
        )
        self.east_m += self.velocity_mps[0] * spent_s
        self.north_m += self.velocity_mps[1] * spent_s


def meet(rng: Random, length_m: float, most: int = 6) -> list[Walker]:
    """Return people along a pavement that leads east from home, none of them near yet."""
    return [_one(rng, rng.choice(SORTS), length_m) for _ in range(rng.randint(1, most))]


def _one(rng: Random, sort: Sort, length_m: float) -> Walker:
    along_m = rng.uniform(7.0, length_m - 2.0)
    beside_m = rng.gauss(0.0, 0.8)
    pace_mps = rng.uniform(0.8, 1.7)
    match sort:
        case "oncoming":
            walker = Walker(sort, along_m + 6.0, beside_m, (-pace_mps, rng.gauss(0, 0.05)))
        case "ahead":
            walker = Walker(sort, along_m, beside_m, (0.7 * pace_mps, rng.gauss(0, 0.05)))
        case "crossing" | "child":
            fast_mps = pace_mps if sort == "crossing" else rng.uniform(2.0, 3.2)
            side = rng.choice((-1.0, 1.0))
            far_m = fast_mps * rng.uniform(4.0, 14.0)
            wish = (rng.gauss(0, 0.2), -side * fast_mps)
            walker = Walker(sort, along_m, side * far_m, wish)
        case "standing":
            walker = Walker(
                sort, along_m, beside_m, (0.0, rng.choice((-0.7, 0.7))), 0.0,
                rng.uniform(5.0, 25.0),
            )  # fmt: skip
        case _:
            walker = Walker(
                sort, along_m, beside_m, (rng.choice((-1.0, 0.8)) * pace_mps, 0.0),
                rng.uniform(2.0, 12.0), rng.uniform(2.0, 8.0),
            )  # fmt: skip
    if walker.stops_s > 0.0:
        walker.velocity_mps = walker.wish_mps
    return walker


@dataclass(frozen=True, slots=True)
class Sighting:
    """Somebody as the robot's sensor sees him: from itself, with its errors."""

    east_m: float
    north_m: float
    east_mps: float
    north_mps: float


def sightings(walkers: list[Walker], robot: Point, rng: Random) -> tuple[Sighting, ...]:
    """Return everybody within range of the sensor."""
    return tuple(
        Sighting(
            one.east_m - robot[0] + rng.gauss(0, SIGHT_M),
            one.north_m - robot[1] + rng.gauss(0, SIGHT_M),
            one.velocity_mps[0] + rng.gauss(0, SIGHT_MPS),
            one.velocity_mps[1] + rng.gauss(0, SIGHT_MPS),
        )
        for one in walkers
        if math.dist((one.east_m, one.north_m), robot) < RANGE_M
    )
