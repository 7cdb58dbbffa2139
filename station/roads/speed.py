"""How fast motor traffic goes on a way, by its sign or by its class."""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from station.roads.countries import KMH_PER_MPH, NO_LIMIT_KMH, WALK_KMH, Rules, zone_kmh

KMH_PER_KNOT = 1.852
MOST_KMH = 255  # what the graph file holds
YARD_KMH = 10  # in driveways and between parked cars, whatever is posted
SLOW_SERVICES = frozenset({"driveway", "parking_aisle", "drive-through", "alley"})

_NUMBER = re.compile(r"(\d+(?:\.\d+)?)\s*(km/h|kmh|kph|mph|knots)?")
_ZONE = re.compile(r"([A-Za-z]{2})(?:-[A-Za-z]+)?:([a-z_]+?):?(\d+)?")
_FACTORS = {"mph": KMH_PER_MPH, "knots": KMH_PER_KNOT}
_SILENT = frozenset({"signals", "variable", "implicit", "default", "unposted"})


@dataclass(frozen=True, slots=True)
class Speeds:
    """Both directions [km/h], and the value that could not be read, if any."""

    forward_kmh: int
    backward_kmh: int
    unreadable: str | None = None
    posted: bool = False
    """Both directions have a limit that a sign says."""


def speeds_of(tags: Mapping[str, str], road_class: str, rules: Rules) -> Speeds:
    """Return the posted speeds, or those of the class."""
    unreadable = None
    found: dict[str, int | None] = {}
    for key in ("maxspeed", "maxspeed:forward", "maxspeed:backward"):
        text = tags.get(key)
        found[key] = None if text is None else posted_kmh(text)
        if text is not None and found[key] is None and text.strip().lower() not in _SILENT:
            unreadable = text
    default_kmh = rules.class_kmh(road_class)
    most_kmh = YARD_KMH if tags.get("service") in SLOW_SERVICES else MOST_KMH
    both, forward, backward = found.values()
    return Speeds(
        forward_kmh=min(forward or both or default_kmh, most_kmh),
        backward_kmh=min(backward or both or default_kmh, most_kmh),
        unreadable=unreadable,
        posted=all(
            one is not None and one != NO_LIMIT_KMH and one <= most_kmh
            for one in (forward or both, backward or both)
        ),
    )


def posted_kmh(text: str) -> int | None:
    """Return what a maxspeed says, the lowest of several; None if it says no number."""
    values = [_one_kmh(part.strip()) for part in re.split(r"[;|,]", text)]
    known = [value for value in values if value is not None]
    return min(known) if known else None


def _one_kmh(text: str) -> int | None:
    number = _NUMBER.fullmatch(text.lower())
    if number:
        kmh = float(number[1]) * _FACTORS.get(number[2] or "", 1.0)
        return round(kmh) if 1 <= kmh <= MOST_KMH else None
    if text == "none":
        return NO_LIMIT_KMH
    if text == "walk":
        return WALK_KMH
    zone = _ZONE.fullmatch(text)
    if zone is None:
        return None
    if zone[2] in ("zone", "urban", "rural", "") and zone[3]:
        kmh = float(zone[3]) * (KMH_PER_MPH if zone[1].lower() in ("gb", "us") else 1.0)
        return round(kmh) if 1 <= kmh <= MOST_KMH else None
    return zone_kmh(zone[1], zone[2])
