"""`[vehicle.meets]` of station.toml: where a machine stands that vans bring parcels to."""

from typing import Annotated

import msgspec
from msgspec import Meta

from edge.messages.geo import Place

MACHINES = ("drone", "robot")
NO_MACHINE = (
    "does not stand and wait to be brought parcels",
    "Give `meets` to drones and robots only.",
)
"""What is wrong with the table at another kind, and the cure."""


class MeetsSection(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Where a machine stands all day, to be brought its parcels by a van."""

    lat_deg: Annotated[float, Meta(ge=-90, le=90)]
    lon_deg: Annotated[float, Meta(ge=-180, le=180)]
    reach_m: Annotated[float, Meta(ge=50, le=20_000)] = 1500.0
    """Its customers are within so much of there, and farther than that from the station."""

    @property
    def place(self) -> Place:
        """Where that is."""
        return Place(lat_deg=self.lat_deg, lon_deg=self.lon_deg)
