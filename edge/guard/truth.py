"""What the guard is told of the machine and the world; each part with its own instant.

None is unknown, and unknown never counts as safe.
"""

from dataclasses import dataclass, field
from typing import Literal

from edge.messages.geo import Place
from edge.messages.machines.actuators import GripState, LidState, LockState, WinchState

Velocity = tuple[float, float, float]
"""East, north, up [m/s]."""


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where the machine is and how it moves."""

    at_s: float
    place: Place
    accuracy_m: float
    """95 %."""
    velocity_enu_mps: Velocity
    height_m: float = 0.0
    """Above home."""
    doubtful: str = ""


@dataclass(frozen=True, slots=True)
class Charge:
    """What is left in the battery, the reserve included."""

    at_s: float
    left_j: float


@dataclass(frozen=True, slots=True)
class PartsState:
    """In which state the parts are that open, hold and let down."""

    at_s: float
    lid: LidState = "unknown"
    locks: tuple[tuple[str, LockState], ...] = ()
    """By compartment."""
    winch: WinchState = "unknown"
    grip: GripState = "unknown"
    landed: bool | None = None


@dataclass(frozen=True, slots=True)
class Posture:
    """What somebody does to the machine."""

    at_s: float
    tilt_deg: float
    lifted: bool = False
    forced: bool = False
    """A lid or a lock moved without having been asked to."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody near, seen from the machine."""

    east_m: float
    north_m: float
    east_mps: float = 0.0
    north_mps: float = 0.0


@dataclass(frozen=True, slots=True)
class People:
    """Everybody within sight."""

    at_s: float
    seen: tuple[Person, ...] = ()


@dataclass(frozen=True, slots=True)
class Permission:
    """To go over a crossing."""

    crossing_id: str
    source: Literal["signal", "gap", "human"]
    until_s: float


@dataclass(frozen=True, slots=True)
class ClearCheck:
    """Whether anybody or anything is below, at the place of a stop."""

    at_s: float
    stop_id: str
    clear: bool


@dataclass(frozen=True, slots=True)
class ProvenCode:
    """The customer of a stop has shown a code or token that is right."""

    stop_id: str
    until_s: float


@dataclass(frozen=True, slots=True)
class WeatherNow:
    """The weather where the machine is."""

    at_s: float
    wind_mps: float | None = None
    wind_from_deg: float | None = None
    gust_mps: float | None = None
    rain_mm_h: float | None = None
    visibility_m: float | None = None
    temp_c: float | None = None
    ice: bool | None = None
    dark: bool | None = None


@dataclass(frozen=True, slots=True)
class Assistance:
    """A person who helps from afar, as long as the beats come."""

    operator: str
    until_s: float
    heard_s: float
    """The last beat."""


@dataclass(frozen=True, slots=True)
class Truth:
    """All of it."""

    whereabouts: Whereabouts | None = None
    charge: Charge | None = None
    parts: PartsState | None = None
    posture: Posture | None = None
    people: People | None = None
    weather: WeatherNow | None = None
    payload_kg: float | None = None
    assistance: Assistance | None = None
    clear_check: ClearCheck | None = None
    permissions: tuple[Permission, ...] = ()
    proven: tuple[ProvenCode, ...] = ()
    blocked_sites: frozenset[str] = field(default_factory=frozenset)
    remote_id_s: float | None = None
    """When the identification was last broadcast."""
