"""What a rule is asked and what it may answer."""

import math
from dataclasses import dataclass, field
from typing import Literal

from edge.guard.bounds import Barred, Bounds, Site
from edge.guard.shapes import Point, Reach
from edge.guard.truth import Truth, Velocity, Whereabouts
from edge.messages.machines.actuators import (
    AnyCommand,
    FlyPlan,
    GoToward,
    Land,
    Launch,
    Move,
    Return,
)
from edge.messages.machines.cleared import Reason
from edge.messages.machines.plans import Climb, Cruise, GoHome, TouchDown, Via

LEASE_S = 0.5  # the firmware ends a motion that is not renewed so soon
STILL_MPS = 0.1  # slower than this it stands
FRESH_S = 1.0  # what is older says nothing about now
DRIFT_MPS = 1.0  # a hovering drone is never quite still


@dataclass(frozen=True, slots=True)
class Denied:
    """No; with `stop`, what goes on must end as well."""

    reason: Reason
    why: str
    stop: bool = False


@dataclass(frozen=True, slots=True)
class Capped:
    """Yes, but not so fast."""

    what: Literal["speed_mps", "climb_mps", "descent_mps"]
    most: float
    why: str


Ruling = Denied | Capped | None


@dataclass(frozen=True, slots=True)
class Held:
    """What in the weather forbids setting out."""

    reasons: tuple[str, ...] = ()
    calm_since_s: float | None = None


@dataclass(frozen=True, slots=True)
class Leaving:
    """Where it leaves zones that came up round it, and which: its way may lead through them."""

    point: Point
    zones: tuple[Barred, ...]


@dataclass(frozen=True, slots=True)
class Memory:
    """What the guard remembers from one question to the next."""

    last_number: int = 0
    moving_until_s: float | None = None
    """Until when the motion in force may go on; None: none, or one that ends by itself."""
    assisted: bool = False
    """The motion in force was asked for by a person who helps from afar."""
    must_stand: bool = False
    """It was stopped, and may not move before it has stood."""
    over_since_s: float | None = None
    held: Held = field(default_factory=Held)
    harmed: str = ""
    """What somebody did to it, until a person has looked at it."""
    crossings: frozenset[str] = frozenset()
    """Those it was let onto and has not left yet."""
    diverting: Site | None = None
    leaving: Leaving | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """Where a command wants to go."""

    velocity_enu_mps: Velocity = (0.0, 0.0, 0.0)
    way: tuple[Point, ...] = ()
    """From here to where it ends."""
    low_m: float = 0.0
    high_m: float = 0.0
    """Heights it passes on the way."""


