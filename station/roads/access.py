"""Who may use a way, in which direction: OSM's access tags with their precedence."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from edge.roads.classes import (
    BICYCLE,
    DESTINATION_ONLY,
    EVERYONE,
    FOOT,
    MOTOR,
    ROUNDABOUT,
    TRUCK,
    TUNNEL,
    VAN,
)

# Most general key first: a later one overrides an earlier one
# (https://wiki.openstreetmap.org/wiki/Key:access, "Transport mode restrictions").
KEYS: Mapping[int, tuple[str, ...]] = {
    VAN: ("access", "vehicle", "motor_vehicle", "motorcar", "goods"),
    TRUCK: ("access", "vehicle", "motor_vehicle", "hgv"),
    BICYCLE: ("access", "vehicle", "bicycle"),
    FOOT: ("access", "foot"),
}
# An open one of these only undoes a closed one before it: access=yes on a footway means all
# who walk, not lorries.
GENERAL = frozenset({"access", "vehicle"})

FOR_VISITORS = frozenset({"destination", "delivery", "customers", "residents"})
OPEN = FOR_VISITORS | {"yes", "permissive", "designated", "official", "public", "allowed"}
CLOSED = frozenset(
    {
        "agricultural",
        "dismount",
        "emergency",
        "forestry",
        "military",
        "no",
        "permit",
        "private",
        "restricted",
        "use_sidepath",
    }
)

_DEFAULTS = {
    "motorway": MOTOR,
    "motorway_link": MOTOR,
    "trunk": MOTOR | BICYCLE,
    "trunk_link": MOTOR | BICYCLE,
    "track": BICYCLE | FOOT,
    "pedestrian": FOOT,
    "cycleway": BICYCLE,
    "footway": FOOT,
    "path": BICYCLE | FOOT,
}
FIRM_TRACKS = frozenset({"grade1", "grade2"})  # a van gets through in any weather
BUSY = frozenset({"primary", "secondary", "tertiary"})  # no place to walk without a pavement
YARDS = frozenset({"driveway", "parking_aisle", "drive-through"})

# A panel van: Sprinter or Crafter with high roof. A lorry: what EU law lets be built
# (Directive 96/53/EC, Annex I), at 12 t, the usual weight of a two-axle delivery lorry.
SIZES: tuple[tuple[tuple[str, ...], dict[int, float]], ...] = (
    (("maxheight", "maxheight:physical"), {VAN: 2.8, TRUCK: 4.0}),
    (("maxwidth", "maxwidth:physical"), {VAN: 2.1, TRUCK: 2.55}),
    (("maxweight", "maxweightrating"), {VAN: 3.5, TRUCK: 12.0}),
)
_FACTORS = {"": 1.0, "m": 1.0, "t": 1.0, "kg": 0.001, "lbs": 0.000453592, "st": 0.907185}
_MEASURE = re.compile(r"(\d+(?:[.,]\d+)?)\s*(m|t|kg|lbs|st)?")
_FEET = re.compile(r"(\d+)'\s*(?:(\d+)\")?")

_ONE_WAY = frozenset({"yes", "true", "1"})
_AGAINST = frozenset({"-1", "reverse"})
_WHEELS = VAN | TRUCK | BICYCLE


@dataclass(frozen=True, slots=True)
class Access:
    """Bits of who may use a way, along its nodes and against them, and its flags."""

    forward: int
    backward: int
    flags: int = 0


def access_of(tags: Mapping[str, str], road_class: str) -> Access:
    """Return who may use a way of a class; its zeros mean that nobody may."""
    default = default_access(tags, road_class)
    forward, visitors = _allowed(tags, default, ":forward")
    backward, _ = _allowed(tags, default, ":backward")
    fits = _fitting(tags)
    along, against = one_way(tags, road_class)
    flags = DESTINATION_ONLY * (visitors or tags.get("service") in YARDS)
    flags |= ROUNDABOUT * is_roundabout(tags) | TUNNEL * (tags.get("tunnel", "no") != "no")
    return Access(forward & fits & along, backward & fits & against, flags)


def default_access(tags: Mapping[str, str], road_class: str) -> int:
    """Return who may use a class of road if no access tag says more."""
    bits = _DEFAULTS.get(road_class, EVERYONE)
    if road_class == "track" and tags.get("tracktype") in FIRM_TRACKS:
        bits |= MOTOR
    if road_class == "cycleway" and "segregated" in tags:
        bits |= FOOT
    if road_class in BUSY and tags.get("sidewalk") in ("no", "none"):
        bits &= ~FOOT
    if tags.get("motorroad") == "yes":
        bits &= MOTOR
    if tags.get("service") == "emergency_access":
        bits &= ~MOTOR
    return bits


def one_way(tags: Mapping[str, str], road_class: str) -> tuple[int, int]:
    """Return who may go along a way and who against it, as far as one-way rules say."""
    along = against = EVERYONE
    said = tags.get("oneway") or ("yes" if _implied(tags, road_class) else "no")
    for bits, value in (
        (_WHEELS, said),
        (MOTOR, tags.get("oneway:motor_vehicle", "")),
        (BICYCLE, _for_bicycles(tags)),
        (FOOT, tags.get("oneway:foot", "")),
    ):
        if value in _ONE_WAY:
            along, against = along | bits, against & ~bits
        elif value in _AGAINST:
            along, against = along & ~bits, against | bits
        elif value == "reversible":
            along, against = along & ~bits, against & ~bits
        elif value == "no":
            along, against = along | bits, against | bits
    return along, against


def is_roundabout(tags: Mapping[str, str]) -> bool:
    """Say whether a way is part of a circle that traffic goes round one way."""
    return tags.get("junction") in ("roundabout", "circular")


def node_access(tags: Mapping[str, str], default: int) -> int:
    """Return who gets through a barrier whose kind lets `default` through."""
    bits, _ = _allowed(tags, default, "")
    return bits & _fitting(tags)


def _implied(tags: Mapping[str, str], road_class: str) -> bool:
    return road_class == "motorway" or is_roundabout(tags)


def _for_bicycles(tags: Mapping[str, str]) -> str:
    sides = ("cycleway", "cycleway:left", "cycleway:right", "cycleway:both")
    contrary = any(tags.get(key, "").startswith("opposite") for key in sides)
    return tags.get("oneway:bicycle", "no" if contrary else "")


def _allowed(tags: Mapping[str, str], default: int, direction: str) -> tuple[int, bool]:
    """Return who may pass, and whether vans may only if their business is here."""
    allowed, visitors = 0, False
    for bit, keys in KEYS.items():
        may, only_visitors = bool(default & bit), False
        for key in keys:
            for value in (tags.get(key), tags.get(key + direction) if direction else None):
                said = _said(value)
                if said is None:
                    continue
                may = said and (key not in GENERAL or bool(default & bit))
                only_visitors = said and value in FOR_VISITORS
        allowed |= bit * may
        visitors |= only_visitors and bit == VAN
    return allowed, visitors


def _said(value: str | None) -> bool | None:
    """Return what a value means: open, closed, or nothing that is known."""
    if value is None:
        return None
    parts = {part.strip() for part in value.split(";")}
    if parts & OPEN:
        return True
    return False if parts & CLOSED else None


def _fitting(tags: Mapping[str, str]) -> int:
    """Return who is low, narrow and light enough."""
    bits = EVERYONE
    for keys, sizes in SIZES:
        for key in keys:
            most = measure(tags.get(key, ""))
            if most is None:
                continue
            for bit, size in sizes.items():
                if most < size:
                    bits &= ~bit
    return bits


def measure(text: str) -> float | None:
    """Return metres or tonnes; None for "default", "none" and what cannot be read."""
    feet = _FEET.fullmatch(text.strip())
    if feet:
        return int(feet[1]) * 0.3048 + int(feet[2] or 0) * 0.0254
    found = _MEASURE.fullmatch(text.strip().lower())
    if found is None:
        return None
    return float(found[1].replace(",", ".")) * _FACTORS[found[2] or ""]
