"""One vehicle's route as it was assigned."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from edge.messages.geo import Place
from edge.messages.parcels import StopId
from edge.messages.routes import Route, Stop
from station.routes.fleet import DRONE, WorkingVehicle
from station.stops.orders import Order

RELOADED_S = 120.0  # the parcel under it, and a full battery
PICKUP = "load:"


@dataclass(frozen=True, slots=True)
class Draft:
    """One vehicle's route as assigned: orders in the order of service, with times."""

    vehicle: WorkingVehicle
    orders: tuple[Order, ...]
    arrivals_utc: tuple[datetime, ...]
    departs_utc: datetime
    back_utc: datetime
    distance_m: int
    stops: tuple[Stop, ...] | None = None
    """As they are to be served, where that is more than the orders say."""

    def to_route(self, route_id: str, revision: int, station: Place) -> Route:
        """Return the route: stops as they are to be served, parcels as they are loaded."""
        return Route(
            route_id=route_id,
            revision=revision,
            vehicle=self.vehicle.name,
            station=self.vehicle.meets or station,
            departs_utc=self.departs_utc,
            returns_by_utc=self.vehicle.ends_utc,
            stops=self._stops(station),
            parcels=tuple(
                parcel for order in reversed(self.orders) for parcel in order.parcels
            ),
            breaks=self.vehicle.breaks,
        )

    def _stops(self, station: Place) -> tuple[Stop, ...]:
        if self.stops is not None:
            return self.stops
        stops = tuple(order.to_stop() for order in self.orders)
        return with_pickups(stops, station) if self.vehicle.kind == DRONE else stops


def with_pickups(stops: Sequence[Stop], station: Place) -> tuple[Stop, ...]:
    """Return the stops with a stop at the station before each but the first: to be loaded."""
    made: list[Stop] = []
    for stop in stops:
        if made:
            made.append(
                Stop(
                    stop_id=pickup_id(stop.stop_id),
                    kind="pickup",
                    place=station,
                    parcels=stop.parcels,
                    service_s=RELOADED_S,
                    name=f"load {stop.name}".strip(),
                )
            )
        made.append(stop)
    return tuple(made)


def pickup_id(stop_id: StopId) -> StopId:
    """Return the name of the stop at which the parcels of another are loaded."""
    return f"{PICKUP}{stop_id}"[:64]
