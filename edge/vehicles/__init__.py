"""Every kind of vehicle, by name. A new kind is one file and one line here."""

from edge.vehicles.contractor import CONTRACTOR
from edge.vehicles.drone import DRONE
from edge.vehicles.kind import VehicleKind
from edge.vehicles.robot import ROBOT
from edge.vehicles.van import VAN

KINDS: dict[str, VehicleKind] = {kind.name: kind for kind in (VAN, CONTRACTOR, DRONE, ROBOT)}
"""What vehicle.toml may name: what the executor can carry out a day with."""
MACHINES: dict[str, VehicleKind] = {kind.name: kind for kind in (DRONE, ROBOT)}
"""What moves by itself: the guard knows them, and the pilot drives those among KINDS."""


def kind_named(name: str) -> VehicleKind:
    """Return the kind of that name. Raises KeyError, which says the names there are."""
    try:
        return KINDS[name]
    except KeyError:
        raise KeyError(f"no vehicle kind {name!r}; there are {', '.join(KINDS)}") from None
