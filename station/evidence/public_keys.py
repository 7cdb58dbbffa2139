"""The public keys a third party needs, as a file of their own."""

from collections.abc import Mapping
from pathlib import Path

import msgspec

from edge.errors import ConfigError
from edge.handover.proof import VerifyingKey
from edge.messages.broker.wire import UndecodableError, from_json
from station.config import StationConfig


class PublicKeys(msgspec.Struct, frozen=True, kw_only=True):
    """Ed25519 public keys, 64 hex digits each."""

    station: tuple[str, ...]
    vehicles: dict[str, tuple[str, ...]]


def public_keys(config: StationConfig, station: VerifyingKey) -> PublicKeys:
    """Return the keys of a station and its vehicles."""
    return PublicKeys(
        station=(station.to_hex(),),
        vehicles={
            vehicle.name: (vehicle.public_key, *vehicle.former_keys)
            for vehicle in config.vehicle
        },
    )


def load_public_keys(path: Path) -> PublicKeys:
    """Read what `doorstep-station keys` wrote. Raises ConfigError."""
    try:
        keys = from_json(path.read_bytes(), PublicKeys)
        ring(keys.station)
        for named in keys.vehicles.values():
            ring(named)
    except (OSError, UndecodableError, ValueError) as error:
        raise ConfigError(
            f"{path}: not a file of public keys ({error}): the station writes one by "
            "`doorstep-station keys --json > keys.json`"
        ) from error
    return keys


def ring(keys: tuple[str, ...]) -> dict[str, VerifyingKey]:
    """Return keys by their key id. Raises ValueError."""
    return {key.key_id: key for key in map(VerifyingKey.from_hex, keys)}


def rings(vehicles: Mapping[str, tuple[str, ...]]) -> dict[str, dict[str, VerifyingKey]]:
    """Return the keys of each vehicle by their key id. Raises ValueError."""
    return {name: ring(keys) for name, keys in vehicles.items()}
