"""Faults aimed at what chance rarely hits: each kind of fault in each sub-state, in turn."""

from collections.abc import Sequence
from functools import cache
from random import Random
from typing import Final

from msgspec.structs import replace

from sim.chance import chance
from sim.faults.base import PHASES, SubState
from sim.faults.computers import Cut
from sim.faults.drawing import LOTS
from sim.faults.fault import Fault

AIMED: Final = 5
"""Faults of a day that are aimed, at its first vehicle; the others fall where they fall."""
FEW_WRITES: Final = 3
"""An aimed cut waits for no more: else the sub-state is over before it strikes."""

Aim = tuple[str, SubState]
"""A kind of fault, and the sub-state it shall strike in."""


def aimed(
    rng: Random, who: str, kind: str, turn: int, never: Sequence[str]
) -> tuple[Fault, ...]:
    """Return faults for the `turn`-th day of a kind of vehicle.

    Days one after the other go through all there are, so that a swarm that was ended and goes
    on, or runs on several processes, aims at the same.
    """
    aims = _aims(kind, tuple(sorted(never)))
    chosen = (aims[(turn * AIMED + number) % len(aims)] for number in range(AIMED))
    return tuple(_made(rng, who, fault, state) for fault, state in chosen)


@cache
def _aims(kind: str, never: tuple[str, ...]) -> tuple[Aim, ...]:
    """Return all that can strike a kind of vehicle, well shuffled: a day has some of each."""
    aims = [
        (fault, state)
        for fault, lot in LOTS.items()
        if kind in lot.kinds and fault not in never
        for state in PHASES
    ]
    chance(0, "aims", kind).shuffle(aims)
    return tuple(aims)


def _made(rng: Random, who: str, name: str, state: SubState) -> Fault:
    fault = LOTS[name].make(rng, who, round(rng.uniform(0, 60), 3))
    if isinstance(fault, Cut):
        fault = replace(fault, writes=min(fault.writes, FEW_WRITES))
    return replace(fault, during=state)
