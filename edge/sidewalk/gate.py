"""Before a robot sets out: what holds a drone holds it too, and besides lid, bolts and light.

Every reason is named at once. The guard judges again, by itself, with every motion.
"""

from dataclasses import dataclass, replace

from edge.flight.gate import Readiness, WeatherHold
from edge.flight.gate import look as look_at_all
from edge.sidewalk.progress import Seen
from edge.vehicles.jurisdictions import Jurisdiction
from edge.vehicles.machine import WeatherFigures

__all__ = ["Pavement", "Readiness", "WeatherHold", "look"]
STANDS_MPS = 0.1


@dataclass(frozen=True, slots=True, kw_only=True)
class Pavement:
    """What only a robot is asked; None is unknown, and unknown is a reason."""

    seen: Seen
    jurisdiction: Jurisdiction
    dark: bool | None = None
    people_seen: bool = False
    """It sees whether anybody is near."""
    on_road: bool = False
    """It stands between the kerbs of a road, where its motors went off."""
    feels: bool = False
    """It feels whether somebody lifts or tilts it."""


def look(
    ready: Readiness, pavement: Pavement, figures: WeatherFigures, hold: WeatherHold
) -> tuple[tuple[str, ...], WeatherHold]:
    """Return every reason not to set out now, none if it may; and what to remember.

    `ready` is asked for no Remote ID and for no landing; `station` may be away.
    """
    if pavement.on_road:  # weather, light and the rest of the leg hold it beyond the road
        bare = replace(ready, weather=None, needed_j=0.0)
        reasons, _ = look_at_all(bare, figures, WeatherHold())
        return (*reasons, *_body(pavement)), hold
    reasons, hold = look_at_all(ready, figures, hold)
    return (*reasons, *_ice(ready, figures), *_light(pavement, figures), *_body(pavement)), hold


def _ice(ready: Readiness, figures: WeatherFigures) -> list[str]:
    known = ready.weather is not None and ready.weather.ice is not None
    held = "ice" in figures.unknown_holds and not known
    return ["whether there is ice is not known"] if held else []


def _light(pavement: Pavement, figures: WeatherFigures) -> list[str]:
    law = pavement.jurisdiction
    if figures.in_darkness and law.in_darkness:
        return []
    if pavement.dark is None:
        return ["whether it is dark is not known"]
    return [f"it is dark, and {law.name} allows daylight only"] if pavement.dark else []


def _body(pavement: Pavement) -> list[str]:
    seen = pavement.seen
    reasons = []
    if not seen.knows_lid:
        reasons.append("the controller does not say how lid and bolts are")
    elif not seen.is_shut:
        reasons.append(f"the lid is {seen.lid}, or a compartment is not locked")
    if seen.harmed:
        reasons.append(seen.harmed)
    elif not pavement.feels:
        reasons.append("it does not feel whether somebody lifts it")
    if not pavement.people_seen:
        reasons.append("it does not see whether people are near")
    if seen.speed_mps is None or seen.speed_mps > STANDS_MPS:
        reasons.append("it is not known to stand")
    return reasons
