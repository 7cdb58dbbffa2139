"""What stands on a road: barriers that stop some, signals and signs that cost time."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from edge.roads.classes import BICYCLE, EVERYONE, FOOT
from station.roads.access import node_access

# Who gets through where no access tag says more. A kind that is not here stops motor traffic.
BARRIERS: Mapping[str, int] = {
    "border_control": EVERYONE,
    "cattle_grid": EVERYONE,
    "entrance": EVERYONE,
    "gate": EVERYONE,  # open by day unless a tag says otherwise
    "height_restrictor": EVERYONE,
    "lift_gate": EVERYONE,
    "no": EVERYONE,
    "sally_port": EVERYONE,
    "sliding_gate": EVERYONE,
    "swing_gate": EVERYONE,
    "toll_booth": EVERYONE,
    "kerb": EVERYONE,  # says how a pavement meets the road, and bars nobody on the road
    "full-height_turnstile": 0,  # no wheels
    "fence": 0,
    "kissing_gate": 0,
    "stile": 0,
    "turnstile": 0,
    "wall": 0,
    "hedge": 0,
}
OTHER_BARRIER = BICYCLE | FOOT  # bollard, block, chain, cycle_barrier, jersey_barrier …
RAISED = frozenset({"rising", "retractable"})  # `bollard=`: sinks for who may enter

Direction = Literal["forward", "backward", "both"]

# Average waits of motor traffic [tenths of a second].
SIGNAL_DS = 75  # a red of 30 s in a cycle of 60 s: 30 / 60 of the cars wait 15 s on average
_DELAYS_DS: Mapping[tuple[str, str], int] = {
    ("highway", "traffic_signals"): SIGNAL_DS,
    ("highway", "stop"): 40,
    ("highway", "give_way"): 20,
    ("highway", "crossing"): 10,
    ("highway", "mini_roundabout"): 20,
    ("railway", "level_crossing"): 50,
    ("barrier", "toll_booth"): 100,
    ("barrier", "lift_gate"): 100,
    ("barrier", "gate"): 100,
    ("barrier", "swing_gate"): 100,
    ("barrier", "sliding_gate"): 100,
    ("barrier", "border_control"): 100,
}


@dataclass(frozen=True, slots=True)
class Mark:
    """One node that is more than a bend in the road."""

    passes: int
    """Bits of who gets through."""
    delay_ds: int
    signal: bool
    """A junction's signals count once, however many nodes they stand on."""
    direction: Direction
    """Along the nodes of its way, against them, or both."""
    sign: bool
    """Stop and give-way: without a direction they speak to who nears the junction."""


def mark_of(tags: Mapping[str, str]) -> Mark | None:
    """Return what a node does to traffic; None if nothing."""
    passes = _passes(tags)
    delays = {pair: ds for pair, ds in _DELAYS_DS.items() if tags.get(pair[0]) == pair[1]}
    signal = tags.get("highway") == "traffic_signals" or (
        tags.get("highway") == "crossing" and tags.get("crossing") == "traffic_signals"
    )
    delay_ds = SIGNAL_DS if signal else max(delays.values(), default=0)
    if passes == EVERYONE and not delay_ds:
        return None
    said = tags.get("direction", tags.get("traffic_signals:direction", "both"))
    direction: Direction = "both"
    if said == "forward":
        direction = "forward"
    elif said == "backward":
        direction = "backward"
    sign = tags.get("highway") in ("stop", "give_way")
    return Mark(passes, delay_ds, signal, direction, sign)


def _passes(tags: Mapping[str, str]) -> int:
    """Return who gets through a node."""
    kind = tags.get("barrier")
    if kind is None:
        return EVERYONE
    default = BARRIERS.get(kind, OTHER_BARRIER)
    if kind == "bollard" and tags.get("bollard") in RAISED:
        default = EVERYONE
    if tags.get("locked") == "yes":
        default = 0
    return node_access(tags, default)
