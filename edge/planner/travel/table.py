"""How long the ways take: a table between known places, an estimate for all others."""

from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

import msgspec
import numpy as np
from numpy.typing import NDArray

from edge.conditions.layers import Layers
from edge.errors import ConfigError
from edge.messages.geo import LatDeg, LonDeg, Place
from edge.messages.legs import Leg
from edge.messages.routes import Stop
from edge.native.greatcircle import great_circle_matrix_m
from edge.planner.conditions import slowdowns
from edge.planner.problem import LONGEST_LEG_MS
from edge.planner.travel.times import Times
from edge.planner.travel.traffic import slowed

STATION = "station"
"""The station's id in a table."""
SAME_PLACE_M = 30  # a vehicle this near to a known place stands there
SHORTEST_JUDGED_M = 200  # below, parking and turning hide how fast the roads are


class KnownPlace(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row and column of the table: a stop's id, or `station`."""

    id: str
    lat_deg: LatDeg
    lon_deg: LonDeg


class TravelTable(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of travel times between places, as `{"places": […], "seconds": [[…]]}`."""

    places: tuple[KnownPlace, ...]
    seconds: tuple[tuple[float, ...], ...]
    """Row from, column to; need not be symmetric."""


class TravelError(ConfigError):
    """A travel table that cannot be used; says which and why."""


class TableTravel:
    """Travel times between any places; traffic and weather as far as `slowdowns` knows them."""

    def __init__(
        self,
        table: TravelTable | None = None,
        *,
        speed_mps: float = 8.0,
        detour: float = 1.35,
        kind: str = "van",
    ) -> None:
        """Raise TravelError if the table is not square or holds an impossible time."""
        self._kind = kind
        self._seconds_per_m = detour / speed_mps
        self._lat_deg = np.array([place.lat_deg for place in table.places] if table else [])
        self._lon_deg = np.array([place.lon_deg for place in table.places] if table else [])
        self._row_of = {p.id: row for row, p in enumerate(table.places)} if table else {}
        self._table_ms = np.zeros((0, 0), dtype=np.int32)
        if table is not None:
            self._table_ms = _checked_ms(table)
            self._learn_pace()

    @classmethod
    def load(
        cls, path: Path | None, *, speed_mps: float, detour: float, kind: str = "van"
    ) -> "TableTravel":
        """Return the travel times of a table's file, or estimates alone without one.

        Raises TravelError if the file cannot be read or is no table.
        """
        if path is None:
            return cls(speed_mps=speed_mps, detour=detour, kind=kind)
        try:
            table = msgspec.json.decode(path.read_bytes(), type=TravelTable)
            return cls(table, speed_mps=speed_mps, detour=detour, kind=kind)
        except (OSError, UnicodeDecodeError, msgspec.DecodeError, TravelError) as error:
            raise TravelError(f"travel table {path}: {error}") from error

    def _learn_pace(self) -> None:
        """Estimate unknown ways as slow as the known ones are, if there are any."""
        metres = great_circle_matrix_m(self._lat_deg, self._lon_deg)
        known = metres >= SHORTEST_JUDGED_M
        if known.any():
            paces = self._table_ms[known] / 1000 / metres[known]
            self._seconds_per_m = float(np.median(paces))

    def times(
        self,
        start: Place,
        heading_deg: float | None,  # noqa: ARG002
        stops: Sequence[Stop],
        station: Place,
        *,
        layers: Layers,
        from_utc: datetime,
        until_utc: datetime,
    ) -> Times:
        """Return the travel times as `Travel.times` does."""
        base_ms = self.matrix_ms(start, stops, station)
        places = [start, *(stop.place for stop in stops), station]
        span_ms = max(0, round((until_utc - from_utc).total_seconds() * 1000))
        found = slowdowns(layers, places, self._kind, from_utc, until_utc)
        return Times(*slowed(base_ms, found, span_ms))

    def leg(
        self,
        start: Place,  # noqa: ARG002
        heading_deg: float | None,  # noqa: ARG002
        end: Place,  # noqa: ARG002
        *,
        layers: Layers,  # noqa: ARG002
        utc: datetime,  # noqa: ARG002
    ) -> Leg | None:
        """Return None: a table knows how long ways take, not where they lead."""
        return None

    def matrix_ms(
        self, start: Place, stops: Sequence[Stop], station: Place
    ) -> NDArray[np.int32]:
        """Return the (n + 2, n + 2) travel times: start, stops in order, station."""
        places = [start, *(stop.place for stop in stops), station]
        ids = ["", *(stop.stop_id for stop in stops), STATION]
        lat_deg = np.array([place.lat_deg for place in places])
        lon_deg = np.array([place.lon_deg for place in places])
        rows = np.array([self._row(*node) for node in zip(ids, places, strict=True)])
        known = np.flatnonzero(rows >= 0)
        metres = great_circle_matrix_m(lat_deg, lon_deg)
        longest_ms = LONGEST_LEG_MS - 1  # the very longest says that no way leads there
        estimate_ms = np.minimum(metres * (1000 * self._seconds_per_m), longest_ms)
        matrix: NDArray[np.int32] = np.rint(estimate_ms).astype(np.int32)
        matrix[np.ix_(known, known)] = self._table_ms[np.ix_(rows[known], rows[known])]
        np.fill_diagonal(matrix, 0)
        return matrix

    def _row(self, place_id: str, place: Place) -> int:
        """Return the table's row of a place: by id, else by where it is; -1 without one."""
        row = self._row_of.get(place_id)
        if row is not None:
            return row
        if not self._row_of:
            return -1
        east_scale = np.cos(np.radians(place.lat_deg))
        north_m = (self._lat_deg - place.lat_deg) * 111_195
        east_m = (self._lon_deg - place.lon_deg) * 111_195 * east_scale
        away_m = np.hypot(north_m, east_m)
        nearest = int(away_m.argmin())
        return nearest if away_m[nearest] <= SAME_PLACE_M else -1


def _checked_ms(table: TravelTable) -> NDArray[np.int32]:
    """Return the table in milliseconds. Raises TravelError as named above."""
    n = len(table.places)
    if len({place.id for place in table.places}) != n:
        raise TravelError("a place stands in the travel table twice")
    if len(table.seconds) != n or any(len(row) != n for row in table.seconds):
        raise TravelError(f"{n} places need {n} rows of {n} travel times")
    seconds = np.array(table.seconds, dtype=np.float64).reshape(n, n)
    if n and not (np.isfinite(seconds).all() and seconds.min() >= 0):
        raise TravelError("a travel time is negative or no number")
    if n and seconds.max() * 1000 > LONGEST_LEG_MS:
        raise TravelError(f"a travel time exceeds {LONGEST_LEG_MS / 1000:.0f} s")
    return np.rint(seconds * 1000).astype(np.int32)
