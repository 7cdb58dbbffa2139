"""The heights worth cruising at: the lowest of each layer of air with the same zones."""

from collections.abc import Iterator, Sequence

from edge.air.airspace import ClosedZone, Ground, Keeping
from edge.air.level import Level
from edge.air.sightlines import Sightlines

MOST_GROWN = 4  # zones more than before; for more it is as quick to begin anew

ZoneSet = frozenset[ClosedZone]


class Sky:
    """The zones of a place as a drone of some size meets them."""

    def __init__(
        self,
        zones: Sequence[ClosedZone],
        keeping: Keeping,
        ground: Ground | None,
        *,
        margin_m: float,
        within_m: float,
        before: "Sky | None" = None,
    ) -> None:
        """No flight leads farther than `within_m` from the origin of the chart.

        What the sky `before` knows is not tested again. Raises CrowdedError if there are too
        many zones.
        """
        self.zones = tuple(zones)
        self._keeping, self._ground = keeping, ground
        self.margin_m, self.within_m = margin_m, within_m
        self._lines_among: dict[ZoneSet, Sightlines] = {}
        self._known: dict[ZoneSet, Sightlines] = {}
        if before and (before.margin_m, before.within_m) == (margin_m, within_m):
            self._known = before.known()
        self.levels = tuple(self._worth())
        """Lowest first; those that close zones to be avoided before those that do not."""
        self._known = {}

    def known(self) -> dict[ZoneSet, Sightlines]:
        """Return the lines among each set of zones that stands at some height."""
        return dict(self._lines_among)

    def _worth(self) -> Iterator[Level]:
        vertical_m = self._keeping.vertical_m
        for strict in (True, False) if any(zone.avoid for zone in self.zones) else (True,):
            closed = [zone for zone in self.zones if strict or not zone.avoid]
            below: ZoneSet | None = None
            for cruise_m in self._keeping.bands_m(self._ground):
                low_m, high_m = cruise_m - vertical_m, cruise_m + vertical_m
                cruised = [zone for zone in closed if zone.between(low_m, high_m)]
                if (here := frozenset(cruised)) != below:
                    below = here
                    yield Level(cruise_m, self._lines(cruised), self.zones, vertical_m, strict)

    def _lines(self, cruised: Sequence[ClosedZone]) -> Sightlines:
        asked = frozenset(cruised)
        if asked not in self._lines_among:
            self._lines_among[asked] = self._found(cruised, asked)
        return self._lines_among[asked]

    def _found(self, cruised: Sequence[ClosedZone], asked: ZoneSet) -> Sightlines:
        subsets = [zones for zones in self._known if zones <= asked]
        largest = max(subsets, key=len, default=frozenset())
        if not subsets or len(asked) - len(largest) > MOST_GROWN:
            return Sightlines.among(cruised, self.margin_m, self.within_m)
        lines = self._known[largest]
        for zone in cruised:
            if zone not in largest:
                lines = lines.with_zone(zone)
        return lines
