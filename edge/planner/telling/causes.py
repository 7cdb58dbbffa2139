"""What in the conditions has changed since the plan before, and what that costs."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from edge.conditions.layers import Layers
from edge.messages.conditions import Layer
from edge.messages.parcels import StopId
from edge.messages.plan import Cause, Plan

MOST_CAUSES = 5
MOST_CLOSED = 3


def causes(before: Layers | None, now: Layers) -> tuple[Cause, ...]:
    """Return the layers that are new, changed or gone."""
    if before is None or before is now:
        return ()
    was, is_now = _versions(before), _versions(now)
    found = []
    for name in sorted(was.keys() | is_now.keys()):
        if was.get(name) == is_now.get(name):
            continue
        if name not in is_now:
            found.append(Cause(layer=name, what="expired"))
            continue
        parts = [part for part in now.parts if part.name == name]
        closed = _closed(parts, [part for part in before.parts if part.name == name])
        found.append(Cause(layer=name, what="changed" if name in was else "new", closed=closed))
    return tuple(found[:MOST_CAUSES])


def delay_s(previous: Plan | None, legs_s: Mapping[tuple[StopId, StopId], float]) -> float:
    """Return how much longer the ways of the plan before take now.

    Only ways between two stops that are both still to come are compared.
    """
    if previous is None:
        return 0.0
    order = previous.stops
    later = 0.0
    for here, there in pairwise(order):
        now_s = legs_s.get((here.stop_id, there.stop_id))
        if now_s is not None:
            later += now_s - there.leg_s
    return round(later, 1)


def _versions(layers: Layers) -> dict[str, int]:
    return {part.name: part.version for part in layers.parts}


def _closed(parts: Sequence[Layer], before: Sequence[Layer]) -> tuple[str, ...]:
    """Return the reasons of the closures that are new, each once."""
    known = {closure for part in before for closure in part.closures}
    reasons = [
        closure.reason or "a road"
        for part in parts
        for closure in part.closures
        if closure not in known
    ]
    return tuple(dict.fromkeys(reasons))[:MOST_CLOSED]
