"""The vehicles that work on a day: when, and how much they carry."""

from dataclasses import dataclass
from datetime import date, datetime

from edge.messages.geo import Place
from edge.messages.routes import DriverBreak
from station.config import StationConfig

DRONE, ROBOT = "drone", "robot"


@dataclass(frozen=True, slots=True)
class WorkingVehicle:
    """One vehicle's shift of one day."""

    name: str
    kind: str
    capacity_kg: float
    capacity_l: float
    starts_utc: datetime
    ends_utc: datetime
    breaks: tuple[DriverBreak, ...] = ()
    meets: Place | None = None
    """Where a machine stands that does not start at the station."""
    reach_m: float = 0.0
    """How far from there its customers may be, as the crow flies."""

    @property
    def rests_s(self) -> float:
        """How long the driver rests in all."""
        return sum(one.lasts_s for one in self.breaks)


def fleet_of(config: StationConfig, day: date) -> tuple[WorkingVehicle, ...]:
    """Return the vehicles of a day, in the order of the file."""
    return tuple(
        WorkingVehicle(
            name=vehicle.name,
            kind=vehicle.kind,
            capacity_kg=vehicle.capacity_kg,
            capacity_l=vehicle.capacity_l,
            starts_utc=shift[0],
            ends_utc=shift[1],
            breaks=config.breaks_on(vehicle, day),
            meets=vehicle.meets.place if vehicle.meets is not None else None,
            reach_m=vehicle.meets.reach_m if vehicle.meets is not None else 0.0,
        )
        for vehicle in config.vehicle
        for shift in (config.shift(vehicle, day),)
    )


def route_id_of(day: date, vehicle: str) -> str:
    """Return the one name of a vehicle's route of a day."""
    return f"{day}-{vehicle}"
