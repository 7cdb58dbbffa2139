"""vehicle.toml: what it may say, read whole, with every error named at once."""

from edge.config.broker import BrokerSection
from edge.config.machines import (
    AutopilotSection,
    FlightSection,
    LookoutSection,
    McuSection,
    ObdSection,
    SidewalkSection,
)
from edge.config.sections import (
    ArrivalSection,
    GnssSection,
    KeysSection,
    PageSection,
    PlannerSection,
    RecordSection,
    StoreSection,
    VehicleSection,
)
from edge.config.toml_file import Section


class Config(Section, frozen=True, kw_only=True):
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
    """Absent: a drone flies as its kind does."""
    sidewalk: SidewalkSection | None = None
    lookout: LookoutSection | None = None
    arrival: ArrivalSection = ArrivalSection()
    planner: PlannerSection = PlannerSection()
    record: RecordSection = RecordSection()
    driver_page: PageSection | None = None
    """Absent: no page is served."""
