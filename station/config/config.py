"""station.toml as a whole, and what follows from it."""

from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from edge.config.toml_file import Section
from edge.messages.geo import Place
from edge.messages.routes import DriverBreak
from station.breaks import BreakSection, breaks_of
from station.config.sections import (
    BrokerSection,
    ConsoleSection,
    RoadsSection,
    StationSection,
    TravelSection,
    VehicleSection,
)
from station.ingest.section import IngestSection


class StationConfig(Section, frozen=True, kw_only=True, rename={"breaks": "break"}):
    """The whole of station.toml."""

    station: StationSection
    broker: BrokerSection = BrokerSection()
    console: ConsoleSection = ConsoleSection()
    travel: TravelSection = TravelSection()
    roads: RoadsSection | None = None
    """Without it assignment reckons with `travel` alone."""
    ingest: IngestSection | None = None
    """Without it there is no `ingest`: `serve` keeps everything itself."""
    vehicle: tuple[VehicleSection, ...] = ()
    breaks: tuple[BreakSection, ...] = ()
    """`[[break]]`: what the law or the house wants of the drivers."""

    @property
    def place(self) -> Place:
        """Where the station is."""
        return Place(lat_deg=self.station.lat_deg, lon_deg=self.station.lon_deg)

    @property
    def timezone(self) -> ZoneInfo:
        """The station's time zone."""
        return ZoneInfo(self.station.timezone)

    @property
    def data_folder(self) -> Path:
        """Where the station keeps its files."""
        return Path(self.station.data_folder)

    @property
    def database_path(self) -> Path:
        """Where the one durable file is."""
        return self.data_folder / "station.db"

    def today(self, utc: datetime) -> date:
        """Return the day at the station."""
        return utc.astimezone(self.timezone).date()

    def instant(self, day: date, time_of_day: str, *, days_later: int = 0) -> datetime:
        """Return when HH:MM of a day at the station is, in UTC."""
        at = time.fromisoformat(time_of_day)
        local = datetime.combine(day + timedelta(days=days_later), at, self.timezone)
        return local.astimezone(UTC)

    def shift(self, vehicle: VehicleSection, day: date) -> tuple[datetime, datetime]:
        """Return a vehicle's working span on a day, in UTC."""
        over_night = vehicle.shift_end <= vehicle.shift_start
        return (
            self.instant(day, vehicle.shift_start),
            self.instant(day, vehicle.shift_end, days_later=int(over_night)),
        )

    def breaks_on(self, vehicle: VehicleSection, day: date) -> tuple[DriverBreak, ...]:
        """Return the breaks of a vehicle's driver on a day."""
        shift, zone = self.shift(vehicle, day), self.timezone
        return breaks_of(self.breaks, vehicle.name, vehicle.kind, shift, day, zone)
