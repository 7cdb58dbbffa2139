"""The spreadsheet of one day, and what is in it."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random

from tests.real.kills.processes.sites import STATION_LAT_DEG, STATION_LON_DEG, VAN

HEADERS = ("Order ID", "Parcel ID", "Name", "Address", "Lat", "Lon", "Photo", "Signature")
STEP_DEG = 0.0004  # some 40 m: the receiver drives it in two seconds
WIDTH = 10
PHOTO, SIGNATURE = 0.3, 0.15


@dataclass(frozen=True, slots=True)
class Day:
    """One day's orders."""

    day: date
    file: Path
    parcels: frozenset[str]

    @property
    def route_id(self) -> str:
        """Name of the one route there will be."""
        return f"{self.day}-{VAN}"


def write_day(folder: Path, number: int, stops: int, rng: Random) -> Day:
    """Write the orders of the day `number` days ahead, so that its shift is still to come."""
    day = datetime.now(UTC).date() + timedelta(days=number)
    rows, parcels = [",".join(HEADERS)], []
    for stop in range(1, stops + 1):
        lat_deg = STATION_LAT_DEG + STEP_DEG * (stop // WIDTH) + rng.uniform(-1e-4, 1e-4)
        lon_deg = STATION_LON_DEG + STEP_DEG * (stop % WIDTH) + rng.uniform(-1e-4, 1e-4)
        for piece in range(1, rng.choice((1, 1, 1, 2, 3)) + 1):
            parcel = f"D{number:02d}-{stop:03d}-{piece}"
            photo = "yes" if rng.random() < PHOTO else "no"
            signature = "yes" if rng.random() < SIGNATURE else "no"
            address = f"{stop} Day {number} Road"
            where = f"{lat_deg:.6f},{lon_deg:.6f}"
            name = f"Customer {number}-{stop}"
            order = f"D{number:02d}-{stop:03d}"
            rows.append(f"{order},{parcel},{name},{address},{where},{photo},{signature}")
            parcels.append(parcel)
    file = folder / f"day-{number:02d}.csv"
    file.write_text("\r\n".join(rows) + "\r\n")
    return Day(day, file, frozenset(parcels))
