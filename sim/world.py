"""Ground truth: where vehicles really are, and how full the roads are."""

from datetime import datetime

import msgspec

# How much longer driving takes by hour of the day: two rush hours, quiet nights.
TRAFFIC_BY_HOUR = (
    0.90, 0.90, 0.90, 0.90, 0.92, 0.95, 1.05, 1.25, 1.40, 1.25, 1.10, 1.10,
    1.15, 1.12, 1.10, 1.18, 1.30, 1.45, 1.30, 1.10, 1.00, 0.95, 0.92, 0.90,
)  # fmt: skip


class Truth(msgspec.Struct, frozen=True):
    """Where a vehicle really is at one instant."""

    lat_deg: float
    lon_deg: float
    speed_mps: float
    heading_deg: float


def traffic(local: datetime) -> float:
    """Return how much longer driving takes at this time of day, without steps at the hour."""
    hour, part = local.hour, local.minute / 60
    now, soon = TRAFFIC_BY_HOUR[hour], TRAFFIC_BY_HOUR[(hour + 1) % 24]
    return now + (soon - now) * part
