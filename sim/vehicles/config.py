"""Who a simulated vehicle is: its keys, and what would stand in its vehicle.toml."""

from dataclasses import dataclass

from edge.config import (
    BrokerSection,
    Config,
    GnssSection,
    KeysSection,
    PlannerSection,
    RecordSection,
    StoreSection,
    VehicleSection,
)
from edge.handover.proof import SigningKey, VerifyingKey
from sim.chance import chance
from sim.scenario import Scenario

SIMULATED_KEY = "simulated:"
"""Begins the name of a key file that there is not: the seed follows."""
NOT_RECORDED = RecordSection(days=0)
GPS_PORT = "/dev/serial/by-id/usb-simulated-receiver"


@dataclass(frozen=True, slots=True)
class Keys:
    """What a vehicle holds and knows."""

    own: SigningKey
    station: VerifyingKey


def vehicle_key(seed: int, name: str) -> SigningKey:
    """Return the signing key of a simulated vehicle or station."""
    return SigningKey.from_seed(chance(seed, name, "key").randbytes(32))


def vehicle_config(
    scenario: Scenario,
    name: str,
    org: str,
    keys: Keys,
    planner: PlannerSection = PlannerSection(),  # noqa: B008 (frozen)
    record: RecordSection = NOT_RECORDED,
    seed: int | None = None,
) -> Config:
    """Return what would stand in this vehicle's vehicle.toml.

    With `seed` its key file says that `vehicle_key` makes the key.
    """
    return Config(
        vehicle=VehicleSection(name=name, org=org, kind=scenario.group_of(name).kind),
        keys=KeysSection(
            signing_key_file="" if seed is None else f"{SIMULATED_KEY}{seed}",
            station_keys=(keys.station.to_hex(),),
        ),
        store=StoreSection(folder="store"),
        broker=BrokerSection(host="broker"),
        gnss=GnssSection(source="nmea", device=GPS_PORT),
        planner=planner,
        record=record,
    )
