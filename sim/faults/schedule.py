"""The whole schedule of a day's faults, made before it begins: those named, and those drawn."""

from collections.abc import Sequence

from edge.errors import ConfigError
from sim.chance import chance
from sim.faults.base import BROKER, STATION
from sim.faults.drawing import LOTS
from sim.faults.fault import NAMES, Fault, Faults, Struck, by_instant
from sim.scenario import Scenario

__all__ = ["NAMES", "Fault", "Faults", "Struck", "draw", "kinds_of"]


def draw(scenario: Scenario, seed: int) -> tuple[Fault, ...]:
    """Return the named faults and the drawn ones, in the order of their instants.

    A day with these faults named, and without `[faults]`, is the same day. Raises
    ConfigError for a kind that does not exist or strikes nothing on this day.
    """
    if scenario.faults is None:
        return by_instant(scenario.fault)
    return by_instant((*scenario.fault, *_drawn(scenario, scenario.faults, seed)))


def kinds_of(scenario: Scenario) -> tuple[str, ...]:
    """Return the kinds of faults that can strike something on this day."""
    there = {*(kind for _, kind in _fleet(scenario)), STATION, BROKER}
    return tuple(name for name, lot in LOTS.items() if there.intersection(lot.kinds))


def _drawn(scenario: Scenario, bounds: Faults, seed: int) -> list[Fault]:
    for name in (*bounds.only, *bounds.never):
        if name not in NAMES:
            raise ConfigError(f"[faults]: no fault {name!r}; there are: {', '.join(NAMES)}")
    possible = kinds_of(scenario)
    wanted = [
        name
        for name in possible
        if (not bounds.only or name in bounds.only) and name not in bounds.never
    ]
    if not wanted:
        raise ConfigError("[faults]: only and never leave nothing that could strike this day")
    drawn: list[Fault] = []
    if bounds.per_h <= 0:
        return drawn
    rng, at_s = chance(seed, "faults"), 0.0
    while True:
        at_s += rng.expovariate(bounds.per_h / 3600)
        if at_s > bounds.hours * 3600:
            return drawn
        lot = LOTS[rng.choice(wanted)]
        who = rng.choice(_targets(scenario, lot.kinds))
        drawn.append(lot.make(rng, who, round(at_s, 3)))


def _targets(scenario: Scenario, kinds: Sequence[str]) -> list[str]:
    vehicles = [name for name, kind in _fleet(scenario) if kind in kinds]
    return [*vehicles, *(one for one in (STATION, BROKER) if one in kinds)]


def _fleet(scenario: Scenario) -> list[tuple[str, str]]:
    return [(name, group.kind) for group in scenario.groups for name in group.names()]
