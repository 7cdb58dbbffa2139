"""The delivery van: a driver moves it, its parcels stand in loading order."""

from edge.vehicles.kind import VehicleKind

# On twenty recorded stops these found the van 7 to 8 s after it stood, and took no drive-by for
# a stop.
VAN = VehicleKind(
    name="van",
    arrival_radius_m=60.0,
    arrival_dwell_s=8.0,
    arrival_max_speed_mps=1.5,
    departs_by_itself=False,
    reports_outside_work=True,
    drives_as="van",
)
