"""Signals of the vehicle by their COVESA names, and the units in which we hold them.

Names: Vehicle Signal Specification 4 to 6 (MPL-2.0; only names, no file of it). VSS tells
speed in km/h, engine speed in rpm; here numbers are SI, percent and degrees Celsius.
What VSS has no name for stands under `Delivery.`.
"""

from typing import Annotated

import msgspec
from msgspec import Meta

SPEED = "Vehicle.Speed"
ENGINE_SPEED = "Vehicle.Powertrain.CombustionEngine.Speed"
FUEL_LEVEL = "Vehicle.Powertrain.FuelSystem.RelativeLevel"
ODOMETER = "Vehicle.TraveledDistance"
AMBIENT = "Vehicle.Exterior.AirTemperature"
MODULE_VOLTAGE = "Vehicle.OBD.ControlModuleVoltage"
BATTERY_VOLTAGE = "Vehicle.LowVoltageBattery.CurrentVoltage"
SINCE_CLEARED = "Vehicle.OBD.DistanceSinceDTCClear"
WITH_LAMP = "Vehicle.OBD.DistanceWithMIL"
LAMP = "Vehicle.OBD.Status.IsMILOn"
CHARGE = "Vehicle.Powertrain.TractionBattery.StateOfCharge.Displayed"
VIN = "Vehicle.VehicleIdentification.VIN"
TROUBLE_COUNT = "Vehicle.Diagnostics.DTCCount"
TROUBLE = "Vehicle.Diagnostics.DTCList"
PENDING_TROUBLE = "Delivery.Diagnostics.PendingDTCList"
PERMANENT_TROUBLE = "Delivery.Diagnostics.PermanentDTCList"
_BATTERY = "Vehicle.Powertrain.TractionBattery."

UNITS: dict[str, str] = {
    SPEED: "m/s",
    ENGINE_SPEED: "1/s",
    FUEL_LEVEL: "%",
    ODOMETER: "m",
    AMBIENT: "°C",
    MODULE_VOLTAGE: "V",
    BATTERY_VOLTAGE: "V",
    SINCE_CLEARED: "m",
    WITH_LAMP: "m",
    LAMP: "",
    CHARGE: "%",
    VIN: "",
    TROUBLE_COUNT: "",
    TROUBLE: "",
    PENDING_TROUBLE: "",
    PERMANENT_TROUBLE: "",
    # What a maker's table in vehicle.toml may name besides.
    _BATTERY + "StateOfCharge.Current": "%",
    _BATTERY + "StateOfCharge.CurrentEnergy": "J",
    _BATTERY + "StateOfHealth": "%",
    _BATTERY + "CurrentVoltage": "V",
    _BATTERY + "CurrentCurrent": "A",
    _BATTERY + "CurrentPower": "W",
    _BATTERY + "Range": "m",
    _BATTERY + "Temperature.Average": "°C",
    _BATTERY + "Temperature.Min": "°C",
    _BATTERY + "Temperature.Max": "°C",
    _BATTERY + "CellVoltage.Min": "V",
    _BATTERY + "CellVoltage.Max": "V",
    _BATTERY + "Charging.IsCharging": "",
    _BATTERY + "Charging.TimeToComplete": "s",
}
"""Every name we use, and the unit of its value; empty where it has none."""


class VehicleSignal(
    msgspec.Struct, frozen=True, kw_only=True, tag="vehicle_signal", tag_field="kind"
):
    """One value that the vehicle's own electronics told."""

    received_s: float
    name: Annotated[str, Meta(min_length=1, max_length=96)]
    value: float | bool | str | tuple[str, ...]


class DeviceAsleep(
    msgspec.Struct, frozen=True, kw_only=True, tag="device_asleep", tag_field="kind"
):
    """A device was sent to sleep because the vehicle is at rest; it is not silent."""

    received_s: float
    device: str
    why: str
