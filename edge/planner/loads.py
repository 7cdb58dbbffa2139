"""What the vehicle carries: loads, capacity, and which stop feeds which."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from edge.messages.parcels import Parcel, ParcelId
from edge.messages.routes import Route, Stop

GRAMS, DECILITRES = 1000, 10


@dataclass(frozen=True, slots=True)
class Loads:
    """What is on board, and how much may be."""

    on_board: AbstractSet[ParcelId] = frozenset()
    capacity_kg: float | None = None
    capacity_l: float | None = None
    """None: nobody has said, so nothing is too much."""
    gone: AbstractSet[ParcelId] = frozenset()
    """Dealt with already: nobody waits for them any more."""
    most_parcels: int | None = None
    """At a time; None: as many as fit."""

    @property
    def capacity(self) -> tuple[int, ...]:
        """Grams, decilitres and pieces, as far as they are known."""
        known = (
            (self.capacity_kg, GRAMS),
            (self.capacity_l, DECILITRES),
            (self.most_parcels, 1),
        )
        return tuple(round(limit * unit) for limit, unit in known if limit is not None)

    def carried(self, route: Route) -> tuple[int, ...]:
        """Return what is on board now, by dimension of the capacity."""
        return self._sum(p for p in route.parcels if p.parcel_id in self.on_board)

    def taken_off(self, stop: Stop, parcels: Mapping[ParcelId, Parcel]) -> tuple[int, ...]:
        """Return what leaves the vehicle at a stop, negative for what comes on board."""
        if stop.takes_on:
            coming = [p for p in stop.parcels if p not in self.on_board]
            return tuple(-amount for amount in self._sum(parcels[p] for p in coming))
        return self._sum(parcels[p] for p in stop.parcels)

    def _sum(self, parcels: Iterable[Parcel]) -> tuple[int, ...]:
        some = list(parcels)
        sums = []
        if self.capacity_kg is not None:
            sums.append(sum(round((p.weight_kg or 0.0) * GRAMS) for p in some))
        if self.capacity_l is not None:
            sums.append(sum(round((p.volume_l or 0.0) * DECILITRES) for p in some))
        if self.most_parcels is not None:
            sums.append(len(some))
        return tuple(sums)


def feeds(stops: Sequence[Stop]) -> tuple[tuple[int, int], ...]:
    """Return the nodes (pickup, delivery) between which parcels go; node 1 is the first."""
    picked = {p: n for n, s in enumerate(stops, 1) if s.takes_on for p in s.parcels}
    found = {
        (picked[p], node)
        for node, stop in enumerate(stops, 1)
        if not stop.takes_on
        for p in stop.parcels
        if p in picked
    }
    return tuple(sorted(found))
