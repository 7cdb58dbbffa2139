"""station.toml: its tables, how it is read, what is checked."""

from station.config.config import StationConfig
from station.config.reading import load_config
from station.config.sections import (
    BrokerSection,
    ConsoleSection,
    RoadsSection,
    StationSection,
    TravelSection,
    VehicleSection,
)

__all__ = [
    "BrokerSection",
    "ConsoleSection",
    "RoadsSection",
    "StationConfig",
    "StationSection",
    "TravelSection",
    "VehicleSection",
    "load_config",
]
