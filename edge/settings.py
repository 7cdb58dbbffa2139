"""Load vehicle.toml whole: the file's own faults, and what it names that is not there."""

import os
import stat
from dataclasses import dataclass
from pathlib import Path

from edge.config import Config
from edge.handover.proof import SigningKey, VerifyingKey
from edge.toml_file import Fault, FaultyFileError, fault_at, read_toml


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked configuration with its keys; paths are absolute."""

    config: Config
    key: SigningKey
    station_keys: tuple[VerifyingKey, ...]
    folder: Path
    """Of the file: relative paths in it start here."""


def load_settings(path: Path) -> Settings:
    """Read and check vehicle.toml. Raises FaultyFileError with every fault at once."""
    faults: list[Fault] = []
    try:
        config = read_toml(path, Config)
    except FaultyFileError as error:
        raise FaultyFileError(error.faults) from error
    folder = path.resolve().parent
    key = _signing_key(path, folder, config, faults)
    station_keys = _station_keys(path, config, faults)
    _check_files(path, folder, config, faults)
    if faults:
        raise FaultyFileError(sorted(faults, key=lambda fault: fault.line))
    assert key is not None, "no fault and no key"
    return Settings(config, key, station_keys, folder)


def read_seed(path: Path) -> bytes:
    """Read the 32 secret bytes of a key file. Raises OSError, ValueError."""
    seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    if len(seed) != 32:
        raise ValueError(f"{len(seed)} bytes instead of 32")
    return seed


def _signing_key(
    path: Path, folder: Path, config: Config, faults: list[Fault]
) -> SigningKey | None:
    name = config.keys.signing_key_file
    file = folder / name
    cure = "Write 64 hex digits into it: `doorstep-station enroll` makes one."
    try:
        if stat.S_IMODE(os.stat(file).st_mode) & 0o007:
            what, mend = "can be read by others", f"chmod 600 {file}"
            faults.append(fault_at(path, "keys.signing_key_file", name, what, mend))
        return SigningKey.from_seed(read_seed(file))
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        faults.append(fault_at(path, "keys.signing_key_file", name, what, cure))
    except ValueError as error:
        what = f"does not hold a key ({error})"
        faults.append(fault_at(path, "keys.signing_key_file", name, what, cure))
    return None


def _station_keys(path: Path, config: Config, faults: list[Fault]) -> tuple[VerifyingKey, ...]:
    keys = []
    for text in config.keys.station_keys:
        try:
            keys.append(VerifyingKey.from_hex(text))
        except ValueError:
            what, cure = (
                "is no Ed25519 public key",
                "Copy the 64 hex digits of the station's key.",
            )
            faults.append(fault_at(path, "keys.station_keys", text, what, cure))
    return tuple(keys)


def _check_files(path: Path, folder: Path, config: Config, faults: list[Fault]) -> None:
    """Check that what the file points at is there and fits together."""
    broker, gnss, planner = config.broker, config.gnss, config.planner
    named = {
        "broker.password_file": broker.password_file,
        "broker.ca_file": broker.ca_file,
        "broker.certificate_file": broker.certificate_file,
        "broker.key_file": broker.key_file,
        "planner.travel_table": planner.travel_table,
        "planner.roads": planner.roads,
    }
    for key, name in named.items():
        if name is not None and not (folder / name).is_file():
            what, cure = "is not there", "Correct the path or remove the line."
            faults.append(fault_at(path, key, name, what, cure))
    if (broker.certificate_file is None) != (broker.key_file is None):
        what, cure = "certificate_file and key_file go together", "Give both or neither."
        given = broker.certificate_file or broker.key_file
        key = "broker.certificate_file" if broker.certificate_file else "broker.key_file"
        faults.append(fault_at(path, key, given, what, cure))
    if gnss.source == "nmea" and not gnss.device:
        cure = 'Add device = "/dev/serial/by-id/…" (ls /dev/serial/by-id).'
        faults.append(fault_at(path, "gnss.device", None, "source nmea needs a device", cure))
    store = folder / config.store.folder
    parent = next(p for p in (store, *store.parents) if p.exists())
    if not parent.is_dir() or not os.access(parent, os.W_OK):
        cure = "Make it writable for the daemon's user."
        faults.append(
            fault_at(path, "store.folder", config.store.folder, "cannot be written", cure)
        )
