"""vehicle.toml: what it may say, read whole, with every error named at once."""

from typing import Annotated, Literal

import msgspec
from msgspec import Meta

from edge.messages.geo import LatDeg, LonDeg
from edge.messages.machines.orders import WantedParameter

Name = Annotated[str, Meta(pattern=r"^[A-Za-z0-9][A-Za-z0-9_-]{0,62}$")]
Port = Annotated[int, Meta(ge=1, le=65535)]
NodeAddress = Annotated[
    str,
    Meta(
        pattern=r"^(\[[0-9A-Fa-f:.]+\]|[^\s:\[\]]+):[1-9]\d{0,4}$",
        examples=["node-2.example.org:1883"],
    ),
]
"""HOST:PORT; an IPv6 address stands in brackets."""
RateHz = Annotated[float, Meta(ge=0.1, le=50)]


class _Section(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Base of every table of the file: an unknown key is an error, not a silence."""


class VehicleSection(_Section, frozen=True, kw_only=True):
    """Who this is."""

    name: Name
    org: Name
    kind: Literal["van", "contractor", "drone", "robot"] = "van"
    capacity_kg: Annotated[float, Meta(gt=0, le=40_000)] | None = None
    capacity_l: Annotated[float, Meta(gt=0, le=100_000)] | None = None
    """What fits on board; unset: orders offered on the way are not judged by their load."""


class KeysSection(_Section, frozen=True, kw_only=True):
    """Signing key of the vehicle, public keys of the station."""

    signing_key_file: str
    """64 hex digits: an Ed25519 seed; readable by the daemon only."""
    station_keys: Annotated[tuple[str, ...], Meta(min_length=1)]
    """Ed25519 public keys, 64 hex digits each, whose commands are obeyed."""


class StoreSection(_Section, frozen=True, kw_only=True):
    """Where the durable files are."""

    folder: str
    track_max_mb: Annotated[int, Meta(ge=1, le=100_000)] = 256
    keep_days: Annotated[int, Meta(ge=1, le=365)] = 14
    """How long acknowledged facts and media stay on board."""


class BrokerSection(_Section, frozen=True, kw_only=True):
    """Where the broker is."""

    host: str
    port: Port = 1883
    other_nodes: tuple[NodeAddress, ...] = ()
    """More nodes of the same cluster: whichever answers will do."""
    protocol: Literal["5", "3.1.1"] = "5"
    subscribe_qos: Literal[0, 1] = 1
    """0 where a subscription with 1 is costly, as on NATS; nothing depends on it."""
    username: str | None = None
    password_file: str | None = None
    ca_file: str | None = None
    certificate_file: str | None = None
    key_file: str | None = None
    timeout_s: Annotated[float, Meta(gt=0, le=3600)] = 10.0
    keepalive_s: Annotated[int, Meta(ge=5, le=3600)] = 30


class GnssSection(_Section, frozen=True, kw_only=True):
    """The receiver: gpsd, NMEA on a serial port, or the one behind the autopilot."""

    source: Literal["gpsd", "nmea", "autopilot"]
    host: str = "127.0.0.1"
    port: Port = 2947
    device: str = ""
    """gpsd: which device, empty for any. nmea: stable path, /dev/serial/by-id/…"""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 9600
    silent_after_s: Annotated[float, Meta(ge=0.5, le=60)] = 2.5
    latency_s: Annotated[float, Meta(ge=0, le=2)] = 0.11
    """How old a fix is when its last byte comes; counts where wheels say how far it moved."""


class AutopilotRates(_Section, frozen=True, kw_only=True):
    """How often the autopilot is asked to say what."""

    motion_hz: RateHz = 5.0
    attitude_hz: RateHz = 5.0
    gnss_hz: RateHz = 5.0
    state_hz: RateHz = 1.0
    battery_hz: RateHz = 0.5


class AutopilotSection(_Section, frozen=True, kw_only=True):
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


class ObdValue(_Section, frozen=True, kw_only=True):
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


class ObdSection(_Section, frozen=True, kw_only=True):
    """The car behind an ELM327 adapter."""

    link: str
    """`serial:PATH`, or `tcp:HOST:PORT` of an adapter with Wi-Fi."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 38_400
    silent_after_s: Annotated[float, Meta(ge=1, le=60)] = 2.5
    values: Annotated[tuple[ObdValue, ...], Meta(max_length=32)] = ()
    """What this maker's cars tell besides, an electric van's charge say."""


class McuSection(_Section, frozen=True, kw_only=True):
    """The controller of lid, compartments, winch and wheels."""

    link: str
    """`serial:PATH`, or `tcp:HOST:PORT`."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 115_200
    silent_after_s: Annotated[float, Meta(ge=0.5, le=60)] = 1.0


class GroundHeights(_Section, frozen=True, kw_only=True):
    """How high the ground is above mean sea level [m]; unset: zones close every height."""

    station_m: float
    lowest_m: float
    highest_m: float


class LandingSite(_Section, frozen=True, kw_only=True):
    """Where a flight may end at any time."""

    site_id: Name
    lat_deg: LatDeg
    lon_deg: LonDeg
    risk: Annotated[int, Meta(ge=0, le=9)] = 5
    """0 a pad of ours, 9 anywhere without people."""
    height_m: Annotated[float, Meta(ge=-100, le=500)] = 0.0
    """Of its surface, above the station's ground."""


class FlightSection(_Section, frozen=True, kw_only=True):
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


class MappedRoad(_Section, frozen=True, kw_only=True):
    """Where a robot may go over a road."""

    crossing_id: Name
    lat_deg: LatDeg
    lon_deg: LonDeg
    """Of the middle of the road there."""
    reach_m: Annotated[float, Meta(gt=0, le=60)] = 4.0
    """From there to its kerbs: all of that is road."""


class SidewalkSection(_Section, frozen=True, kw_only=True):
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
    crossing: Annotated[tuple[MappedRoad, ...], Meta(max_length=500)] = ()
    """Besides those that the road file knows."""


class LookoutSection(_Section, frozen=True, kw_only=True):
    """What sees people, signals and gaps, and takes the customer's code."""

    link: str
    """`serial:PATH`, or `tcp:HOST:PORT`: one word a line, JSON."""
    baud: Annotated[int, Meta(ge=1200, le=4_000_000)] = 115_200
    silent_after_s: Annotated[float, Meta(ge=0.5, le=60)] = 1.0


class ArrivalSection(_Section, frozen=True, kw_only=True):
    """When the vehicle counts as being at a stop; unset: the vehicle kind's own."""

    radius_m: Annotated[float, Meta(ge=3, le=500)] | None = None
    dwell_s: Annotated[float, Meta(ge=0, le=600)] | None = None


class PlannerSection(_Section, frozen=True, kw_only=True):
    """How re-planning works, and what it assumes where no roads are known."""

    budget_ms: Annotated[int, Meta(ge=1, le=60_000)] = 50
    max_iterations: Annotated[int, Meta(ge=1)] | None = None
    """Set: stop after so many rounds instead of by time (reproducible)."""
    replanning: bool = True
    """False: keep the order of the first plan, whatever the day brings (for comparison)."""
    speed_mps: Annotated[float, Meta(gt=0, le=60)] = 8.0
    detour: Annotated[float, Meta(ge=1, le=5)] = 1.35
    """Road distance over great-circle distance."""
    travel_table: str | None = None
    """JSON file of travel times between known places; others are estimated."""
    roads: str | None = None
    """Road file (`doorstep-station roads import`); set: it counts instead of estimates."""


class RecordSection(_Section, frozen=True, kw_only=True):
    """What came in, kept to live a day again (`doorstep-sim replay`)."""

    days: Annotated[int, Meta(ge=0, le=30)] | None = None
    """Tapes of so many days stay; 0 records nothing. Unset: 3; a contractor's car: 0."""
    max_mb: Annotated[int, Meta(ge=1, le=100_000)] = 256
    """All tapes together. The oldest make room; a life that is longer stops being recorded."""

    def days_of(self, kind: str) -> int:
        """Return for how many days tapes of this kind of vehicle stay."""
        if self.days is not None:
            return self.days
        return 0 if kind == "contractor" else 3  # his own ways are nobody's business


class PageSection(_Section, frozen=True, kw_only=True):
    """The driver's page."""

    host: str = "127.0.0.1"
    port: Annotated[int, Meta(ge=0, le=65535)] = 8080
    """0 takes a free port and logs it."""
    access_code: Annotated[str, Meta(min_length=8, max_length=64)] | None = None
    """What a phone enters once; unset: none on loopback, else one that is logged at start."""
    names: tuple[str, ...] = ()
    """Host names by which phones may call this vehicle, besides its addresses."""


class Config(_Section, frozen=True, kw_only=True):
    """The whole of vehicle.toml."""

    vehicle: VehicleSection
    keys: KeysSection
    store: StoreSection
    broker: BrokerSection
    gnss: GnssSection
    autopilot: AutopilotSection | None = None
    """Absent: there is none."""
    obd: ObdSection | None = None
    """Absent: the car is not asked."""
    mcu: McuSection | None = None
    """Absent: there is none."""
    flight: FlightSection | None = None
    sidewalk: SidewalkSection | None = None
    lookout: LookoutSection | None = None
    """Absent: a drone flies as its kind does."""
    arrival: ArrivalSection = ArrivalSection()
    planner: PlannerSection = PlannerSection()
    record: RecordSection = RecordSection()
    driver_page: PageSection | None = None
    """Absent: no page is served."""
