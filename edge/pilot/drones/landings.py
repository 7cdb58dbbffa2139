"""Landing sites on which something stands, seen from above; said to the guard."""

from edge.config import FlightSection
from edge.flight.progress import FlightProgress, Phase
from edge.messages.geo import Place, distance_m
from edge.pilot.craft import Situation
from edge.pilot.drones.readiness import LEAST_LOOKS, LOOKS_FOR_S
from edge.pilot.truth import place_of

OVER_M = 3.0  # whoever stands farther off is not landed on
STANDS_M = 1.4  # somebody; from on high a barometer may be a metre off
BLOCKED_FOR_S = 300.0


class Landings:
    """Looks down on the way to a landing elsewhere; what it saw is of this start only."""

    def __init__(self, section: FlightSection) -> None:
        self._sites = tuple(
            (one.site_id, Place(lat_deg=one.lat_deg, lon_deg=one.lon_deg), one.height_m)
            for one in section.site
        )
        self._seen_s: dict[str, float] = {}

    def blocked(self, progress: FlightProgress, at: Situation) -> frozenset[str]:
        """Return the sites on which something was seen a short while ago."""
        here, route = place_of(at.words), at.mission.route
        if progress.phase is Phase.DIVERTING and here is not None:
            sites = self._sites
            if route is not None:
                sites += (("station", route.station, 0.0), ("home", route.station, 0.0))
            for site_id, place, height_m in sites:
                if distance_m(here, place) <= OVER_M and _stands_below(at, height_m):
                    self._seen_s[site_id] = at.now_s
        return frozenset(
            site_id
            for site_id, seen_s in self._seen_s.items()
            if at.now_s - seen_s <= BLOCKED_FOR_S
        )


def _stands_below(at: Situation, height_m: float) -> bool:
    """Tell whether every look of a while saw something higher than the site itself."""
    recent = [gap for at_s, gap in at.words.gaps if 0 <= at.now_s - at_s <= LOOKS_FOR_S]
    known = [gap - height_m for gap in recent if gap is not None]
    return len(known) >= LEAST_LOOKS and min(known) > STANDS_M
