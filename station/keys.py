"""The station's keys: its own private one, and the public ones of its vehicles."""

import contextlib
import hashlib
import hmac
import os
import secrets
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from edge.errors import ConfigError
from edge.handover.proof import SigningKey, VerifyingKey
from station.config import StationConfig

SEED_B = 32
OTHERS = 0o007  # not the group: systemd shows a credential's access list in its bits
TOKEN_FILE = "console.token"  # noqa: S105  # a file's name, not a secret


@dataclass(frozen=True, slots=True)
class StationKeys:
    """What the station signs and verifies with."""

    signing: SigningKey
    vehicles: Mapping[str, Mapping[str, VerifyingKey]]
    """By vehicle, then by key id."""
    pin_secret: bytes = field(repr=False)
    """Keys of PIN hashes are drawn from it, so that the same sheet gives the same keys."""


def load_keys(config: StationConfig) -> StationKeys:
    """Read the station's key file. Raises ConfigError."""
    seed = read_seed(Path(config.station.signing_key_file))
    return StationKeys(
        signing=SigningKey.from_seed(seed),
        vehicles=vehicle_keys(config),
        pin_secret=hmac.digest(seed, b"doorstep pin keys", hashlib.sha256),
    )


def vehicle_keys(config: StationConfig) -> dict[str, dict[str, VerifyingKey]]:
    """Return the public keys of every vehicle, present and former, by key id."""
    return {
        vehicle.name: {
            key.key_id: key
            for key in map(VerifyingKey.from_hex, (vehicle.public_key, *vehicle.former_keys))
        }
        for vehicle in config.vehicle
    }


def read_seed(path: Path) -> bytes:
    """Return the 32 secret bytes of a key file that nobody else may read.

    Raises ConfigError.
    """
    try:
        mode = path.stat().st_mode
        text = path.read_text(encoding="ascii").strip()
    except (OSError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path}: the signing key cannot be read: {error}") from error
    if mode & OTHERS:
        raise ConfigError(f"{path}: others can read this key: run `chmod 600 {path}`")
    try:
        seed = bytes.fromhex(text)
    except ValueError:
        seed = b""
    if len(seed) != SEED_B:
        raise ConfigError(
            f"{path}: not a signing key (64 hex digits): restore it from a backup, or make "
            "a new station with `doorstep-station init`"
        )
    return seed


def make_key_file(path: Path) -> SigningKey:
    """Draw a new private key and keep it for its owner only.

    Raises FileExistsError rather than destroy a key.
    """
    seed = secrets.token_bytes(SEED_B)
    write_private(path, seed.hex() + "\n")
    return SigningKey.from_seed(seed)


def write_private(path: Path, text: str) -> None:
    """Write a new file that only its owner can read, whole or not at all.

    Raises FileExistsError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    descriptor, half = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.link(half, path)
    finally:
        os.unlink(half)


def console_token(data_folder: Path) -> str:
    """Return the bearer token of the console's API, made at the first call."""
    path = data_folder / TOKEN_FILE
    with contextlib.suppress(FileExistsError):
        write_private(path, secrets.token_urlsafe(SEED_B) + "\n")
    return path.read_text(encoding="utf-8").strip()


def pin_key_of(secret: bytes, parcel_id: str) -> str:
    """Return the key of one parcel's PIN hash, hex; not guessable without the seed."""
    return hmac.digest(secret, parcel_id.encode(), hashlib.sha256)[:16].hex()
