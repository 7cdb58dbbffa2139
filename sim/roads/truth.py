"""What the roads are really like: how full they are, and which are closed."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import pairwise

from edge.errors import ConfigError
from edge.messages.geo import Place, distance_m
from sim.chance import chance
from sim.faults.people import RoadClosed
from sim.roads.way import OPEN, Way, Ways
from sim.scenario import Scenario
from sim.trouble.tables import Traffic
from sim.world import traffic


@dataclass(frozen=True, slots=True)
class Closed:
    """A closed street."""

    street: str
    pieces: frozenset[int]
    from_s: float
    until_s: float
    known_s: float
    """When the station hears of it."""

    def at(self, now_s: float) -> bool:
        """Tell whether it is closed now."""
        return self.from_s <= now_s < self.until_s


@dataclass(frozen=True, slots=True)
class Slow:
    """Ways that take longer than usual."""

    from_s: float
    until_s: float
    said: Traffic

    def factor(self, place: Place, now_s: float) -> float:
        """Return how many times as long a way at this place takes now."""
        if not self.from_s <= now_s < self.until_s:
            return 1.0
        area = self.said.area
        if area is not None:
            centre = Place(lat_deg=area.lat_deg, lon_deg=area.lon_deg)
            if distance_m(centre, place) > area.radius_m:
                return 1.0
        return self.said.factor


class Roads:
    """The ground of one day with its troubles."""

    def __init__(
        self,
        ways: Ways,
        *,
        closed: Sequence[Closed] = (),
        slow: Sequence[Slow] = (),
        local: Callable[[float], datetime],
    ) -> None:
        self.ways = ways
        self.closed = tuple(closed)
        self.slow = tuple(slow)
        self._local = local

    def way(self, start: Place, end: Place, now_s: float, known: frozenset[int] = OPEN) -> Way:
        """Return the way, as fast as it goes now, of a driver who knows what is closed."""
        way = self.ways.way(start, end, known)
        usual = traffic(self._local(now_s))
        if way.lasts_s is not None:
            middle = way.points[len(way.points) // 2]
            factor = self._factor(middle, now_s)
            return replace(way, lasts_s=way.lasts_s * factor)
        limits = tuple(
            limit / (usual * self._factor(_between(a, b), now_s))
            for limit, (a, b) in zip(way.limits_mps, pairwise(way.points), strict=True)
        )
        return Way(way.points, limits, pieces=way.pieces)

    def closed_pieces(self, now_s: float) -> frozenset[int]:
        """Return the pieces that are closed now."""
        return _union(one for one in self.closed if one.at(now_s))

    def opens_s(self, piece: int, now_s: float) -> float:
        """Return when a piece that is closed now can be driven again."""
        ends = [one.until_s for one in self.closed if one.at(now_s) and piece in one.pieces]
        return max(ends, default=now_s)

    def closed_with(self, piece: int, now_s: float) -> frozenset[int]:
        """Return what is closed now by what closes this piece: the sign names the street."""
        return _union(one for one in self.closed if one.at(now_s) and piece in one.pieces)

    def barrier(self, way: Way, passes_s: Callable[[int], float]) -> tuple[int, float] | None:
        """Return the first piece of a way that will be closed when it is reached, and when.

        `passes_s` tells when a point of the way is passed. The last piece is where the
        driver's business is, and the first where it was.
        """
        if not self.closed:
            return None
        own = (way.pieces[0], way.pieces[-1]) if way.pieces else ()
        for at, piece in enumerate(way.pieces):
            if piece in own:
                continue
            for one in self.closed:
                if piece in one.pieces and one.at(reached_s := passes_s(at)):
                    return piece, reached_s
        return None

    def _factor(self, place: Place, now_s: float) -> float:
        factor = 1.0
        for one in self.slow:
            factor *= one.factor(place, now_s)
        return factor


def roads_of(
    scenario: Scenario, ways: Ways, seed: int, faults: Iterable[RoadClosed] = ()
) -> Roads:
    """Return the day's roads with the troubles that the scenario names, and `faults`.

    A fault that needs a bridge in a town without one closes nothing. Raises ConfigError for a
    street that there is not.
    """
    rng = chance(seed, "trouble")
    closed = []
    for number, said in enumerate(scenario.road_closed):
        street = said.street
        if not street:
            bridges = ways.bridges()
            if not bridges:
                raise ConfigError(
                    f"road_closed[{number}].street: there is no bridge to draw. Name a street, "
                    "or give the town bridges"
                )
            street = rng.choice(bridges)
        pieces = ways.pieces_of(street)
        if not pieces:
            raise ConfigError(f"road_closed[{number}].street: there is no {street!r} here")
        from_s = scenario.after_s(said.at)
        known_s = from_s + said.known_after_min * 60
        closed.append(Closed(street, pieces, from_s, from_s + said.minutes * 60, known_s))
    for fault in faults:
        lots = chance(seed, "road closed", str(fault.at_s))
        street = fault.street or (lots.choice(ways.bridges()) if ways.bridges() else "")
        pieces = ways.pieces_of(street)
        until_s = fault.at_s + fault.lasts_s
        if pieces:
            known_s = fault.at_s + fault.known_after_s
            closed.append(Closed(street, pieces, fault.at_s, until_s, known_s))
    slow = []
    for jam in scenario.traffic:
        from_s = scenario.after_s(jam.at)
        slow.append(Slow(from_s, from_s + jam.minutes * 60, jam))
    return Roads(ways, closed=closed, slow=slow, local=scenario.local_at)


def _union(closed: Iterable[Closed]) -> frozenset[int]:
    return OPEN.union(*(one.pieces for one in closed))


def _between(a: Place, b: Place) -> Place:
    return Place(lat_deg=(a.lat_deg + b.lat_deg) / 2, lon_deg=(a.lon_deg + b.lon_deg) / 2)
