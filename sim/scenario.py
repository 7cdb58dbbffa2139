"""A day in TOML: who works, what was ordered, and everything that goes wrong."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from msgspec import Meta

from edge.config.toml_file import read_toml
from edge.errors import ConfigError
from sim.devices.receiver import ReceiverFaults
from sim.faults.base import BROKER, STATION
from sim.faults.fault import Fault, Faults
from sim.people.manners import CustomerManners, DriverManners
from sim.town.city import CityMap
from sim.town.orders import OrderBook
from sim.town.town import TownSize
from sim.trouble.tables import (
    EVERYBODY,
    Gale,
    LongStop,
    Minutes,
    News,
    NobodyHome,
    NoFly,
    Pad,
    RoadClosed,
    Sky,
    Table,
    TimeOfDay,
    Traffic,
)
from sim.wire import NetworkFaults, WireFaults
from station.breaks import BreakTime

SHIPPED = Path(__file__).parent / "scenarios"


class Day(Table, frozen=True, kw_only=True):
    """When it happens."""

    on: date = date(2026, 11, 23)
    timezone: str = "Europe/Amsterdam"
    opens: TimeOfDay = "07:50"
    """When the station is switched on; the zero of simulated time."""
    limit_h: Annotated[float, Meta(gt=0, le=72)] = 16.0
    """A day that is not over by then has failed."""
    least_h: Annotated[float, Meta(ge=0, le=72)] = 0.0
    """A day goes on for so long, though all work is done; above 0 each vehicle is switched off
    as soon as its own day is over."""


class ShiftBreak(Table, frozen=True, kw_only=True):
    """A break of every driver, as station.toml has it."""

    after: BreakTime = "+0:00"
    before: BreakTime
    minutes: Annotated[float, Meta(ge=1, le=720)]


class Fleet(Table, frozen=True, kw_only=True):
    """Who drives."""

    vehicles: Annotated[int, Meta(ge=1, le=200)] = 3
    kind: Literal["van", "contractor"] = "van"
    capacity_kg: Annotated[float, Meta(gt=0, le=40_000)] = 900.0
    capacity_l: Annotated[float, Meta(gt=0, le=100_000)] = 8000.0
    shift_start: TimeOfDay = "08:00"
    shift_end: TimeOfDay = "18:00"

    def names(self) -> tuple[str, ...]:
        """Return the names of the vehicles."""
        return tuple(f"{self.kind}-{number + 1}" for number in range(self.vehicles))


class Group(Table, frozen=True, kw_only=True):
    """Vehicles of one kind, beside others; with a group, `[fleet]` is left out of account."""

    name: Annotated[str, Meta(pattern="^[A-Za-z0-9][A-Za-z0-9-]{0,31}$")]
    """Its vehicles are NAME-1, NAME-2 and so on."""
    kind: Literal["van", "contractor", "drone", "robot"]
    vehicles: Annotated[int, Meta(ge=1, le=200)] = 1
    capacity_kg: Annotated[float, Meta(gt=0, le=40_000)] = 900.0
    capacity_l: Annotated[float, Meta(gt=0, le=100_000)] = 8000.0
    shift_start: TimeOfDay = "08:00"
    shift_end: TimeOfDay = "18:00"
    manner: Literal["ardupilot", "px4"] = "ardupilot"
    """Of the autopilots of drones and robots."""
    meets_m: tuple[float, float] | None = None
    """Where machines stand that a van brings parcels to: east and north of the station [m]."""
    reach_m: Annotated[float, Meta(ge=50, le=20_000)] = 1500.0
    """How far from there their customers are."""

    def names(self) -> tuple[str, ...]:
        """Return the names of the vehicles."""
        return tuple(f"{self.name}-{number + 1}" for number in range(self.vehicles))


class DeadZone(Table, frozen=True, kw_only=True):
    """No network for a while."""

    vehicle: str = EVERYBODY
    at: TimeOfDay
    minutes: Minutes


class BrokerDown(Table, frozen=True, kw_only=True):
    """The broker is killed, and started again empty."""

    at: TimeOfDay
    minutes: Minutes


class GnssOutage(Table, frozen=True, kw_only=True):
    """No position for a while."""

    vehicle: str = EVERYBODY
    at: TimeOfDay
    minutes: Minutes
    how: Literal["roof", "power", "unplugged"] = "roof"
    """No sky; a receiver that says nothing; a cable that is pulled."""


class Kill(Table, frozen=True, kw_only=True):
    """A daemon dies as by kill -9 and is started again on its store."""

    vehicle: str = EVERYBODY
    at: TimeOfDay
    down_s: Annotated[float, Meta(ge=0, le=36_000)] = 2.0


class Chaos(Table, frozen=True, kw_only=True):
    """Faults at random instants, on top of those with a time."""

    kills_per_h: Annotated[float, Meta(ge=0, le=3600)] = 0.0
    """Of each daemon."""
    station_kills_per_h: Annotated[float, Meta(ge=0, le=3600)] = 0.0
    down_s: Annotated[float, Meta(gt=0, le=3600)] = 3.0
    """How long what was killed stays down on average."""


class Scenario(Table, frozen=True, kw_only=True):
    """The whole of a scenario file."""

    name: str
    summary: str = ""
    seed: int | None = None
    """What `doorstep-sim run` draws from unless it is told another one; absent: 1."""
    day: Day = Day()
    town: TownSize = TownSize()
    city: CityMap | None = None
    """A real one instead of the generated town."""
    fleet: Fleet = Fleet()
    group: tuple[Group, ...] = ()
    orders: OrderBook = OrderBook()
    customers: CustomerManners = CustomerManners()
    driver: DriverManners = DriverManners()
    receiver: ReceiverFaults = ReceiverFaults()
    cable: WireFaults = WireFaults()
    network: NetworkFaults = NetworkFaults()
    shift_break: tuple[ShiftBreak, ...] = ()
    dead_zone: tuple[DeadZone, ...] = ()
    broker_down: tuple[BrokerDown, ...] = ()
    gnss_outage: tuple[GnssOutage, ...] = ()
    kill: tuple[Kill, ...] = ()
    chaos: Chaos = Chaos()
    road_closed: tuple[RoadClosed, ...] = ()
    traffic: tuple[Traffic, ...] = ()
    long_stop: tuple[LongStop, ...] = ()
    nobody_home: tuple[NobodyHome, ...] = ()
    news: News = News()
    sky: Sky = Sky()
    gale: tuple[Gale, ...] = ()
    no_fly: tuple[NoFly, ...] = ()
    pad: tuple[Pad, ...] = ()
    fault: tuple[Fault, ...] = ()
    faults: Faults | None = None
    """What is drawn besides; absent: nothing is."""

    @property
    def groups(self) -> tuple[Group, ...]:
        """Return who works: the groups, or the fleet as the only one."""
        fleet = self.fleet
        return self.group or (
            Group(
                name=fleet.kind,
                kind=fleet.kind,
                vehicles=fleet.vehicles,
                capacity_kg=fleet.capacity_kg,
                capacity_l=fleet.capacity_l,
                shift_start=fleet.shift_start,
                shift_end=fleet.shift_end,
            ),
        )

    def names(self) -> tuple[str, ...]:
        """Return the names of all vehicles."""
        return tuple(name for group in self.groups for name in group.names())

    def group_of(self, vehicle: str) -> Group:
        """Return the group of a vehicle."""
        return next(group for group in self.groups if vehicle in group.names())

    @property
    def zone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.day.timezone)

    @property
    def opens(self) -> datetime:
        """The zero of simulated time, in UTC."""
        return self.local(self.day.opens).astimezone(UTC)

    def local(self, time_of_day: str) -> datetime:
        """Return when HH:MM of the day is; earlier than `opens` means the next day."""
        at = time.fromisoformat(time_of_day)
        first = time.fromisoformat(self.day.opens)
        day = self.day.on + timedelta(days=int(at < first))
        return datetime.combine(day, at, self.zone)

    def after_s(self, time_of_day: str) -> float:
        """Return when HH:MM is, in seconds of simulated time."""
        return self.local(time_of_day).timestamp() - self.opens.timestamp()

    def local_at(self, now_s: float) -> datetime:
        """Return the local time at an instant of simulated time."""
        return (self.opens + timedelta(seconds=now_s)).astimezone(self.zone)


def load_scenario(named: str) -> Scenario:
    """Read a scenario: a file, or the name of one that comes with the simulator.

    Raises ConfigError that names every fault.
    """
    path = Path(named)
    if not path.suffix and not path.exists():
        path = SHIPPED / f"{named}.toml"
        if not path.exists():
            known = ", ".join(sorted(file.stem for file in SHIPPED.glob("*.toml")))
            raise ConfigError(f"no scenario {named!r}; there are: {known}")
    scenario = read_toml(path, Scenario)
    known_names = (*scenario.names(), EVERYBODY)
    faults: tuple[DeadZone | GnssOutage | Kill | LongStop, ...] = (
        *scenario.dead_zone,
        *scenario.gnss_outage,
        *scenario.kill,
        *scenario.long_stop,
    )
    struck = {fault.vehicle for fault in scenario.fault} - {STATION, BROKER}
    for vehicle in (*(fault.vehicle for fault in faults), *sorted(struck)):
        if vehicle not in known_names:
            raise ConfigError(f"{path}: no vehicle {vehicle!r}: {', '.join(known_names)}")
    return scenario
