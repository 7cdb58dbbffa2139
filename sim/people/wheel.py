"""At the wheel: which way the driver takes, and what happens where a road is closed."""

import math
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from random import Random

from edge.messages.geo import Place
from sim.people.customer import Customers
from sim.people.manners import DriverManners
from sim.people.tailgate import Tailgate
from sim.roads.truth import Roads
from sim.roads.way import OPEN
from sim.vehicles.van import Van

PATIENCE_S = 25.0  # standing at the door, until the driver presses "arrived"
TURNS_ROUND_S = 90.0  # at a road that is closed: to see it, to turn, to look for another


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a driver's day is played in."""

    roads: Roads
    van: Van
    customers: Customers
    now_s: Callable[[], float]
    local: Callable[[], datetime]
    told: Callable[[], frozenset[int]] = lambda: OPEN
    """Which pieces of road the driver has been told are closed."""
    held_up_s: Callable[[], float] = lambda: 0.0
    """How much longer the stop that is served now takes."""
    tailgate: Tailgate = field(default_factory=Tailgate)


class Wheel:
    """Drives to one place after the other, past what the driver knows to be closed."""

    def __init__(self, around: Surroundings, manners: DriverManners, lights: Random) -> None:
        """`lights` are those on the way: another way changes nothing else of the day."""
        self._around = around
        self._manners = manners
        self._lights = lights
        self._target: Place | None = None
        self._barrier: tuple[int, float] | None = None
        self._seen: frozenset[int] = OPEN
        self.there_s = 0.0
        """When the van stands at its target, if nothing comes between."""

    def drive_to(self, place: Place) -> None:
        """Set off by the quickest way that is open, as far as the driver knows."""
        if place == self._target:
            return
        around, now_s = self._around, self._around.now_s()
        roads, van = around.roads, around.van
        known = (around.told() | self._seen) & roads.closed_pieces(now_s)
        way = roads.way(van.halt(now_s), place, now_s, known)
        halts_s = [self._halt_s() if corner else 0.0 for corner in way.corners()]
        self._target = place
        self.there_s = van.drive(way, now_s, halts_s=halts_s)
        self._barrier = roads.barrier(way, van.passes_s)

    @property
    def wakes_s(self) -> float:
        """When the driver must do something: at a barrier, or in vain at the target."""
        return self.there_s + PATIENCE_S if self._barrier is None else self._barrier[1]

    def meet_barrier(self) -> float | None:
        """Stop where the road is closed; return what that costs, None if nothing is there.

        A driver who did not know turns round; one who did has found no other way and waits.
        """
        if self._barrier is None:
            return None
        around, now_s, piece = self._around, self._around.now_s(), self._barrier[0]
        around.van.halt(now_s)
        self._target, self._barrier = None, None
        if piece in self._seen or piece in around.told():
            return around.roads.opens_s(piece, now_s) - now_s
        self._seen |= around.roads.closed_with(piece, now_s)
        return TURNS_ROUND_S

    def park(self) -> None:
        """Forget the target: the next drive sets off from here."""
        self._target = None

    def _halt_s(self) -> float:
        """Return how long the van must wait at a corner, mostly not at all."""
        if self._lights.random() >= self._manners.halt_frac:
            return 0.0
        return math.floor(self._lights.uniform(3, 40))
