"""Every kind of machine that the pilot can move, by name. A new kind is one line here."""

from collections.abc import Callable

from edge.config import Config, FlightSection
from edge.pilot.craft import Craft
from edge.pilot.drone import DroneCraft
from edge.vehicles.kind import VehicleKind


def _drone(config: Config, kind: VehicleKind) -> Craft:
    return DroneCraft(kind, config.flight or FlightSection())


CRAFTS: dict[str, Callable[[Config, VehicleKind], Craft]] = {"drone": _drone}


def craft_of(config: Config, kind: VehicleKind) -> Craft | None:
    """Return what moves a vehicle of this kind; None: a driver does."""
    make = CRAFTS.get(kind.name)
    return None if make is None else make(config, kind)