@dataclass(frozen=True, slots=True)
class Question:
    """One command, or what goes on, and all that is known."""

    command: AnyCommand | None
    """None: what goes on."""
    truth: Truth
    bounds: Bounds
    memory: Memory
    now_s: float

    @property
    def flies(self) -> bool:
        """It is a machine of the air."""
        return self.bounds.figures.moves == "air"

    @property
    def landed(self) -> bool | None:
        """Whether it stands on the ground; None: unknown now."""
        parts = self.truth.parts
        return parts.landed if parts is not None and self.fresh(parts.at_s) else None

    @property
    def airborne(self) -> bool:
        """It flies and is not known to stand on the ground."""
        return self.flies and self.landed is not True

    @property
    def whereabouts(self) -> Whereabouts | None:
        """Where it is, if that can be trusted now."""
        here = self.truth.whereabouts
        if here is None or here.doubtful or not self.fresh(here.at_s):
            return None
        if not here.accuracy_m <= self.bounds.figures.motion.worst_accuracy_m:
            return None
        figures = (here.height_m, here.accuracy_m, *here.velocity_enu_mps)
        return here if all(map(math.isfinite, figures)) else None

    @property
    def point(self) -> Point:
        """Where it is; only asked where that is known."""
        here = self.whereabouts
        assert here is not None, "the rule about the position comes first"
        return self.bounds.point(here.place)

    @property
    def speed_mps(self) -> float:
        """Its speed over ground; infinite where it is not known."""
        here = self.whereabouts
        return math.hypot(*here.velocity_enu_mps[:2]) if here else math.inf

    @property
    def stands(self) -> bool:
        """It is known to stand."""
        if self.flies and self.landed is True:
            return True
        return self.speed_mps <= (DRIFT_MPS if self.flies else STILL_MPS)

    def fresh(self, at_s: float | None, within_s: float = FRESH_S) -> bool:
        """Tell whether what was true then still says something."""
        return at_s is not None and -FRESH_S <= self.now_s - at_s <= within_s

    def braking_m(self, speed_mps: float) -> float:
        """Return how far it goes from the last braking on."""
        return speed_mps * speed_mps / (2 * self.bounds.figures.motion.braking_mps2)

    def lasting_s(self, velocity: Velocity, delay_s: float) -> float:
        """Return how long, at full speed, it goes as far as it goes before it stands."""
        motion = self.bounds.figures.motion
        fastest_mps = max(math.hypot(*velocity[:2]), self.speed_mps)
        return delay_s + motion.reaction_s + fastest_mps / (2 * motion.braking_mps2)

    def reach(self, velocity: Velocity, delay_s: float) -> Reach:
        """Return everywhere it may come to stand if it is stopped after the delay.

        Its velocity passes from the present one to the wished one and then to nothing, so
        that every displacement is a mixture of both, no longer than `lasting_s` of them.
        """
        here = self.whereabouts
        assert here is not None, "the rule about the position comes first"
        east_m, north_m = self.point
        lasts_s = self.lasting_s(velocity, delay_s)
        now, then = here.velocity_enu_mps, velocity
        return (
            (east_m, north_m),
            (east_m + now[0] * lasts_s, north_m + now[1] * lasts_s),
            (east_m + then[0] * lasts_s, north_m + then[1] * lasts_s),
        )

    @property
    def margin_m(self) -> float:
        """How far its middle keeps from an edge: how far off the fix may be, half its size."""
        here = self.whereabouts
        assert here is not None, "the rule about the position comes first"
        return here.accuracy_m + self.bounds.figures.motion.size_m / 2


def wish_of(question: Question) -> Wish:
    """Return where the command wants to go. The position must be known."""
    command, bounds = question.command, question.bounds
    here = question.whereabouts
    assert here is not None, "the rule about the position comes first"
    height_m, motion = here.height_m, bounds.figures.motion
    point = question.point
    if isinstance(command, Move):
        lasts_s = LEASE_S + motion.reaction_s
        ends_m = height_m + command.up_mps * lasts_s
        velocity = (command.east_mps, command.north_mps, command.up_mps)
        return Wish(velocity, (), min(height_m, ends_m), max(height_m, ends_m))
    if isinstance(command, GoToward):
        target = bounds.point(command.place)
        away_m = math.dist(point, target)
        share = command.speed_mps / away_m if away_m > 0 else 0.0
        east_mps, north_mps = (target[0] - point[0]) * share, (target[1] - point[1]) * share
        heights_m = sorted((height_m, command.height_m if question.flies else 0.0))
        return Wish((east_mps, north_mps, 0.0), (point, target), *heights_m)
    if isinstance(command, FlyPlan):
        return _planned(command, point, height_m, bounds)
    if isinstance(command, Launch):
        heights_m = sorted((height_m, command.height_m))
        return Wish((0.0, 0.0, 0.0), (point,), *heights_m)
    if isinstance(command, Return):
        return Wish((0.0, 0.0, 0.0), (point, (0.0, 0.0)), height_m, height_m)
    if isinstance(command, Land) and command.place is not None:
        way = (point, *map(bounds.point, command.via), bounds.point(command.place))
        return Wish((0.0, 0.0, 0.0), way, height_m, height_m)
    return Wish((0.0, 0.0, 0.0), (point,), height_m, height_m)


def _planned(command: FlyPlan, point: Point, height_m: float, bounds: Bounds) -> Wish:
    way, heights_m, fastest_mps = [point], [height_m], 0.0
    for part in command.parts:
        if isinstance(part, Via):
            way.append(bounds.point(part.place))
            heights_m.append(part.height_m)
        elif isinstance(part, TouchDown):
            way.append(bounds.point(part.place))
        elif isinstance(part, GoHome):
            way.append((0.0, 0.0))
        elif isinstance(part, Climb):
            heights_m.append(part.height_m)
        elif isinstance(part, Cruise):
            fastest_mps = max(fastest_mps, part.speed_mps)
    return Wish((fastest_mps, 0.0, 0.0), tuple(way), min(heights_m), max(heights_m))
