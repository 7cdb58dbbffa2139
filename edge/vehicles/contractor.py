"""The contractor's own car: a receiver on the dashboard, and its owner's privacy."""

from edge.vehicles.kind import VehicleKind

CONTRACTOR = VehicleKind(
    name="contractor",
    arrival_radius_m=80.0,  # a bare dongle behind a windscreen: wider than a van's antenna
    arrival_dwell_s=8.0,
    arrival_max_speed_mps=1.5,
    departs_by_itself=False,
    reports_outside_work=False,
    drives_as="van",
)
