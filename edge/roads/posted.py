"""The posted limit where a vehicle is; unknown where no sign is on the map."""

from edge.messages.geo import Place
from edge.roads.classes import POSTED, RoadUser
from edge.roads.snap import Snapper

ON_ROAD_M = 15.0  # farther away, it may be another road


class PostedLimits:
    """Answers for one graph and one kind of road user."""

    def __init__(self, snapper: Snapper, user: RoadUser) -> None:
        self._graph = snapper.graph
        self._user = user
        self._snapper = snapper
        self._any_posted = bool((self._graph.arc_flags & POSTED).any())

    def limit_mps(self, place: Place, heading_deg: float | None) -> float | None:
        """Return the posted limit of the road driven on; None: unknown."""
        if not self._any_posted:  # files of before 2026-11-22, and maps that know no signs
            return None
        snap = self._snapper.snap(place, self._user, heading_deg, moving=True)
        if snap is None or snap.away_m > ON_ROAD_M:
            return None
        if not int(self._graph.arc_flags[snap.arc]) & POSTED:
            return None
        return int(self._graph.arc_speed_kmh[snap.arc]) / 3.6
