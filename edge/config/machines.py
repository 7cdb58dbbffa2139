"""The tables of vehicle.toml for devices on board, and for what moves by itself."""

from typing import Annotated, Literal

from msgspec import Meta

from edge.config.sections import Name
from edge.config.toml_file import Section
from edge.messages.geo import LatDeg, LonDeg
from edge.messages.machines.orders import WantedParameter

RateHz = Annotated[float, Meta(ge=0.1, le=50)]


class AutopilotRates(Section, frozen=True, kw_only=True):
    """How often the autopilot is asked to say what."""

    motion_hz: RateHz = 5.0
    attitude_hz: RateHz = 5.0
    gnss_hz: RateHz = 5.0
    state_hz: RateHz = 1.0
    battery_hz: RateHz = 0.5


class AutopilotSection(Section, frozen=True, kw_only=True):
    """The autopilot behind MAVLink: ArduPilot or PX4."""

    link: str
    """`serial:PATH`, `tcp:HOST:PORT`, `udp:HOST:PORT` (speaks there), `udpin:HOST:PORT` (waits
    there)."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 57_600
    """Of a serial link."""
    system: Annotated[int, Meta(ge=1, le=255)] | None = None
    """Its MAVLink system number; unset: the first autopilot that is heard."""
    signing_key_file: str | None = None
    """64 hex digits, the key of the link; unset: nothing is signed."""
    rates: AutopilotRates = AutopilotRates()
    ground: str | None = None
    """Where a ground station listens in: `udp:HOST:PORT` or `udpin:HOST:PORT`."""
    ground_bytes_per_s: Annotated[int, Meta(ge=100, le=1_000_000)] = 4000
    """How much of the autopilot's link a ground station may fill."""
    parameters: tuple[WantedParameter, ...] = ()
    """What the fleet wants besides, or instead of what the firmware's kind should have."""


class ObdValue(Section, frozen=True, kw_only=True):
    """One value that the maker's own units tell (UDS service 22); it is only read."""

    name: str
    """Its name in the Vehicle Signal Specification."""
    unit: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{3}([0-9A-Fa-f]{3}|[0-9A-Fa-f]{5})?$")]
    """Address to ask, in hex: `7E4`."""
    identifier: Annotated[str, Meta(pattern=r"^[0-9A-Fa-f]{4}$")]
    first_byte: Annotated[int, Meta(ge=0, le=4000)] = 0
    bytes: Annotated[int, Meta(ge=1, le=8)] = 1
    scale: float = 1.0
    offset: float = 0.0
    signed: bool = False


class ObdSection(Section, frozen=True, kw_only=True):
    """The car behind an ELM327 adapter."""

    link: str
    """`serial:PATH`, or `tcp:HOST:PORT` of an adapter with Wi-Fi."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 38_400
    silent_after_s: Annotated[float, Meta(ge=1, le=60)] = 2.5
    values: Annotated[tuple[ObdValue, ...], Meta(max_length=32)] = ()
    """What this maker's cars tell besides, an electric van's charge say."""


class McuSection(Section, frozen=True, kw_only=True):
    """The controller of lid, compartments, winch and wheels."""

    link: str
    """`serial:PATH`, or `tcp:HOST:PORT`."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 115_200
    silent_after_s: Annotated[float, Meta(ge=0.5, le=60)] = 1.0


class GroundHeights(Section, frozen=True, kw_only=True):
    """How high the ground is above mean sea level [m]; unset: zones close every height."""

    station_m: float
    lowest_m: float
    highest_m: float


class LandingSite(Section, frozen=True, kw_only=True):
    """Where a flight may end at any time."""

    site_id: Name
    lat_deg: LatDeg
    lon_deg: LonDeg
    risk: Annotated[int, Meta(ge=0, le=9)] = 5
    """0 a pad of ours, 9 anywhere without people."""
    height_m: Annotated[float, Meta(ge=-100, le=500)] = 0.0
    """Of its surface, above the station's ground."""


class FlightSection(Section, frozen=True, kw_only=True):
    """How a drone flies, and how it lets go; only for kind "drone"."""

    battery_j: Annotated[float, Meta(gt=0, le=50_000_000)] = 1_200_000.0
    """What may be used of a full battery, the kind's reserve included."""
    cruise_mps: Annotated[float, Meta(gt=0, le=30)] = 12.0
    range_m: Annotated[float, Meta(gt=0, le=50_000)] = 4000.0
    """It stays so near to the station."""
    radius_m: Annotated[float, Meta(gt=0, le=50)] = 6.0
    """Of the circle to let go in, where the station says none."""
    hover_m: Annotated[float, Meta(ge=3, le=60)] = 6.0
    """Height above the station's ground to let go from, where the station says none."""
    winch: bool = False
    """There is one, and the autopilot says how much line is out."""
    remote_id: bool = True
    """It must be said by radio who and where it is."""
    permits: tuple[str, ...] = ()
    """Zones it may enter with a permit."""
    ground: GroundHeights | None = None
    site: Annotated[tuple[LandingSite, ...], Meta(max_length=200)] = ()
    """Besides the station."""


class MappedRoad(Section, frozen=True, kw_only=True):
    """Where a robot may go over a road."""

    crossing_id: Name
    lat_deg: LatDeg
    lon_deg: LonDeg
    """Of the middle of the road there."""
    reach_m: Annotated[float, Meta(gt=0, le=60)] = 4.0
    """From there to its kerbs: all of that is road."""


class SidewalkSection(Section, frozen=True, kw_only=True):
    """How a robot drives, and where; only for kind "robot"."""

    battery_j: Annotated[float, Meta(gt=0, le=50_000_000)] = 4_000_000.0
    """What may be used of a full battery, the kind's reserve included."""
    speed_mps: Annotated[float, Meta(gt=0, le=5.4)] = 1.5
    """At most; the law of the place, people and crossings make it less."""
    jurisdiction: Literal["walking_pace", "6_mph", "10_mph", "12_mph", "by_daylight"] = (
        "walking_pace"
    )
    range_m: Annotated[float, Meta(gt=0, le=20_000)] = 3000.0
    """It stays so near to the station."""
    radius_m: Annotated[float, Meta(gt=0, le=50)] = 10.0
    """Of the circle about a stop in which the lid may open, where the station says none."""
    compartments: Annotated[int, Meta(ge=1, le=8)] = 2
    waits_s: Annotated[float, Meta(ge=300, le=600)] = 420.0
    """At a door, for the customer's code."""
    kerbs: str | None = None
    """Kerb map (`doorstep-station roads pavements`), made with `planner.roads`: it stays on the
    pavements, squares and crossings of it. Without one its fence is the circle of `range_m`."""
    crossing: Annotated[tuple[MappedRoad, ...], Meta(max_length=500)] = ()
    """Besides those that the road file knows."""


class LookoutSection(Section, frozen=True, kw_only=True):
    """What sees people, signals and gaps, and takes the customer's code."""

    link: str
    """`serial:PATH`, or `tcp:HOST:PORT`: one word a line, JSON."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 115_200
    silent_after_s: Annotated[float, Meta(ge=0.5, le=60)] = 1.0
