"""Recorded drives with wheels and gyro: comma2k19 (truth) and balzer82 (none)."""

import csv
import gzip
import io
import itertools
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import numpy as np

from edge.messages.geo import EQUATOR_M, SQUARED_ECCENTRICITY
from edge.messages.readings import GnssFix, InertialSample, WheelSpeed

KMH_MPS = 1 / 3.6
COMMA_KEYS = {"gt_t", "gt_ecef", "gnss_t", "gnss", "wheel", "speed_t", "gyro", "gyro_t"}
BALZER_COLUMNS = {"millis", "yawrate", "speed", "course", "latitude", "longitude", "epe"}


@dataclass(frozen=True)
class Journey:
    """Readings in order of arrival, and the truth where it is known.

    truth: (n, 3) arrival clock [s], latitude, longitude [deg].
    """

    name: str
    readings: tuple
    truth: np.ndarray | None

    @property
    def fixes(self):
        return [reading for reading in self.readings if isinstance(reading, GnssFix)]

    def true_at(self, seconds):
        """Latitudes and longitudes at instants of the arrival clock."""
        assert self.truth is not None
        return (
            np.interp(seconds, self.truth[:, 0], self.truth[:, 1]),
            np.interp(seconds, self.truth[:, 0], self.truth[:, 2]),
        )


def is_comma(path):
    if path.suffix != ".npz":
        return False
    with np.load(path) as held:
        return set(held.files) >= COMMA_KEYS


def is_balzer(path):
    if not path.name.endswith(".csv.gz"):
        return False
    with gzip.open(path, "rt", encoding="ascii", errors="replace") as lines:
        return set(lines.readline().strip().split(",")) >= BALZER_COLUMNS


@cache
def comma_journey(path):
    """A segment of comma2k19, its parts stamped by one clock."""
    with np.load(path) as held:
        kept = {name: held[name] for name in COMMA_KEYS}
    fixes = [
        GnssFix(
            received_s=at_s,
            lat_deg=row[0],
            lon_deg=row[1],
            utc=datetime.fromtimestamp(row[3] / 1000, UTC),
            speed_mps=row[2],
            course_deg=row[5] % 360,
        )
        for at_s, row in _rows(kept["gnss_t"], kept["gnss"])
    ]
    wheels = [
        WheelSpeed(received_s=at_s, speed_mps=sum(row) / 4)
        for at_s, row in _rows(kept["speed_t"], kept["wheel"])
    ]
    turns = [
        InertialSample(received_s=at_s, turn_dps=math.degrees(row[2]))
        for at_s, row in _rows(kept["gyro_t"], kept["gyro"])
    ]
    truth = np.array(
        [(at_s, *_lat_lon_deg(*row)) for at_s, row in _rows(kept["gt_t"], kept["gt_ecef"])]
    )
    return Journey(path.stem, _in_order(fixes, wheels, turns), truth)


@cache
def balzer_journey(path):
    """A drive of balzer82: a logger's speed stands for wheels; z points up, so turns negate."""
    with gzip.open(path, "rt", encoding="ascii") as lines:
        rows = list(csv.DictReader(io.StringIO(lines.read())))
    began_s = float(rows[0]["millis"]) / 1000
    fixes, wheels, turns = [], [], []
    before = None
    for row in rows:
        at_s = float(row["millis"]) / 1000 - began_s
        turns.append(InertialSample(received_s=at_s, turn_dps=-float(row["yawrate"])))
        told = row["latitude"], row["longitude"], row["speed"], row["course"]
        if told == before:
            continue
        before = told
        speed_mps = float(row["speed"]) * KMH_MPS
        wheels.append(WheelSpeed(received_s=at_s, speed_mps=speed_mps))
        fixes.append(
            GnssFix(
                received_s=at_s,
                lat_deg=float(row["latitude"]),
                lon_deg=float(row["longitude"]),
                speed_mps=speed_mps,
                course_deg=float(row["course"]) % 360,
                accuracy_m=float(row["epe"]),
                accuracy_from="receiver",
                hdop=float(row["hdop"]),
                satellites=int(row["satellites_used"]),
            )
        )
    return Journey(path.name.split(".")[0], _in_order(fixes, wheels, turns), None)


def _rows(seconds, rows):
    return zip(seconds.tolist(), rows.tolist(), strict=True)


def _in_order(*lists):
    return tuple(sorted(itertools.chain(*lists), key=lambda reading: reading.received_s))


def _lat_lon_deg(x_m, y_m, z_m):
    """WGS 84 from earth-centred metres; four rounds are exact to a micrometre on the ground."""
    flat_m = math.hypot(x_m, y_m)
    lat_rad = math.atan2(z_m, flat_m * (1 - SQUARED_ECCENTRICITY))
    for _ in range(4):
        sine = math.sin(lat_rad)
        vertical_m = EQUATOR_M / math.sqrt(1 - SQUARED_ECCENTRICITY * sine * sine)
        lat_rad = math.atan2(z_m + SQUARED_ECCENTRICITY * vertical_m * sine, flat_m)
    return math.degrees(lat_rad), math.degrees(math.atan2(y_m, x_m))
