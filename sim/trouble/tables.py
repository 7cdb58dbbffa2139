"""The parts of a scenario that say what goes wrong on the roads and at the doors."""

from typing import Annotated

import msgspec
from msgspec import Meta

from sim.wire import Fraction

TimeOfDay = Annotated[str, Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
Minutes = Annotated[float, Meta(gt=0, le=1440)]
Delay = Annotated[float, Meta(ge=0, le=1440)]
EVERYBODY = "*"


class Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table: an unknown key is an error, not a silence."""


class RoadClosed(Table, frozen=True, kw_only=True):
    """A street that nobody can drive through for a while; who has business in it still can."""

    at: TimeOfDay
    minutes: Minutes
    street: str = ""
    """By its name; empty: one of the town's bridges, drawn from the seed."""
    known_after_min: Delay = 10.0
    """How long until the station hears of it; then it also knows when it ends."""


class Around(Table, frozen=True, kw_only=True):
    """A round area."""

    lat_deg: Annotated[float, Meta(ge=-90, le=90)]
    lon_deg: Annotated[float, Meta(ge=-180, le=180)]
    radius_m: Annotated[float, Meta(gt=0, le=100_000)]


class Traffic(Table, frozen=True, kw_only=True):
    """Ways take longer than is usual at that time, for a while."""

    at: TimeOfDay
    minutes: Minutes
    factor: Annotated[float, Meta(ge=0.2, le=20)]
    """1.4: 40 % longer than usual."""
    area: Around | None = None
    """Absent: everywhere."""
    known_after_min: Delay = 10.0
    forecast_min: Minutes = 60.0
    """How far ahead the station believes in it; said again every quarter of an hour."""


class Sky(Table, frozen=True, kw_only=True):
    """The weather all day, as it is and as the station knows it."""

    wind_mps: Annotated[float, Meta(ge=0, le=60)] = 3.0
    wind_from_deg: Annotated[float, Meta(ge=0, le=360)] = 250.0
    gust_mps: Annotated[float, Meta(ge=0, le=80)] = 5.0
    rain_mm_h: Annotated[float, Meta(ge=0, le=200)] = 0.0
    visibility_m: Annotated[float, Meta(ge=0, le=200_000)] = 10_000.0
    temp_c: Annotated[float, Meta(ge=-60, le=60)] = 12.0


class Gale(Table, frozen=True, kw_only=True):
    """Other weather for a while; what is unset is as all day."""

    at: TimeOfDay
    minutes: Minutes
    wind_mps: Annotated[float, Meta(ge=0, le=60)] | None = None
    gust_mps: Annotated[float, Meta(ge=0, le=80)] | None = None
    rain_mm_h: Annotated[float, Meta(ge=0, le=200)] | None = None


class NoFly(Table, frozen=True, kw_only=True):
    """A zone that comes into force during the day."""

    at: TimeOfDay
    minutes: Minutes
    east_m: Annotated[float, Meta(ge=-50_000, le=50_000)]
    """Of its middle, from the station."""
    north_m: Annotated[float, Meta(ge=-50_000, le=50_000)]
    radius_m: Annotated[float, Meta(gt=0, le=50_000)]


class Pad(Table, frozen=True, kw_only=True):
    """Where drones may land besides the station."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")]
    east_m: Annotated[float, Meta(ge=-50_000, le=50_000)]
    """From the station."""
    north_m: Annotated[float, Meta(ge=-50_000, le=50_000)]
    risk: Annotated[int, Meta(ge=0, le=9)] = 5


class LongStop(Table, frozen=True, kw_only=True):
    """The first stop that is served after an instant takes so much longer."""

    vehicle: str = EVERYBODY
    at: TimeOfDay
    minutes: Minutes


class NobodyHome(Table, frozen=True, kw_only=True):
    """So many more customers than usual do not open, for a while."""

    at: TimeOfDay
    minutes: Minutes
    frac: Fraction


class News(Table, frozen=True, kw_only=True):
    """What the station knows of the roads without any trouble."""

    usual_traffic: bool = False
    """It sends how full the roads are by the hour on other days."""
    drivers_factor: Annotated[float, Meta(ge=0.5, le=3)] = 1.0
    """And how much longer its drivers take on empty roads than the road file says."""
