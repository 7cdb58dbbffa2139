"""Load vehicle.toml whole: the file's own faults, and what it names that is not there."""

import difflib
import os
import re
import stat
from dataclasses import dataclass
from pathlib import Path

from edge.config import Config
from edge.config.toml_file import Fault, FaultyFileError, fault_at, read_toml
from edge.handover.proof import SigningKey, VerifyingKey
from edge.messages.signals import UNITS


@dataclass(frozen=True, slots=True)
class Settings:
    """A checked configuration with its keys; paths are absolute."""

    config: Config
    key: SigningKey
    station_keys: tuple[VerifyingKey, ...]
    folder: Path
    """Of the file: relative paths in it start here."""
    link_key: bytes | None = None
    """Signs what is said to the autopilot; None: nothing is signed."""


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
    _check_lines(path, config, faults)
    _check_files(path, folder, config, faults)
    link_key = _check_autopilot(path, folder, config, faults)
    _check_machine(path, config, faults)
    if faults:
        raise FaultyFileError(sorted(faults, key=lambda fault: fault.line))
    assert key is not None, "no fault and no key"
    return Settings(config, key, station_keys, folder, link_key)


def read_seed(path: Path) -> bytes:
    """Read the 32 secret bytes of a key file. Raises OSError, ValueError."""
    seed = bytes.fromhex(path.read_text(encoding="ascii").strip())
    if len(seed) != 32:
        raise ValueError(f"{len(seed)} bytes instead of 32")
    return seed


def _signing_key(
    path: Path, folder: Path, config: Config, faults: list[Fault]
) -> SigningKey | None:
    cure = "Write 64 hex digits into it: `doorstep-station enroll` makes one."
    name = config.keys.signing_key_file
    seed = _secret(path, folder, "keys.signing_key_file", name, cure, faults)
    return None if seed is None else SigningKey.from_seed(seed)


def _secret(
    path: Path, folder: Path, key: str, name: str, cure: str, faults: list[Fault]
) -> bytes | None:
    """Return the 32 bytes of a secret file, or None and what is wrong with it."""
    file = folder / name
    try:
        if stat.S_IMODE(os.stat(file).st_mode) & 0o007:
            what, mend = "can be read by others", f"chmod 600 {file}"
            faults.append(fault_at(path, key, name, what, mend))
        return read_seed(file)
    except OSError as error:
        what = f"cannot be read ({error.strerror})"
        faults.append(fault_at(path, key, name, what, cure))
    except ValueError as error:
        what = f"does not hold a key ({error})"
        faults.append(fault_at(path, key, name, what, cure))
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


def _check_autopilot(
    path: Path, folder: Path, config: Config, faults: list[Fault]
) -> bytes | None:
    """Check the autopilot's section; return the key of its link."""
    autopilot = config.autopilot
    if autopilot is None:
        if config.gnss.source == "autopilot":
            what, cure = "there is no [autopilot]", "Add [autopilot] with its link."
            faults.append(fault_at(path, "gnss.source", "autopilot", what, cure))
        return None
    if not re.fullmatch(r"serial:/.+|(tcp|udp|udpin):.+:[0-9]{1,5}", autopilot.link):
        cure = (
            "Write serial:/dev/serial/by-id/…, tcp:HOST:PORT, udp:HOST:PORT or udpin:HOST:PORT."
        )
        faults.append(fault_at(path, "autopilot.link", autopilot.link, "is no address", cure))
    if autopilot.ground is not None and not re.fullmatch(
        r"(udp|udpin):.+:[0-9]{1,5}", autopilot.ground
    ):
        what, cure = "is no address of datagrams", "Write udp:HOST:PORT or udpin:HOST:PORT."
        faults.append(fault_at(path, "autopilot.ground", autopilot.ground, what, cure))
    for index, wanted in enumerate(autopilot.parameters):
        if not wanted.one_of and wanted.least is None and wanted.most is None:
            key = f"autopilot.parameters[{index}]"
            what, cure = "any value would do", "Add one_of = […], least or most."
            faults.append(fault_at(path, key, wanted.names[0], what, cure))
    name = autopilot.signing_key_file
    if name is None:
        return None
    cure = "Write the 64 hex digits into it that the autopilot was given by SETUP_SIGNING."
    return _secret(path, folder, "autopilot.signing_key_file", name, cure, faults)


def _check_machine(path: Path, config: Config, faults: list[Fault]) -> None:
    """Check that what moves by itself has what moves it."""
    kind = config.vehicle.kind
    flies = kind == "drone"
    if flies and config.autopilot is None:
        what, cure = (
            "a drone needs an autopilot",
            'Add [autopilot] with link = "serial:/dev/…".',
        )
        faults.append(fault_at(path, "vehicle.kind", kind, what, cure))
    if config.flight is not None and not flies:
        what, cure = f"a {kind} does not fly", 'Remove [flight], or write kind = "drone".'
        faults.append(fault_at(path, "flight", None, what, cure))
    _check_robot(path, config, faults)
    if flies and config.planner.roads is not None:
        what, cure = "a drone is on no road", "Remove the line."
        faults.append(fault_at(path, "planner.roads", config.planner.roads, what, cure))


def _check_robot(path: Path, config: Config, faults: list[Fault]) -> None:
    """Check that a robot can move, open and see."""
    kind = config.vehicle.kind
    needs = {
        "autopilot": (config.autopilot, "to drive"),
        "mcu": (config.mcu, "for lid and compartments"),
        "lookout": (config.lookout, "to see people"),
    }
    for name, (section, what_for) in needs.items():
        if kind == "robot" and section is None:
            what = f"a robot needs [{name}] {what_for}"
            cure = f'Add [{name}] with link = "serial:/dev/…".'
            faults.append(fault_at(path, "vehicle.kind", kind, what, cure))
    if kind != "robot":
        for key in ("sidewalk", "lookout"):
            if getattr(config, key) is not None:
                what, cure = (
                    f"a {kind} is no robot",
                    f'Remove [{key}], or write kind = "robot".',
                )
                faults.append(fault_at(path, key, None, what, cure))


def _check_lines(path: Path, config: Config, faults: list[Fault]) -> None:
    """Check the sections of the car's adapter and of the controller."""
    lines = {"obd": config.obd, "mcu": config.mcu, "lookout": config.lookout}
    for name, section in lines.items():
        if section is not None and not re.fullmatch(
            r"serial:/.+|tcp:.+:[0-9]{1,5}", section.link
        ):
            cure = "Write serial:/dev/serial/by-id/… or tcp:HOST:PORT."
            faults.append(fault_at(path, f"{name}.link", section.link, "is no address", cure))
    for index, value in enumerate(config.obd.values if config.obd is not None else ()):
        if value.name not in UNITS:
            near = difflib.get_close_matches(value.name, UNITS, n=1, cutoff=0.3)
            cure = f"Did you mean {near[0]}?" if near else f"Known are: {', '.join(UNITS)}."
            key = f"obd.values[{index}]"
            faults.append(fault_at(path, key, value.name, "is no name of a signal", cure))


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
        "sidewalk.kerbs": config.sidewalk.kerbs if config.sidewalk else None,
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
