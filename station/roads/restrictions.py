"""Turn restriction relations: what they forbid, and to whom."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from edge.roads.classes import BICYCLE, MOTOR, TRUCK, VAN

Way = Literal["left", "right", "straight", "u", "any"]

# Whom a mode names (https://wiki.openstreetmap.org/wiki/Relation:restriction).
MODES: Mapping[str, int] = {
    "bicycle": BICYCLE,
    "goods": VAN,
    "hgv": TRUCK,
    "motor_vehicle": MOTOR,
    "motorcar": VAN,
    "vehicle": MOTOR | BICYCLE,
}
ON_WHEELS = MOTOR | BICYCLE  # who walks heeds no turn restriction

_WAYS: Mapping[str, Way] = {
    "left_turn": "left",
    "right_turn": "right",
    "straight_on": "straight",
    "u_turn": "u",
    "entry": "any",
    "exit": "any",
}


@dataclass(frozen=True, slots=True)
class Restriction:
    """No way, or only this way, from some ways by a node to others."""

    only: bool
    way: Way
    bits: int
    from_ways: tuple[int, ...]
    via_node: int
    to_ways: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Member:
    """A member of a relation; `kind` is n, w or r."""

    kind: str
    ref: int
    role: str


def restrictions_of(
    tags: Mapping[str, str], members: Sequence[Member]
) -> tuple[list[Restriction], str | None]:
    """Return what a relation forbids, and why something of it was left out."""
    kinds = {key: value for key, value in tags.items() if key.split(":")[0] == "restriction"}
    if any(key.endswith(":conditional") for key in kinds):
        said = "conditional turn restriction"
        kinds = {key: value for key, value in kinds.items() if "conditional" not in key}
        if not kinds:
            return [], said
    else:
        said = None
    refs = {
        (role, kind): tuple(
            member.ref for member in members if (member.role, member.kind) == (role, kind)
        )
        for role in ("from", "via", "to")
        for kind in "nw"
    }
    from_ways, to_ways, via = refs["from", "w"], refs["to", "w"], refs["via", "n"]
    if refs["via", "w"]:
        return [], "turn restriction by way of another way"
    if not (from_ways and to_ways) or len(via) != 1:
        return [], "turn restriction without from, via or to"
    found = []
    for key, value in kinds.items():
        first, _, rest = value.partition("_")
        way = _WAYS.get(rest)
        if first not in ("no", "only") or way is None:
            said = "turn restriction of an unknown kind"
            continue
        bits = _bits(key.partition(":")[2], tags.get("except", ""))
        if bits:
            only = first == "only"
            found.append(Restriction(only, way, bits, from_ways, via[0], to_ways))
    return found, said


def _bits(mode: str, excepted: str) -> int:
    """Return whom a restriction binds."""
    bits = MODES.get(mode, 0) if mode else ON_WHEELS
    for name in excepted.split(";"):
        bits &= ~MODES.get(name.strip(), 0)
    return bits
