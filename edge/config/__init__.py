"""vehicle.toml: its tables (`sections.py`, `machines.py`), how it is read, what is checked."""

from edge.config.broker import BrokerSection
from edge.config.config import Config
from edge.config.machines import (
    AutopilotRates,
    AutopilotSection,
    FlightSection,
    GroundHeights,
    LandingSite,
    LookoutSection,
    MappedRoad,
    McuSection,
    ObdSection,
    ObdValue,
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

__all__ = [
    "ArrivalSection",
    "AutopilotRates",
    "AutopilotSection",
    "BrokerSection",
    "Config",
    "FlightSection",
    "GnssSection",
    "GroundHeights",
    "KeysSection",
    "LandingSite",
    "LookoutSection",
    "MappedRoad",
    "McuSection",
    "ObdSection",
    "ObdValue",
    "PageSection",
    "PlannerSection",
    "RecordSection",
    "SidewalkSection",
    "StoreSection",
    "VehicleSection",
]
