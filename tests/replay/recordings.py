"""Recorded drives: what the receiver said, what was true, and how far apart they are."""

import gzip
import math
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache

import msgspec
import numpy as np

from edge.messages.geo import Place, east_north_m, metres_per_degree
from edge.messages.readings import GnssFix
from firmware_bridge.gnss.freshness import Freshness
from firmware_bridge.gnss.nmea import NmeaSession

F9K = "google_f9k/MTV.Local1.ublox-F9K.20200206-181434.nmea.gz"
GSDC = "gsdc/2020-05-14-US-MTV-1/"
TRUTHS = {
    "f9k": "google_f9k/MTV.Local1.SPAN.20200206-181434.gga.gz",
    "pixel4": GSDC + "SPAN_Pixel4_10Hz.csv.gz",
    "pixel4xl": GSDC + "SPAN_Pixel4_10Hz.csv.gz",
}
RECEIVERS = {
    "f9k": F9K,
    "pixel4": GSDC + "Pixel4_chipset.nmea.gz",
    "pixel4xl": GSDC + "Pixel4XLModded_chipset.nmea.gz",
}
BUILT = datetime(2026, 11, 1, tzinfo=UTC)
DAY_S = 86_400


def lines_of(path):
    data = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return data.splitlines(keepends=True)


def time_of_day_s(field):
    return 3600 * int(field[:2]) + 60 * int(field[2:4]) + float(field[4:])


def replayed(lines, session=None):
    """Feed a log to a session, each epoch arriving when it was; return readings."""
    session = session or NmeaSession(
        0.0, freshness=Freshness(), not_before=BUILT, suspect=lambda _why: None
    )
    readings, now_s, told_s = [], 0.0, None
    for line in lines:
        fields = line.split(b",")
        if fields[0][-3:] in (b"RMC", b"GGA") and len(fields) > 9 and fields[1][:6].isdigit():
            at_s = time_of_day_s(fields[1].decode())
            if told_s is not None:
                now_s += (at_s - told_s) % DAY_S
            told_s = at_s
        if session._joiner.wake_at_s <= now_s:
            readings += session.wake(session._joiner.wake_at_s)
        readings += session.receive(line, now_s)
    return readings + list(session.wake(now_s + 1.0))


@dataclass(frozen=True)
class Drive:
    """One receiver as long as the truth is known.

    truth: (n, 3) time of day [s], latitude, longitude [deg].
    """

    fixes: list
    truth: np.ndarray

    def errors_m(self, fixes, places):
        """Distances of places from the truth at the times of fixes."""
        seconds = np.array([fix.utc.timestamp() % DAY_S for fix in fixes])
        lat_deg = np.interp(seconds, self.truth[:, 0], self.truth[:, 1])
        lon_deg = np.interp(seconds, self.truth[:, 0], self.truth[:, 2])
        return np.array(
            [
                math.hypot(*east_north_m(Place(lat_deg=lat, lon_deg=lon), place))
                for place, lat, lon in zip(places, lat_deg, lon_deg, strict=True)
            ]
        )


def drive(shared, name):
    folder = shared / "data" / "position"
    return driven(folder / RECEIVERS[name], folder / TRUTHS[name])


@cache
def driven(receiver_path, truth_path):
    """A receiver's NMEA as long as a SPAN's truth beside it is known."""
    truth = np.array([_true(line) for line in _truth_lines(truth_path)])
    fixes = [
        reading
        for reading in replayed(lines_of(receiver_path))
        if isinstance(reading, GnssFix)
        and truth[0, 0] <= reading.utc.timestamp() % DAY_S <= truth[-1, 0]
    ]
    return Drive(fixes, truth)


def _truth_lines(path):
    for line in lines_of(path):
        fields = line.decode("ascii").strip().split(",")
        if "csv" in path.name or fields[0] == "$GPGGA":
            yield fields if "csv" in path.name else [fields[1], fields[2], fields[4]]


def _true(fields):
    """Both truths lie in the west, where one of them writes no sign."""
    time, lat, lon = fields[:3]
    return (
        time_of_day_s(time),
        int(lat[:2]) + float(lat[2:]) / 60,
        -(int(lon[:3]) + float(lon[3:]) / 60),
    )


def place_of(fix):
    return Place(lat_deg=fix.lat_deg, lon_deg=fix.lon_deg)


def jumped(fix, distance_m, bearing_rad):
    """The same fix, so far off."""
    north_m, east_m = metres_per_degree(fix.lat_deg)
    return msgspec.structs.replace(
        fix,
        lat_deg=fix.lat_deg + distance_m * math.cos(bearing_rad) / north_m,
        lon_deg=fix.lon_deg + distance_m * math.sin(bearing_rad) / east_m,
    )


def rms(errors_m):
    return float(np.sqrt(np.mean(errors_m**2)))
