"""The end-of-day report as data: what was planned, what came of it, whether the books agree."""

from datetime import date, datetime
from typing import Literal

from msgspec import Struct

from edge.messages.driving.view import DrivingMark
from edge.messages.parcels import ParcelId, StopId
from edge.messages.routes import RouteId, TimeWindow

StopState = Literal["served", "partly", "failed", "cancelled", "open"]
"""`open`: nothing final is known of it (yet)."""

IncidentKind = Literal[
    "delivery", "promise", "plan", "break", "position", "data", "custody", "driving", "machine"
]


class ParcelDay(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One parcel's day."""

    parcel_id: ParcelId
    stop_id: StopId
    loaded_utc: datetime | None = None
    outcome: str = ""
    """Empty: none known."""
    code: str = ""
    custody: str = "station"
    ended_utc: datetime | None = None
    attempts: int = 0
    """Failed ones."""
    proof: tuple[str, ...] = ()
    off_site: bool = False


class StopDay(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """One stop, planned against actual."""

    number: int
    """In the order the station planned, from 1."""
    stop_id: StopId
    name: str = ""
    address: str = ""
    windows: tuple[TimeWindow, ...] = ()
    planned_utc: datetime | None = None
    """By the vehicle's first plan."""
    arrived_utc: datetime | None = None
    arrived_by: str = ""
    closed_utc: datetime | None = None
    late_s: float = 0.0
    """Arrived so much after the last promised window."""
    early_s: float = 0.0
    """Was done so much before a promised window opened."""
    state: StopState = "open"
    parcels: int
    delivered: int = 0
    codes: tuple[str, ...] = ()


class Incident(Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Something a dispatcher should know of."""

    utc: datetime
    vehicle: str
    kind: IncidentKind
    what: str


class Completeness(Struct, frozen=True, kw_only=True):
    """How much of the vehicle's day is known here."""

    facts: int
    missing: int
    """Known to exist and not here (yet)."""
    starts: int
    """Of the daemon."""
    epochs: int
    """More than one: a store was lost or replaced."""
    gnss_lost_s: float
    track_points_thinned: int
    quarantined: int

    @property
    def complete(self) -> bool:
        """Whether nothing is known to be missing."""
        return self.missing == 0 and self.track_points_thinned == 0 and self.quarantined == 0


class Books(Struct, frozen=True, kw_only=True):
    """Whether every parcel has one end, and the vehicle's own count agrees."""

    expected: int
    loaded: int
    ended: int
    lost: int
    closed: bool
    """The vehicle has closed its day."""
    differences: tuple[str, ...] = ()

    @property
    def balanced(self) -> bool:
        """Whether there is nothing to explain."""
        return not self.differences


class Punctuality(Struct, frozen=True, kw_only=True):
    """Stops with a promised window that were reached."""

    promised: int
    on_time: int
    late: int
    early: int
    """Done before the window opened: nobody was told to be at home then."""
    worst_late_s: float

    @property
    def on_time_pct(self) -> float | None:
        """Share on time; None if nothing was promised."""
        return 100 * self.on_time / self.promised if self.promised else None


class VehicleDay(Struct, frozen=True, kw_only=True):
    """One vehicle's day."""

    vehicle: str
    route_id: RouteId
    revision: int
    drivers: tuple[str, ...]
    planned_departs_utc: datetime
    planned_back_utc: datetime | None
    planned_m: float
    departed_utc: datetime | None
    back_utc: datetime | None
    driven_m: float | None
    """None: the day is not closed."""
    plans: int
    outcomes: dict[str, int]
    failures: dict[str, int]
    """Failed attempts by code, counted in parcels."""
    punctuality: Punctuality
    completeness: Completeness
    books: Books
    stops: tuple[StopDay, ...]
    parcels: tuple[ParcelDay, ...]
    driving: tuple[DrivingMark, ...] = ()
    """What counts of how it was driven; the score is made of these."""

    def count(self, *states: StopState) -> int:
        """Count the stops in these states."""
        return sum(stop.state in states for stop in self.stops)


class DayReport(Struct, frozen=True, kw_only=True):
    """A station's day."""

    station: str
    org: str
    day: date
    timezone: str
    made_utc: datetime
    vehicles: tuple[VehicleDay, ...]
    incidents: tuple[Incident, ...]
    outcomes: dict[str, int]
    failures: dict[str, int]
    punctuality: Punctuality
    planned_m: float
    driven_m: float
    balanced: bool
    complete: bool
